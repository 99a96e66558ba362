"""Twilio: SMS, and WhatsApp where the channel's medium is chat. What it takes to set up: docs/channels/twilio.md."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlsplit

from requests import Response as Answer
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator, get_signature_algorithm
from twilio.rest import Client

from channels.adapter import (
    Ambiguous,
    Arrival,
    Attached,
    Capabilities,
    Channel,
    Content,
    Forbidden,
    Inbound,
    Located,
    Malformed,
    Medium,
    OptedOut,
    OptOut,
    Outbound,
    Permanent,
    Report,
    Request,
    Response,
    SendError,
    Sent,
    Status,
    Throttled,
    Typed,
)
from channels.body import Form, coordinates, form, identifier, pressed, text, word
from channels.numbers import e164
from channels.render import sms
from channels.session import session
from channels.text import measure
from channels.transport import WAIT, PerProcess, connecting, failed, hand_over, hush, refused, total

hush("twilio", "urllib3")

API = "https://api.twilio.com"
WHATSAPP = "whatsapp:"
FILES = 10
"""Files of one message, at most."""
OURS = re.compile(r"outbound=([0-9]{1,18})")
"""In the address that reports of a message come to."""
LOOKED_AT = 20
"""Newest messages to one person that are looked through for one."""
SKEW = timedelta(seconds=60)
"""By which Twilio's clock may be behind ours."""
RETRIES = "rc=5&rp=all"
"""Behind a hook's #: how often Twilio tries again, and on which failures."""
VARIABLE = 1024
"""Characters of a template's variable."""
REFERENCE = 512
"""Characters of a file's URL."""
MEDIA = "/2010-04-01/Accounts/{sid}/Messages/[A-Z0-9]{{2,40}}/Media/[A-Z0-9]{{2,40}}"
"""Where a file is, for who has the account's keys. From there Twilio leads to another host, which wants none."""
PIECE = 64 * 1024

