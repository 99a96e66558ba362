"""The demonstration's providers take what the adapters send through the providers' own SDKs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels import registry
from channels.adapter import Channel, Medium, Outbound, SendError
from gateway.demo.providers import Delivered, Keys, Providers
from surveys.prompt import Option, Prompt

KEYS = Keys("an-api-key", "ACdemo", "an-auth-token", "1:a-bot-token")
SECRETS = {
    "africastalking": {"username": ("sandbox",), "api_key": (KEYS.api_key,), "hook_token": ("t",)},
    "twilio": {"account_sid": (KEYS.account,), "auth_token": (KEYS.auth_token,)},
    "telegram": {"bot_token": (KEYS.bot_token,), "hook_secret": ("s",)},
}
MEDIA = {"africastalking": Medium.SMS, "twilio": Medium.SMS, "telegram": Medium.CHAT}
TO = {"africastalking": "+254711000001", "twilio": "+254711000001", "telegram": "711000001"}
REPLY = (Prompt("Where do you live?", "en", (Option("1", "North"), Option("2", "Coast")), ask="region"),)


@pytest.fixture
def delivered() -> list[Delivered]:
    return []


@pytest.fixture
def providers(delivered: list[Delivered]) -> Iterator[Providers]:
    server = Providers(KEYS, delivered.append)
    yield server
    server.close()


def channel(adapter: str, url: str, secrets: dict[str, tuple[str, ...]]) -> Channel:
    return Channel("demo", adapter, MEDIA[adapter], "22384", url, "http://127.0.0.1/hooks/demo", secrets)


@pytest.mark.parametrize("adapter", SECRETS)
def test_a_message_is_taken_and_handed_on(adapter: str, providers: Providers, delivered: list[Delivered]) -> None:
    sent = registry.adapter(channel(adapter, providers.url, SECRETS[adapter])).send(Outbound(1, TO[adapter], REPLY))
    (message,) = delivered
    assert message.id == sent.provider_id != ""
    assert (message.provider, message.to) == (adapter, TO[adapter])
    assert message.text.startswith("Where do you live?")
    if adapter == "telegram":
        assert list(message.buttons.values()) == ["region:1", "region:2"]
    else:
        assert message.text.endswith("1. North\n2. Coast")


@pytest.mark.parametrize("adapter", SECRETS)
def test_wrong_keys_are_not_let_in(adapter: str, providers: Providers, delivered: list[Delivered]) -> None:
    wrong = {name: ("9:wrong" if name == "bot_token" else "wrong",) for name in SECRETS[adapter]}
    with pytest.raises(SendError):
        registry.adapter(channel(adapter, providers.url, wrong)).send(Outbound(1, TO[adapter], REPLY))
    assert delivered == []
