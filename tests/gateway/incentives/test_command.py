"""baraza incentives, as an operator types it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa

from gateway.store.database import connect
from gateway.store.incentive_tables import incentives
from gateway.store.schema import addresses, audit, people
from tests.gateway.cli.test_commands import Shell, bare_shell, one_line, shell

__all__ = ["bare_shell", "shell"]  # fixtures

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_one_in_doubt_is_listed_and_settled_once(shell: Shell) -> None:
    assert shell("db", "upgrade").returncode == 0
    assert "No poll has an incentive" in shell("incentives", "list").stdout
    in_doubt(url(shell))
    listed = json.loads(shell("incentives", "list", "--json").stdout)
    assert [(one["poll"], one["unknown"]) for one in listed["polls"]] == [("water", 1)]
    assert [one["id"] for one in listed["in_doubt"]] == [7]
    assert "In doubt: 7 of water" in shell("incentives", "list").stdout
    assert shell("incentives", "settle", "7", "--as", "delivered").stdout == "7 is delivered.\n"
    again = shell("incentives", "settle", "7", "--as", "queued")
    assert "7 is not in doubt: `baraza incentives list` says which are." in one_line(again)
    engine = connect(url(shell))
    with engine.connect() as connection:
        assert connection.scalar(sa.select(audit.c.subject).where(audit.c.what == "incentive")) == "7 delivered"
    engine.dispose()


def url(shell: Shell) -> str:
    return f"sqlite:///{shell.folder / 'var' / 'baraza.db'}"


def in_doubt(database: str) -> None:
    engine = connect(database)
    with engine.begin() as connection:
        connection.execute(sa.insert(people).values(id=1, created_at=AT, seen_at=AT))
        connection.execute(
            sa.insert(addresses).values(id=1, person=1, kind="tel", hmac=b"1", sealed_address=b"", channel="at")
        )
        row = {"id": 7, "person": 1, "poll": "water", "mark": b"1", "address": 1, "channel": "at", "key": "k"}
        worth = {"currency": "KES", "millionths": 20_000_000, "status": "unknown", "error": "broke off"}
        times = {"due_at": AT, "created_at": AT, "updated_at": AT}
        connection.execute(sa.insert(incentives).values(**row, **worth, **times))
    engine.dispose()