STATUSES: Mapping[str, Status] = {
    "accepted": Status.SENT,
    "scheduled": Status.SENT,
    "queued": Status.SENT,
    "sending": Status.SENT,
    "sent": Status.SENT,
    "partially_delivered": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
STOPPED = {"STOP": True, "START": False}
"""Twilio has answered these itself. It answers HELP too, but who asks and how to leave only our own reply says."""
KINDS = {"image": "picture", "audio": "voice", "video": "video"}

LEFT = frozenset({"21610", "63014"})
"""Unsubscribed; blocked by the person."""
PASSING = frozenset({"30001", "30003", "30008"})
"""Failures that may not last: a full queue, a phone switched off, no reason known."""

_left = partial(OptedOut, "The person unsubscribed from this sender.")
_slow = partial(Throttled, "The provider asks to slow down.", WAIT)
# Only what the HTTP status does not already say.
REFUSALS: Mapping[str, Callable[[str], SendError]] = {
    "21610": _left,
    "63014": _left,
    "21611": partial(Throttled, "The sender's queue is full.", 600.0),  # ten hours' worth of messages wait in it
    "30001": partial(Throttled, "The sender's queue is full.", 600.0),
    "63017": _slow,
    "20429": _slow,
}


class Twilio:
    capabilities: ClassVar[Capabilities] = Capabilities(
        events=frozenset({"incoming", "report"}),
        media=frozenset({Medium.SMS, Medium.CHAT}),
        signed=True,
        reports=True,
        address_kind="tel",
        secrets=("account_sid", "auth_token"),
        carries=frozenset({"picture", "voice", "location"}),
        free_hours=24,  # WhatsApp's
    )

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._seconds = total(channel)
        self._prefix = WHATSAPP if channel.medium is Medium.CHAT else ""
        self._validators = [RequestValidator(token) for token in channel.secrets.get("auth_token", ())]
        self._client = PerProcess(self._connect)
        self._files = PerProcess(lambda: session(self.channel.base_url or API))

    def verify(self, request: Request) -> None:
        """Signatures are made over the URL that Twilio called, which behind a proxy only the settings know."""
        signature = request.headers.get("x-twilio-signature", "")
        if not signature:
            raise Forbidden("The signature is missing.")
        algorithm = get_signature_algorithm(request.headers.get("x-twilio-webhooks-signature-settings"))
        url = f"{self.channel.hook}/{request.event}" + (f"?{request.query}" if request.query else "")
        fields = form(request.body)
        if not any(validator.validate(url, fields, signature, algorithm) for validator in self._validators):
            raise Forbidden("The signature is wrong.")

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        if request.event == "incoming":
            return self._incoming(form(request.body))
        if request.event == "report":
            return self._report(form(request.body), request.query)
        raise Malformed("This channel has no such hook.")

    def _incoming(self, fields: Form) -> tuple[Arrival, ...]:
        address, message_id = self._address(fields, "From"), identifier(fields, "MessageSid")
        stopped = STOPPED.get(fields.get("OptOutType", ""))
        if stopped is not None:
            return (OptOut("tel", address, stopped, message_id),)
        # One message may hold several files; each is an inbound, with an id of its own.
        return tuple(
            Inbound("tel", address, content, f"{message_id}:{index}" if index else message_id)
            for index, content in enumerate(_contents(fields))
        )

    def _report(self, fields: Form, query: str) -> tuple[Arrival, ...]:
        status = STATUSES.get(text(fields, "MessageStatus"))
        if status is None:
            return ()
        code = word(fields, "ErrorCode") if status is Status.FAILED else ""
        ours = OURS.fullmatch(query)
        report = Report(
            identifier(fields, "MessageSid"), status, code, code in PASSING, outbound=int(ours[1]) if ours else 0
        )
        if code in LEFT:
            return report, OptOut("tel", self._address(fields, "To"))
        return (report,)

    def _address(self, fields: Form, name: str) -> str:
        """The bare number: SMS and WhatsApp of one number are one address."""
        number = text(fields, name)
        if number.startswith(WHATSAPP) != bool(self._prefix):
            raise Malformed("The message is for another of the provider's channels.")
        return e164(number.removeprefix(WHATSAPP))

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        """No reply in the response: only what is sent by REST gets status callbacks."""
        return Response("<Response/>", content_type="text/xml; charset=utf-8")

    def send(self, outbound: Outbound) -> Sent:
        # WhatsApp's buttons need templates approved beforehand, so options are listed there as in an SMS.
        message = sms(outbound.reply)
        what: dict[str, str] = {"to": self._prefix + outbound.address, **_said(message, outbound.template)}
        what |= self._sender()
        if self.channel.hook:
            what["status_callback"] = f"{self.channel.hook}/report?outbound={outbound.id}#{RETRIES}"
        made = hand_over(self._seconds, lambda: self._client().messages.create(**what), _explain)
        if not made.sid:
            raise Ambiguous("The provider's answer could not be read.", "no-sid")
        if self.channel.medium is Medium.CHAT:
            return Sent(made.sid)
        return Sent(made.sid, measure(message).segments)

    def find(self, outbound: Outbound, since: datetime) -> tuple[Sent, ...]:
        """By recipient, text and time: Twilio keeps no id of ours. Its list begins with the newest."""
        to, message = self._prefix + outbound.address, sms(outbound.reply)
        made = hand_over(self._seconds, lambda: self._client().messages.list(to=to, limit=LOOKED_AT), _explain)
        segments = measure(message).segments if self.channel.medium is Medium.SMS else 1
        return tuple(
            Sent(one.sid, segments)
            for one in made
            if one.sid
            and one.body == message
            and (one.direction or "").startswith("outbound")
            and one.date_created
            and one.date_created >= since - SKEW
        )

    def fetch(self, reference: str, most: int) -> bytes:
        """A file that somebody sent: from this account's own, whatever host the reference names."""
        return hand_over(self._seconds, lambda: self._fetch(reference, most), _explain)

    def _fetch(self, reference: str, most: int) -> bytes:
        sid, token = (self.channel.secrets[name][0] for name in ("account_sid", "auth_token"))
        path = urlsplit(reference).path
        if not re.fullmatch(MEDIA.format(sid=re.escape(sid)), path):
            raise Permanent("The reference is no address of a file of this account.", "reference")
        url = (self.channel.base_url or API).rstrip("/") + path
        timeout = (connecting(self._seconds), self._seconds)
        with self._files().get(url, auth=(sid, token), timeout=timeout, stream=True) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise refused(answer.status_code, answer.headers)
            content = bytearray()
            for piece in answer.iter_content(PIECE):
                content += piece
                if len(content) > most:
                    raise Permanent("The file is larger than is taken.", "large")
        return bytes(content)

    def inspect(self) -> tuple[str, ...]:
        """Whether the number's or the service's hook is ours, is tried again on every failure, and has a fallback."""
        return hand_over(2 * self._seconds, self._inspect, _explain)

    def _inspect(self) -> tuple[str, ...]:
        client, sender, ours = self._client(), self.channel.sender, f"{self.channel.hook}/incoming"
        if sender.startswith("MG"):
            service = client.messaging.v1.services(sender).fetch()
            called, fallback = service.inbound_request_url, service.fallback_url
        elif self._prefix:
            return ("Twilio's console alone shows the hook of a WhatsApp sender: look whether it has #rc=5&rp=all.",)
        else:
            numbers = client.incoming_phone_numbers.list(phone_number=sender, limit=1)
            if not numbers:
                return (f"Twilio's account has no number {sender}.",)
            called, fallback = numbers[0].sms_url, numbers[0].sms_fallback_url
        url, _, overrides = (called or "").partition("#")
        found = []
        if url != ours:
            found.append(f"Twilio calls another address for what comes in: set it to {ours}#{RETRIES}.")
        elif not {"rc=5", "rp=all"} <= set(overrides.split("&")):
            found.append(f"Twilio tries the hook again on few failures only: set its address to {ours}#{RETRIES}.")
        if not fallback:
            found.append(f"Twilio has no fallback for what comes in: set it to {ours}#{RETRIES} too.")
        return tuple(found)

    def _sender(self) -> dict[str, str]:
        sender = self.channel.sender
        if sender.startswith("MG"):  # a messaging service, which chooses among its numbers
            return {"messaging_service_sid": sender}
        return {"from_": self._prefix + sender.removeprefix(WHATSAPP)}

    def _connect(self) -> Client:
        seconds = self._seconds
        transport = TwilioHttpClient(request_hooks={"response": _throttled})
        transport.session = session(self.channel.base_url or API)
        transport.timeout = (connecting(seconds), seconds)  # handed on to requests as it is
        client = Client(
            self.channel.secrets["account_sid"][0], self.channel.secrets["auth_token"][0], http_client=transport
        )
        if self.channel.base_url:
            client.api.base_url = client.messaging.base_url = self.channel.base_url.rstrip("/")
        return client


def _said(message: str, template: str) -> Mapping[str, str]:
    """Free words, or a template whose one variable is the message: WhatsApp takes no line ends in variables."""
    if not template:
        return {"body": message}
    return {"content_sid": template, "content_variables": json.dumps({"1": " ".join(message.split())[:VARIABLE]})}


def _contents(fields: Form) -> tuple[Content, ...]:
    body, files = text(fields, "Body"), fields.get("NumMedia", "0")
    if files != "0":
        if not (files.isascii() and files.isdigit() and len(files) < 3 and int(files) <= FILES):
            raise Malformed("The field NumMedia is no count of files.")
        return tuple(
            Attached(
                kind=KINDS.get(fields.get(f"MediaContentType{index}", "").partition("/")[0], "file"),
                reference=identifier(fields, f"MediaUrl{index}", REFERENCE),
                caption="" if index else body,
            )
            for index in range(int(files))
        )
    if "Latitude" in fields or "Longitude" in fields:
        return (Located(*coordinates(fields.get("Latitude"), fields.get("Longitude"))),)
    # Other templates' buttons bear what their authors chose; they count as what they say.
    button = pressed(fields, "ButtonPayload") if "ButtonPayload" in fields else None
    return (button if button and button.ask and button.key else Typed(body),)


def _throttled(answer: Answer, *_: Any, **__: Any) -> None:
    """Raised in the SDK's transport, since its own exception has no headers and so not the wait asked for."""
    if answer.status_code == 429:
        raise refused(answer.status_code, answer.headers)


def _explain(error: Exception) -> SendError:
    if isinstance(error, (TwilioRestException, TwilioServiceException)):
        code = str(error.code)
        if code in REFUSALS:
            return REFUSALS[code](code)
        # Twilio has no idempotency key for messages: what 5xx means is for `refused` to say.
        problem = refused(error.status, {})
        problem.code = code
        return problem
    return failed(error)


ADAPTER = Twilio
