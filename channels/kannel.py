"""Kannel: SMS over a gateway of one's own, by the HTTP of its smsbox. What it takes to set up: docs/channels/kannel.md.

Numbers, texts and passwords go in headers and bodies, which Kannel takes as well as a query string: that one ends up
in logs. Only its delivery reports come by GET, and their URL, which is ours, holds our own id and no number.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from email.message import Message
from typing import ClassVar

from channels.adapter import (
    Ambiguous,
    Arrival,
    Capabilities,
    Channel,
    Forbidden,
    Inbound,
    Malformed,
    Medium,
    Outbound,
    Report,
    Request,
    Response,
    Sent,
    Status,
    Typed,
    same_secret,
)
from channels.body import form, identifier, moment, text
from channels.numbers import e164
from channels.posting import Poster
from channels.render import sms
from channels.text import Encoding, measure
from channels.transport import refused

HERE = "http://127.0.0.1:13013"
"""Where smsbox listens unless it is told otherwise."""

REPORTS = 31
"""The mask of reports that are wanted: all that Kannel has."""
STATUSES: Mapping[str, Status] = {
    "1": Status.DELIVERED,
    "2": Status.FAILED,  # not delivered to the phone
    "4": Status.SENT,  # queued on the SMSC
    "8": Status.SENT,  # taken by the SMSC
    "16": Status.FAILED,  # refused by the SMSC
}
CODINGS: Mapping[Encoding, str] = {Encoding.GSM7: "0", Encoding.UCS2: "2"}
CHARSETS = frozenset({"utf-8", "iso8859-1", "cp1252", "utf-16-be", "ascii"})
"""What a text comes in, by Python's names."""
TAKEN = re.compile(r"[03]: ")
"""Accepted for delivery; queued for later delivery."""
OURS = re.compile(r"[1-9][0-9]{0,17}")


class Kannel:
    capabilities: ClassVar[Capabilities] = Capabilities(
        events=frozenset({"incoming", "report"}),
        media=frozenset({Medium.SMS}),
        signed=False,
        reports=True,
        address_kind="tel",
        secrets=("username", "password", "hook_token"),
        gets=frozenset({"report"}),
    )

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._post = Poster(channel, HERE)
        self._region = channel.options.get("region", "")
        self._smsc = channel.options.get("smsc", "")

    def verify(self, request: Request) -> None:
        if not same_secret(request.token, self.channel.secrets.get("hook_token", ())):
            raise Forbidden("The token in the path is not this channel's.")

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        if request.event == "incoming":
            return (self._incoming(request),)
        if request.event == "report":
            return _report(request)
        raise Malformed("This channel has no such hook.")

    def _incoming(self, request: Request) -> Inbound:
        if "x-kannel-udh" in request.headers:
            raise Malformed("This is a part of a message whose other parts never came.")
        return Inbound(
            kind="tel",
            address=e164(text(request.headers, "x-kannel-from"), self._region),
            content=Typed(_written(request)),
            provider_id=identifier(form(request.query.encode()), "id"),
            claimed_at=moment(request.headers.get("x-kannel-time", "")),
        )

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        """Empty: what a service answers, smsbox would send as an SMS."""
        return Response()

    def send(self, outbound: Outbound) -> Sent:
        message = sms(outbound.reply)
        measured = measure(message)
        secrets = self.channel.secrets
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": secrets["username"][0],
            "X-Kannel-Password": secrets["password"][0],
            "X-Kannel-From": self.channel.sender,
            "X-Kannel-To": outbound.address,
            "X-Kannel-Coding": CODINGS[measured.encoding],
        }
        if self._smsc:
            headers["X-Kannel-SMSC"] = self._smsc
        if self.channel.hook:
            report = f"{self.channel.hook}/{secrets['hook_token'][0]}/report?outbound={outbound.id}&status=%d"
            headers |= {"X-Kannel-DLR-Mask": str(REPORTS), "X-Kannel-DLR-Url": report}
        answer = self._post("/cgi-bin/sendsms", data=message.encode(), headers=headers)
        if answer.status_code >= 300:
            raise refused(answer.status_code, answer.headers)
        if not TAKEN.match(answer.text):
            raise Ambiguous("The provider's answer could not be read.", "answer")
        # Kannel gives no id; its reports bring ours back.
        return Sent(str(outbound.id), measured.segments)


def _written(request: Request) -> str:
    """The text of a message, which smsbox hands on in a character set that it names."""
    content = Message()
    content["content-type"] = request.headers.get("content-type", "")
    if content.get_content_type() != "text/plain" or "content-type" not in request.headers:
        raise Malformed("The message is binary.")
    named = str(content.get_content_charset("utf-8"))
    try:
        charset = codecs.lookup(named).name
        written = request.body.decode(charset) if charset in CHARSETS else None
    except (LookupError, ValueError):
        written = None
    if written is None:
        raise Malformed("The text is not in the character set that it names.")
    return text({"text": _without_nul(written)}, "text")


def _without_nul(written: str) -> str:
    if "\0" in written:
        raise Malformed("The text has a NUL character.")
    return written


def _report(request: Request) -> tuple[Arrival, ...]:
    fields = form(request.query.encode())
    ours, said = identifier(fields, "outbound"), identifier(fields, "status")
    if not OURS.fullmatch(ours):
        raise Malformed("The field outbound is not one of ours.")
    if said not in STATUSES:
        return ()
    status = STATUSES[said]
    return (Report(ours, status, said if status is Status.FAILED else "", outbound=int(ours)),)


ADAPTER = Kannel
