"""Who answers on the web: a random signed token in a cookie, and pages that are bound to it.

Each page bears a nonce that becomes the inbound's id: a form sent twice, or once more after going back, changes
nothing.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, abort, current_app, request

from channels import web
from channels.adapter import Channel, Forbidden, Inbound, Malformed, Request
from gateway.assembly import Assembly
from gateway.ingest.intake import NotTaken
from gateway.ingest.rules import Taken

COOKIE = "baraza"


def said() -> Mapping[str, str]:
    """The fields that the adapter reads, from those of a page that asked something."""
    sent = request.form
    keys, ask = sent.getlist("key"), sent.get("ask", "")
    if sent.get("several") or not keys:
        return {"text": " ".join(keys) or sent.get("text", "").strip()}
    return {"choice": f"{ask}:{keys[0]}"}


def take(assembly: Assembly, channel: Channel, token: str, nonce: str, said: Mapping[str, str]) -> Taken:
    adapter = assembly.adapters[channel.name]
    called = Request("incoming", urlencode({"nonce": nonce, **said}).encode(), {}, token)
    try:
        adapter.verify(called)
        arrivals = [arrival for arrival in adapter.parse(called) if isinstance(arrival, Inbound)]
        return assembly.reception.take(channel, arrivals)[0]
    except (Forbidden, Malformed):
        abort(400)
    except NotTaken:
        abort(503)


def token_of(channel: Channel) -> str:
    """The respondent's token, if the browser sent one of ours."""
    token = request.cookies.get(COOKIE, "")
    try:
        web.Web(channel).verify(Request("incoming", b"", {}, token))
    except Forbidden:
        return ""
    return token


def keep(response: Response, token: str, path: str) -> Response:
    """Until the browser is closed: on a shared device nothing stays that says who answered."""
    response.set_cookie(COOKIE, token, path=path, httponly=True, samesite="Lax", secure=current_app.config["HTTPS"])
    return response


def nonce(channel: Channel, token: str, name: str) -> str:
    random = _base64(secrets.token_bytes(12))
    return random + _bound(channel.secrets["signing"][0], token, name, random)


def is_ours(channel: Channel, token: str, name: str, given: str) -> bool:
    random, bound = given[:16], given[16:]
    live = channel.secrets.get("signing", ())
    # A list, so that the time taken does not say which key it was.
    return any([hmac.compare_digest(_bound(key, token, name, random).encode(), bound.encode()) for key in live])  # noqa: C419


def _bound(key: str, token: str, name: str, random: str) -> str:
    respondent = token.partition(".")[0]  # the rest changes when the key is rotated
    return _base64(hmac.digest(key.encode(), f"baraza page {respondent} {name} {random}".encode(), "sha256")[:18])


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
