"""The chart of a digest as a picture."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from analysis.digest import digest
from analysis.frames import Frames
from analysis.render.picture import BAR, EDGE, caption, picture
from surveys.codebook import Codebook
from surveys.model import Survey

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(("language", "from_right"), [("en", False), ("fr", False), ("ar", True)])
def test_bars_begin_where_the_language_does(
    survey: Survey, codebook: Codebook, many: Frames, language: str, from_right: bool
) -> None:
    found = digest(many, survey, {"themes": codebook}, now=NOW)
    drawn = picture(found, language)
    assert drawn is not None
    assert len(drawn) < 100_000
    image = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB"))
    bar = np.all(image == tuple(bytes.fromhex(BAR[1:])), axis=2)
    rows = np.flatnonzero(bar.any(axis=1))
    assert len(rows) > 30
    places = np.flatnonzero(bar[rows[0]])
    wide = image.shape[1]
    assert (places.min(), places.max()) == pytest.approx(
        (wide - EDGE - 0.6 * (wide - 2 * EDGE), wide - EDGE) if from_right else (EDGE, EDGE + 0.6 * (wide - 2 * EDGE)),
        abs=3,
    )


def test_the_words_beneath_say_what_it_shows(survey: Survey, codebook: Codebook, many: Frames) -> None:
    found = digest(many, survey, {"themes": codebook}, now=NOW, simulated=True)
    said = caption(found, "en")
    assert said.startswith("Simulated.")
    assert "Water 60% (47–71%); Land 40% (29–53%)" in said
    assert len(said) < 1024
    nobody = replace(many, conversations=many.conversations.iloc[:0], answers=many.answers.iloc[:0])
    assert picture(digest(nobody, survey, {"themes": codebook}, now=NOW), "en") is None
