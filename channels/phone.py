"""The simulated phone: an SMS phone, a USSD phone or a chat on a page of ours, by the channel's medium.

There is no network behind it. What a phone types comes in by these hooks as from any provider; what is sent to it is
taken at once and goes nowhere, since the page reads its messages from the gateway's own store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from channels import ussd
from channels.adapter import (
    Arrival,
    Capabilities,
    Channel,
    Content,
    Forbidden,
    Inbound,
    Located,
    Malformed,
    Medium,
    Outbound,
    Permanent,
    Request,
    Response,
    Sent,
    Session,
    Typed,
    same_secret,
)
from channels.body import coordinates, identifier, json_object, pressed, text
from channels.numbers import e164
from channels.render import sms
from channels.text import measure


class Phone:
    capabilities: ClassVar[Capabilities] = Capabilities(
        events=frozenset({"incoming", "ussd"}),
        media=frozenset({Medium.SMS, Medium.USSD, Medium.CHAT}),
        signed=False,
        reports=False,
        address_kind="tel",
        secrets=("hook_token",),
        carries=frozenset({"location"}),
    )

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def verify(self, request: Request) -> None:
        if not same_secret(request.token, self.channel.secrets.get("hook_token", ())):
            raise Forbidden("The token in the path is not this channel's.")

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        """`incoming`: from, id, and one of text, press (`ask:key`), latitude with longitude.
        `ussd`: from, session, code, and in text everything typed since dialling, joined by `*`.
        """
        fields = json_object(request.body)
        if request.event == "incoming":
            return (Inbound("tel", e164(text(fields, "from")), _content(fields), identifier(fields, "id")),)
        if request.event == "ussd":
            return (self._ussd(fields),)
        raise Malformed("This channel has no such hook.")

    def _ussd(self, fields: Mapping[str, Any]) -> Inbound:
        address = e164(text(fields, "from"))
        session = Session(
            identifier(fields, "session", ussd.SESSION_ID), identifier(fields, "code"), text(fields, "text")
        )
        return ussd.turn(address, session, self.channel.secrets["hook_token"][0])

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        """A USSD screen as Africa's Talking takes it, so that the page shows what a real phone would."""
        return ussd.respond(arrivals, screen, ends=ends)

    def send(self, outbound: Outbound) -> Sent:
        if self.channel.medium is Medium.USSD:
            raise Permanent("A USSD code can't begin a conversation: the message needs an SMS channel.")
        segments = measure(sms(outbound.reply)).segments if self.channel.medium is Medium.SMS else 1
        return Sent(f"phone-{outbound.id}", segments)


def _content(fields: Mapping[str, Any]) -> Content:
    if "press" in fields:
        return pressed(fields, "press")
    if "latitude" in fields or "longitude" in fields:
        return Located(*coordinates(fields.get("latitude"), fields.get("longitude")))
    return Typed(text(fields, "text"))


ADAPTER = Phone
