"""The hooks that providers call. Verify, parse, take, and answer only when it is on disk.

    POST /hooks/<channel>/<event>            providers that sign
    POST /hooks/<channel>/<token>/<event>    providers that don't

    400  can't be read        404  no such channel or event    413  too large
    403  not the provider     405  not a POST                  503  not stored: send it again

A provider that can do no other calls some of its hooks by GET (`Capabilities.gets`).

An ASGI application in front of the pages' framework: an adapter wants the bytes and the headers and gives back a few
words, and here every request of every participant waits. One thread serves all of them, so that they don't compete
for the interpreter with each other and with the writer (docs/decisions/0004-server.md has what that brings).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog

from channels.adapter import Adapter, Forbidden, Malformed, Request, Response
from gateway.assembly import Front
from gateway.ingest.intake import NotTaken

log = structlog.get_logger(__name__)

PREFIX = "/hooks/"
TROUBLE = "trouble"  # in the gateway's catalogues, not the pages'

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class Hooks:
    """Answers under /hooks/ and hands everything else to `pages`. Bodies above `largest` bytes are not read on."""

    def __init__(self, front: Front, pages: Asgi, largest: int) -> None:
        self._front = front
        self._pages = pages
        self._largest = largest

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await answer(send, await self._called(scope, receive))
        elif scope["type"] == "http":
            # The server's own are awaitable but no coroutines, which the pages' bridge asks for.
            await self._pages(scope, partial(_wait, receive), partial(_wait, send))

    async def _called(self, scope: Message, receive: Receive) -> Response:
        path = scope["path"]
        channel, *token, event = path[len(PREFIX) :].split("/") if path.count("/") in (3, 4) else ("", "")
        adapter = self._front.adapters.get(channel)
        if adapter is None or event not in adapter.capabilities.events:
            return Response("There is no such hook.", 404)
        method = "GET" if event in adapter.capabilities.gets else "POST"
        if scope["method"] != method:
            return Response(f"This hook takes only {method}.", 405)
        body = await _body(receive, self._largest)
        if body is None:
            return Response("This is too large.", 413)
        query = scope["query_string"].decode("latin-1")
        request = Request(event, body, _headers(scope), token[0] if token else "", query)
        try:
            return await self._take(adapter, request)
        except Forbidden as error:
            log.warning("hook refused", channel=channel, hook_event=event, why=str(error))
            return Response("This does not come from the provider.", 403)
        except Malformed as error:
            log.warning("hook unreadable", channel=channel, hook_event=event, why=str(error))
            return Response("This can not be read.", 400)
        except NotTaken as error:
            log.warning("hook not taken", channel=channel, hook_event=event, why=str(error))
            return Response("Not stored. Please send it again.", 503)

    async def _take(self, adapter: Adapter, request: Request) -> Response:
        adapter.verify(request)
        arrivals = adapter.parse(request)
        admitted = self._front.limits.admit(adapter.channel, arrivals)
        taken = await self._front.reception.take_soon(adapter.channel, admitted)
        shown = next((one for one in taken if one.screen), None)
        if shown is None and len(admitted) < len(arrivals):  # a session is always shown something
            return adapter.respond(arrivals, self._front.texts.say(TROUBLE, adapter.channel.language), ends=True)
        return adapter.respond(arrivals, shown.screen if shown else "", ends=shown.ends if shown else True)


async def _wait(call: Callable[..., Awaitable[Any]], *given: Any) -> Any:
    return await call(*given)


async def _body(receive: Receive, largest: int) -> bytes | None:
    """The whole body, or None where it is larger than `largest` bytes."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > largest:
            return None
        if not message.get("more_body"):
            return body


def _headers(scope: Message) -> Mapping[str, str]:
    """By lower-case name."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def answer(send: Send, said: Response) -> None:
    body = said.body.encode()
    headers = [
        (b"content-type", said.content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if said.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": said.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
