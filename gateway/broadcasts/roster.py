"""The people who may be written to: taken in from a list, counted, listed, and forgotten at their wish.

A list is CSV in UTF-8 with a row of headings: `number`, and `language`, `place`, `groups` (several with ; between them)
where they are known. Whoever hands it in says how its people agreed to be written to.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import phonenumbers
import sqlalchemy as sa

from analysis.cells import harmless
from channels.adapter import Malformed
from channels.numbers import e164
from channels.text import clean
from gateway.broadcasts.errors import BroadcastError
from gateway.ingest.unit import end_all
from gateway.store import audit, erasing, ids
from gateway.store.broadcast_tables import PLACE, ZONE
from gateway.store.database import insert_ignoring, reading
from gateway.store.keys import Vault
from gateway.store.schema import addresses, forgotten, memberships, people, profiles
from surveys.problem import MAX_PROBLEMS, Problem, SurveyError, did_you_mean

COLUMNS: Final = ("number", "language", "place", "groups")
LONGEST: Final = {"place": 96, "groups": 64}
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list. `groups` are names."""

    number: str
    language: str = ""
    place: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a row is held against: `country` of numbers written without one, `countries` that may be written to,
    `languages` of the gateway, and the time zone of each place that polls know, "" where they name none."""

    country: str
    countries: Sequence[str]
    languages: Sequence[str]
    zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a list. `known` were there before: what they said themselves stays, groups are added. `forgotten`
    asked to be, and are left out: they come back only by writing themselves."""

    rows: int
    new: int
    known: int
    forgotten: int = 0


# Taking in ----------------------------------------------------------------------------------------------------------


def problems(path: Path, rules: Rules) -> tuple[Problem, ...]:
    """Everything that is wrong with a list, row by row. No number is repeated."""
    found: list[Problem] = []
    for line, row in _rows(path):
        for column, why in _wrong(row, rules):
            found.append(Problem(str(path), line, 1, f"{column}: {why}"))
        if len(found) >= MAX_PROBLEMS:
            break
    return tuple(found)


def take(
    engine: sa.Engine,
    vault: Vault,
    path: Path,
    rules: Rules,
    channel: str,
    *,
    now: datetime,
    note: tuple[str, str],
    skip: bool = False,
) -> Taken:
    """Take a list in, a few hundred rows in a transaction. `note` is who does it, and how its people agreed. `skip`
    leaves out rows that are wrong. Two rows of one number are one person. Raises SurveyError where a row is wrong,
    before anybody is taken in."""
    if not skip and (wrong := problems(path, rules)):
        raise SurveyError(wrong)
    rows = new = gone = 0
    for some in _batches(_listed(path, rules)):
        with engine.begin() as connection:
            made, left_out = _put(connection, vault, some, rules, channel, now)
        rows, new, gone = rows + len(some), new + made, gone + left_out
    with engine.begin() as connection:
        audit.note(connection, note[0], "people import", f"{rows} rows: {note[1]}", now)
    return Taken(rows, new, rows - new - gone, gone)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their lines. Raises SurveyError for a file that is no such list."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            names = [str(name).strip().lower() for name in reader.fieldnames or ()]
            for place, name in enumerate(names, start=1):
                if name not in COLUMNS:
                    mend = did_you_mean(name, COLUMNS)
                    raise SurveyError([Problem(str(path), 1, place, f"there is no column '{name[:40]}'{mend}")])
            if "number" not in names:
                raise SurveyError(
                    [Problem(str(path), 1, 1, "the column `number` is missing: name it in the first row")]
                )
            reader.fieldnames = names
            for row in reader:
                if None in row:
                    yield reader.line_num, {"": "more"}
                else:
                    yield reader.line_num, {name: (value or "").strip() for name, value in row.items()}
    except UnicodeDecodeError:
        raise SurveyError([Problem(str(path), 1, 1, "this is not UTF-8; save it as CSV in UTF-8")]) from None
    except csv.Error:
        raise SurveyError([Problem(str(path), 1, 1, "this is not CSV; save it as CSV in UTF-8")]) from None


