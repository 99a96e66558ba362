"""For each adapter: a channel with live and dead secrets, how its provider proves a request, and a provider to send to.

A new adapter adds its line to SETUPS.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote

from twilio.request_validator import RequestValidator

from channels import web
from channels.adapter import Channel, Medium, Request
from tests.loopback import gateways, providers, server

HOOK = "https://polls.example.org/hooks/test"
NEW, OLD, DEAD = 0, 1, 2
"""Which of a secret's values: the two live ones, and one that was rotated out."""


@dataclass(frozen=True, slots=True)
class Setup:
    """`secrets` by name: the newest, the one before it, and a dead one. `prove` adds to a request what its provider
    adds."""

    adapter: str
    medium: Medium
    address: str
    secrets: Mapping[str, tuple[str, str, str]]
    proof: str
    prove: Callable[[Request, str], Request]
    provider: type[server.Provider] | None = None

    def channel(self, base_url: str = "", medium: Medium | None = None, timeout: float = 10) -> Channel:
        return Channel(
            name="test",
            adapter=self.adapter,
            medium=medium or self.medium,
            sender="+254711082999",
            base_url=base_url,
            hook=HOOK,
            secrets={name: values[:2] for name, values in self.secrets.items()},
            options={"timeout": str(timeout)},
        )

    def proved(self, request: Request, which: int = NEW) -> Request:
        return self.prove(request, self.secrets[self.proof][which])


def _in_path(request: Request, secret: str) -> Request:
    return replace(request, token=secret)


def _by_twilio(request: Request, secret: str, algorithm: str = "HMAC_SHA1") -> Request:
    """Signed by the SDK, over the public URL and all fields; what is no form is signed as an empty one."""
    try:
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict"))
    except ValueError:
        fields = {}
    url = f"{HOOK}/{request.event}" + (f"?{request.query}" if request.query else "")
    signature = RequestValidator(secret).compute_signature(url, fields, algorithm)
    headers = {**request.headers, "x-twilio-signature": signature}
    if algorithm != "HMAC_SHA1":
        headers["x-twilio-webhooks-signature-settings"] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    return replace(request, headers=headers)


def _by_telegram(request: Request, secret: str) -> Request:
    return replace(request, headers={**request.headers, "x-telegram-bot-api-secret-token": secret})


def _by_smsgate(request: Request, secret: str) -> Request:
    """Signed now: what was signed long ago is refused."""
    now = str(int(time.time()))
    signature = hmac.digest(secret.encode(), request.body + now.encode(), "sha256").hex()
    return replace(request, headers={**request.headers, "x-timestamp": now, "x-signature": signature})


def _by_page(request: Request, secret: str) -> Request:
    return replace(request, token=respondent(secret))


def respondent(secret: str) -> str:
    return web.issue(Channel("test", "web", Medium.WEB, secrets={"signing": (secret,)}), b"canary-respondent")


TOKENS = ("token-new-8c41", "token-old-2b77", "token-dead-9d02")

