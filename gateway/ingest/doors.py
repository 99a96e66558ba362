"""Whom a poll lets in, and who may go on with it: by its status, its times, its wave, and one answer per person.

Looked at when somebody writes, so that the clock counts and not when a timer gets round to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.ingest.unit import Held, Visitor, family, survey_of
from gateway.polls import CLOSED, OPEN, PAUSED, SOON, Poll
from surveys.disposition import ENDS
from surveys.flow import Flow
from surveys.model import Survey

SAYS = {CLOSED: "closed", PAUSED: "poll_paused", SOON: "poll_soon"}
"""What is said where a poll is not open: keys of the catalogues."""

UNINVITED = {"panel": "panel_only", "fresh": "fresh_only"}
"""What is said to those whom a wave after the first is not for."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The polls by name. One that is not here (a rehearsal, a test) is open to everybody, in its first wave."""

    polls: Mapping[str, Poll] = field(default_factory=dict)

    def wave(self, survey: Survey) -> int:
        poll = self.polls.get(survey.name)
        return poll.wave if poll is not None else 1

    def is_of_earlier_wave(self, held: Held) -> bool:
        survey = survey_of(held.flow)
        return survey is not None and held.wave < self.wave(survey)

    def shut(self, held: Held, now: datetime) -> str:
        """What is said to somebody in the middle of a poll that can't go on now; "" where it can."""
        survey = survey_of(held.flow)
        poll = self.polls.get(survey.name) if survey is not None else None
        if poll is None:
            return ""
        state = CLOSED if held.wave < poll.wave else poll.state(now)
        return "" if state == OPEN else SAYS[state]

    def barred(self, visitor: Visitor, flow: Flow, now: datetime) -> str:
        """What is said to somebody who can't begin; "" where they can."""
        survey = survey_of(flow)
        if survey is None:
            return ""
        poll = self.polls.get(survey.name)
        state = poll.state(now) if poll is not None else OPEN
        if state != OPEN:
            return SAYS[state]
        wave = self.wave(survey)
        ended = visitor.ended.get(family(flow.id), {})
        if survey.one_answer and ended.get(wave, frozenset()) & ENDS:
            return "already"
        if poll is None or wave == 1 or poll.invite not in UNINVITED:
            return ""
        completed = {before for before, how in ended.items() if before < wave and "completed" in how}
        fits = wave - 1 in completed if poll.invite == "panel" else not completed
        return "" if fits else UNINVITED[poll.invite]
