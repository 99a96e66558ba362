"""A web process that starts while the database is away: it takes messages into the spool, and begins when it can."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog

from channels.adapter import Response
from gateway.assembly import Front
from gateway.store.opening import DatabaseAway
from gateway.web.hooks import Asgi, Hooks, Message, Receive, Send, answer
from gateway.web.probes import FULL, SPOOLING

AGAIN = 1.0
"""Seconds between two tries to reach the database."""

log = structlog.get_logger(__name__)


class Starting:
    """Hooks over the spool, until `begin` returns the application; it raises DatabaseAway as long as it can't.

    Whatever else it raises ends the process: whoever supervises it reads why, as at any other start.
    """

    def __init__(
        self,
        front: Front,
        begin: Callable[[], Asgi],
        largest: int,
        fail: Callable[[Exception], Any],
        again: float = AGAIN,
    ) -> None:
        self._front = front
        self._begin = begin
        self._fail = fail
        self._now: Asgi = Hooks(front, self._page, largest)
        self._again = again
        threading.Thread(target=self._try, name="starting", daemon=True).start()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        await self._now(scope, receive, send)

    async def _page(self, scope: Message, _receive: Receive, send: Send) -> None:
        match scope["path"]:
            case "/healthz":
                said = Response("ok\n")
            case "/readyz" if not self._front.reception.full:
                said = Response(SPOOLING + "\n")
            case "/readyz":
                said = Response(FULL + "\n", 503)
            case _:
                said = Response("The database can't be reached. Please come back in a while.\n", 503)
        await answer(send, said)

    def _try(self) -> None:
        while True:
            time.sleep(self._again)
            try:
                self._now = self._begin()
            except DatabaseAway:
                continue
            except Exception as error:  # noqa: BLE001 - told by whoever started this
                self._fail(error)
                return
            log.info("the database is there")
            return
