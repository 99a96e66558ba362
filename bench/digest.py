"""What a digest of many people costs: its snapshot out of the database, and the digest out of the snapshot.

A snapshot of BENCH_PEOPLE people (a million without) with 10 answers each, one of them coded, is made up and written.
The digest is held against a bare pandas read and group-by of the same file; each in a process of its own, whose peak
memory is what is reported. Then BENCH_STORED people (20,000 without) are put into each database, and their snapshot is
made.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analysis.findings import CodingNote
from analysis.frames import Frames
from bench.servers import folder, postgresql
from gateway.results import snapshot
from gateway.results.release import count
from gateway.store import many, migrate, schema
from gateway.store.database import connect
from gateway.store.keys import Vault
from surveys.codebook import Code, Codebook
from surveys.model import Choice, Question, Survey

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "1000000"))
STORED = int(os.environ.get("BENCH_STORED", "20000"))
PART = 10_000
ROUNDS = 5
NOW = datetime(2026, 3, 4, tzinfo=UTC)
WORDS = ("we need clean water", "the land must come back to us", "open the roads", "let the schools open", "nothing")


def text(words: str) -> dict[str, str]:
    return {"en": words}


def options(several: str) -> tuple[Choice, ...]:
    return tuple(Choice(name, text(name)) for name in several.split())


QUESTIONS = (
    Question("region", "one-of", text("Where?"), "p", options("north south east west hills"), profile=True),
    Question("gender", "one-of", text("Who?"), "p", options("woman man other"), profile=True),
    Question("hope", "yes-no", text("Hope?"), "p"),
    Question("first", "one-of", text("First?"), "p", options("water land roads schools jobs clinics")),
    Question("next", "one-of", text("Next?"), "p", options("water land roads schools jobs clinics")),
    Question("needs", "many-of", text("Needs?"), "p", options("water food roads shelter"), maximum=2),
    Question("safety", "scale", text("Safe?"), "p", minimum=1, maximum=5),
    Question("trust", "scale", text("Trust?"), "p", minimum=1, maximum=5),
    Question("household", "number", text("How many?"), "p", minimum=1, maximum=40),
    Question("settle", "open", text("Settle?"), "p", codebook="themes"),
)
SURVEY = Survey(
    name="large",
    hash="0123456789abcdef",
    title=text("Large"),
    languages=("en",),
    keywords={"en": ("large",)},
    sender=text("us"),
    consent_version="1",
    consent=text("?"),
    thanks=text("!"),
    questions=QUESTIONS,
    region="region",
)
CODES = tuple(
    Code(name, text(name), "d", {"en": (name,)}, {"en": ()}) for name in ("water", "land", "road", "school", "job")
)
CODE_NAMES = tuple(code.id for code in CODES)
CODEBOOKS = {"themes": Codebook("themes", CODES, ("en",))}


def measure() -> dict[str, Any]:
    found: dict[str, Any] = {"people": PEOPLE, "answers": PEOPLE * len(QUESTIONS)}
    with folder() as path:
        _apart("write", str(path / "kept"))
        bare, ours = (
            min((_apart(what, str(path / "kept")) for _ in range(ROUNDS)), key=lambda one: one["seconds"])
            for what in ("bare", "digest")
        )
        found |= {
            "file_mib": _size(path / "kept"),
            "bare_seconds": bare["seconds"],
            "bare_peak_mib": bare["peak_mib"],
            "digest_seconds": ours["seconds"],
            "digest_peak_mib": ours["peak_mib"],
            "times_bare": round(ours["seconds"] / bare["seconds"], 2),
            "goal": "within 2.5 times, under 2048 MiB",
        }
        found["from_database"] = {"people": STORED, "sqlite": _snapshot(f"sqlite:///{path}/large.db", path / "sqlite")}
    with folder() as path, postgresql() as url:
        found["from_database"]["postgresql"] = _snapshot(url, path / "kept")
    return found


def _size(kept: Path) -> float:
    return round(sum(file.stat().st_size for file in kept.iterdir()) / 2**20, 1)


def _snapshot(url: str, kept: Path) -> dict[str, Any]:
    filled = _fill(url)
    made = _apart("make", url, str(kept))
    return {
        "fill_seconds": round(filled, 1),
        "snapshot_cpu_seconds": made["seconds"],
        "snapshot_seconds": made["elapsed"],
        "snapshot_peak_mib": made["peak_mib"],
        "file_mib": _size(kept),
    }


def _apart(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.digest", *arguments]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _bare(kept: str) -> object:
    answers = pd.read_parquet(Path(kept) / "answers.parquet")
    return answers.groupby(["question", "choice"], observed=True).size(), answers.groupby("question", observed=True)[
        "number"
    ].mean()


def _digest(kept: str) -> object:
    from analysis.digest import digest  # noqa: PLC0415

    rows = snapshot.read(Path(kept), SURVEY)
    return digest(rows.frames, SURVEY, CODEBOOKS, now=NOW)


def _write(kept: str) -> object:
    """A snapshot of people who were made up; three of them say "other", so that something must be hidden."""
    chance = np.random.default_rng(7)
    person = np.arange(PEOPLE)
    people = pd.DataFrame(
        {
            "person": person,
            "channel": pd.Categorical.from_codes(chance.integers(0, 3, PEOPLE), ["chat", "sms", "ussd"]),
            "language": pd.Categorical.from_codes(np.zeros(PEOPLE, int), ["en"]),
            "region": None,
            "began": True,
            "finished": chance.random(PEOPLE) < 0.85,
        }
    )
    choices = sorted({one.id for question in QUESTIONS for one in question.options} | {"yes", "no", *CODE_NAMES})
    at = {name: place for place, name in enumerate(choices)}
    parts = []
    for place, question in enumerate(QUESTIONS):
        names = [at[one.id] for one in question.options] or [at["no"], at["yes"]]
        who, chosen, number = person, np.full(PEOPLE, -1), np.full(PEOPLE, np.nan)
        if question.type in ("scale", "number"):
            number = chance.integers(1, 6, PEOPLE).astype(float)
        elif question.type == "many-of":
            who = np.repeat(person, 2)
            first = chance.integers(0, len(names), PEOPLE)
            second = (first + chance.integers(1, len(names), PEOPLE)) % len(names)
            chosen = np.array(names)[np.column_stack([first, second]).ravel()]
            number = np.full(2 * PEOPLE, np.nan)
        elif question.type == "open":
            chosen = np.array([at[name] for name in CODE_NAMES])[chance.integers(0, len(CODE_NAMES), PEOPLE)]
        else:
            several = 2 if question.id == "gender" else len(names)
            chosen = np.array(names)[chance.integers(0, several, PEOPLE)]
            if question.id == "gender":
                chosen[:3] = at["other"]
        if question.id == "region":
            people["region"] = pd.Categorical.from_codes(chosen, choices).remove_unused_categories()
        parts.append((who, np.full(len(who), place), chosen, number))
    columns = [np.concatenate([part[place] for part in parts]) for place in range(4)]
    answers = pd.DataFrame(
        {
            "person": columns[0],
            "question": pd.Categorical.from_codes(columns[1], [question.id for question in QUESTIONS]),
            "choice": pd.Categorical.from_codes(columns[2], choices),
            "number": columns[3],
        }
    )
    frames = Frames(people, answers, notes={"settle": CodingNote("themes", "keywords")})
    return snapshot.write(snapshot.Snapshot(SURVEY.name, SURVEY.hash, NOW, frames), Path(kept))


def _make(url: str, kept: str) -> object:
    engine = connect(url)
    snapshot.write(count(engine, VAULT, SURVEY, CODEBOOKS, NOW), Path(kept))
    return engine.dispose()


VAULT = Vault("bench", {1: bytes(32)}, {1: bytes(32)})


def _fill(url: str) -> float:
    """STORED people with an address and their answers, by the database itself, with the indexes made at the end."""
    engine = connect(url)
    migrate.upgrade(engine)
    began = time.perf_counter()
    tables = (schema.people, schema.addresses, schema.consents, schema.conversations, schema.answers)
    indexes = [index for table in tables for index in table.indexes]
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        relaxed = "PRAGMA foreign_keys = OFF" if is_sqlite else "SET session_replication_role = replica"
        connection.exec_driver_sql(relaxed)
        if not is_sqlite:
            connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()
        with connection.begin():
            for index in indexes:
                index.drop(connection)
        for table, query in _rows():
            with connection.begin():
                connection.execute(
                    sa.insert(table).from_select([column.name for column in query.selected_columns], query)
                )
        for start in range(0, STORED, PART):
            numbers = range(start, min(start + PART, STORED))
            with connection.begin():
                many.insert(connection, schema.addresses, [_address(number) for number in numbers])
        with connection.begin():
            for index in indexes:
                index.create(connection)
        connection.invalidate()  # it is not as the others are
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return time.perf_counter() - began


def _address(number: int) -> dict[str, Any]:
    """Most are far from each other."""
    sealed = VAULT.seal(f"+254{number * 7 % 10**9:09d}", "address")
    of = {"id": number, "person": number, "kind": "tel", "channel": "sms"}
    return {**of, "hmac": number.to_bytes(8, "big"), "sealed_address": sealed}


def _rows() -> Iterator[tuple[sa.Table, sa.Select[Any]]]:
    """Of each table what fills it."""
    key, at = SURVEY.id.removeprefix("survey:"), sa.literal(NOW, schema.people.c.seen_at.type)
    first = sa.select(sa.literal(0).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(sa.select(first.c.n + 1).where(first.c.n < STORED - 1))
    no, yes = sa.literal(False, sa.Boolean), sa.literal(True, sa.Boolean)
    yield schema.people, _of(numbers, id=numbers.c.n, language="en", stopped=no, created_at=at, seen_at=at)
    person = schema.people.c.id
    about = {"person": person, "channel": "sms"}
    yield schema.consents, _of(schema.people, survey=key, version="1", given=yes, at=at, **about)
    yield (
        schema.conversations,
        _of(
            schema.people,
            id=person,
            flow=SURVEY.id,
            status=sa.case((person % 7 == 0, "expired"), else_="completed"),
            language="en",
            sealed_state=sa.literal(b"-", sa.LargeBinary),
            started_at=at + person * 1_000_000,
            updated_at=at + person * 1_000_000 + 90_000_000,
            person=person,
            channel=sa.case({0: "sms", 1: "ussd"}, value=person % 3, else_="telegram"),
        ),
    )
    for place, question in enumerate(QUESTIONS):
        values, words = _given(question, (person * 7919 + place * 104_729) % 10_007)
        row = {"survey": key, "question": question.id, "value": values, "sealed_text": words, "state": "answered"}
        yield schema.answers, _of(schema.people, conversation=person, language="en", at=at, **row, **about)


def _of(source: sa.FromClause, **columns: Any) -> sa.Select[Any]:
    values = (sa.literal(value) if isinstance(value, (str, int)) else value for value in columns.values())
    return sa.select(*(value.label(name) for name, value in zip(columns, values, strict=True))).select_from(source)


def _given(question: Question, draw: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """Value and words, by a number that looks as if it was drawn. Three people say "other", so that something must be
    hidden."""
    names = [one.id for one in question.options]
    nothing = sa.cast(sa.null(), sa.LargeBinary)
    if question.type == "open":
        sealed = [sa.literal(VAULT.seal(words, "answer"), sa.LargeBinary) for words in WORDS]
        return sa.null(), sa.case(dict(enumerate(sealed[1:], 1)), value=draw % len(sealed), else_=sealed[0])
    if question.type == "many-of":
        known: list[Any] = [[one, other] for one, other in zip(names, [*names[1:], names[0]], strict=True)]
    elif question.type in ("scale", "number"):
        known = [1, 2, 3, 4, 5]
    else:
        known = names[:2] if question.id == "gender" else names or ["yes", "no"]
    written = [sa.literal(value, schema.answers.c.value.type) for value in known]
    value = sa.case(dict(enumerate(written[1:], 1)), value=draw % len(written), else_=written[0])
    if question.id == "gender":
        value = sa.case((schema.people.c.id < 3, sa.literal("other", schema.answers.c.value.type)), else_=value)
    return value, nothing


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    start, began = time.process_time(), time.perf_counter()
    {"bare": _bare, "digest": _digest, "make": _make, "write": _write}[what](*rest)
    spent = time.process_time() - start
    print(
        json.dumps(
            {
                "seconds": round(spent, 3),
                "elapsed": round(time.perf_counter() - began, 3),
                "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            }
        )
    )
