"""Polls for the tests of questions and conversations: the sample polls, made ones, and random ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from gateway.catalogues import load_catalogues
from gateway.polls import poll_files
from surveys.expressions import parse
from surveys.flow import Event, Media, Text, Value
from surveys.gazetteer_file import load_gazetteer
from surveys.load import load_survey
from surveys.model import Choice, Question, Survey
from surveys.types.numeric import UNBOUNDED

FOLDER = Path(__file__).parents[2] / "config" / "surveys"
SAMPLES = tuple(load_survey(path.read_bytes(), path.name) for path in poll_files(FOLDER))
TEXTS = load_catalogues()
LANGUAGES = ("en", "sw", "ar")
PLACES = FOLDER.parent / "gazetteers" / "tamani.csv"
TAMANI = load_gazetteer(PLACES.read_bytes(), PLACES.name, "tamani")
KINDS = (
    *("yes-no", "one-of", "many-of", "scale", "number", "open"),
    *("date", "place", "ranking", "phone-consent", "picture", "voice"),
)


def texts(word: str, languages: tuple[str, ...] = LANGUAGES) -> Mapping[str, str]:
    """A text that differs by language."""
    return {language: f"{word} {language}" for language in languages}


def question(name: str, kind: str, languages: tuple[str, ...] = LANGUAGES, /, **changes: object) -> Question:
    defaults: dict[str, object] = {}
    if kind in {"one-of", "many-of", "ranking"}:
        words = ("water", "roads", "schools", "health")
        defaults["options"] = tuple(Choice(word, texts(word, languages)) for word in words)
    if kind == "scale":
        defaults |= {"minimum": 1, "maximum": 5, "ends": (texts("bad", languages), texts("good", languages))}
    if kind == "place":
        defaults["gazetteer"] = TAMANI
    if kind == "phone-consent":
        defaults["version"] = "1"
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
    kind = draw(st.sampled_from(KINDS))
    changes: dict[str, object] = {"required": draw(st.booleans())}
    if kind == "many-of":
        changes["maximum"] = draw(st.sampled_from([None, 1, 2, 4]))
    if kind == "ranking":
        changes["maximum"] = draw(st.sampled_from([None, 1, 2, 4]))
    if kind == "date":
        changes["precision"] = draw(st.sampled_from(["day", "month", "year"]))
        changes["calendar"] = draw(st.sampled_from(["gregorian", "ethiopian", "islamic"]))
    if kind == "place":
        changes["level"] = draw(st.sampled_from(["", "district", "town"]))
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
        }.get(earlier.type, f"answered({earlier.id})")
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
    if value is None:  # a picture can't be taken everywhere
        return not asked.required or asked.type in {"picture", "voice"}
    match asked.type:
        case "yes-no":
            return value in ("yes", "no")
        case "one-of":
            return value in ids
        case "many-of":
            ordered = isinstance(value, list) and value == [option for option in ids if option in value]
            return ordered and 1 <= len(value) <= (asked.maximum or len(ids))
        case "open" | "picture" | "voice":
            return isinstance(value, str) and bool(value.strip())
        case "phone-consent":
            return value in ("yes", "no")
        case "ranking":
            most = int(asked.maximum or len(ids))
            is_whole = isinstance(value, list) and (len(value) == most or not asked.required)
            return is_whole and len(set(value)) == len(value) <= most and set(value) <= set(ids)
        case "date":
            width = {"day": 10, "month": 7, "year": 4}[asked.precision]
            return isinstance(value, str) and len(value) == width and bool(date.fromisoformat(f"{value}-01-01"[:10]))
        case "place":
            place = TAMANI.get(str(value))
            return place is not None and asked.level in ("", place.level)
        case _:
            low = -UNBOUNDED if asked.minimum is None else asked.minimum
            high = max(UNBOUNDED, low) if asked.maximum is None else asked.maximum
            return isinstance(value, int | float) and low <= value <= high and not (asked.whole and value % 1)


FACTS = {"carries": frozenset({"picture", "voice"})}


def correct(asked: Question, data: st.DataObject) -> tuple[Event, Value]:
    """A right answer as it may be given, and what it is."""
    if asked.type in {"picture", "voice"}:
        return Media(asked.type, "reference 1"), "reference 1"
    text, value = data.draw(CORRECT.get(asked.type, _own_words)(asked))
    return Text(text), value


Typed = st.SearchStrategy[tuple[str, Value]]


def _own_words(asked: Question) -> Typed:
    return st.just(("peace on the river", "peace on the river"))


def _yes_or_no(asked: Question) -> Typed:
    return st.sampled_from([("1", "yes"), ("hapana", "no"), ("نعم", "yes"), ("2", "no")])


def _one(asked: Question) -> Typed:
    places = [(place, option) for place, option in enumerate(asked.options, 1)]
    return st.sampled_from([(name, one.id) for place, one in places for name in (str(place), *one.label.values())])


def _several(asked: Question) -> Typed:
    return _one(asked).map(lambda typed: (typed[0], [str(typed[1])]))


def _ranked(asked: Question) -> Typed:
    most = int(asked.maximum or len(asked.options))
    orders = st.permutations(range(len(asked.options))).map(lambda order: order[:most])
    return orders.map(lambda order: (" ".join(str(n + 1) for n in order), [asked.options[n].id for n in order]))


def _level(asked: Question) -> Typed:
    return st.integers(int(asked.minimum or 0), int(asked.maximum or 0)).map(lambda level: (str(level), level))


def _number(asked: Question) -> Typed:
    high = 40 if asked.maximum is None else int(asked.maximum)
    low = min(0, high) if asked.minimum is None else int(float(asked.minimum) + 0.5)
    return st.integers(low, high).map(lambda level: (str(level), level))


def _date(asked: Question) -> Typed:
    width = {"day": 10, "month": 7, "year": 4}[asked.precision]
    days = st.dates(date(1950, 1, 1), date(2025, 12, 1))
    return days.map(lambda day: (f"{day.day} {day:%B} {day.year}", day.isoformat()[:width]))


def _place(asked: Question) -> Typed:
    return st.sampled_from([(one.code, one.id) for one in TAMANI if asked.level in ("", one.level)])


CORRECT: Mapping[str, Callable[[Question], Typed]] = {
    "yes-no": _yes_or_no,
    "phone-consent": _yes_or_no,
    "one-of": _one,
    "many-of": _several,
    "ranking": _ranked,
    "scale": _level,
    "number": _number,
    "date": _date,
    "place": _place,
}
