"""The provisions of an agreement: taken in from YAML or CSV, with what carries them out and their progress."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.coordination.initiatives import CLOSED, KIND, PUBLIC
from gateway.store import audit, codes
from gateway.store.coordination_tables import initiatives
from gateway.store.database import insert_once
from gateway.store.group_tables import initiative_provisions, provisions
from surveys.problem import Problem, SurveyError
from surveys.reader import read

STATUSES = ("not-begun", "begun", "done")
FILE = "provisions"


@dataclass(frozen=True, slots=True)
class Provision:
    """`number` is the agreement's own: 3.2."""

    number: str
    texts: Mapping[str, str]
    status: str = STATUSES[0]


@dataclass(frozen=True, slots=True)
class Progress:
    """A provision with the codes of the public initiatives that carry it out, and how many of those took place."""

    provision: Provision
    initiatives: tuple[str, ...]
    done: int


# Taking in ----------------------------------------------------------------------------------------------------------


def read_provisions(source: bytes, file: str) -> tuple[Provision, ...]:
    """A list of maps in YAML, or a table in CSV with the same as columns: `number`, `status` (not-begun, begun, done;
    may be left out), and `text_<language>`, one at least. Raises SurveyError with all that is wrong."""
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SurveyError([Problem(file, 1, 1, "the file is not UTF-8 text; save it as UTF-8")]) from None
    rows = _csv(text) if file.endswith(".csv") else _yaml(text, file)
    found: list[Provision] = []
    problems: list[Problem] = []
    for line, row in rows:
        problem = _wrong(row, {one.number for one in found})
        if problem:
            problems.append(Problem(file, line, 1, problem))
            continue
        texts = {
            key.removeprefix("text_"): value.strip()
            for key, value in row.items()
            if key.startswith("text_") and value.strip()
        }
        found.append(Provision(row["number"].strip(), texts, row.get("status", "").strip() or STATUSES[0]))
    if not found and not problems:
        problems.append(Problem(file, 1, 1, "there is no provision in it; each has a `number` and a `text_<language>`"))
    if problems:
        raise SurveyError(problems)
    return tuple(found)


def _csv(text: str) -> list[tuple[int, dict[str, str]]]:
    table = csv.DictReader(io.StringIO(text))
    return [(table.line_num, {str(key): str(value or "") for key, value in row.items() if key}) for row in table]


def _yaml(text: str, file: str) -> list[tuple[int, dict[str, str]]]:
    document = read(text, file)
    if not isinstance(document.data, list):
        raise SurveyError([Problem(file, 1, 1, "the file must be a list: each provision begins with `- number: ...`")])
    rows = []
    for place, row in enumerate(document.data):
        if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
            raise SurveyError([document.problem((place,), "a provision is a map of texts: `number`, `text_en` ...")])
        rows.append((document.problem((place,), "").line, row))
    return rows


def _wrong(row: Mapping[str, str], numbers: set[str]) -> str:
    number, status = row.get("number", "").strip(), row.get("status", "").strip()
    if not number or len(number) > 16:
        return "`number` is missing or longer than 16 letters; write the agreement's own, such as 3.2"
    if number in numbers:
        return f"the provision {number} stands here twice; take one out"
    if status and status not in STATUSES:
        return f"`status` of {number} must be one of {', '.join(STATUSES)}"
    if not any(key.startswith("text_") and value.strip() for key, value in row.items()):
        return f"the provision {number} has no text; give it a `text_en` or another language's"
    return ""


def take_in(connection: sa.Connection, found: Sequence[Provision], by: str, now: datetime) -> None:
    """Make these the agreement's provisions: those with a known number are changed, and no other is taken out."""
    for position, one in enumerate(found):
        values = {"texts": dict(one.texts), "position": position, "changed_at": now}
        if not insert_once(connection, provisions, number=one.number, status=one.status, **values):
            changed = sa.update(provisions).where(provisions.c.number == one.number)
            connection.execute(changed.values(values))
    audit.note(connection, by, "provisions taken in", str(len(found)), now)


# Progress -----------------------------------------------------------------------------------------------------------


def mark(connection: sa.Connection, number: str, status: str, by: str, now: datetime) -> bool:
    """Say how far a provision is. False where there is none, or no such status."""
    if status not in STATUSES:
        return False
    changed = sa.update(provisions).where(provisions.c.number == number).values(status=status, changed_at=now)
    done = connection.execute(changed).rowcount == 1
    if done:
        audit.note(connection, by, "provision marked", f"{number}: {status}", now)
    return done


def attach(connection: sa.Connection, number: str, code: str, by: str, now: datetime) -> bool:
    """Say which provision an initiative carries out. False where there is no such provision or initiative."""
    provision = connection.scalar(sa.select(provisions.c.id).where(provisions.c.number == number))
    initiative = codes.find(connection, KIND, code)
    if provision is None or initiative is None:
        return False
    insert_once(connection, initiative_provisions, initiative=initiative, provision=provision)
    audit.note(connection, by, "initiative attached", f"{code}: {number}", now)
    return True


def progress(connection: sa.Connection) -> list[Progress]:
    """All provisions in the agreement's order, as everybody sees them."""
    chosen = (
        sa.select(initiative_provisions.c.provision, initiatives.c.code, initiatives.c.status)
        .join_from(initiative_provisions, initiatives)
        .where(initiatives.c.status.in_((PUBLIC, CLOSED)))
        .order_by(initiatives.c.starts_at)
    )
    attached: dict[int, list[tuple[str, str]]] = {}
    for row in connection.execute(chosen):
        attached.setdefault(row.provision, []).append((row.code, row.status))
    rows = connection.execute(sa.select(provisions).order_by(provisions.c.position, provisions.c.id)).all()
    return [
        Progress(
            Provision(row.number, row.texts, row.status),
            tuple(code for code, _ in attached.get(row.id, ())),
            sum(status == CLOSED for _, status in attached.get(row.id, ())),
        )
        for row in rows
    ]
