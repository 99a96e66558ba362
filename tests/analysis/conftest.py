"""A small survey, a codebook, and frames made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pandas as pd
import pytest

from analysis.findings import CodingNote
from analysis.frames import NOTHING, Frames
from analysis.keywords import Keywords
from surveys.codebook import Code, Codebook
from surveys.model import Choice, Question, Survey

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def both(text: str) -> dict[str, str]:
    return {"en": text, "ar": f"ع {text}"}


def options(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(name, both(name.title())) for name in names)


def question(name: str, kind: str, **changes: object) -> Question:
    return Question(name, kind, both(f"{name}?"), "a test", **changes)  # type: ignore[arg-type]  # only in tests


QUESTIONS = (
    question("region", "one-of", options=options("north", "south", "east"), profile=True),
    question("hope", "yes-no"),
    question("why", "one-of", options=options("fear", "other"), when=lambda answers: answers.get("hope") == "no"),
    question("needs", "many-of", options=options("water", "food", "roads"), maximum=2),
    question("safety", "scale", minimum=1, maximum=5, ends=(both("bad"), both("good"))),
    question("household", "number", minimum=1, maximum=40),
    question("settle", "open", codebook="themes"),
)


@pytest.fixture
def survey() -> Survey:
    return Survey(
        name="talks",
        hash="0123456789abcdef",
        title=both("Talks"),
        languages=("en", "ar"),
        keywords={"en": ("talks",)},
        sender=both("us"),
        consent_version="1",
        consent=both("?"),
        thanks=both("!"),
        questions=QUESTIONS,
        region="region",
    )


def themes() -> Codebook:
    def code(name: str, en: tuple[str, ...], ar: tuple[str, ...]) -> Code:
        return Code(name, both(name.title()), name, {"en": en, "ar": ar}, {"en": (), "ar": ()})

    return Codebook(
        "themes",
        (code("water", ("water", "well "), ("ماء", "مياه")), code("land", ("land", "farm"), ("أرض",))),
        ("en", "ar"),
    )


@pytest.fixture
def codebook() -> Codebook:
    return themes()


def frames(people: Iterable[dict[str, object]]) -> Frames:
    """A person: channel, language, finished, and an answer a question (a many-of: a list); one makes them begin."""
    rows, answers = [], []
    keywords = Keywords(themes().codes)
    for number, one in enumerate(people):
        given = {key: value for key, value in one.items() if key not in ("channel", "language", "finished")}
        rows.append(
            (
                number,
                one.get("channel", "sms"),
                one.get("language", "en"),
                given.get("region"),
                bool(given),
                one.get("finished", bool(given)),
            )
        )
        for name, value in given.items():
            kind = next(question.type for question in QUESTIONS if question.id == name)
            if kind == "open":
                parts: object = keywords(str(value)) or [NOTHING]
            else:
                parts = value if isinstance(value, list) else [value]
            for part in parts:  # type: ignore[attr-defined]  # one of the two
                measured = kind in ("scale", "number")
                answers.append((number, name, None if measured else part, part if measured else None))
    return Frames(
        pd.DataFrame(rows, columns=["person", "channel", "language", "region", "began", "finished"]).astype(
            {"channel": "category", "language": "category", "region": "category", "began": bool, "finished": bool}
        ),
        pd.DataFrame(answers, columns=["person", "question", "choice", "number"]).astype(
            {"person": "int64", "question": "category", "choice": "category", "number": "float64"}
        ),
        notes={"settle": CodingNote("themes", "keywords")},
    )


@pytest.fixture
def made() -> Callable[[Iterable[dict[str, object]]], Frames]:
    return frames


@pytest.fixture
def many() -> Frames:
    """60 people: 30 north, 20 south, 10 east; 40 hope, 20 don't; land raised by 24, water by 36."""
    return frames(
        {
            "channel": "ussd" if number % 3 else "sms",
            "language": "ar" if number % 4 == 0 else "en",
            "region": "north" if number < 30 else "south" if number < 50 else "east",
            "hope": "yes" if number % 3 else "no",
            **({} if number % 3 else {"why": "fear" if number % 2 else "other"}),
            "needs": ["water", "food"] if number % 2 else ["roads"],
            "safety": 1 + number % 5,
            "household": number % 9 + 1,
            "settle": "our land" if number % 5 < 2 else "clean water",
        }
        for number in range(60)
    )
