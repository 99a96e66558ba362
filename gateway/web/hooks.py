"""The hooks that providers call. Verify, parse, take, and answer only when it is on disk.

403  not from the provider        404  no such channel or event
400  can't be read                503  not stored: send it again
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog
from flask import Blueprint, Response, request

from channels.adapter import Forbidden, Inbound, Malformed, OptOut, Report, Request
from gateway.assembly import Assembly
from gateway.delivery.reports import apply_reports
from gateway.ingest.intake import NotTaken
from gateway.store.database import is_away, is_busy, is_full

log = structlog.get_logger(__name__)


def blueprint(assembly: Assembly) -> Blueprint:
    """`POST /hooks/<channel>/<event>` for providers that sign, with a token in between for those that don't."""
    hooks = Blueprint("hooks", __name__)

    def hook(channel: str, event: str, token: str = "") -> Response:
        adapter = assembly.adapters.get(channel)
        if adapter is None or event not in adapter.capabilities.events:
            return _plain("There is no such hook.", 404)
        called = Request(
            event=event,
            body=request.get_data(cache=False),
            headers={name.lower(): value for name, value in request.headers},
            token=token,
            query=request.query_string.decode("latin-1"),
        )
        try:
            adapter.verify(called)
            arrivals = adapter.parse(called)
        except Forbidden:
            log.warning("hook refused", channel=channel, hook_event=event)
            return _plain("This does not come from the provider.", 403)
        except Malformed as error:
            log.warning("hook unreadable", channel=channel, hook_event=event, why=str(error))
            return _plain("This can not be read.", 400)
        try:
            reports = [arrival for arrival in arrivals if isinstance(arrival, Report)]
            if reports:
                _report(assembly.engine, assembly.clock, channel, reports)
            heard = [arrival for arrival in arrivals if isinstance(arrival, (Inbound, OptOut))]
            taken = assembly.intake.take(adapter.channel, heard) if heard else []
        except NotTaken as error:
            log.warning("hook not taken", channel=channel, hook_event=event, why=str(error))
            return _plain("Not stored. Please send it again.", 503, retry_after=5)
        shown = next((one for one in taken if one.screen), None)
        answer = adapter.respond(arrivals, shown.screen if shown else "", ends=shown.ends if shown else True)
        return Response(answer.body, answer.status, content_type=answer.content_type)

    hooks.add_url_rule("/hooks/<channel>/<event>", "signed", hook, methods=["POST"])
    hooks.add_url_rule("/hooks/<channel>/<token>/<event>", "tokened", hook, methods=["POST"])
    return hooks


def _report(engine: sa.Engine, clock: Callable[[], datetime], channel: str, reports: list[Report]) -> None:
    try:
        with engine.begin() as connection:
            apply_reports(connection, channel, reports, clock())
    except sa.exc.SQLAlchemyError as error:
        if is_busy(error) or is_away(error) or is_full(error):
            raise NotTaken(f"the database is not ready ({type(error).__name__})") from None
        raise


def _plain(text: str, status: int, retry_after: int = 0) -> Response:
    response = Response(text, status, content_type="text/plain; charset=utf-8")
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response
