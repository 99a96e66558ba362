"""Airtime: once for a person and poll, within a budget, whatever crashes. The provider is a server on 127.0.0.1."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from channels.adapter import Channel, Inbound, Medium, TopUp, Typed
from channels.africastalking import AfricasTalking
from channels.numbers import Countries
from gateway.catalogues import load_catalogues
from gateway.guarding import Incentive
from gateway.incentives.ledger import Rewards, State, hear, in_doubt, settle, standings
from gateway.incentives.paying import ATTEMPTS, LEASE, Payer
from gateway.ingest import handlers
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.money import money
from gateway.store.incentive_tables import incentive_budgets, incentives
from gateway.store.keys import Vault
from gateway.store.schema import addresses
from surveys.engine import SurveyFlow
from surveys.load import load_survey
from tests.conftest import Clock, until
from tests.gateway.ingest.conftest import CHAT, SMS, Gateway
from tests.loopback import providers
from tests.loopback.server import Answer, Cut, Refuse, Silence, Throttle

POLL = """
name: water
languages: [en, sw]
title: {en: Water, sw: Maji}
sender: {en: A forum, sw: Jukwaa}
keywords: {en: [WATER], sw: [MAJI]}
consent:
  version: "1"
  text: {en: "Take part? To leave, send STOP.", sw: "Utashiriki? Kuacha, tuma ACHA."}
thanks: {en: Thank you., sw: Asante.}
questions:
  - id: first
    type: yes-no
    purpose: To know where water is missing.
    text: {en: "Is there water?", sw: "Kuna maji?"}
