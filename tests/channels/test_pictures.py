"""Pictures in replies: Telegram sends them, and says beneath what they show."""

from __future__ import annotations

from channels import registry
from channels.adapter import Outbound, Sent
from channels.render import CAPTION, chat
from surveys.prompt import Prompt
from tests.channels.setups import SETUPS


def test_telegram_sends_a_picture_after_the_words_with_what_it_shows_beneath() -> None:
    setup = SETUPS["telegram"]
    assert setup.provider
    with setup.provider() as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        chart = Prompt("Water 60%, land 40%", "en", picture=b"\x89PNG" + bytes(1000))
        assert adapter.send(Outbound(7, setup.address, (chart, Prompt("40 answered.", "en")))) == Sent("2", 2)
        words, shown = provider.taken
    assert words.text == "40 answered."
    assert (shown.text, shown.address) == ("Water 60%, land 40%", setup.address)
    assert "1004 bytes" in shown.fields.values()


def test_what_stands_beneath_fits() -> None:
    (message,) = chat((Prompt("canary " * 1000, "en", picture=b"-"),))
    assert 900 < len(message.text) <= CAPTION
