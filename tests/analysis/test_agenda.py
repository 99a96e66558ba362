"""From a digest to a draft agenda."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from docx import Document

from analysis.agenda import Spread, agenda
from analysis.digest import digest
from analysis.findings import Digest
from analysis.frames import Frames
from analysis.render import agenda as forms
from analysis.render.paper import pdf
from surveys.codebook import Codebook
from surveys.model import Survey


@pytest.fixture
def found(survey: Survey, codebook: Codebook, made: Callable[[object], Frames]) -> Digest:
    """Of 120, the south raises land and nobody else; water is raised everywhere."""
    people = [
        {
            "region": ("north", "south", "east")[number % 3],
            "settle": "our land, and clean water" if number % 3 == 1 and number % 2 else "clean water",
            "hope": "yes",
        }
        for number in range(120)
    ]
    return digest(made(people), survey, {"themes": codebook}, now=datetime(2026, 3, 4, tzinfo=UTC))


def test_issues_are_ranked_and_told_by_groups(found: Digest) -> None:
    water, land = agenda(found)
    assert (water.cell.id, water.cell.count, water.tie) == ("water", 120, False)
    assert (land.cell.id, land.cell.count, land.tie) == ("land", 20, False)
    assert [one.spread for one in water.groups] == [Spread.SHARED]
    assert [one.spread for one in land.groups] == [Spread.CONTESTED]
    assert land.groups[0].groups[0][0].id == "south"


def test_too_few_in_a_group_is_unclear(survey: Survey, codebook: Codebook, many: Frames) -> None:
    found = digest(many, survey, {"themes": codebook}, now=datetime(2026, 3, 4, tzinfo=UTC))
    assert {one.spread for issue in agenda(found) for one in issue.groups} == {Spread.UNCLEAR}


def test_nothing_to_rank_is_said(survey: Survey, codebook: Codebook, made: Callable[[object], Frames]) -> None:
    nobody = digest(made([]), survey, {"themes": codebook}, now=datetime(2026, 3, 4, tzinfo=UTC))
    assert "Nothing can be ranked yet" in forms.markdown(nobody, "en")


def test_the_forms_say_the_same(found: Digest) -> None:
    markdown = forms.markdown(found, "en")
    assert "## 1. Water" in markdown
    assert "- Uneven by “region?”: most in South (50%), least in" in markdown
    paragraphs = [one.text for one in Document(BytesIO(forms.docx(found, "en"))).paragraphs]
    lines = {line.lstrip("#- ").replace("\\", "") for line in markdown.splitlines() if line}
    assert lines == {text for text in paragraphs if text}
    assert all(text in forms.html(found, "en") for text in ("<h2>Water</h2>", "<h2>Land</h2>"))


def test_arabic_is_written_from_right_to_left(found: Digest) -> None:
    document = Document(BytesIO(forms.docx(found, "ar")))
    assert all("w:bidi" in one._p.xml for one in document.paragraphs)
    assert 'dir="rtl"' in forms.html(found, "ar")


def test_a_page_becomes_a_pdf_and_asks_nobody_for_anything(found: Digest) -> None:
    assert pdf(forms.html(found, "fr")).startswith(b"%PDF-")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        port = listening.getsockname()[1]
        assert pdf(f'<link rel="stylesheet" href="http://127.0.0.1:{port}/x.css"><p>text</p>').startswith(b"%PDF-")
        with pytest.raises(BlockingIOError):
            listening.accept()
