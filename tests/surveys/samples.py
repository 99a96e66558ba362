"""Polls for the tests of questions and conversations: the sample polls, made ones, and random ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from gateway.catalogues import load_catalogues
from gateway.polls import poll_files
from surveys.expressions import parse
from surveys.flow import Value
from surveys.load import load_survey
from surveys.model import Choice, Question, Survey
from surveys.types.numeric import UNBOUNDED

FOLDER = Path(__file__).parents[2] / "config" / "surveys"
SAMPLES = tuple(load_survey(path.read_bytes(), path.name) for path in poll_files(FOLDER))
TEXTS = load_catalogues()
LANGUAGES = ("en", "sw", "ar")


def texts(word: str, languages: tuple[str, ...] = LANGUAGES) -> Mapping[str, str]:
    """A text that differs by language."""
    return {language: f"{word} {language}" for language in languages}


def question(name: str, kind: str, languages: tuple[str, ...] = LANGUAGES, /, **changes: object) -> Question:
    defaults: dict[str, object] = {}
    if kind in {"one-of", "many-of"}:
        words = ("water", "roads", "schools", "health")
        defaults["options"] = tuple(Choice(word, texts(word, languages)) for word in words)
    if kind == "scale":
        defaults |= {"minimum": 1, "maximum": 5, "ends": (texts("bad", languages), texts("good", languages))}
    return Question(name, kind, texts(name, languages), "to know", **(defaults | changes))  # type: ignore[arg-type] # fields by name


def survey(*questions: Question, languages: tuple[str, ...] = LANGUAGES) -> Survey:
    return Survey(
        name="made",
        hash="0",
        title=texts("Title", languages),
        languages=languages,
        keywords=dict.fromkeys(languages, ("MADE",)),
        sender=texts("Sender", languages),
        consent_version="7",
        consent=texts("Consent", languages),
        thanks=texts("Thanks", languages),
        questions=questions,
    )


@st.composite
def questions(draw: st.DrawFn, name: str, before: list[Question], languages: tuple[str, ...]) -> Question:
    kind = draw(st.sampled_from(["yes-no", "one-of", "many-of", "scale", "number", "open"]))
    changes: dict[str, object] = {"required": draw(st.booleans())}
    if kind == "many-of":
        changes["maximum"] = draw(st.sampled_from([None, 1, 2, 4]))
    if kind == "number":
        low, high = draw(st.sampled_from([(None, None), (18, None), (None, 40), (1, 40), (-5, 5), (0.5, 2.5)]))
        changes |= {"minimum": low, "maximum": high, "whole": draw(st.booleans()) if low != 0.5 else False}
    if before and draw(st.booleans()):
        earlier = draw(st.sampled_from(before))
        fitting = {
            "yes-no": f"{earlier.id} == yes",
            "one-of": f"{earlier.id} in (water, roads)",
            "many-of": f"{earlier.id} includes water",
            "scale": f"{earlier.id} >= 3",
            "number": f"{earlier.id} < 2",
            "open": f"answered({earlier.id})",
        }[earlier.type]
        changes["when"] = parse(f"not {fitting}" if draw(st.booleans()) else fitting)
    return question(name, kind, languages, **changes)


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    """Any poll of one to six questions that the loader would let through, in one to three languages."""
    languages = LANGUAGES[: draw(st.integers(1, 3))]
    asked: list[Question] = []
    for place in range(draw(st.integers(1, 6))):
        asked.append(draw(questions(f"q{place}", asked, languages)))
    return survey(*asked, languages=languages)


def allowed(asked: Question, value: Value) -> bool:
    """Whether this answer could have been given."""
    ids = [option.id for option in asked.options]
    if value is None:
        return not asked.required
    match asked.type:
        case "yes-no":
            return value in ("yes", "no")
        case "one-of":
            return value in ids
        case "many-of":
            ordered = isinstance(value, list) and value == [option for option in ids if option in value]
            return ordered and 1 <= len(value) <= (asked.maximum or len(ids))
        case "open":
            return isinstance(value, str) and bool(value.strip())
        case _:
            low = -UNBOUNDED if asked.minimum is None else asked.minimum
            high = max(UNBOUNDED, low) if asked.maximum is None else asked.maximum
            return isinstance(value, int | float) and low <= value <= high and not (asked.whole and value % 1)
