"""Every text that a page says is in every catalogue, with the places that are filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import gateway.web
from gateway.web.texts import FALLBACK, LANGUAGES, language

ROOT = Path(str(gateway.web.__file__)).parent
PLACES = re.compile(r"\{[a-z]+\}")


def said() -> set[str]:
    """The texts in templates and modules."""
    found: set[str] = set()
    for path in sorted(ROOT.glob("templates/*.html")):
        with path.open("rb") as file:
            found |= {str(entry[1]) for entry in extract("jinja2.ext:babel_extract", file, keywords={"_": None})}
    for path in sorted(ROOT.glob("*.py")):
        with path.open("rb") as file:
            found |= {str(entry[1]) for entry in extract("python", file, keywords={"say": None, "N_": None})}
    return found


def entries(code: str) -> list[tuple[str, str]]:
    """Each text of each file of a language, with its translation."""
    found: list[tuple[str, str]] = []
    for path in sorted((ROOT / "translations" / code / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            found += [(str(entry.id), str(entry.string)) for entry in read_po(file, locale=code) if entry.id]
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_catalogue_says_everything(code: str) -> None:
    texts = said()
    assert len(texts) > 70
    catalogue = dict(entries(code))
    assert len(entries(code)) == len(catalogue)  # no text in two files
    assert set(catalogue) == texts
    if code != FALLBACK:
        assert [text for text, translated in catalogue.items() if not translated] == []
        places = [(PLACES.findall(text), PLACES.findall(translated)) for text, translated in catalogue.items()]
        assert [pair for pair in places if sorted(pair[0]) != sorted(pair[1])] == []


def test_french_is_set_as_french_is() -> None:
    """No-break spaces before the marks that take one, and inside quotes; curly apostrophes."""
    said = [translated for _, translated in entries("fr")]
    loose = re.compile(r"'|\w [:;!?%»]|« |\w[;!?»]")
    assert [text for text in said if loose.search(text)] == []


@pytest.mark.parametrize(
    ("code", "name", "direction"),
    [("en", "English", "ltr"), ("sw", "Kiswahili", "ltr"), ("ar", "العربية", "rtl"), ("fr", "Français", "ltr")],
)
def test_languages_name_themselves(code: str, name: str, direction: str) -> None:
    assert (language(code).name, language(code).direction) == (name, direction)
