"""What every adapter keeps with what goes out: real SDKs, real servers on 127.0.0.1, and each way in which they fail.

What is written meanwhile is searched for numbers, texts and secrets: conftest.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace

import pytest

from channels import registry
from channels.adapter import (
    Ambiguous,
    Medium,
    OptedOut,
    Outbound,
    Permanent,
    Report,
    Request,
    Retryable,
    SendError,
    Sent,
    Status,
    Throttled,
)
from channels.posting import Poster, is_inward
from channels.transport import WAIT
from surveys.prompt import Option, Prompt, Reply
from tests.channels.setups import HOOK, SETUPS, Setup, leaks
from tests.loopback.server import (
    Answer,
    Cut,
    Fault,
    Provider,
    Refuse,
    Silence,
    Take,
    Throttle,
    Trickle,
    nobody,
    unreachable,
)

REPLY: Reply = (
    Prompt("canary: {{ thanks }} <b>", "en"),
    Prompt(
        "Which?", "en", (Option("1", "North"), Option("2", "South")), hint="Reply 1 or 2.", ask="region", takes="option"
    ),
)
pytestmark = pytest.mark.filterwarnings("ignore:.*retry_after")  # python-telegram-bot's; hushed outside tests

NETWORKED = [name for name, setup in SETUPS.items() if setup.provider]
each_networked = pytest.mark.parametrize("name", NETWORKED)


def outbound(setup: Setup, reply: Reply = REPLY, row: int = 7) -> Outbound:
    return Outbound(row, setup.address, reply)


def running(setup: Setup) -> Provider:
    assert setup.provider
    return setup.provider()


def failure(setup: Setup, url: str, timeout: float = 10) -> SendError:
    """The error of a send, which must not bear, nor be chained to, anything that names somebody."""
    adapter = registry.adapter(setup.channel(url, timeout=timeout))
    with pytest.raises(SendError) as caught:
        adapter.send(outbound(setup))
    error = caught.value
    assert type(error) in {Retryable, Throttled, Permanent, OptedOut, Ambiguous}
    assert str(error).endswith(".")
    assert error.code
    assert not leaks(f"{error} {error.code}", *SETUPS.values())
    assert error.__cause__ is None
    assert error.__context__ is None
    return error


def test_who_is_tested() -> None:
    assert NETWORKED == ["africastalking", "jasmin", "kannel", "smsgate", "telegram", "twilio"]
    assert set(REFUSALS) == set(NETWORKED)


# Taken --------------------------------------------------------------------------------------------------------------


def test_africastalking_sends() -> None:
    setup = SETUPS["africastalking"]
    with running(setup) as provider:
        sent = registry.adapter(setup.channel(provider.url)).send(outbound(setup))
        (taken,) = provider.taken
    assert sent == Sent(taken.id, segments=1)
    assert taken.address == setup.address
    assert taken.text == "canary: {{ thanks }} <b>\nWhich?\n1. North\n2. South\nReply 1 or 2."
    assert dict(taken.fields) | {"to": "", "message": ""} == {
        "username": setup.secrets["username"][0],
        "from": "+254711082999",
        "bulkSMSMode": "1",
        "to": "",
        "message": "",
    }


def test_twilio_sends_sms() -> None:
    setup = SETUPS["twilio"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        sent = adapter.send(outbound(setup, (Prompt("المياه " * 20, "ar"),)))
        again = adapter.send(outbound(setup))
        first, second = provider.taken
        assert provider.connections == 1  # kept for the next one
    assert sent == Sent(first.id, segments=3)  # 139 UCS-2 characters
    assert again == Sent(second.id, segments=1)
    assert dict(second.fields) == {
        "To": setup.address,
        "From": "+254711082999",
        "Body": "canary: {{ thanks }} <b>\nWhich?\n1. North\n2. South\nReply 1 or 2.",
        "StatusCallback": f"{HOOK}/report?outbound=7#rc=5&rp=all",
    }


def test_twilio_sends_whatsapp() -> None:
    setup = SETUPS["twilio"]
    with running(setup) as provider:
        channel = setup.channel(provider.url, medium=Medium.CHAT)
        for sender in ("+254711082999", "whatsapp:+254711082999", "MG00000000000000000000000000000001"):
            assert registry.adapter(replace(channel, sender=sender)).send(outbound(setup)).segments == 1
        bare, prefixed, service = provider.taken
    assert bare.address == f"whatsapp:{setup.address}"
    assert bare.fields["From"] == prefixed.fields["From"] == "whatsapp:+254711082999"
    assert "1. North" in bare.text
    assert "From" not in service.fields
    assert service.fields["MessagingServiceSid"] == "MG00000000000000000000000000000001"


def test_twilio_puts_a_reply_into_a_template() -> None:
    setup = SETUPS["twilio"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url, medium=Medium.CHAT))
        adapter.send(replace(outbound(setup), template="HX00000000000000000000000000000001"))
        (taken,) = provider.taken
    assert taken.fields["ContentSid"] == "HX00000000000000000000000000000001"
    assert json.loads(taken.fields["ContentVariables"]) == {"1": TEXT.replace("\n", " ")}
    assert "Body" not in taken.fields


def test_telegram_sends_buttons() -> None:
    setup = SETUPS["telegram"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        sent = [adapter.send(outbound(setup)) for _ in range(3)]
        assert provider.heard == 3  # and no getMe before
        assert provider.connections == 1
        taken = provider.taken[0]
    assert sent == [Sent("1"), Sent("2"), Sent("3")]
    assert taken.address == setup.address
    assert taken.text == "canary: {{ thanks }} <b>\n\nWhich?\nReply 1 or 2."
    assert "parse_mode" not in taken.fields
    rows = json.loads(taken.fields["reply_markup"])["inline_keyboard"]
    assert rows == [
        [{"text": "1. North", "callback_data": "region:1"}, {"text": "2. South", "callback_data": "region:2"}]
    ]


LONG: Reply = (Prompt("canary " * 1000, "en"), *REPLY)


def test_telegram_sends_a_long_reply_in_order() -> None:
    setup = SETUPS["telegram"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        assert adapter.send(outbound(setup, LONG)) == Sent("2", 2)
        first, second = provider.taken
    assert "reply_markup" not in first.fields
    assert "reply_markup" in second.fields
    assert len(first.text) <= 4096


@pytest.mark.parametrize("fault", [Throttle(7), Refuse("blocked"), Answer(500), Cut()], ids=repr)
def test_telegram_does_not_say_again_what_it_said(fault: Fault) -> None:
    """Where only the first message of a reply was taken, nobody may send the reply again."""
    setup = SETUPS["telegram"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        provider.will(Take(), fault)
        with pytest.raises(Ambiguous, match="part of the reply"):
            adapter.send(outbound(setup, LONG))
        assert len(provider.taken) == 1


def test_africastalking_gives_no_id() -> None:
    setup = SETUPS["africastalking"]
    recipient = {"statusCode": 101, "number": setup.address, "status": "Success", "cost": "0", "messageId": "None"}
    body = json.dumps({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [recipient]}})
    with running(setup) as provider:
        provider.will(Answer(201, body, content_type="application/json; charset=utf-8"))
        assert registry.adapter(setup.channel(provider.url)).send(outbound(setup)) == Sent("")


TEXT = "canary: {{ thanks }} <b>\nWhich?\n1. North\n2. South\nReply 1 or 2."
WATER = " ".join(["المياه"] * 20)  # 139 UCS-2 characters
ARABIC: Reply = (Prompt(WATER, "ar"),)


def test_jasmin_sends() -> None:
    setup = SETUPS["jasmin"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        sent = [adapter.send(outbound(setup)), adapter.send(outbound(setup, ARABIC))]
        first, second = provider.taken
        assert provider.connections == 1
    assert sent == [Sent(first.id, 1), Sent(second.id, 3)]
    assert (first.text, second.text) == (TEXT, WATER)
    assert dict(first.fields) == {
        "username": setup.secrets["username"][0],
        "password": setup.secrets["password"][0],
        "to": "254711555001",
        "from": "+254711082999",
        "coding": "0",
        "content": TEXT,
        "dlr": "yes",
        "dlr-level": "3",
        "dlr-method": "POST",
        "dlr-url": f"{HOOK}/{setup.secrets['hook_token'][0]}/report?outbound=7",
    }


def test_kannel_sends_and_hears_our_own_id_of_it_again() -> None:
    setup = SETUPS["kannel"]
    with running(setup) as provider:
        channel = replace(setup.channel(provider.url), options={"smsc": "mtn"})
        adapter = registry.adapter(channel)
        sent = [adapter.send(outbound(setup)), adapter.send(outbound(setup, ARABIC, row=8))]
        first, second = provider.taken
    assert sent == [Sent("7", 1), Sent("8", 3)]
    assert (first.text, second.text) == (TEXT, WATER)
    assert second.fields["x-kannel-coding"] == "2"
    assert {name: first.fields[f"x-kannel-{name}"] for name in ("to", "from", "coding", "smsc", "dlr-mask")} == {
        "to": setup.address,
        "from": "+254711082999",
        "coding": "0",
        "smsc": "mtn",
        "dlr-mask": "31",
    }
    # As smsbox does with the URL that it was given.
    path, _, query = first.fields["x-kannel-dlr-url"].replace("%d", "1").partition("?")
    assert path == f"{HOOK}/{setup.secrets['hook_token'][0]}/report"
    (report,) = adapter.parse(Request("report", b"", {}, query=query))
    assert report == Report(sent[0].provider_id, Status.DELIVERED, outbound=7)


def test_a_phone_sends_a_message_once_however_often_it_is_told_to() -> None:
    setup = SETUPS["smsgate"]
    with running(setup) as provider:
        channel = replace(setup.channel(provider.url), options={"sim": "2", "priority": "-5"})
        adapter = registry.adapter(channel)
        provider.will(Cut())
        with pytest.raises(Ambiguous):
            adapter.send(outbound(setup))
        sent = adapter.send(outbound(setup))
        assert adapter.send(outbound(setup)) == sent
        provider.will(Refuse("409"))
        assert adapter.send(outbound(setup)) == sent
        assert adapter.send(outbound(setup, ARABIC)) != sent  # of another database, say, whose rows begin again
        taken, other = provider.taken
    assert (taken.address, taken.text, taken.id) == (setup.address, TEXT, sent.provider_id)
    assert json.loads(taken.fields["options"]) == {"simNumber": 2, "priority": -5}
    assert other.id != taken.id
    assert taken.id.startswith("7-")
    assert other.id.startswith("7-")


@pytest.mark.parametrize(("option", "value"), [("sim", "0"), ("sim", "one"), ("priority", "128"), ("priority", "1.5")])
def test_an_option_of_a_phone_that_is_none(option: str, value: str) -> None:
    channel = replace(SETUPS["smsgate"].channel(), options={option: value})
    with pytest.raises(ValueError, match=f"`{option}` of the channel test must be a whole number"):
        registry.adapter(channel)


def test_the_simulated_phone_takes_all() -> None:
    setup = SETUPS["phone"]
    adapter = registry.adapter(setup.channel())
    assert adapter.send(outbound(setup)) == Sent("phone-7", segments=1)
    assert adapter.send(outbound(setup, (Prompt("ج" * 71, "ar"),))).segments == 2


@pytest.mark.parametrize(
    ("name", "medium"), [("africastalking", Medium.USSD), ("phone", Medium.USSD), ("web", Medium.WEB)]
)
def test_what_can_not_be_pushed_to(name: str, medium: Medium) -> None:
    setup = SETUPS[name]
    with pytest.raises(Permanent):
        registry.adapter(setup.channel(medium=medium)).send(outbound(setup))


@each_networked
def test_a_client_survives_a_fork(name: str) -> None:
    """A worker forks after the parent has sent: neither sockets nor threads may be shared."""
    setup = SETUPS[name]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        adapter.send(outbound(setup, row=1))
        child = os.fork()
        if not child:
            status = 1
            try:
                adapter.send(outbound(setup, row=2))
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        adapter.send(outbound(setup, row=3))
        assert len(provider.taken) == 3


# Not taken ----------------------------------------------------------------------------------------------------------

GARBAGE = "canary <html>"
# What any provider, or a proxy before it, may do; and what that means for a message sent without an idempotency key.
FAULTS: list[tuple[Fault, type[SendError]]] = [
    (Answer(401, GARBAGE), Retryable),
    (Answer(403, GARBAGE), Retryable),
    (Answer(400, GARBAGE), Permanent),
    (Answer(429, GARBAGE), Throttled),
    (Throttle(7), Throttled),
    (Answer(500, GARBAGE), Ambiguous),
    (Answer(502, GARBAGE), Ambiguous),
    (Answer(504, GARBAGE), Ambiguous),
    (Answer(200, GARBAGE), Ambiguous),
    (Answer(200, ""), Ambiguous),
    (Answer(200, "null"), Ambiguous),
    (Answer(200, "[]"), Ambiguous),
    (Answer(200, "{}"), Ambiguous),
    (Answer(200, '{"ok": true, "SMSMessageData": {}, "sid": null}'), Ambiguous),
    (Cut(), Ambiguous),
]


@each_networked
@pytest.mark.parametrize(("fault", "meaning"), FAULTS, ids=repr)
def test_fault(name: str, fault: Fault, meaning: type[SendError]) -> None:
    with running(SETUPS[name]) as provider:
        provider.will(fault)
        error = failure(SETUPS[name], provider.url)
        assert provider.heard == 1
    assert type(error) is meaning
    if isinstance(error, Throttled):
        assert error.after == (7 if fault == Throttle(7) else WAIT)


@each_networked
def test_unavailable(name: str) -> None:
    """503 comes before the work begins; python-telegram-bot doesn't tell it from another 5xx."""
    meaning = Ambiguous if name == "telegram" else Retryable
    with running(SETUPS[name]) as provider:
        provider.will(Answer(503, GARBAGE))
        assert type(failure(SETUPS[name], provider.url)) is meaning


