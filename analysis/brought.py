"""Answers that people bring as CSV: a row a person, or a row an answer.

- A row a person: a column a question. `person`, `wave`, `channel`, `language`, `weight`, `status` and `disposition` are
  about the person; everything else is a question. Without `person` each row is another one.
- A row an answer: `person`, `question` and `answer`, and the same columns beside them; several rows of one person and
  question are several options chosen.

An empty cell is no answer. A column of numbers alone is a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import pandas as pd

from analysis.tables import Row, TableError, cell, column, fits, once, rows

PERSON = ("person", "participant", "respondent", "pseudonym", "id", "uuid")
ABOUT = {
    "wave": ("wave", "round"),
    "channel": ("channel", "mode"),
    "language": ("language", "lang"),
    "weight": ("weight", "base-weight"),
    "status": ("status",),
    "disposition": ("disposition", "outcome"),
}
"""What is known of a person, and the names that its column may have."""

QUESTION = ("question", "variable")
ANSWER = ("answer", "value", "choice")
NOTHING = frozenset(("", "nan", "n/a", "null"))


@dataclass(frozen=True, slots=True)
class Brought:
    """One row a person and wave in both frames. `about` has person and those of ABOUT that the file has, as texts
    (weight as a number), missing where empty. `answers` has a column a question: texts, numbers, or tuples of texts.
    """

    about: pd.DataFrame
    answers: pd.DataFrame


def read_answers(lines: Iterable[str], file: str, several: str | None = None) -> Brought:
    """`several` is what stands between several options in one cell. Raises analysis.tables.TableError."""
    table = rows(lines, file)
    _, header = next(table)
    once(header, file)
    who = column(header, PERSON)
    about = {name: at for name, names in ABOUT.items() if (at := column(header, names)) is not None}
    what, how = column(header, QUESTION), column(header, ANSWER)
    if what is not None and how is not None:
        if who is None:
            raise TableError(f"{file}:1: no column 'person'; there is {', '.join(header)}.")
        people, given = _by_answer(table, who, what, how, about, file)
    else:
        people, given = _by_person(table, header, who, about, file)
    if not people:
        raise TableError(f"{file}: there is no row below the header.")
    frame = pd.DataFrame(people)
    if "weight" in frame:
        frame["weight"] = _weights(frame, file)
    answers = {name: _column(values, several) for name, values in given.items()}
    return Brought(frame.drop(columns="line"), pd.DataFrame(answers, index=frame.index))


def _by_person(
    table: Iterator[tuple[int, Row]], header: Row, who: int | None, about: dict[str, int], file: str
) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    taken = {who, *about.values()}
    questions = {name: at for at, name in enumerate(header) if name and at not in taken}
    if not questions:
        raise TableError(f"{file}:1: no column is a question; there is {', '.join(header)}.")
    people: list[dict[str, Any]] = []
    given: dict[str, list[Any]] = {name: [] for name in questions}
    seen: dict[tuple[str, str | None], int] = {}
    for line, row in table:
        fits(row, header, file, line)
        person = _person(row, who, about, line)
        key = (person["person"], person.get("wave"))
        if key in seen:
            raise TableError(f"{file}:{line}: {key[0]!r} has a row already, in line {seen[key]}; remove one.")
        seen[key] = line
        people.append(person)
        for name, at in questions.items():
            given[name].append(_text(row, at))
    return people, given


def _by_answer(
    table: Iterator[tuple[int, Row]], who: int, what: int, how: int, about: dict[str, int], file: str
) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    people: dict[tuple[str, str | None], dict[str, Any]] = {}
    given: dict[str, dict[int, list[str]]] = {}
    places: dict[tuple[str, str | None], int] = {}
    for line, row in table:
        if not cell(row, who):
            raise TableError(f"{file}:{line}: an answer without a person; fill that cell in.")
        person = _person(row, who, about, line)
        key = (person["person"], person.get("wave"))
        place = places.setdefault(key, len(places))
        known = people.setdefault(key, person)
        known.update({name: value for name, value in person.items() if known[name] is None})
        question, answer = cell(row, what), _text(row, how)
        if question:
            options = given.setdefault(question, {}).setdefault(place, [])
            if answer is not None:
                options.append(answer)
    columns: dict[str, list[Any]] = {}
    for question, by_place in given.items():
        many = any(len(options) > 1 for options in by_place.values())
        chosen = (by_place.get(place, []) for place in range(len(people)))
        columns[question] = [(tuple(each) if many else each[0]) if each else None for each in chosen]
    return list(people.values()), columns


def _person(row: Row, who: int | None, about: dict[str, int], line: int) -> dict[str, Any]:
    name = cell(row, who) or f"line {line}"
    return {"person": name, "line": line, **{name: _text(row, at) for name, at in about.items()}}


def _text(row: Row, at: int) -> str | None:
    text = cell(row, at)
    return None if text.lower() in NOTHING else text


def _weights(frame: pd.DataFrame, file: str) -> pd.Series[float]:
    numbers = pd.to_numeric(frame["weight"], errors="coerce")
    wrong = frame[~(numbers > 0) | ~numbers.map(isfinite)]
    if len(wrong):
        first = wrong.iloc[0]
        raise TableError(f"{file}:{first['line']}: {str(first['weight'])[:20]!r} is no weight; write a number above 0.")
    return numbers


def _column(values: list[Any], several: str | None) -> pd.Series[Any]:
    texts = [value for value in values if isinstance(value, str)]
    if several and any(several in text for text in texts):
        return pd.Series(
            [tuple(filter(None, map(str.strip, value.split(several)))) or None if value else None for value in values],
            dtype=object,
        )
    if texts and all(map(_is_number, texts)) and len(texts) == sum(value is not None for value in values):
        return pd.Series([float("nan") if value is None else float(value) for value in values])
    return pd.Series(values, dtype=object)


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text)) and "_" not in text
    except ValueError:
        return False
