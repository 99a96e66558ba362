"""The web form. Who fills it in is known by a random token that the page was given; the HTML is made in gateway/web.

A request's `token` is the respondent's, as the page keeps it (a cookie, a hidden field): `<id>.<signature>`. The
address is the id alone, so that it stays the same when the signing key is rotated.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from typing import ClassVar

from channels.adapter import (
    Arrival,
    Capabilities,
    Channel,
    Content,
    Forbidden,
    Inbound,
    Malformed,
    Medium,
    Outbound,
    Permanent,
    Request,
    Response,
    Sent,
    Typed,
    same_secret,
)
from channels.body import identifier, pairs, pressed, text

RANDOM = 16
"""Bytes of randomness in a token, at least."""
TOKEN = re.compile(r"([A-Za-z0-9_-]{22,64})\.([A-Za-z0-9_-]{43})")
NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
CHOICES = 100


class Web:
    capabilities: ClassVar[Capabilities] = Capabilities(
        events=frozenset({"incoming"}),
        media=frozenset({Medium.WEB}),
        signed=True,
        reports=False,
        address_kind="web",
        secrets=("signing",),
    )

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def verify(self, request: Request) -> None:
        found = TOKEN.fullmatch(request.token)
        live = self.channel.secrets.get("signing", ())
        if not found or not same_secret(found[2], tuple(_signature(key, found[1]) for key in live)):
            raise Forbidden("The respondent's token is not one of ours.")

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        """A form with a `nonce` of the page it was filled in on, and `text` or any number of `choice`s (`ask:key`)."""
        found = TOKEN.fullmatch(request.token)
        if request.event != "incoming" or not found:
            raise Malformed("This channel has no such hook.")
        fields = pairs(request.body)
        single = {name: value for name, value in fields if name != "choice"}
        nonce = identifier(single, "nonce")
        if not NONCE.fullmatch(nonce):
            raise Malformed("The field nonce is not one of ours.")
        content = _content([value for name, value in fields if name == "choice"], single)
        return (Inbound("web", found[1], content, nonce),)

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        return Response(screen, content_type="text/html; charset=utf-8")

    def send(self, outbound: Outbound) -> Sent:
        raise Permanent("A web form can't be pushed to: its respondent reads the reply on the page.")


def issue(channel: Channel, randomness: bytes) -> str:
    """A new respondent's token, from at least 16 random bytes."""
    if len(randomness) < RANDOM:
        raise ValueError(f"a token needs {RANDOM} random bytes")
    value = _base64(randomness)
    return f"{value}.{_signature(channel.secrets['signing'][0], value)}"


def _content(choices: list[str], fields: dict[str, str]) -> Content:
    if not choices:
        return Typed(text(fields, "text"))
    ticked = [pressed({"choice": choice}, "choice") for choice in choices[:CHOICES]]
    # Boxes ticked beside each other are what elsewhere is typed as "1, 3".
    return ticked[0] if len(ticked) == 1 else Typed(", ".join(one.key for one in ticked))


def _signature(key: str, value: str) -> str:
    return _base64(hmac.digest(key.encode(), f"baraza web respondent {value}".encode(), "sha256"))


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


ADAPTER = Web