"""
INCENTIVE = Incentive.model_validate({"amount": "KES 20", "budget": "KES 50", "channel": "at"})
AT = replace(SMS, adapter="africastalking")
TOLD = "KES 20 of airtime"
NUMBER = "+25471155{:04d}"


class Here(Gateway):
    """A gateway whose people have Kenyan numbers."""

    def send(self, text: str, who: int = 1, channel: Channel = AT, provider_id: str = "", kind: str = "tel") -> str:
        self._sent += 1
        address = NUMBER.format(who) if kind == "tel" else str(who)
        inbound = Inbound(kind, address, Typed(text), provider_id=provider_id or f"message-{self._sent}")
        return "\n".join(prompt.text for prompt in self.intake.take(channel, [inbound])[0].reply)

    def complete(self, who: int = 1, channel: Channel = AT, kind: str = "tel", *, keyword: str = "WATER") -> str:
        """What is said after the last answer."""
        return [self.send(word, who, channel, kind=kind) for word in (keyword, "yes", "yes")][-1]

    def states(self) -> list[str]:
        return [str(row[0]) for row in self.rows(sa.select(incentives.c.status).order_by(incentives.c.id))]

    def spoken_for(self) -> int:
        """In shillings."""
        with self.engine.connect() as connection:
            return int(connection.scalar(sa.select(incentive_budgets.c.millionths)) or 0) // 1_000_000


def made(engine: sa.Engine, vault: Vault, clock: Clock, incentive: Incentive = INCENTIVE, poll: str = POLL) -> Here:
    texts = load_catalogues()
    rewards = Rewards({"water": incentive}, Countries(["KE"]), texts)
    router = Router({"water": SurveyFlow(load_survey(poll, "water.yaml"), texts)}, texts)
    return Here(engine, vault, Rules(router, texts, handlers.HANDLERS, handlers.READERS, reward=rewards), clock)


@pytest.fixture
def here(engine: sa.Engine, vault: Vault, clock: Clock) -> Iterator[Here]:
    gateway = made(engine, vault, clock)
    yield gateway
    gateway.intake.close()


@pytest.fixture
def provider() -> Iterator[providers.AfricasTalking]:
    with providers.AfricasTalking() as running:
        yield running


def account(url: str, timeout: str = "10") -> AfricasTalking:
    secrets = {"username": ("canary",), "api_key": (providers.AfricasTalking.KEY,), "hook_token": ("token",)}
    return AfricasTalking(
        Channel("at", "africastalking", Medium.SMS, base_url=url, secrets=secrets, options={"timeout": timeout})
    )


def payer(here: Here, clock: Clock, url: str, timeout: str = "10") -> Payer:
    return Payer(here.engine, here.vault, {"at": account(url, timeout)}, clock)


# Who is given it ------------------------------------------------------------------------------------------------------


def test_whoever_completes_is_told_and_is_given_it_once(
    here: Here, clock: Clock, provider: providers.AfricasTalking
) -> None:
    assert TOLD in here.complete()
    assert here.states() == ["queued"]
    assert TOLD not in here.complete()  # answers a poll once
    paying = payer(here, clock, provider.url)
    assert (paying.run(), paying.run()) == (1, 0)
    assert here.states() == ["sent"]
    (taken,) = provider.taken
    assert (taken.address, taken.text) == (NUMBER.format(1), "KES 20")
    assert here.spoken_for() == 20


def test_people_are_told_in_their_language(here: Here) -> None:
    assert "muda wa maongezi wa KES 20" in here.complete(keyword="MAJI")


def test_who_is_forgotten_and_comes_back_is_not_given_it_again(here: Here) -> None:
    here.complete()
    assert "farewell" in [here.send(word) for word in ("FORGET ME", "yes")][-1]
    assert "Thank you" in here.complete()
    assert here.states() == ["queued"]
    assert here.spoken_for() == 20


def test_of_two_who_are_one_nobody_is_given_it_twice(here: Here) -> None:
    """Linked before the second of them completes."""
    here.complete(1)
    code = here.send("LINK", 1).split()
    number = next(word.strip(".") for word in code if word.strip(".").isdigit() and len(word.strip(".")) == 6)
    here.send(f"LINK {number}", 2)
    assert TOLD not in here.complete(2)
    assert here.states() == ["queued"]


def test_the_budget_stops_it(here: Here) -> None:
    told = [TOLD in here.complete(who) for who in (1, 2, 3, 4)]
    assert told == [True, True, False, False]  # 50 shillings are two times 20
    assert here.states() == ["queued", "queued", "unfunded", "unfunded"]
    assert here.spoken_for() == 40
    with here.engine.connect() as connection:
        (standing,) = standings(connection, {"water": INCENTIVE})
    assert (str(standing.spoken_for), standing.states) == ("KES 40", {"queued": 2, "unfunded": 2})


def test_many_at_once_never_overshoot_the_budget(postgres_engine: sa.Engine, vault: Vault, clock: Clock) -> None:
    """As several processes take them: each an intake of its own."""
    gateways = [made(postgres_engine, vault, clock) for _ in range(4)]
    for who in range(1, 13):
        for word in ("WATER", "yes"):
            gateways[0].send(word, who, provider_id=f"{who}{word}")
    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(lambda who: gateways[who % 4].send("yes", who, provider_id=f"last-{who}"), range(1, 13)))
    for gateway in gateways:
        gateway.intake.close()
    assert sum(TOLD in one for one in said) == 2
    assert sorted(gateways[0].states()) == ["queued"] * 2 + ["unfunded"] * 10
    assert gateways[0].spoken_for() == 40


def test_nobody_who_can_not_be_reached_or_should_not_be(here: Here) -> None:
    assert "Thank you" in here.complete(1, SMS)  # a simulated phone
    assert "Thank you" in here.complete(2, replace(CHAT, adapter="telegram"), "telegram")  # by no number
    assert here.states() == []
    abroad = Rewards({"water": INCENTIVE}, Countries(["UG"]), load_catalogues())
    here.rules = replace(here.rules, reward=abroad)
    assert TOLD not in here.complete(3)
    assert here.states() == []


# What becomes of it ---------------------------------------------------------------------------------------------------


def test_what_breaks_off_is_in_doubt_and_never_tried_again_by_itself(
    here: Here, clock: Clock, provider: providers.AfricasTalking
) -> None:
    here.complete()
    provider.will(Cut())
    paying = payer(here, clock, provider.url)
    paying.run()
    clock.advance(days=3)
    paying.run()
    assert provider.heard == 1
    assert here.states() == ["unknown"]
    assert here.spoken_for() == 20
    with here.engine.begin() as connection:
        (doubtful,) = in_doubt(connection)
        assert settle(connection, doubtful.id, State.QUEUED, clock(), of=(State.UNKNOWN,), due_at=clock())
    paying.run()
    assert here.states() == ["sent"]
    assert len(provider.taken) == 1


def test_a_refusal_gives_the_budget_its_share_back_and_others_wait(
    here: Here, clock: Clock, provider: providers.AfricasTalking
) -> None:
    for who in (1, 2):
        here.complete(who)
    provider.will(Refuse("Invalid phone number"), Refuse("Insufficient balance"))
    paying = payer(here, clock, provider.url)
    paying.run()
    assert here.states() == ["failed", "queued"]
    assert here.spoken_for() == 20
    clock.advance(minutes=11)
    provider.will(Throttle(60), Answer(503))
    for _ in range(3):
        paying.run()
        clock.advance(minutes=2)
    assert here.states() == ["failed", "sent"]
    assert TOLD in here.complete(3)  # what came back is there for the next one


def test_what_can_not_be_tried_for_ever_fails(here: Here, clock: Clock, provider: providers.AfricasTalking) -> None:
    here.complete()
    provider.will(*[Answer(503)] * (ATTEMPTS + 5))
    paying = payer(here, clock, provider.url)
    for _ in range(ATTEMPTS + 5):
        paying.run()
        clock.advance(hours=2)
    assert provider.heard == ATTEMPTS
    assert here.states() == ["failed"]
    assert here.spoken_for() == 0


def test_whose_address_is_gone_is_sent_nothing(here: Here, clock: Clock, provider: providers.AfricasTalking) -> None:
    here.complete()
    with here.engine.begin() as connection:
        connection.execute(sa.update(addresses).values(sealed_address=b""))
    payer(here, clock, provider.url).run()
    assert here.states() == ["failed"]
    assert provider.heard == 0


def test_a_worker_that_is_killed_while_the_provider_has_it(
    sqlite_engine: sa.Engine, vault: Vault, clock: Clock, provider: providers.AfricasTalking
) -> None:
    here = made(sqlite_engine, vault, clock)
    here.complete()
    here.intake.close()
    sqlite_engine.dispose()
    provider.will(Silence())
    child = os.fork()
    if not child:
        try:
            payer(here, clock, provider.url).run()
        finally:
            os._exit(1)
    until(lambda: provider.heard)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    paying = payer(here, clock, provider.url)
    paying.run()
    assert here.states() == ["sending"]  # its lease has not run out
    clock.advance(seconds=LEASE.total_seconds() + 1)
    paying.run()
    clock.advance(days=1)
    paying.run()
    assert here.states() == ["unknown"]
    assert (provider.heard, provider.taken) == (1, [])


# The provider's word ------------------------------------------------------------------------------------------------


def said(provider_id: str, *, done: bool = True, who: int = 1, amount: str = "KES 20", error: str = "") -> TopUp:
    worth = money(amount)
    return TopUp(provider_id, NUMBER.format(who), worth.currency, worth.millionths, done, error)


def test_the_provider_s_word_settles(here: Here, clock: Clock, provider: providers.AfricasTalking) -> None:
    for who in (1, 2):
        here.complete(who)
    payer(here, clock, provider.url).run()
    first, second = (taken.id for taken in provider.taken)
    with here.engine.begin() as connection:
        hear(connection, here.vault, "at", said(first), clock())
        hear(connection, here.vault, "at", said(second, done=False, who=2, error="Rejected"), clock())
        hear(connection, here.vault, "at", said(second, who=2), clock())  # it failed already
        hear(connection, here.vault, "at", said("of-nobody", who=9), clock())
    assert here.states() == ["delivered", "failed"]
    assert here.spoken_for() == 20


def test_the_provider_s_word_settles_one_in_doubt_by_number_and_amount(
    here: Here, clock: Clock, provider: providers.AfricasTalking
) -> None:
    for who in (1, 2):
        here.complete(who)
    provider.will(Cut(), Cut())
    payer(here, clock, provider.url).run()
    with here.engine.begin() as connection:
        hear(connection, here.vault, "at", said("ATQ-1", amount="KES 25"), clock())
        hear(connection, here.vault, "other", said("ATQ-1"), clock())
    assert here.states() == ["unknown", "unknown"]
    with here.engine.begin() as connection:
        for _ in range(2):
            hear(connection, here.vault, "at", said("ATQ-1"), clock())
    assert here.states() == ["delivered", "unknown"]


def test_each_request_has_a_key_of_its_own_and_the_same_when_tried_again(
    here: Here, clock: Clock, provider: providers.AfricasTalking
) -> None:
    for who in (1, 2):
        here.complete(who)
    paying = payer(here, clock, provider.url)
    paying.run()
    keys = [taken.fields["idempotency-key"] for taken in provider.taken]
    assert len(set(keys)) == 2
    # Tried again within minutes the provider knows it, and says so: nobody is given it twice.
    with here.engine.begin() as connection:
        connection.execute(sa.update(incentives).values(status="queued"))
    paying.run()
    assert here.states() == ["unknown", "unknown"]
    assert len(provider.taken) == 2
