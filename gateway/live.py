"""The polls and campaigns of this moment, and the rules by which messages are taken."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
import structlog

from channels.adapter import Channel
from channels.numbers import Countries
from gateway.actors import guides
from gateway.campaigns import shelf
from gateway.gazetteers import read_gazetteers
from gateway.incentives.ledger import Rewards
from gateway.ingest import handlers
from gateway.ingest.doors import Doors
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.part import joined, own_words, topics
from gateway.parts import meeting_places, parts
from gateway.polls import CLOSED, Polls, load_polls, seen
from gateway.results.released import reader as released_reader
from gateway.settings import Settings
from gateway.statements.decks import propose
from gateway.statements.decks import reader as deck_reader
from gateway.store.database import reading
from surveys.engine import SurveyFlow
from surveys.flow import Propose
from surveys.prompt import Reply
from surveys.texts import Texts

log = structlog.get_logger(__name__)


class Live:
    """The polls of this moment and the rules that follow from them, in one process. They are swapped as a whole, so
    that nobody sees half of a change."""

    def __init__(self, settings: Settings, engine: sa.Engine, texts: Texts) -> None:
        """Raises SettingsError where a part of the gateway can't be what the settings say."""
        self._settings = settings
        self._engine = engine
        self._texts = texts
        self._gazetteers = cache(lambda: read_gazetteers(settings.config))
        self.places = meeting_places(settings, self._gazetteers)
        self._reward = Rewards(settings.incentives, Countries(settings.countries), texts)
        self.polls, self.rules = self._load()

    def refresh(self) -> bool:
        """Take up what an operator changed since. One small read where nothing did; returns whether something did."""
        with reading(self._engine) as connection:
            if seen(connection) == self.polls.seen and shelf.seen(connection) == self._campaigns:
                return False
        self.polls, self.rules = self._load()
        log.info("polls taken up", open=len(self.polls.open), known=len(self.polls.polls))
        return True

    def _load(self) -> tuple[Polls, Rules]:
        texts = self._texts
        with reading(self._engine) as connection:
            self._campaigns = shelf.seen(connection)
            self.parts = parts(self._settings, texts, self.places, self._gazetteers, shelf.published(connection))
        polls = load_polls(self._settings.config, self._engine)
        flows = {survey.name: SurveyFlow(survey, texts) for survey in (*polls.opened, *polls.guides)}
        closed = {poll.survey.name for poll in polls.polls if poll.status == CLOSED}
        return polls, Rules(
            router=Router(
                {name: flow for name, flow in flows.items() if name not in closed},
                texts,
                {survey.id: SurveyFlow(survey, texts) for survey in polls.earlier},
                {name: flow for name, flow in flows.items() if name in closed},
                [flow for part in self.parts for flow in part.flows],
                own_words(self.parts),
                topics(self.parts),
            ),
            texts=texts,
            handlers={
                **handlers.HANDLERS,
                Propose: propose,
                **{effect: act for part in self.parts for effect, act in part.handlers.items()},
            },
            readers={
                **handlers.READERS,
                "released": released_reader(polls.opened),
                "statements": deck_reader(),
                "actors": guides.cast_of,
                **{fact: read for part in self.parts for fact, read in part.readers.items()},
                "joined": joined(self.parts),
            },
            doors=Doors({poll.survey.name: poll for poll in polls.polls}),
            reward=self._ended,
            may_interview=guides.may_interview,
        )

    def _ended(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel) -> Reply:
        """What follows from the end of a conversation."""
        guides.finished(unit, visitor, held)
        return self._reward(unit, visitor, held, channel)
