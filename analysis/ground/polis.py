"""Conversations as Polis exports them, and as others write them alike: text in, votes and statements out.

Votes come in two forms, told apart by the header.

- participants-votes.csv: a row a person, a column a statement (1 agree, -1 disagree, 0 pass, empty not seen), and
  before those `participant`, `group-id` and counts. Of a person with two rows the later vote counts.
- votes.csv: a row a vote: `timestamp`, `comment-id`, `voter-id`, `vote`. The vote with the latest time counts.

Names of columns may be written with `_`, `-` or spaces, in either case, and more columns may stand between. Rows are
read one by one, so that memory follows the votes, not the cells.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

import numpy as np

from analysis.ground.votes import Votes, last
from analysis.tables import Row, TableError, cell, column, plain, rows

PERSON = ("participant", "participant-id", "voter-id", "voter", "pid", "person")
GROUP = ("group-id", "group", "gid")
STATEMENT = ("comment-id", "statement-id", "tid", "comment", "statement", "id")
VOTE = ("vote", "value")
WHEN = ("timestamp", "created", "modified", "datetime")
TEXT = ("comment-body", "body", "text", "txt", "statement-text", "comment", "statement")
MODERATED = ("moderated", "mod", "moderation-status", "status")
ABOUT = frozenset(
    (*PERSON, *GROUP, *WHEN, "xid", "n-comments", "n-votes", "n-agree", "n-disagree", "n-pass", "n-passes", "x", "y")
)
"""Columns of a row of votes that are no statement."""

CAST = {
    **dict.fromkeys(("1", "+1", "1.0", "agree", "agreed", "yes", "a"), 1),
    **dict.fromkeys(("-1", "-1.0", "\N{MINUS SIGN}1", "disagree", "disagreed", "no", "d"), -1),
    **dict.fromkeys(("0", "0.0", "-0.0", "pass", "passed", "p"), 0),
}
NOTHING = frozenset(("", "nan", "na", "n/a", "null", "none"))
OUT = frozenset(("-1", "-1.0", "rejected", "moderated-out", "out", "hidden", "withdrawn"))
"""What stands in `moderated` of a statement that was taken out."""


@dataclass(frozen=True, slots=True)
class Statements:
    """Texts by id, and the ids of those that moderators took out."""

    texts: Mapping[str, str]
    out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Export:
    """`groups` are Polis' own by person, "" for none; empty where the file has no such column.

    `columns` are those that were taken for neither a statement nor anything else known.
    """

    votes: Votes
    groups: tuple[str, ...]
    columns: tuple[str, ...] = ()


def statements(lines: Iterable[str], file: str) -> Statements:
    """comments.csv. Raises TableError."""
    table = rows(lines, file)
    _, header = next(table)
    at = column(header, STATEMENT)
    if at is None:
        raise TableError(f"{file}:1: no column {STATEMENT[0]!r}; there is {', '.join(header)}.")
    text, moderated = (column(header, names, at) for names in (TEXT, MODERATED))
    texts: dict[str, str] = {}
    out: set[str] = set()
    for _, row in table:
        name = _id(cell(row, at))
        if name:
            texts[name] = cell(row, text)
            if cell(row, moderated).lower() in OUT:
                out.add(name)
    return Statements(texts, frozenset(out))


def groups(lines: Iterable[str], file: str) -> dict[str, str]:
    """A file of `participant` and `group-id`: groups by person. Raises TableError."""
    table = rows(lines, file)
    _, header = next(table)
    who, grouped = column(header, PERSON), column(header, GROUP)
    if who is None or grouped is None:
        raise TableError(f"{file}:1: columns 'participant' and 'group-id' are needed; there is {', '.join(header)}.")
    return {cell(row, who): _group(cell(row, grouped)) for _, row in table}


def votes(lines: Iterable[str], file: str, known: Iterable[str] = (), grouped_by: str = "") -> Export:
    """participants-votes.csv or votes.csv. `known` are statements' ids, none where there is no list; `grouped_by` is
    another column than `group-id` with the groups. Raises TableError."""
    table = rows(lines, file)
    _, header = next(table)
    what, how = column(header, STATEMENT), column(header, VOTE)
    if what is not None and how is not None:
        return _one_by_one(table, header, what, how, file)
    grouped = column(header, (plain(grouped_by),) if grouped_by else GROUP)
    return _by_person(table, header, frozenset(known), grouped, file)


def _by_person(
    table: Iterator[tuple[int, Row]], header: Row, known: frozenset[str], grouped: int | None, file: str
) -> Export:
    who = column(header, PERSON)
    others = {
        at: _id(name)
        for at, name in enumerate(header)
        if name.strip() and plain(name) not in ABOUT and at not in (who, grouped)
    }
    if known:
        chosen = {at: name for at, name in others.items() if name in known or name.isdecimal()}
    else:
        chosen = {at: name for at, name in others.items() if name.isdecimal()} or others
    if not chosen:
        raise TableError(f"{file}:1: no column is a statement; there is {', '.join(header)}.")
    names: dict[str, int] = {}
    columns = [(at, names.setdefault(name, len(names))) for at, name in chosen.items()]
    people: dict[str, int] = {}
    groups: dict[int, str] = {}
    person, statement, vote = array("i"), array("i"), array("b")
    for line, row in table:
        name = cell(row, who) if who is not None else str(line)
        if not name:
            if any(cell(row, at) for at, _ in columns):
                raise TableError(f"{file}:{line}: votes without a {header[who or 0]}; fill that cell in.")
            continue
        one = people.setdefault(name, len(people))
        if group := _group(cell(row, grouped)):
            groups[one] = group
        width = len(row)
        for at, place in columns:
            if at < width and (text := row[at]):
                cast = CAST.get(text)
                if cast is None and (cast := _cast(text, f"{file}:{line}, column {header[at]}")) is None:
                    continue
                person.append(one)
                statement.append(place)
                vote.append(cast)
    found = last(tuple(people), tuple(names), person, statement, vote)
    theirs = tuple(groups.get(one, "") for one in range(len(people))) if grouped is not None else ()
    return Export(found, theirs, tuple(header[at] for at in others if at not in chosen))


def _one_by_one(table: Iterator[tuple[int, Row]], header: Row, what: int, how: int, file: str) -> Export:
    who, when = column(header, PERSON), column(header, WHEN)
    if who is None:
        raise TableError(f"{file}:1: no column 'voter-id'; there is {', '.join(header)}.")
    people: dict[str, int] = {}
    names: dict[str, int] = {}
    person, statement, vote, times = array("i"), array("i"), array("b"), array("d")
    for line, row in table:
        one, name = cell(row, who), _id(cell(row, what))
        cast = _cast(cell(row, how), f"{file}:{line}, column {header[how]}")
        if cast is None or not (one and name):
            continue
        person.append(people.setdefault(one, len(people)))
        statement.append(names.setdefault(name, len(names)))
        vote.append(cast)
        times.append(_time(cell(row, when), f"{file}:{line}, column {header[when or 0]}"))
    return Export(last(tuple(people), tuple(names), person, statement, vote, np.asarray(times)), ())


# Cells --------------------------------------------------------------------------------------------------------------


def _id(text: str) -> str:
    """A statement's id as both files have it: 7 where a program wrote 7.0."""
    text = text.strip()
    return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text


def _group(text: str) -> str:
    return "" if text.lower() in NOTHING or text == "-1" else _id(text)


def _cast(text: str, where: str) -> int | None:
    plain = text.strip().lower()
    if plain in NOTHING:
        return None
    if (cast := CAST.get(plain)) is None:
        raise TableError(f"{where}: {text[:20]!r} is no vote; write 1 (agree), -1 (disagree), 0 (pass) or nothing.")
    return cast


def _time(text: str, where: str) -> float:
    """Seconds, of any start: only the order counts. 0 where no time is given."""
    if not text:
        return 0.0
    try:
        number = float(text)
    except ValueError:
        try:
            number = datetime.fromisoformat(text).timestamp()
        except (ValueError, OverflowError):
            number = np.nan
    if not isfinite(number):
        raise TableError(f"{where}: {text[:40]!r} is no time; write a number or a date like 2026-03-04T12:00:00.")
    return number