@each_networked
@pytest.mark.parametrize("fault", [Silence(), Trickle()], ids=repr)
def test_no_end(name: str, fault: Fault) -> None:
    """An answer that never comes, or never ends, is given up in all: without a deadline this would not return."""
    with running(SETUPS[name]) as provider:
        provider.will(fault)
        error = failure(SETUPS[name], provider.url, timeout=0.5)
        assert provider.heard == 1
    assert (type(error), error.code) == (Ambiguous, "timeout")


@each_networked
def test_nobody_there(name: str) -> None:
    with nobody() as url:
        assert type(failure(SETUPS[name], url)) is Retryable
    with unreachable() as url:
        assert type(failure(SETUPS[name], url, timeout=0.5)) is Retryable
    assert type(failure(SETUPS[name], "no-such-scheme")) is Retryable


@pytest.mark.parametrize(
    ("address", "inward"),
    [
        ("10.1.2.3", True),
        ("192.168.1.20", True),
        ("172.16.0.1", True),
        ("169.254.169.254", True),
        ("0.0.0.0", True),  # noqa: S104 - an address to refuse
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("8.8.8.8", False),
    ],
)
def test_what_leads_inward(address: str, inward: bool) -> None:
    assert is_inward(address) is inward


def test_nothing_is_said_to_an_address_that_is_refused() -> None:
    """Asked once it is connected, whatever name led there; a channel that says `private` is not asked."""
    setup = SETUPS["kannel"]
    with running(setup) as provider:
        refusing = Poster(setup.channel(provider.url), "", refuse=lambda _address: True)
        with pytest.raises(Retryable) as refused:
            refusing("/cgi-bin/sendsms", data=b"canary")
        assert refused.value.code == "connection"
        assert provider.heard == 0
        private = Poster(replace(setup.channel(provider.url), private=True), "", refuse=lambda _address: True)
        assert private("/cgi-bin/sendsms", data=b"canary").status_code == 403
        assert provider.heard == 1


