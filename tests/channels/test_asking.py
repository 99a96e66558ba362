"""What a provider is asked: whether it took a message, and how it is set up to call us."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from channels import registry
from channels.adapter import Channel, Inspectable, Medium, Outbound, Searchable, SendError, Sent
from surveys.prompt import Prompt

ACCOUNT = "/2010-04-01/Accounts/AC1"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOOK = "https://polls.example.org/hooks/twilio"


@pytest.fixture
def answers() -> dict[str, Any]:
    """What is answered, by path; 503 where nothing is."""
    return {}


@pytest.fixture
def twilio(answers: dict[str, Any]) -> Iterator[Any]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.partition("?")[0])
            body = json.dumps(found or {"code": 20503, "message": "for +254711000001", "status": 503}).encode()
            self.send_response(200 if found else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    secrets = {"account_sid": ("AC1",), "auth_token": ("token",)}
    url = f"http://127.0.0.1:{server.server_port}"
    yield registry.adapter(Channel("twilio", "twilio", Medium.SMS, "+15005550006", url, HOOK, secrets))
    server.shutdown()
    server.server_close()


def listed(body: str, at: datetime, direction: str = "outbound-api") -> dict[str, str]:
    created = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return {"sid": f"SM-{body}", "body": body, "direction": direction, "date_created": created}


def test_twilio_is_asked_by_recipient_text_and_time(twilio: Any, answers: dict[str, Any]) -> None:
    outbound = Outbound(7, "+254711000001", (Prompt("Water?", "en"),), repeat=True)
    path = f"{ACCOUNT}/Messages.json"
    minute = timedelta(minutes=1)
    others = [
        listed("Food?", NOW),
        listed("Water?", NOW - 5 * minute),  # an earlier question of the same words
        listed("Water?", NOW, "inbound"),
    ]
    answers[path] = {"messages": others, "page_size": 20}
    assert twilio.find(outbound, NOW) == ()
    answers[path] = {"messages": [*others, listed("Water?", NOW + minute)], "page_size": 20}
    assert twilio.find(outbound, NOW) == (Sent("SM-Water?", 1),)
    del answers[path]
    with pytest.raises(SendError) as raised:
        twilio.find(outbound, NOW)
    assert "254711" not in str(raised.value)


@pytest.mark.parametrize(
    ("called", "fallback", "amiss"),
    [
        (f"{HOOK}/incoming#rc=5&rp=all", f"{HOOK}/incoming", []),
        (f"{HOOK}/incoming", f"{HOOK}/incoming", ["tries the hook again on few failures only"]),
        ("https://elsewhere.example.org", "", ["calls another address", "has no fallback"]),
        (None, None, ["calls another address", "has no fallback"]),
    ],
)
def test_twilio_says_how_it_calls_us(
    twilio: Any, answers: dict[str, Any], called: str | None, fallback: str | None, amiss: list[str]
) -> None:
    number = {"sid": "PN1", "sms_url": called, "sms_fallback_url": fallback}
    answers[f"{ACCOUNT}/IncomingPhoneNumbers.json"] = {"incoming_phone_numbers": [number], "page_size": 1}
    found = twilio.inspect()
    assert len(found) == len(amiss)
    assert all(part in sentence for part, sentence in zip(amiss, found, strict=True))


def test_the_adapter_says_what_it_can_be_asked(twilio: Any) -> None:
    assert isinstance(twilio, Searchable)
    assert isinstance(twilio, Inspectable)
    telegram = registry.adapter(
        Channel("t", "telegram", Medium.CHAT, secrets={"bot_token": ("1:a",), "hook_secret": ("s",)})
    )
    assert not isinstance(telegram, Searchable)