SETUPS: Mapping[str, Setup] = {
    setup.adapter: setup
    for setup in (
        Setup(
            adapter="africastalking",
            medium=Medium.SMS,
            address="+254711555001",
            secrets={
                "username": ("canary-user", "canary-user-old", "canary-user-dead"),
                "api_key": (providers.AfricasTalking.KEY, "at-key-old", "at-key-dead"),
                "hook_token": TOKENS,
            },
            proof="hook_token",
            prove=_in_path,
            provider=providers.AfricasTalking,
        ),
        Setup(
            adapter="jasmin",
            medium=Medium.SMS,
            address="+254711555001",
            secrets={
                "username": (gateways.Jasmin.USER, "canary-old", "canary-dead"),
                "password": (gateways.Jasmin.PASSWORD, "jm-pass-old", "jm-pass-dead"),
                "hook_token": TOKENS,
            },
            proof="hook_token",
            prove=_in_path,
            provider=gateways.Jasmin,
        ),
        Setup(
            adapter="kannel",
            medium=Medium.SMS,
            address="+254711555001",
            secrets={
                "username": (gateways.Kannel.USER, "canary-old", "canary-dead"),
                "password": (gateways.Kannel.PASSWORD, "kn-pass-old", "kn-pass-dead"),
                "hook_token": TOKENS,
            },
            proof="hook_token",
            prove=_in_path,
            provider=gateways.Kannel,
        ),
        Setup(
            adapter="phone",
            medium=Medium.SMS,
            address="+254711555001",
            secrets={"hook_token": TOKENS},
            proof="hook_token",
            prove=_in_path,
        ),
        Setup(
            adapter="smsgate",
            medium=Medium.SMS,
            address="+254711555001",
            secrets={
                "username": (gateways.SmsGate.USER, "canary-old", "canary-dead"),
                "password": (gateways.SmsGate.PASSWORD, "sg-pass-old", "sg-pass-dead"),
                "signing_key": ("sg-key-new-1a", "sg-key-old-2b", "sg-key-dead-3c"),
            },
            proof="signing_key",
            prove=_by_smsgate,
            provider=gateways.SmsGate,
        ),
        Setup(
            adapter="telegram",
            medium=Medium.CHAT,
            address="711555001",
            secrets={
                "bot_token": (providers.Telegram.TOKEN, "1:tg-token-old", "1:tg-token-dead"),
                "hook_secret": TOKENS,
            },
            proof="hook_secret",
            prove=_by_telegram,
            provider=providers.Telegram,
        ),
        Setup(
            adapter="twilio",
            medium=Medium.SMS,
            address="+254711555001",
            secrets={
                "account_sid": (providers.Twilio.SID, "AC-old", "AC-dead"),
                "auth_token": (providers.Twilio.TOKEN, "tw-token-old", "tw-token-dead"),
            },
            proof="auth_token",
            prove=_by_twilio,
            provider=providers.Twilio,
        ),
        Setup(
            adapter="web",
            medium=Medium.WEB,
            address=respondent("any").partition(".")[0],
            secrets={"signing": ("signing-new-5e", "signing-old-6f", "signing-dead-70")},
            proof="signing",
            prove=_by_page,
        ),
    )
}


def by_shared_key(request: Request, secret: str) -> Request:
    """As Twilio signs with a shared key."""
    return _by_twilio(request, secret, "HMAC_SHA256")


CANARIES = ("711555001", "canary", "المياه")
"""Parts of every number, name and text that these tests send and receive."""


def leaks(written: str, *setups: Setup) -> list[str]:
    """The canaries and secrets that a text holds, also as the SDKs spell them in headers and URLs."""
    secrets = [value for setup in setups for values in setup.secrets.values() for value in values]
    spelt = [spelling for value in (*CANARIES, *secrets) for spelling in (value, quote(value, safe=""), _base64(value))]
    return sorted({spelling for spelling in spelt if spelling in written})


def _base64(value: str) -> str:
    """Without its last characters, which depend on what follows."""
    return base64.b64encode(value.encode()).decode().rstrip("=")[:-1]


@dataclass(frozen=True, slots=True)
class Payload:
    """A request as a provider sends it, without its proof, and what is to be found in it."""

    name: str
    adapter: str
    source: str
    medium: Medium
    request: Request
    arrivals: list[Any]
    response: Mapping[str, Any]


def read_payload(adapter: str, name: str, content: str) -> Payload:
    """A payload file: source, event, body (a text, or an object that is sent as JSON), arrivals; and where they
    matter medium, headers, query, response."""
    found = json.loads(content)
    body = _raw(found.pop("body"))
    request = Request(found.pop("event"), body, found.pop("headers", {}), query=found.pop("query", ""))
    payload = Payload(
        name,
        adapter,
        found.pop("source"),
        Medium(found.pop("medium", SETUPS[adapter].medium)),
        request,
        found.pop("arrivals"),
        found.pop("response", {}),
    )
    if found:
        raise ValueError(f"{adapter}/{name} has fields that mean nothing: {', '.join(found)}")
    return payload


def _raw(body: str | Mapping[str, Any]) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