def _wrong(row: Mapping[str, str], rules: Rules) -> Iterator[tuple[str, str]]:
    if "" in row:
        yield "row", "it has more cells than there are columns; put a text with a comma into quotes"
        return
    try:
        number = e164(row["number"], rules.country)
    except Malformed:
        yield "number", "this is no phone number; write it with its country code, such as +254 and nine digits"
    else:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(number))
        if country and country not in rules.countries:
            yield "number", f"it is of {country}, and settings.yaml lets nobody there be written to; see `countries`"
    language = row.get("language", "")
    if language and language not in rules.languages:
        yield "language", f"there is no '{language[:16]}' here{did_you_mean(language, rules.languages)}"
    for column, most in LONGEST.items():
        if any(len(part) > most for part in row.get(column, "").split(";")):
            yield column, f"this is longer than {most} letters; shorten it"


def _listed(path: Path, rules: Rules) -> Iterator[Listed]:
    for _, row in _rows(path):
        if next(_wrong(row, rules), None) is None:
            groups = (clean(part).strip() for part in row.get("groups", "").split(";"))
            yield Listed(
                e164(row["number"], rules.country),
                row.get("language", ""),
                clean(row.get("place", "")),
                tuple(dict.fromkeys(filter(None, groups))),
            )


def _batches(rows: Iterator[Listed]) -> Iterator[list[Listed]]:
    some: list[Listed] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _put(
    connection: sa.Connection, vault: Vault, rows: Sequence[Listed], rules: Rules, channel: str, now: datetime
) -> tuple[int, int]:
    """Returns how many were new, and how many rows are of somebody who asked to be forgotten."""
    keys = {row.number: vault.fingerprints("tel", row.number) for row in rows}
    known = _found(connection, keys)
    gone = _forgotten(connection, vault, [number for number in keys if number not in known])
    fresh = {number: ids.pseudonym() for number in keys if number not in known and number not in gone}
    if fresh:
        someone = [
            {"id": person, "language": "", "stopped": False, "created_at": now, "seen_at": now}
            for person in fresh.values()
        ]
        connection.execute(sa.insert(people), someone)
        ways = [
            {
                "id": ids.rising(),
                "person": person,
                "kind": "tel",
                "hmac": keys[number][0],
                "sealed_address": vault.seal(number, "address"),
                "channel": channel,
            }
            for number, person in fresh.items()
        ]
        connection.execute(sa.insert(addresses), ways)
    known |= fresh
    there = [row for row in rows if row.number in known]
    for row in there:
        person = known[row.number]
        if row.language:
            unknown = people.c.id == person, people.c.language == ""
            connection.execute(sa.update(people).where(*unknown).values(language=row.language))
        facts = {PLACE: row.place, ZONE: rules.zones.get(row.place, "")} if row.place else {}
        several = [{"person": person, "fact": name, "value": value} for name, value in facts.items() if value]
        groups = [{"person": person, "name": name, "joined_at": now} for name in row.groups]
        for table, values in ((profiles, several), (memberships, groups)):
            if values:
                connection.execute(insert_ignoring(connection.dialect.name, table), values)
    return len(fresh), len(rows) - len(there)


def _forgotten(connection: sa.Connection, vault: Vault, numbers: Sequence[str]) -> set[str]:
    """Those of these numbers whose people asked to be forgotten, and have not written since."""
    number_of = {mark: number for number in numbers for mark in erasing.marks(vault, "tel", number)}
    wanted = sa.select(forgotten.c.hmac).where(forgotten.c.hmac.in_(list(number_of)))
    return {number_of[bytes(mark)] for mark in connection.scalars(wanted)}


def _found(connection: sa.Connection, keys: Mapping[str, tuple[bytes, ...]]) -> dict[str, int]:
    """The people of these numbers, under whichever HMAC key."""
    number_of = {key: number for number, several in keys.items() for key in several}
    wanted = sa.select(addresses.c.hmac, addresses.c.person).where(addresses.c.hmac.in_(list(number_of)))
    return {number_of[bytes(row.hmac)]: row.person for row in connection.execute(wanted)}


# Looking ------------------------------------------------------------------------------------------------------------


