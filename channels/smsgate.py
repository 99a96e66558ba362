"""SMSGate: an Android phone as the gateway. What it takes to set up: docs/channels/smsgate.md."""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

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
from channels.body import identifier, json_object, moment, text
from channels.numbers import e164
from channels.posting import Poster
from channels.render import sms
from channels.text import measure
from channels.transport import refused

FRESH = 300
"""Seconds that the phone's clock and ours may be apart: an older request is taken for one that is played again."""

STATUSES: Mapping[str, Status] = {
    "sms:sent": Status.SENT,
    "sms:delivered": Status.DELIVERED,
    "sms:failed": Status.FAILED,
}
REASON = re.compile(r"RESULT_[A-Z_]{1,56}")
"""Android's own name for what failed, in the app's sentence about it."""
PASSING = frozenset(
    {
        "RESULT_ERROR_LIMIT_EXCEEDED",  # Android asks the phone's owner whether an app may send so many
        "RESULT_ERROR_NO_SERVICE",
        "RESULT_ERROR_RADIO_OFF",
        "RESULT_RADIO_NOT_AVAILABLE",
        "RESULT_NETWORK_ERROR",
    }
)
"""Failures that may not last."""

OURS = re.compile(r"([1-9][0-9]{0,17})-[0-9a-f]{16}")
"""The ids that we give to messages."""
TWICE = "UNIQUE constraint failed"
"""How the app on a phone says that it has a message of this id."""


class SmsGate:
    capabilities: ClassVar[Capabilities] = Capabilities(
        events=frozenset({"incoming", "report"}),
        media=frozenset({Medium.SMS}),
        signed=True,
        reports=True,
        address_kind="tel",
        secrets=("username", "password", "signing_key"),
    )

    def __init__(self, channel: Channel, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives Unix seconds."""
        self.channel = channel
        self._clock = clock
        self._post = Poster(channel, "")
        self._region = channel.options.get("region", "")
        self._options = _options(channel)

    def verify(self, request: Request) -> None:
        signed_at = request.headers.get("x-timestamp", "")
        if not (signed_at.isascii() and signed_at.isdigit() and len(signed_at) < 12):
            raise Forbidden("The signature or its time is missing.")
        keys = self.channel.secrets.get("signing_key", ())
        proofs = tuple(hmac.digest(key.encode(), request.body + signed_at.encode(), "sha256").hex() for key in keys)
        if not same_secret(request.headers.get("x-signature", "").lower(), proofs):
            raise Forbidden("The signature is wrong.")
        if abs(self._clock() - int(signed_at)) > FRESH:
            raise Forbidden("The signature is of another time: the phone's clock is wrong, or somebody plays it again.")

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        """What happened stands in the body, so that a webhook entered under the other address does no harm."""
        if request.event not in self.capabilities.events:
            raise Malformed("This channel has no such hook.")
        fields = json_object(request.body)
        event, payload = text(fields, "event"), fields.get("payload")
        if not isinstance(payload, dict):
            raise Malformed("The field payload is missing.")
        if event == "sms:received":
            return (self._incoming(payload),)
        if event in STATUSES:
            return (_report(payload, STATUSES[event]),)
        return ()  # pings, and messages that are no texts

    def _incoming(self, payload: Mapping[str, Any]) -> Inbound:
        # Older versions of the app call the sender phoneNumber.
        sender = text(payload, "sender" if "sender" in payload else "phoneNumber")
        received = moment(text(payload, "receivedAt"))
        if received is None:
            raise Malformed("The field receivedAt is no time.")
        return Inbound(
            kind="tel",
            address=e164(sender, self._region),
            content=Typed(text(payload, "message")),
            # A hash of 32 bits, so that others will have the same; with the time they won't.
            provider_id=f"{identifier(payload, 'messageId', 64)}:{received.isoformat()}",
            claimed_at=received,
        )

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        return Response()

    def send(self, outbound: Outbound) -> Sent:
        message = sms(outbound.reply)
        ours = self._id(outbound, message)
        what = {"id": ours, "textMessage": {"text": message}, "phoneNumbers": [outbound.address], **self._options}
        secrets = self.channel.secrets
        answer = self._post(
            "/messages",
            data=json.dumps(what).encode(),
            headers={"Content-Type": "application/json"},
            auth=(secrets["username"][0].encode(), secrets["password"][0].encode()),
        )
        if answer.status_code == 409 or (answer.status_code == 500 and TWICE in answer.text):
            return Sent(ours, measure(message).segments)  # it was taken before
        if answer.status_code >= 300:
            raise refused(answer.status_code, answer.headers)
        if _id_of(answer.text) != ours:
            raise Ambiguous("The provider's answer could not be read.", "answer")
        return Sent(ours, measure(message).segments)

    def _id(self, outbound: Outbound, message: str) -> str:
        """The same for the same message, so that the phone sends it once however often it is handed over; another one
        for another database whose numbers begin again."""
        key = self.channel.secrets["signing_key"][-1].encode()
        whole = f"{outbound.id}\n{outbound.address}\n{message}"
        return f"{outbound.id}-{hmac.digest(key, whole.encode(), 'sha256').hex()[:16]}"


def _options(channel: Channel) -> Mapping[str, int]:
    """What the app is told of each message. Raises ValueError."""
    found = {}
    for option, field, least, most in (("sim", "simNumber", 1, 3), ("priority", "priority", -128, 127)):
        given = channel.options.get(option)
        if given is not None:
            number = int(given) if re.fullmatch(r"-?[0-9]{1,3}", given) else most + 1
            if not least <= number <= most:
                raise ValueError(
                    f"the option `{option}` of the channel {channel.name} must be a whole number, {least} to {most}"
                )
            found[field] = number
    return found


def _report(payload: Mapping[str, Any], status: Status) -> Report:
    message_id = identifier(payload, "messageId")
    ours = OURS.fullmatch(message_id)
    reason = REASON.search(str(payload.get("reason", ""))) if status is Status.FAILED else None
    code = reason[0] if reason else "failed" if status is Status.FAILED else ""
    return Report(message_id, status, code, code in PASSING, outbound=int(ours[1]) if ours else 0)


def _id_of(answer: str) -> str:
    try:
        return str(json.loads(answer)["id"])
    except (ValueError, TypeError, LookupError):
        return ""


ADAPTER = SmsGate
