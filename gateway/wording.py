"""What differs between two contents of one poll: the texts, each with its place and language, and the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from surveys.model import Question, Survey, Texts


@dataclass(frozen=True, slots=True)
class Change:
    """A text in one language: where it stands, what it said and what it says; "" where there was or is none."""

    where: str
    language: str
    before: str
    after: str


def rewordings(before: Survey, after: Survey) -> tuple[Change, ...]:
    """Every text that differs, in the order of the poll as it is now."""
    old = dict(_texts(before))
    new = dict(_texts(after))
    return tuple(
        Change(*place, old.get(place, ""), new.get(place, ""))
        for place in dict.fromkeys((*new, *old))
        if old.get(place) != new.get(place)
    )


def settings_changed(before: Survey, after: Survey) -> tuple[str, ...]:
    """The names of what else may differ between two contents of one version, as the file calls it."""
    pairs = {
        "languages": (before.languages, after.languages),
        "keywords": (dict(before.keywords), dict(after.keywords)),
        "limits": (before.limits, after.limits),
        "purpose": tuple([one.purpose for one in each.questions] for each in (before, after)),
        "restrict": tuple(getattr(each, "restrict", None) for each in (before, after)),
        **{name: (getattr(before.schedule, name), getattr(after.schedule, name)) for name in _SCHEDULE},
    }
    return tuple(name for name, (old, new) in pairs.items() if old != new)


_SCHEDULE = ("zone", "zones", "opens", "closes", "reminders", "expires")


def _texts(survey: Survey) -> Iterator[tuple[tuple[str, str], str]]:
    for name in ("title", "sender", "consent", "thanks", "decision"):
        yield from _of(name, getattr(survey, name))
    for question in survey.questions:
        for part, texts in _parts(question):
            yield from _of(f"{question.id}, {part}", texts)


def _parts(question: Question) -> Iterator[tuple[str, Texts]]:
    yield "text", question.text
    if question.hint:
        yield "hint", question.hint
    if question.unit:
        yield "unit", question.unit
    if question.ends:
        yield "low end", question.ends[0]
        yield "high end", question.ends[1]
    for number, wording in enumerate(question.instead, start=1):
        yield f"other text {number}", wording.text
    for option in question.options:
        yield f"option {option.id}", option.label


def _of(where: str, texts: Texts) -> Iterator[tuple[tuple[str, str], str]]:
    for language, text in texts.items():
        yield (where, language), text
