"""What a part of the gateway brings: its keyword flows and what they ask for, what waits for moderators, its timers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from channels.adapter import Channel
from gateway.delivery.sweeper import TimerHandler
from gateway.ingest.rules import Handler, Reader
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.moderation.desk import Kind
from gateway.notices import Notices
from surveys.flow import Effect, Flow
from surveys.flows.keyword import KeywordFlow
from surveys.keywords import Keyword

Joined = Callable[[Unit, Visitor, Held], Sequence[str]]
"""What of this part somebody joined, as they read it in MINE, each in few letters."""


def _no_timers(_notices: Notices) -> Mapping[str, TimerHandler]:
    return {}


@dataclass(frozen=True, slots=True)
class Part:
    """`handlers` carry out its flows' effects, `readers` read the facts that they need; `kinds` are what it puts before
    the moderators' desk, `timers` who hears of its times, by their kind. `own` are words that stand in no catalogue, by
    the flow's `word` and by language; `topics` are what STOP and a name leave, by that name."""

    flows: Sequence[KeywordFlow] = ()
    handlers: Mapping[type[Effect], Handler] = field(default_factory=dict)
    readers: Mapping[str, Reader] = field(default_factory=dict)
    joined: Joined | None = None
    kinds: Sequence[Kind] = ()
    timers: Callable[[Notices], Mapping[str, TimerHandler]] = _no_timers
    own: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    topics: Mapping[str, Flow] = field(default_factory=dict)


def own_words(parts: Iterable[Part]) -> tuple[Keyword, ...]:
    """The words of their flows that stand in no catalogue."""
    return tuple(
        Keyword(word, f"flow:{flow}", language)
        for part in parts
        for flow, by_language in part.own.items()
        for language, words in by_language.items()
        for word in words
    )


def topics(parts: Iterable[Part]) -> Mapping[str, Flow]:
    """What STOP and a name leave."""
    return {name: flow for part in parts for name, flow in part.topics.items()}


def joined(parts: Iterable[Part]) -> Reader:
    """The fact `joined`: what somebody joined, of all parts."""
    readers = [part.joined for part in parts if part.joined is not None]

    def read(unit: Unit, visitor: Visitor, held: Held, _channel: Channel) -> tuple[str, ...]:
        return tuple(name for reader in readers for name in reader(unit, visitor, held))

    return read
