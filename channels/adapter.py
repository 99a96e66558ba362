"""What an adapter is: how a provider's requests become arrivals, and how a reply becomes what the provider takes.

An adapter verifies, parses, and sends, through the provider's SDK where there is one; it knows no web framework, no
database, and no clock but one that it is given. Errors are a closed set:

    ChannelError
      Forbidden      the request does not come from the provider: 403, nothing stored
      Malformed      the request can't be read: 400, nothing stored
      SendError
        Retryable    try again later: nothing was taken
        Throttled    the provider asks to wait `after` seconds; no attempt is used up
        Permanent    this message will never go out: wrong number, refused content
        OptedOut     the person blocked or unsubscribed at the provider
        Ambiguous    it may or may not have been taken: never blindly sent again
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import ClassVar, Protocol, runtime_checkable

from surveys.prompt import Reply


class ChannelError(Exception):
    """Its text is one sentence without numbers, secrets or message text: it goes into logs."""


class Forbidden(ChannelError):
    pass


class Malformed(ChannelError):
    pass


class SendError(ChannelError):
    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code
        """The provider's own code, as a string, for the operator."""


class Retryable(SendError):
    pass


class Throttled(SendError):
    def __init__(self, message: str, after: float, code: str = "") -> None:
        super().__init__(message, code)
        self.after = after
        """Seconds to wait."""


class Permanent(SendError):
    pass


class OptedOut(SendError):
    pass


class Ambiguous(SendError):
    pass


class Medium(StrEnum):
    """How a reply is rendered and brought."""

    SMS = "sms"  # segments, through the outbox
    USSD = "ussd"  # screens, in the response
    CHAT = "chat"  # buttons, through the outbox: Telegram, WhatsApp
    WEB = "web"  # a page, in the response


DIRECT = (Medium.USSD, Medium.WEB)
"""Answered in the response, and never through the outbox."""

NAMED = (Medium.CHAT, Medium.WEB)
"""Where names of actors may be read. Others leave what was shown with the operators, and on the phone's screen."""

SIMULATED = "phone"
"""The adapter whose numbers are nobody's."""


class Status(IntEnum):
    """What became of a message. The number is the rank: a report moves a message forward, never back.

    UNKNOWN (interrupted while sending) ranks below every report, so that any of them settles it.
    """

    QUEUED = 0
    SENDING = 1
    UNKNOWN = 2
    SENT = 3
    UNREPORTED = 4
    DELIVERED = 5
    FAILED = 6


@dataclass(frozen=True, slots=True)
class Channel:
    """One configured way in and out. `secrets` by name, newest first: two are live while one is rotated.

    `sender` is the number, short code, service code or bot name that people see. `hook` is the public URL of this
    channel's hooks, without the event, as the provider calls it: signatures are made over it.
    `screen` is how many GSM-7 septets a USSD screen of this service code takes.
    """

    name: str
    adapter: str
    medium: Medium
    sender: str = ""
    base_url: str = ""
    hook: str = ""
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    screen: int = 160
    start: str = ""  # the keyword that starting a session stands for: a USSD code, a bot's /start
    language: str = ""  # of people nobody knows yet, "" to ask them
    private: bool = False  # whether the provider's API may lie in a network of one's own


@dataclass(frozen=True, slots=True)
class Request:
    """A provider's request, as it came. `headers` by lower-case name; `token` is the one in the path, if any."""

    event: str  # incoming, ussd, session-end, report, optout, update, airtime
    body: bytes
    headers: Mapping[str, str]
    token: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    body: str = ""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"


# Arrivals: what a request holds -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person wrote. An empty text is a session just dialled, or a chat just opened."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of the prompt `ask`."""

    ask: str
    key: str


@dataclass(frozen=True, slots=True)
class Located:
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Attached:
    kind: str  # picture, voice, video, file
    reference: str
    caption: str = ""


Content = Typed | Pressed | Located | Attached


@dataclass(frozen=True, slots=True)
class Session:
    """A USSD turn: everything typed since dialling, joined by `*`."""

    id: str
    service_code: str
    transcript: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message that came in. `address` is normalised: E.164 for `tel`, the chat id for `telegram`, a token for `web`.

    `provider_id` is unique on its channel and makes a repeated webhook harmless; "" where the provider gives none.
    `claimed_at` is the provider's time, kept as a claim; ours orders. `callback` is what a chat provider wants
    acknowledged, `language` what the provider says of the person's language.
    """

    kind: str
    address: str
    content: Content
    provider_id: str = ""
    session: Session | None = None
    claimed_at: datetime | None = None
    language: str = ""
    callback: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A provider's word on what became of a message.

    `outbound` is our own id where the provider hands it back, else 0: it finds a message whose send broke off before
    the provider's id was known.
    """

    provider_id: str
    status: Status
    error: str = ""
    retryable: bool = False
    outbound: int = 0


