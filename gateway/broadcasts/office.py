"""What an operator has before them when they plan and start broadcasts: on the command line and on the page alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from channels.adapter import Channel
from gateway.broadcasts import life
from gateway.broadcasts.audience import roads
from gateway.broadcasts.definition import unknown_values
from gateway.broadcasts.errors import BroadcastError
from gateway.broadcasts.known import known_by, read_broadcast, read_broadcasts, started_one
from gateway.broadcasts.life import Progress
from gateway.broadcasts.model import Broadcast, Known, Shown
from gateway.broadcasts.plan import Plan, Prices, Ways, plan
from gateway.broadcasts.saying import Version, sayings
from gateway.broadcasts.sending import Means, Sending
from gateway.polls import Polls
from gateway.quiet import Quiet
from gateway.store.broadcast_tables import PLACE, memberships, profiles
from gateway.store.database import reading
from gateway.store.keys import Vault
from surveys.model import Survey
from surveys.problem import Problem, SurveyError
from surveys.prompt import Reply
from surveys.texts import Texts

Released = Callable[[Survey], Mapping[str, str]]
"""What is out about a poll, for those who answered it, by language; {} where nothing is."""


@dataclass(frozen=True, slots=True)
class Office:
    config: Path
    engine: sa.Engine
    vault: Vault
    texts: Texts
    polls: Callable[[], Polls]
    channels: Mapping[str, Channel]
    rates: Mapping[str, float]
    quiet: Quiet | None
    released: Released
    campaigns: Callable[[], Mapping[str, Shown]]
    clock: Callable[[], datetime]

    def known(self) -> Known:
        return known_by(self.polls(), self.channels, self.engine, self.campaigns())

    def read(self, name: str) -> Broadcast:
        """The one in the file of this name. Raises SurveyError or BroadcastError."""
        return read_broadcast(self.config, name, self.known())

    def files(self) -> tuple[tuple[Broadcast, ...], tuple[Problem, ...]]:
        return read_broadcasts(self.config, self.known())

    def said(self, broadcast: Broadcast) -> dict[Version, Reply]:
        """Raises BroadcastError where its results are not out."""
        survey = self.polls().named(broadcast.poll) if broadcast.poll else None
        results = self.released(survey) if survey is not None and broadcast.kind == "results" else {}
        return sayings(broadcast, self.texts, survey, results)

    def plan(
        self, broadcast: Broadcast, prices: Prices, seen: Callable[[int, int], None] = lambda _done, _all: None
    ) -> Plan:
        """Raises BroadcastError."""
        ways = roads(self.channels, broadcast.ussd_by)
        if not ways.by:
            raise BroadcastError("No channel can push a message: enable one for SMS or for a chat in channels.yaml.")
        return plan(
            self.engine,
            self.vault,
            broadcast,
            self.said(broadcast),
            Ways(self.channels, ways, self.rates, prices, self.quiet),
            self.clock(),
            seen,
        )

    def start(self, broadcast: Broadcast, by: str) -> None:
        """Raises BroadcastError."""
        life.start(self.engine, self.vault, broadcast, self.said(broadcast), self.clock(), by)

    def unread(self, now: Progress) -> tuple[Problem, ...]:
        """Why one that was started can't be read any more, and stands still."""
        try:
            started_one(now.source, now.name, self.known())
        except SurveyError as refused:
            return () if now.ended else refused.problems
        return ()

    def notes(self, broadcast: Broadcast) -> tuple[Problem, ...]:
        """What is worth a look, and no mistake: groups and places that nobody has."""
        with reading(self.engine) as connection:
            groups = connection.scalars(sa.select(memberships.c.name).distinct()).all()
            places = connection.scalars(sa.select(profiles.c.value).where(profiles.c.fact == PLACE).distinct()).all()
        return unknown_values(broadcast, {"groups": groups, "places": places}, f"{broadcast.name}.yaml")

    def sending(self, wake: Callable[[Iterable[str]], None]) -> Sending:
        """What a worker runs."""
        return Sending(
            Means(
                engine=self.engine,
                load=lambda source, name: started_one(source, name, self.known()),
                polls=lambda: {poll.survey.name: poll for poll in self.polls().polls},
                roads=lambda ussd_by: roads(self.channels, ussd_by),
                rates=self.rates,
                quiet=self.quiet,
                clock=self.clock,
                wake=wake,
            )
        )
