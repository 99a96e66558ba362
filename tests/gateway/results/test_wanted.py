"""RESULTS before there are any: asked in the dialogue, and kept."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from gateway.authoring.player import rehearsal
from gateway.catalogues import load_catalogues
from gateway.store.quote_tables import wanted
from surveys.load import load_survey

ROOT = Path(__file__).resolve().parents[3]


def test_who_says_yes_is_kept_by_the_poll_that_they_took_part_in() -> None:
    path = ROOT / "config" / "surveys" / "ussd_pulse.yaml"
    survey = load_survey(path.read_bytes(), str(path))
    word = survey.keywords["en"][0]
    with rehearsal([survey], load_catalogues(ROOT / "config")) as phones:
        sms = next(name for name, channel in phones.channels.items() if channel.medium == "sms")
        phones.type("Amina", sms, word)
        assert "Shall we tell you" in phones.type("Amina", sms, "RESULTS")
        assert "You will be told once" in phones.type("Amina", sms, "yes")
        phones.type("Juma", sms, "HELP")
        phones.type("Juma", sms, "RESULTS")
        phones.type("Juma", sms, "1")
        phones.type("Zuri", sms, "HELP")
        phones.type("Zuri", sms, "RESULTS")
        assert "no results yet" in phones.type("Zuri", sms, "no")
        with phones.engine.connect() as connection:
            assert sorted(connection.scalars(sa.select(wanted.c.survey))) == ["", survey.name]
