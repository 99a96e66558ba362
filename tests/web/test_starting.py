"""A web process that starts while the database is away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels import registry
from channels.adapter import Adapter, Channel, Medium
from channels.numbers import Countries
from gateway.assembly import Front
from gateway.catalogues import load_catalogues
from gateway.guarding import Limits as LimitSettings
from gateway.ingest.limits import Limits
from gateway.ingest.spooled import Spooled
from gateway.ingest.spooler import Spooler
from gateway.store.keys import Vault
from gateway.store.opening import DatabaseAway, StoreError
from gateway.store.spool import Spool
from gateway.web.hooks import Asgi
from gateway.web.starting import Starting
from tests.conftest import Clock

CHANNEL = Channel("phone", "phone", Medium.USSD, secrets={"hook_token": ("token",)}, language="sw")

DIALLED = '{"from": "+254711000001", "session": "s", "code": "*384#", "text": "1"}'


def call(app: Asgi, method: str, path: str, body: str = "") -> tuple[int, str]:
    """Status and body."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": []}
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]  # an ASGI application is a coroutine function
    return sent[0]["status"], sent[1]["body"].decode()


async def begun(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"the application"})


@pytest.fixture
def spooler(tmp_path: Path, vault: Vault, clock: Clock) -> Iterator[Spooler]:
    made = Spooler(Spool(tmp_path / "spool", vault), load_catalogues(), clock)
    yield made
    made.spool.close()


def front(spooler: Spooler, *adapters: Adapter) -> Front:
    texts = load_catalogues()
    limits = Limits(LimitSettings(), Countries(("KE",)), texts, Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))
    return Front({one.channel.name: one for one in adapters}, spooler, limits, texts)


def test_it_takes_messages_and_becomes_the_application(spooler: Spooler) -> None:
    reached, tries = threading.Event(), []

    def begin() -> Asgi:
        tries.append(1)
        if not reached.is_set():
            raise DatabaseAway
        return begun

    app = Starting(front(spooler, registry.adapter(CHANNEL)), begin, 1000, pytest.fail, again=0.01)
    answer = call(app, "POST", "/hooks/phone/token/ussd", DIALLED)
    assert answer[0] == 200
    assert "Jibu lako halijapotea" in answer[1]
    assert call(app, "POST", "/hooks/phone/wrong/ussd", DIALLED)[0] == 403
    assert call(app, "GET", "/healthz") == (200, "ok\n")
    assert call(app, "GET", "/readyz")[0] == 200
    assert call(app, "GET", "/dashboard")[0] == 503
    spooler.full = True
    assert call(app, "GET", "/readyz")[0] == 503

    reached.set()
    while call(app, "GET", "/dashboard")[1] != "the application":
        pass
    records: list[bytes] = []
    spooler.spool.replay(records.extend)
    assert [Spooled.loads(record).channel for record in records] == ["phone"]


def test_what_will_not_mend_by_waiting_ends_it(spooler: Spooler) -> None:
    told: list[Exception] = []
    ended = threading.Event()

    def begin() -> Asgi:
        raise StoreError("another revision")

    def fail(error: Exception) -> None:
        told.append(error)
        ended.set()

    Starting(front(spooler), begin, 1000, fail, again=0.01)
    assert ended.wait(60)
    assert str(told[0]) == "another revision"
