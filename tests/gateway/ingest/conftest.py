from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from channels.adapter import Channel, Inbound, Medium, Session, Typed
from gateway.catalogues import load_catalogues
from gateway.ingest import handlers
from gateway.ingest.intake import Intake
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules, Taken
from gateway.polls import read_polls
from gateway.store.keys import Vault
from surveys.engine import SurveyFlow

CONFIG = Path(__file__).parents[3] / "config"
SMS = Channel("sms", "phone", Medium.SMS)
CHAT = Channel("chat", "phone", Medium.CHAT)
USSD = Channel("ussd", "phone", Medium.USSD, sender="*384#", start="ussd_pulse")


def number(who: int) -> str:
    """A telephone number from a range that no network uses."""
    return f"+99900000{who:04d}"


def make_rules() -> Rules:
    opened, _, problems = read_polls(CONFIG)
    assert not problems
    texts = load_catalogues()
    flows = {survey.name: SurveyFlow(survey, texts) for survey in opened}
    readers = {**handlers.READERS, "released": lambda *_of: ()}
    return Rules(Router(flows, texts), texts, handlers.HANDLERS, readers)


@pytest.fixture(scope="session")
def rules() -> Rules:
    return make_rules()


class Gateway:
    """An intake, and short ways to write to it."""

    def __init__(self, engine: sa.Engine, vault: Vault, rules: Rules, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.vault = vault
        self.rules = rules
        self.woken: list[str] = []
        self.intake = Intake(engine, vault, lambda: self.rules, clock, self.woken.extend)
        self._sent = 0

    def send(self, text: str, who: int = 1, channel: Channel = SMS, provider_id: str = "", kind: str = "tel") -> str:
        """What is said back, as one text."""
        self._sent += 1
        given = provider_id or f"message-{self._sent}"
        inbound = Inbound(kind, number(who), Typed(text), provider_id=given)
        return "\n".join(prompt.text for prompt in self.intake.take(channel, [inbound])[0].reply)

    def dial(self, transcript: str, session: str = "s1", who: int = 1, code: str = USSD.sender) -> Taken:
        inbound = Inbound(
            "tel",
            number(who),
            Typed(transcript),
            provider_id=f"{session}/{who}/{code}/{transcript}"[:128],
            session=Session(session, code, transcript),
        )
        return self.intake.take(replace(USSD, sender=code), [inbound])[0]

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        with self.engine.connect() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)

    def rows(self, statement: sa.Select[tuple[object, ...]]) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]


@pytest.fixture
def gateway(engine: sa.Engine, vault: Vault, rules: Rules, clock: Callable[[], datetime]) -> Iterator[Gateway]:
    made = Gateway(engine, vault, rules, clock)
    yield made
    made.intake.close()
