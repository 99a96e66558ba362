"""Africa's Talking: SMS, USSD, and airtime. What it takes to set up: docs/channels/africastalking.md.

Its callbacks are not signed and come from no published address: an unguessable token in the path proves them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, TypeVar

import requests
from africastalking.Airtime import AirtimeService
from africastalking.SMS import SMSService

from channels import ussd
from channels.adapter import (
    Ambiguous,
    Arrival,
    Capabilities,
    Channel,
    Forbidden,
    Inbound,
    Malformed,
    Medium,
    OptedOut,
    OptOut,
    Outbound,
    Permanent,
    Report,
    Request,
    Response,
    Retryable,
    SendError,
    Sent,
    Session,
    SessionEnd,
    Status,
    Throttled,
    TopUp,
    Typed,
    same_secret,
)
from channels.body import IDENTIFIER, Form, form, identifier, moment, text, word
from channels.numbers import e164
from channels.render import sms
from channels.session import session
from channels.text import measure
from channels.transport import PerProcess, connecting, failed, hand_over, hush, refused, total

hush("urllib3")

Service = TypeVar("Service", "_Messaging", "_Airtime")

BALANCE_WAIT = 600.0
"""Seconds to wait where the account has no money: until somebody pays in, no message is at fault."""

STATUSES: Mapping[str, Status] = {
    "Sent": Status.SENT,
    "Submitted": Status.SENT,
    "Buffered": Status.SENT,
    "Success": Status.DELIVERED,
    "Failed": Status.FAILED,
    "Rejected": Status.FAILED,
    "AbsentSubscriber": Status.FAILED,
    "Expired": Status.FAILED,
}
PASSING = frozenset({"AbsentSubscriber", "Expired", "InsufficientCredit"})
"""Failures that may not last."""

TAKEN = frozenset({100, 101, 102})
REFUSALS: Mapping[int, Callable[..., SendError]] = {
    401: partial(Ambiguous, "The provider holds the message for review."),  # it may be let go later
    402: partial(Permanent, "The sender id is not registered."),
    403: partial(Permanent, "The provider takes the address for no phone number."),
    404: partial(Permanent, "The provider does not send to this type of number."),
    405: partial(Throttled, "The account's balance is too low.", after=BALANCE_WAIT),
    406: partial(OptedOut, "The person is on the provider's list of those who left."),
    407: partial(Permanent, "The provider has no route to this number."),
    409: partial(Permanent, "The number is on its operator's do-not-disturb list."),
    500: partial(Retryable, "The provider could not handle the message."),
    501: partial(Retryable, "The operator's gateway could not handle the message."),
    502: partial(Permanent, "The operator's gateway refused the message."),
}

VALUE = re.compile(r"([A-Z]{3}) ([0-9]{1,9})(?:\.([0-9]{1,6}))?")
"""An amount, as `KES 20.0000`."""
AIRTIME_DONE: Mapping[str, bool] = {"Success": True, "Failed": False}


class AfricasTalking:
    capabilities: ClassVar[Capabilities] = Capabilities(
        events=frozenset({"incoming", "ussd", "session-end", "report", "optout", "airtime"}),
        media=frozenset({Medium.SMS, Medium.USSD}),
        signed=False,
        reports=True,
        address_kind="tel",
        secrets=("username", "api_key", "hook_token"),
    )

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._seconds = total(channel)
        self._region = channel.options.get("region", "")
        self._service = PerProcess(self._connect)
        self._readers: Mapping[str, Callable[[Form], tuple[Arrival, ...]]] = {
            "incoming": self._incoming,
            "ussd": self._ussd,
            "session-end": self._session_end,
            "report": self._report,
            "optout": self._opt_out,
            "airtime": self._airtime,
        }

    def verify(self, request: Request) -> None:
        if not same_secret(request.token, self.channel.secrets.get("hook_token", ())):
            raise Forbidden("The token in the path is not this channel's.")

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        if request.event not in self._readers:
            raise Malformed("This channel has no such hook.")
        return self._readers[request.event](form(request.body))

    def _incoming(self, fields: Form) -> tuple[Arrival, ...]:
        return (
            Inbound(
                kind="tel",
                address=self._address(fields, "from"),
                content=Typed(text(fields, "text")),
                provider_id=identifier(fields, "id"),
                claimed_at=moment(fields.get("date", "")),
            ),
        )

    def _ussd(self, fields: Form) -> tuple[Arrival, ...]:
        session = Session(
            id=identifier(fields, "sessionId", ussd.SESSION_ID),
            service_code=identifier(fields, "serviceCode"),
            transcript=text(fields, "text"),
        )
        return (ussd.turn(self._address(fields, "phoneNumber"), session, self.channel.secrets["hook_token"][0]),)

    def _session_end(self, fields: Form) -> tuple[Arrival, ...]:
        return (SessionEnd(identifier(fields, "sessionId", ussd.SESSION_ID), self._address(fields, "phoneNumber")),)

    def _report(self, fields: Form) -> tuple[Arrival, ...]:
        said = text(fields, "status")
        if said not in STATUSES:
            return ()
        status = STATUSES[said]
        reason = (word(fields, "failureReason") or said) if status is Status.FAILED else ""
        report = Report(identifier(fields, "id"), status, reason, retryable=reason in PASSING)
        if reason == "UserInBlackList":
            return report, *self._opt_out(fields)
        return (report,)

    def _opt_out(self, fields: Form) -> tuple[Arrival, ...]:
        return (OptOut("tel", self._address(fields, "phoneNumber")),)

    def _airtime(self, fields: Form) -> tuple[Arrival, ...]:
        done, value = AIRTIME_DONE.get(text(fields, "status")), VALUE.fullmatch(text(fields, "value"))
        if value is None:
            raise Malformed("The field value is no amount.")
        if done is None:
            return ()
        millionths = int(value[2]) * 1_000_000 + int((value[3] or "").ljust(6, "0"))
        said = "" if done else word(fields, "description") or "Failed"
        request_id = identifier(fields, "requestId")
        return (TopUp(request_id, self._address(fields, "phoneNumber"), value[1], millionths, done, said),)

    def _address(self, fields: Form, name: str) -> str:
        return e164(text(fields, name), self._region)

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        return ussd.respond(arrivals, screen, ends=ends)

    def send(self, outbound: Outbound) -> Sent:
        if self.channel.medium is not Medium.SMS:
            raise Permanent("A USSD code can't begin a conversation: the message needs an SMS channel.")
        message, seconds = sms(outbound.reply), self._seconds
        answer = hand_over(
            seconds,
            lambda: self._service().send(
                message, [outbound.address], self.channel.sender or None, timeout=(connecting(seconds), seconds)
            ),
            _explain,
        )
        return Sent(_taken(answer), measure(message).segments)

    def top_up(self, address: str, currency: str, amount: str, key: str) -> str:
        """As TopsUp has it. Each time with a service of its own: the SDK's keeps the key for whatever it sends next."""
        seconds = self._seconds
        answer = hand_over(
            seconds,
            lambda: self._made(_Airtime, "/version1/airtime").send(
                phone_number=address,
                amount=amount,
                currency_code=currency,
                idempotency_key=key,
                timeout=(connecting(seconds), seconds),
            ),
            _explain,
        )
        return _sent_airtime(answer)

    def _connect(self) -> _Messaging:
        return self._made(_Messaging, "/version1")

    def _made(self, service: type[Service], path: str) -> Service:
        secrets = self.channel.secrets
        made = service(secrets["username"][0], secrets["api_key"][0])
        if self.channel.base_url:
            made._baseUrl = self.channel.base_url.rstrip("/") + path  # noqa: SLF001 - it has no other way in
        made.session = session(made._baseUrl)  # noqa: SLF001 - as above
        return made


