"""Intake with many people and answers stored, against intake on an empty store: goal, 0.9.

Two gateways of one process each run side by side, one on an empty store and one on a store with PEOPLE people who have
answered a poll of ANSWERS questions: their addresses, inbounds, consents, dispositions and profiles are there too. The
load is that of `intake`: people who are new to both, so that both do the same, and whose rows and index entries
go between those of the others. They take turns, A B A B.

The store is filled by the database itself, table by table, with the indexes made at the end; then PostgreSQL is
vacuumed, as it would have been in the time in which such a store grows. That takes most of the time that this takes:
200,000 people took 12 seconds on SQLite and 33 on PostgreSQL. BENCH_PEOPLE sets another number of people.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bench import intake, servers
from gateway import settings
from gateway.store import ids, many, schema
from gateway.store.keys import Vault
from gateway.store.opening import open_store
from gateway.store.poll_tables import dispositions, respondents

PEOPLE, ANSWERS = int(os.environ.get("BENCH_PEOPLE", "1000000")), 10
GOAL = 0.9
ROUNDS, SECONDS = 3, 4
CHUNK = 10_000
AT = datetime(2026, 1, 1, tzinfo=UTC)
POLL, FLOW = "earlier@0", "survey:earlier@0"
HURRY = {
    "sqlite": (
        "PRAGMA foreign_keys = OFF",
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -1000000",
    ),
    "postgresql": (
        "SET session_replication_role = replica",
        "SET statement_timeout = 0",
        "SET maintenance_work_mem = '1GB'",
        "SET work_mem = '1GB'",
    ),
}
"""What the connection that fills is spared. It is given up afterwards."""

FIRST = 10**9
"""The first conversation: all have numbers of ten digits, so that inbounds are made in the order of their ids."""

TABLES = (
    schema.people,
    schema.addresses,
    schema.inbounds,
    schema.conversations,
    schema.answers,
    schema.consents,
    respondents,
    dispositions,
    schema.profiles,
)


def measure() -> dict[str, Any]:
    found: dict[str, Any] = {}
    with servers.redis_server() as redis_url:
        for database in intake.PROCESSES:
            with ExitStack() as stack:
                stores = [stack.enter_context(intake.gateway(database, redis_url)) for _ in range(2)]
                filled = _fill(stores[1][1])
                # On any core: kept to two, they would be as quick as those are.
                empty, full = (stack.enter_context(servers.baraza(1, environ, "--any-core")) for _, environ in stores)
                for url in (empty, full):
                    intake.check(url)
                for number, (kind, hook) in enumerate(intake.HOOKS.items()):
                    found[f"{kind}, {database}"] = {
                        **filled,
                        **_compare(empty + hook, full + hook, kind, 1 + number * ROUNDS),
                        "goal": GOAL,
                    }
    return found


def _compare(empty: str, full: str, kind: str, first: int) -> dict[str, Any]:
    rates: dict[str, list[float]] = {"empty": [], "full": []}
    failed = 0
    for number in range(first, first + ROUNDS):
        for name, url in (("empty", empty), ("full", full)):
            run = intake.wrk(url, kind, number * intake.APART, SECONDS)
            failed += run["not_200"] + run["broken"]
            rates[name].append(run["acknowledged"] / run["seconds"])
    return {
        "a_second": round(statistics.median(rates["full"])),
        "empty_a_second": round(statistics.median(rates["empty"])),
        "ratio": round(statistics.median(full / empty for empty, full in zip(*rates.values(), strict=True)), 2),
        "failed": failed,
        "rounds": {name: [round(rate) for rate in each] for name, each in rates.items()},
    }


# Filling ------------------------------------------------------------------------------------------------------------


def _fill(environ: Mapping[str, str]) -> dict[str, int]:
    """What is in the store afterwards, and the seconds that it took."""
    began = time.perf_counter()
    store = open_store(settings.load(environ))
    indexes = [index for table in TABLES for index in table.indexes]
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for setting in HURRY[connection.dialect.name]:
            driver.execute(setting).close()  # outside any transaction: SQLite takes them nowhere else
        driver.commit()
        with connection.begin():
            for index in indexes:
                index.drop(connection)
        for start in range(0, PEOPLE, CHUNK):
            with connection.begin():
                _greet(connection, store.vault, range(start, min(start + CHUNK, PEOPLE)))
        for table, query in _rows(store.vault):
            with connection.begin():
                connection.execute(sa.insert(table).from_select([column.name for column in query.c], query))
        with connection.begin():
            for index in indexes:
                index.create(connection)
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM (ANALYZE)")
        else:
            driver.execute("PRAGMA journal_mode = WAL").close()
        counts = {
            f"{table.name}_stored": int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in (schema.people, schema.answers)
        }
        connection.invalidate()  # it is not as the others are
    store.engine.dispose()
    return {**counts, "filled_in_seconds": round(time.perf_counter() - began)}


def _greet(connection: sa.Connection, vault: Vault, numbers: Sequence[int]) -> None:
    people = [
        {"id": ids.pseudonym(), "language": "en", "stopped": False, "created_at": AT, "seen_at": AT} for _ in numbers
    ]
    many.insert(connection, schema.people, people)
    many.insert(connection, schema.addresses, [_address(vault, *each) for each in zip(numbers, people, strict=True)])


def _address(vault: Vault, number: int, person: Mapping[str, Any]) -> dict[str, Any]:
    address = f"+2541{number:08d}"
    return {
        "id": ids.rising(),
        "person": person["id"],
        "kind": "tel",
        "hmac": vault.fingerprint("tel", address),
        "sealed_address": vault.seal(address, "address"),
        "channel": "at-sms",
    }


def _rows(vault: Vault) -> list[tuple[sa.Table, sa.Subquery]]:
    """Of each table what fills it, from those that were filled before."""
    people, held = schema.people.c, schema.conversations.c
    state, words = (sa.literal(vault.seal(b"x" * size, "bench"), sa.LargeBinary) for size in (150, 8))

    def of(source: sa.FromClause, **columns: Any) -> sa.Subquery:
        values = (sa.literal(value) if isinstance(value, (str, int)) else value for value in columns.values())
        named = (value.label(name) for name, value in zip(columns, values, strict=True))
        return sa.select(*named).select_from(source).subquery()

    at = sa.literal(AT, schema.people.c.seen_at.type)
    on = {"channel": "at-sms", "language": "en"}
    moves = (("", "registered"), ("registered", "started"), ("started", "completed"))
    yes = sa.literal(True, sa.Boolean)
    answer = sa.literal("north", schema.answers.c.value.type)
    return [
        (
            schema.conversations,
            of(
                schema.people,
                id=sa.func.row_number().over() + FIRST,
                person=people.id,
                flow=FLOW,
                status="completed",
                sealed_state=state,
                started_at=at,
                updated_at=at,
                **on,
            ),
        ),
        (
            schema.consents,
            of(schema.people, person=people.id, survey=POLL, version="1", given=yes, channel="at-sms", at=at),
        ),
        (
            respondents,
            of(schema.people, person=people.id, survey="earlier", wave=1, disposition="completed", since=at),
        ),
        (schema.profiles, of(schema.people, person=people.id, fact="place", value="north")),
        *(
            (
                dispositions,
                of(
                    schema.people,
                    person=people.id,
                    survey="earlier",
                    wave=1,
                    before=before,
                    after=after,
                    why="wrote",
                    at=at,
                ),
            )
            for before, after in moves
        ),
        *(
            (
                schema.inbounds,
                of(
                    schema.conversations.join(schema.addresses, schema.addresses.c.person == held.person),
                    channel="at-sms",
                    provider_id=f"{number}-" + sa.cast(held.id, sa.String),
                    address=schema.addresses.c.id,
                    sealed_content=words,
                    received_at=at,
                ),
            )
            for number in range(ANSWERS)
        ),
        *(
            (
                schema.answers,
                of(
                    schema.conversations,
                    conversation=held.id,
                    person=held.person,
                    survey=POLL,
                    question=f"q{number}",
                    value=answer,
                    state="answered",
                    at=at,
                    **on,
                ),
            )
            for number in range(ANSWERS)
        ),
    ]