@each_networked
def test_wrong_credentials(name: str) -> None:
    """Our fault and not the message's: it waits until the secret is mended."""
    setup = SETUPS[name]
    with running(setup) as provider:
        channel = setup.channel(provider.url)
        wrong = {key: (values[1], values[1]) for key, values in channel.secrets.items()}
        with pytest.raises(Retryable):
            registry.adapter(replace(channel, secrets=wrong)).send(outbound(setup))
        assert not provider.taken


@each_networked
@pytest.mark.parametrize("seconds", ["soon", "0", "-1", "1e3", "31", "nan"])
def test_a_timeout_that_is_none(name: str, seconds: str) -> None:
    channel = replace(SETUPS[name].channel(), options={"timeout": seconds})
    with pytest.raises(ValueError, match="`timeout` of the channel test must be seconds"):
        registry.adapter(channel)


# The providers' own refusals ----------------------------------------------------------------------------------------

REFUSALS: Mapping[str, Mapping[str, type[SendError]]] = {
    "africastalking": {
        "401": Ambiguous,
        "402": Permanent,
        "403": Permanent,
        "404": Permanent,
        "405": Throttled,
        "406": OptedOut,
        "407": Permanent,
        "409": Permanent,
        "500": Retryable,
        "501": Retryable,
        "502": Permanent,
    },
    "jasmin": {
        "throughput": Throttled,
        "credit": Throttled,
        "no-route": Retryable,
        "unbound": Retryable,
        "not-queued": Retryable,
    },
    "kannel": {"400": Permanent, "403": Retryable, "503": Retryable},
    "smsgate": {},  # it says no more than HTTP does
    "twilio": {
        "21610": OptedOut,
        "63014": OptedOut,
        "21611": Throttled,
        "30001": Throttled,
        "63017": Throttled,
        "21211": Permanent,
        "21408": Permanent,
        "21635": Permanent,
        "63016": Permanent,
    },
    "telegram": {
        "blocked": OptedOut,
        "deactivated": OptedOut,
        "not-found": Permanent,
        "too-long": Permanent,
        "conflict": Retryable,
    },
}


@pytest.mark.parametrize(
    ("name", "code", "meaning"), [(name, *refusal) for name, codes in REFUSALS.items() for refusal in codes.items()]
)
def test_refusal(name: str, code: str, meaning: type[SendError]) -> None:
    with running(SETUPS[name]) as provider:
        provider.will(Refuse(code))
        error = failure(SETUPS[name], provider.url)
    assert type(error) is meaning
    if name != "telegram":
        assert error.code == code


def test_africastalking_takes_it_for_nobody() -> None:
    with running(SETUPS["africastalking"]) as provider:
        provider.will(Answer(201, '{"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}'))
        assert type(failure(SETUPS["africastalking"], provider.url)) is Permanent