def counts(connection: sa.Connection) -> dict[str, Any]:
    """How many there are, in all and by what they can be chosen by."""
    everybody = sa.select(sa.func.count()).select_from(people)
    return {
        "people": connection.scalar(everybody),
        "stopped": connection.scalar(everybody.where(people.c.stopped)),
        "languages": _by(connection, people.c.language),
        "channels": _by(connection, addresses.c.channel, sa.func.length(addresses.c.sealed_address) > 0),
        "places": _by(connection, profiles.c.value, profiles.c.fact == PLACE),
        "groups": _by(connection, memberships.c.name),
    }


def _by(connection: sa.Connection, column: sa.Column[str], *where: sa.ColumnElement[bool]) -> dict[str, int]:
    counted = sa.select(column, sa.func.count()).where(*where).group_by(column).order_by(column)
    return {row[0]: row[1] for row in connection.execute(counted)}


FIELDS: Final = ("person", "language", "place", "groups", "channel", "stopped", "seen_on")


def listed(
    engine: sa.Engine, vault: Vault, by: str, now: datetime, group: str = "", *, numbers: bool = False
) -> Iterator[dict[str, str]]:
    """Everybody, or those of one group, by pseudonym; `numbers` opens where they are reached. Written into the audit
    log before the first row is given."""
    what = "people export with numbers" if numbers else "people export"
    with engine.begin() as connection:
        audit.note(connection, by, what, group or "everybody", now)
    after = -1
    while True:
        with reading(engine) as connection:
            rows = _some(connection, after, group)
            if not rows:
                return
            these = [row.id for row in rows]
            groups: dict[int, list[str]] = {}
            for row in connection.execute(sa.select(memberships).where(memberships.c.person.in_(these))):
                groups.setdefault(row.person, []).append(row.name)
            lives = sa.select(profiles.c.person, profiles.c.value).where(
                profiles.c.person.in_(these), profiles.c.fact == PLACE
            )
            places = {row.person: row.value for row in connection.execute(lives)}
            ways: dict[int, Any] = {}
            reached = sa.select(addresses).where(addresses.c.person.in_(these)).order_by(addresses.c.id)
            for row in connection.execute(reached):
                if row.sealed_address:
                    ways.setdefault(row.person, row)
        for row in rows:
            way = ways.get(row.id)
            found = {
                "person": str(row.id),
                "language": row.language,
                "place": harmless(places.get(row.id, "")),
                "groups": harmless(";".join(sorted(groups.get(row.id, ())))),
                "channel": way.channel if way else "",
                "stopped": "yes" if row.stopped else "no",
                "seen_on": f"{row.seen_at:%Y-%m-%d}",
            }
            yield found | ({"number": vault.open_text(way.sealed_address, "address") if way else ""} if numbers else {})
        after = rows[-1].id


def _some(connection: sa.Connection, after: int, group: str) -> Sequence[Any]:
    of_group = sa.exists().where(memberships.c.person == people.c.id, memberships.c.name == group)
    wanted = sa.select(people).where(people.c.id > after, *((of_group,) if group else ()))
    return connection.execute(wanted.order_by(people.c.id).limit(AT_ONCE)).all()


# Forgetting ---------------------------------------------------------------------------------------------------------


def forget(engine: sa.Engine, vault: Vault, find: Callable[[sa.Connection], int | None], now: datetime, by: str) -> int:
    """What FORGET ME does, at once and without a farewell, for somebody who asked for it otherwise. Returns the
    pseudonym. Raises BroadcastError where `find` finds nobody."""
    with engine.begin() as connection:
        # Their row first, as the intake does: what they are just writing is taken before, or is a stranger's.
        theirs = sa.select(people.c.id).where(people.c.id == find(connection)).with_for_update()
        person: int | None = connection.scalar(theirs)
        if person is None:
            raise BroadcastError("Nobody of that number or pseudonym is here.")
        end_all(connection, person, "forgotten", now)
        for address in erasing.erase(connection, vault, person, now):
            erasing.farewell(connection, address)
        connection.execute(sa.update(people).where(people.c.id == person).values(stopped=True))
        audit.note(connection, by, "people forget", str(person), now)
    return person


def of_number(vault: Vault, number: str) -> Callable[[sa.Connection], int | None]:
    return lambda connection: _found(connection, {number: vault.fingerprints("tel", number)}).get(number)


def of_pseudonym(person: int) -> Callable[[sa.Connection], int | None]:
    return lambda connection: connection.scalar(sa.select(people.c.id).where(people.c.id == person))
