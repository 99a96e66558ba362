"""Jasmin: SMS over an SMPP link of one's own, by its HTTP API. What it takes to set up: docs/channels/jasmin.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
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
    Retryable,
    SendError,
    Sent,
    Status,
    Throttled,
    Typed,
    same_secret,
)
from channels.body import Form, form, identifier, text, word
from channels.numbers import e164
from channels.posting import Poster
from channels.render import sms
from channels.text import Encoding, from_gsm7, measure
from channels.transport import refused

HERE = "http://127.0.0.1:1401"
"""Where Jasmin's HTTP API listens unless it is told otherwise."""

CREDIT_WAIT = 600.0
"""Seconds to wait where the user's credit with Jasmin is used up: until somebody raises it, no message is at fault."""

STATUSES: Mapping[str, Status] = {
    "ESME_ROK": Status.SENT,  # the SMSC took it
    "ENROUTE": Status.SENT,
    "ACCEPTD": Status.SENT,
    "DELIVRD": Status.DELIVERED,
    "EXPIRED": Status.FAILED,
    "DELETED": Status.FAILED,
    "UNDELIV": Status.FAILED,
    "REJECTD": Status.FAILED,
}
"""An ESME_ that is not here is an SMSC's refusal. What is neither, such as UNKNOWN, says nothing."""
PASSING = frozenset({"EXPIRED", "ESME_RTHROTTLED", "ESME_RMSGQFUL"})
"""Failures that may not last."""

REFUSALS: Mapping[str, tuple[str, Callable[[str], SendError]]] = {
    "User throughput exceeded": ("throughput", partial(Throttled, "The user may not send so fast.", 1.0)),
    "Cannot charge submit_sm": ("credit", partial(Throttled, "The user's credit is used up.", CREDIT_WAIT)),
    "No route found": ("no-route", partial(Retryable, "There is no route to this number.")),
    "Failover route has no bound connectors": ("unbound", partial(Retryable, "No link to an SMSC is up.")),
    "Cannot send submit_sm": ("not-queued", partial(Retryable, "The message could not be queued.")),
}
"""What Jasmin says in words alone: our code for it, and what it means."""

SUCCESS = re.compile(r'Success "([A-Za-z0-9-]{1,128})"')
OURS = re.compile(r"outbound=([0-9]{1,18})")
"""In the address that reports of a message come to."""


DECODERS: Mapping[str, Callable[[bytes], str]] = {
    "0": from_gsm7,  # what most SMSCs mean by their default alphabet
    "1": lambda octets: octets.decode("ascii"),
    "3": lambda octets: octets.decode("latin-1"),
    "8": lambda octets: octets.decode("utf-16-be"),
}
"""By SMPP's data_coding."""


class Jasmin:
    capabilities: ClassVar[Capabilities] = Capabilities(
        events=frozenset({"incoming", "report"}),
        media=frozenset({Medium.SMS}),
        signed=False,
        reports=True,
        address_kind="tel",
        secrets=("username", "password", "hook_token"),
    )

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._post = Poster(channel, HERE)
        self._region = channel.options.get("region", "")

    def verify(self, request: Request) -> None:
        if not same_secret(request.token, self.channel.secrets.get("hook_token", ())):
            raise Forbidden("The token in the path is not this channel's.")

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        if request.event == "incoming":
            return (self._incoming(form(_without_content(request.body))),)
        if request.event == "report":
            return _report(form(_without_content(request.body)), request.query)
        raise Malformed("This channel has no such hook.")

    def _incoming(self, fields: Form) -> Inbound:
        return Inbound(
            kind="tel",
            address=e164(text(fields, "from"), self._region),
            content=Typed(_written(fields)),
            provider_id=identifier(fields, "id"),
        )

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        """Without these very words Jasmin sends it again."""
        return Response("ACK/Jasmin")

    def send(self, outbound: Outbound) -> Sent:
        message = sms(outbound.reply)
        measured = measure(message)
        secrets = self.channel.secrets
        fields = {
            "username": secrets["username"][0],
            "password": secrets["password"][0],
            "to": outbound.address.removeprefix("+"),  # SMPP says by a type of its own that a number is international
            "from": self.channel.sender,
            **_spelt(message, measured.encoding),
        }
        if self.channel.hook:
            report = f"{self.channel.hook}/{secrets['hook_token'][0]}/report?outbound={outbound.id}"
            fields |= {"dlr": "yes", "dlr-level": "3", "dlr-method": "POST", "dlr-url": report}
        answer = self._post("/send", data=fields)
        if answer.status_code >= 300:
            raise _meaning(answer.status_code, answer.headers, answer.text)
        found = SUCCESS.fullmatch(answer.text.strip())
        if not found:
            raise Ambiguous("The provider's answer could not be read.", "answer")
        return Sent(found[1], measured.segments)


def _spelt(message: str, encoding: Encoding) -> Mapping[str, str]:
    """Jasmin makes GSM-7 of a `content` in UTF-8 itself; anything else goes as the octets that are to be sent."""
    if encoding is Encoding.GSM7:
        return {"coding": "0", "content": message}
    return {"coding": "8", "hex-content": message.encode("utf-16-be").hex()}


def _meaning(status: int, headers: Mapping[str, str], said: str) -> SendError:
    for words, (code, error) in REFUSALS.items():
        if words in said:
            return error(code)
    return refused(status, headers)


def _without_content(body: bytes) -> bytes:
    """A form without the fields that hold a text: they come as the octets of the link, in no encoding that a form has.
    `binary` has them in hexadecimal digits."""
    return b"&".join(field for field in body.split(b"&") if not field.startswith((b"content=", b"text=")))


def _written(fields: Form) -> str:
    problem = ""
    decode = DECODERS.get(fields.get("coding", "0"))
    if decode is None:
        raise Malformed("The message is binary.")
    try:
        written = decode(bytes.fromhex(text(fields, "binary")))
    except ValueError:
        problem = "The field binary is not in the coding that it names."
    if problem:
        raise Malformed(problem)
    if "\0" in written:
        raise Malformed("The text has a NUL character.")
    return written


def _report(fields: Form, query: str) -> tuple[Arrival, ...]:
    said = text(fields, "message_status")
    status = STATUSES.get(said, Status.FAILED if said.startswith("ESME_") else None)
    if status is None:
        return ()
    reason = word(fields, "message_status") if status is Status.FAILED else ""
    ours = OURS.fullmatch(query)
    return (Report(identifier(fields, "id"), status, reason, reason in PASSING, outbound=int(ours[1]) if ours else 0),)


ADAPTER = Jasmin