class _Direct:
    """The SDK's services, with their one HTTP call made so that the status and the wait asked for are not lost.

    The SDK's own raises the body alone, connects anew each time, and follows a redirect with the API key in hand.
    """

    session: requests.Session

    def _make_request(self, url: str, method: str, headers: Any, data: Any, params: Any, timeout: Any, **_: Any) -> Any:
        answer = self.session.request(
            method, url, headers=headers, data=data, params=params, timeout=timeout, allow_redirects=False
        )
        if not 200 <= answer.status_code < 300:
            raise refused(answer.status_code, answer.headers)
        return answer.json()


class _Messaging(_Direct, SMSService):  # type: ignore[misc]  # the SDK has no types
    pass


class _Airtime(_Direct, AirtimeService):  # type: ignore[misc]  # the SDK has no types
    pass


def _sent_airtime(answer: Any) -> str:
    """The id of the airtime that was sent; raises what the provider's words mean.

    They are not a closed list. Where it says Failed nothing was sent, unless it has had the same request before.
    """
    try:
        said, several = str(answer["errorMessage"]), answer["responses"]
        one: Mapping[str, Any] = several[0] if several else {"status": "Failed"}
        status, request_id = one["status"], str(one.get("requestId", "None"))
        reason = f"{said} {one.get('errorMessage', '')}".lower()
    except (TypeError, LookupError, AttributeError):
        status, request_id, reason = "", "", ""
    if status == "Sent":
        return "" if request_id == "None" else request_id[:IDENTIFIER]
    if "duplicate" in reason:
        raise Ambiguous("The provider has had this request before.", "duplicate")
    if "balance" in reason:
        raise Throttled("The account's balance is too low.", BALANCE_WAIT, "balance")
    if status == "Failed":
        raise Permanent("The provider did not send the airtime.", "airtime")
    raise _unreadable(code="airtime")


def _taken(answer: Any) -> str:
    """The id of the message that was taken; raises what the provider's code for it means."""
    try:
        recipients = answer["SMSMessageData"]["Recipients"]
        code, message_id = (
            (int(recipients[0]["statusCode"]), str(recipients[0]["messageId"])) if recipients else (0, "")
        )
    except (TypeError, KeyError, ValueError, LookupError):
        code, message_id = -1, ""
    if code in TAKEN:
        return "" if message_id == "None" else message_id
    if code == 0:
        raise Permanent("The provider took the message for nobody.", "no-recipients")
    raise REFUSALS.get(code, _unreadable)(code=str(code))


_unreadable = partial(Ambiguous, "The provider's answer could not be read.")


def _explain(error: Exception) -> SendError:
    # The SDK's check of the number, and texts that can't be encoded; both before anything is sent.
    if isinstance(error, ValueError) and not isinstance(error, requests.RequestException):
        return Permanent("The provider's library refused the message.", type(error).__name__)
    return failed(error)


ADAPTER = AfricasTalking
