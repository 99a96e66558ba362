"""A gateway whose polls are opened as an operator opens them, and people who answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from channels.adapter import Channel, Inbound, Medium, Session, Typed
from gateway import lifecycle
from gateway.catalogues import load_catalogues
from gateway.delivery.sweeper import Timer, fire_timers
from gateway.ingest import handlers
from gateway.ingest.doors import Doors
from gateway.ingest.followup import FollowUp
from gateway.ingest.intake import Intake
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.lifecycle import Opened, open_poll
from gateway.polls import CLOSED, Polls, load_polls
from gateway.quiet import Quiet
from gateway.store import dispositions, schema
from gateway.store.keys import Vault
from surveys.engine import SurveyFlow
from surveys.load import load_survey
from tests.conftest import Clock

SMS = Channel("sms", "phone", Medium.SMS)
USSD = Channel("ussd", "phone", Medium.USSD, sender="*384#", start="water")
TEXTS = load_catalogues()

POLL = """
name: water
languages: [en]
title: Water
sender: The water committee
keywords: [WATER]
zone: Africa/Nairobi
{settings}
consent: {{version: "1", text: May we ask you three things?}}
thanks: Thank you. Farewell.
region: region
{quotas}
questions:
  - {{id: region, type: one-of, text: Where do you live?, purpose: to compare, profile: yes,
      options: [{{id: north, label: North}}, {{id: south, label: South}}]}}
  - {{id: enough, type: yes-no, text: {enough}, purpose: to know, relevant: yes}}
  - {{id: days, type: number, text: How many days a week?, purpose: to know, relevant: yes, minimum: 0, maximum: 7}}
{more}
"""


def written(settings: str = "", quotas: str = "", enough: str = "Is there enough water?", more: str = "") -> str:
    return POLL.format(settings=settings, quotas=quotas, enough=enough, more=more)


@dataclass
class Life:
    engine: sa.Engine
    vault: Vault
    clock: Clock
    polls: Polls = field(default_factory=Polls)
    rules: Rules | None = None
    intake: Intake | None = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # The operator ----------------------------------------------------------------------------------------------

    def open(self, source: str = "", *, invite: str = "") -> Opened:
        done = open_poll(self.engine, load_survey(source or written(), "water.yaml"), self.clock(), "op", invite=invite)
        self.notice()
        return done

    def does(self, act: Callable[[sa.Engine, str, datetime, str], object]) -> object:
        done = act(self.engine, "water", self.clock(), "op")
        self.notice()
        return done

    def notice(self) -> None:
        """As every process does within seconds; a process that has not yet is tested without it."""
        self.polls = load_polls(self.engine_config, self.engine)
        flows = {survey.name: SurveyFlow(survey, TEXTS) for survey in self.polls.opened}
        closed = {poll.survey.name for poll in self.polls.polls if poll.status == CLOSED}
        self.rules = Rules(
            Router(
                {name: flow for name, flow in flows.items() if name not in closed},
                TEXTS,
                {survey.id: SurveyFlow(survey, TEXTS) for survey in self.polls.earlier},
                {name: flow for name, flow in flows.items() if name in closed},
            ),
            TEXTS,
            handlers.HANDLERS,
            {**handlers.READERS, "released": lambda *_of: ()},
            doors=Doors({poll.survey.name: poll for poll in self.polls.polls}),
        )

    engine_config = None

    def fire(self) -> None:
        def close(connection: sa.Connection, timer: Timer, now: datetime) -> None:
            lifecycle.close_by_the_clock(connection, timer.subject, now)

        fire_timers(self.engine, {lifecycle.CLOSING: close}, self.clock())
        self.notice()

    # People ----------------------------------------------------------------------------------------------------

    def intake_of_a_process(self) -> Intake:
        return Intake(self.engine, self.vault, lambda: self.rules, self.clock, lambda _: None)  # type: ignore[arg-type,return-value]

    def say(self, text: str, who: int = 1, intake: Intake | None = None) -> str:
        """By SMS; what is said back, as one text."""
        inbound = Inbound("tel", f"+99900000{who:04d}", Typed(text), provider_id=f"m{next(self.numbers)}")
        taken = (intake or self.intake).take(SMS, [inbound])[0]  # type: ignore[union-attr]
        return "\n".join(prompt.text for prompt in taken.reply)

    def dial(self, transcript: str, who: int = 1, session: str = "s") -> str:
        address = f"+99900000{who:04d}"
        inbound = Inbound(
            "tel",
            address,
            Typed(transcript),
            provider_id=f"{session}{who}{transcript}",
            session=Session(f"{session}{who}", USSD.sender, transcript),
        )
        return self.intake.take(USSD, [inbound])[0].screen  # type: ignore[union-attr]

    def answers(self, *texts: str, who: int = 1) -> str:
        """Begin, consent and answer; what is said to the last."""
        return [self.say(text, who) for text in ("WATER", "yes", *texts)][-1]

    # The worker ------------------------------------------------------------------------------------------------

    def follow_up(self, quiet: Quiet | None = None) -> FollowUp:
        return FollowUp(
            self.engine,
            self.vault,
            lambda: self.rules,  # type: ignore[arg-type,return-value]
            {"sms": SMS, "ussd": USSD},
            quiet=quiet or Quiet(time(21), time(7), ZoneInfo("UTC")),
            clock=self.clock,
            wake=lambda _: None,
        )

    # What there is ---------------------------------------------------------------------------------------------

    def rows(self, statement: sa.Select[tuple[object, ...]]) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]

    def statuses(self) -> list[object]:
        table = schema.conversations.c
        return [row[0] for row in self.rows(sa.select(table.status).order_by(table.started_at, table.id))]

    def counts(self, wave: int = 1) -> dict[str, int]:
        with self.engine.connect() as connection:
            return dispositions.counts(connection).get(("water", wave), {})

    def reminders(self) -> list[tuple[object, ...]]:
        table = schema.outbox.c
        kept = sa.select(table.channel, table.poll, table.due_at, table.until).where(table.kind == "reminder")
        return self.rows(kept.order_by(table.id))

    def answered(self) -> list[object]:
        return [row[0] for row in self.rows(sa.select(schema.answers.c.question).order_by(schema.answers.c.id))]


@contextmanager
def living(engine: sa.Engine, vault: Vault, clock: Clock, config: Path) -> Iterator[Life]:
    made = Life(engine, vault, clock)
    made.engine_config = config  # type: ignore[assignment]
    made.intake = made.intake_of_a_process()
    yield made
    made.intake.close()


@pytest.fixture
def life(engine: sa.Engine, vault: Vault, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with living(engine, vault, clock, tmp_path_factory.mktemp("config")) as made:
        yield made
