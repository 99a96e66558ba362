"""The hooks that providers call. Verify, parse, take, and answer only when it is on disk.

    POST /hooks/<channel>/<event>            providers that sign
    POST /hooks/<channel>/<token>/<event>    providers that don't

    400  can't be read        404  no such channel or event    413  too large
    403  not the provider     405  not a POST                  503  not stored: send it again

Plain WSGI in front of the pages' framework: an adapter wants the bytes and the headers and gives back a few words, and
on this path every request of every participant waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
import structlog

from channels.adapter import Adapter, Forbidden, Inbound, Malformed, OptOut, Report, Request, Response
from gateway.assembly import Assembly
from gateway.delivery.reports import apply_reports
from gateway.ingest.intake import NotTaken
from gateway.store.database import is_away, is_busy, is_full

log = structlog.get_logger(__name__)

PREFIX = "/hooks/"

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Hooks:
    """Answers under /hooks/ and hands everything else to `pages`. Bodies above `largest` bytes are refused unread."""

    def __init__(self, assembly: Assembly, pages: Wsgi, largest: int) -> None:
        self._assembly = assembly
        self._pages = pages
        self._largest = largest

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._pages(environ, start_response)
        answer = self._answer(path, environ)
        body = answer.body.encode()
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append(("Retry-After", "5"))
        start_response(_STATUS[answer.status], headers)
        return [body]

    def _answer(self, path: str, environ: Environ) -> Response:
        channel, *token, event = path[len(PREFIX) :].split("/") if path.count("/") in (3, 4) else ("", "")
        adapter = self._assembly.adapters.get(channel)
        if adapter is None or event not in adapter.capabilities.events:
            return Response("There is no such hook.", 404)
        if environ["REQUEST_METHOD"] != "POST":
            return Response("A hook takes only POST.", 405)
        body = environ["wsgi.input"].read(self._largest + 1)
        if len(body) > self._largest:
            return Response("This is too large.", 413)
        request = Request(event, body, _headers(environ), token[0] if token else "", environ.get("QUERY_STRING", ""))
        try:
            return self._take(adapter, request)
        except Forbidden:
            log.warning("hook refused", channel=channel, hook_event=event)
            return Response("This does not come from the provider.", 403)
        except Malformed as error:
            log.warning("hook unreadable", channel=channel, hook_event=event, why=str(error))
            return Response("This can not be read.", 400)
        except NotTaken as error:
            log.warning("hook not taken", channel=channel, hook_event=event, why=str(error))
            return Response("Not stored. Please send it again.", 503)

    def _take(self, adapter: Adapter, request: Request) -> Response:
        adapter.verify(request)
        arrivals = adapter.parse(request)
        reports = [arrival for arrival in arrivals if isinstance(arrival, Report)]
        if reports:
            _report(self._assembly.engine, self._assembly.clock, adapter.channel.name, reports)
        heard = [arrival for arrival in arrivals if isinstance(arrival, (Inbound, OptOut))]
        taken = self._assembly.intake.take(adapter.channel, heard) if heard else []
        shown = next((one for one in taken if one.screen), None)
        return adapter.respond(arrivals, shown.screen if shown else "", ends=shown.ends if shown else True)


def _headers(environ: Environ) -> Mapping[str, str]:
    """By lower-case name."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return headers


def _report(engine: sa.Engine, clock: Callable[[], datetime], channel: str, reports: list[Report]) -> None:
    try:
        with engine.begin() as connection:
            apply_reports(connection, channel, reports, clock())
    except sa.exc.SQLAlchemyError as error:
        if is_busy(error) or is_away(error) or is_full(error):
            raise NotTaken(f"the database is not ready ({type(error).__name__})") from None
        raise