@dataclass(frozen=True, slots=True)
class OptOut:
    """The person left (or came back) at the provider: its own STOP list, a blocked bot."""

    kind: str
    address: str
    stopped: bool = True
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class SessionEnd:
    session_id: str
    address: str


@dataclass(frozen=True, slots=True)
class TopUp:
    """A provider's word on airtime that was sent: whether it arrived. `millionths` of the currency's unit."""

    provider_id: str
    address: str
    currency: str
    millionths: int
    done: bool
    error: str = ""


AnyReport = Report | TopUp
Arrival = Inbound | AnyReport | OptOut | SessionEnd


# Sending ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outbound:
    """`id` is ours and unique: given to providers that take an idempotency key. `address` is as in Inbound.

    `repeat` says that it may have been received before; `reply` tells the person so. `template` is the provider's id of
    an approved one that the reply must be put into, "" where free words are taken.
    """

    id: int
    address: str
    reply: Reply
    repeat: bool = False
    template: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. `provider_id` is "" where it gave none. `segments` is what is paid for; on chats, how many
    messages it became."""

    provider_id: str
    segments: int = 1


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do. `events` are the hooks it calls; `signed` says that a signature proves them
    (else an unguessable token in the path does). `reports` says that delivery reports come."""

    events: frozenset[str]
    media: frozenset[Medium]
    signed: bool
    reports: bool
    address_kind: str
    secrets: tuple[str, ...]
    """Names of the secrets it needs, each read from the environment as BARAZA_<CHANNEL>_<NAME>."""
    carries: frozenset[str] = frozenset()
    """What people can send in its chats beside text: picture, voice, location."""
    gap: float = 0
    """Seconds that the provider wants between two messages to one address."""
    gets: frozenset[str] = frozenset()
    """Those of its hooks that it can call by GET only, with all that they say in the query."""
    free_hours: int = 0
    """Of its chats: how long after a person's last message anything may be sent; later templates only. 0: for ever."""
    pictures: bool = False
    """It sends pictures that lie in a reply; others send their words alone."""


class Adapter(Protocol):
    """One provider's protocol, for one channel. Made once a process: SDK clients live here. Safe to use in threads."""

    capabilities: ClassVar[Capabilities]
    channel: Channel

    def verify(self, request: Request) -> None:
        """Raise Forbidden unless the request comes from the provider."""
        ...

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        """Everything the request holds. Raises Malformed. What we don't know is left out, not guessed."""
        ...

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        """What the provider wants to hear back: for a session the screen, and whether it ends there."""
        ...

    def send(self, outbound: Outbound) -> Sent:
        """Hand one message over, within a total time-out. Raises SendError."""
        ...


@runtime_checkable
class Searchable(Protocol):
    """An adapter whose provider can be asked whether it took a message."""

    def find(self, outbound: Outbound, since: datetime) -> tuple[Sent, ...]:
        """All that the provider took since then and that may be the message: others may have said the same. Raises
        SendError where it can't be asked."""
        ...


@runtime_checkable
class Inspectable(Protocol):
    """An adapter whose provider can be asked how it is set up to call our hooks."""

    def inspect(self) -> tuple[str, ...]:
        """What is amiss there, a sentence each. Raises SendError where it can't be asked."""
        ...


@runtime_checkable
class Fetching(Protocol):
    """An adapter whose provider keeps what people attach, and gives it out by its reference."""

    def fetch(self, reference: str, most: int) -> bytes:
        """The file of an Attached. Raises SendError; Permanent where it has more than `most` bytes, or is gone."""
        ...


@runtime_checkable
class TopsUp(Protocol):
    """An adapter whose provider sends airtime: those with the hook `airtime`."""

    def top_up(self, address: str, currency: str, amount: str, key: str) -> str:
        """Send airtime worth `amount` to a number. `key` is the same when it is tried again. Returns the provider's id.
        Raises SendError."""
        ...


def same_secret(given: str, live: tuple[str, ...]) -> bool:
    """Whether `given` is one of the live secrets, in constant time for each. False where none is configured."""
    candidate = given.encode()
    return any([hmac.compare_digest(candidate, secret.encode()) for secret in live])  # noqa: C419 - all are compared
