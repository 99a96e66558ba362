"""What is the same for every inbound: flows, texts, and what the rooms above registered; and what came of one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from channels.adapter import Channel
from gateway.ingest.doors import Doors
from gateway.ingest.guided import May
from gateway.ingest.routing import Router
from gateway.ingest.unit import Held, Unit, Visitor
from surveys.flow import Effect, Outcome
from surveys.prompt import Reply
from surveys.texts import Texts

Handler = Callable[[Unit, Visitor, Held, Channel, Effect], Outcome | None]
"""Carries one kind of effect out, in the inbound's transaction. Returns what the flow must know, if anything."""

Reader = Callable[[Unit, Visitor, Held, Channel], object]
"""Reads one fact that a conversation needs, about its person, its survey or the channel it is on."""

RANDOM_SEED = partial(secrets.randbits, 32)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one inbound. `reply` is what was said; for a USSD session `screen` is what to show, and `ends`
    whether nothing is asked any more. A repeated one changes nothing; of a session it gives the same screen."""

    reply: Reply = ()
    screen: str = ""
    ends: bool = True
    repeated: bool = False


Reward = Callable[[Unit, Visitor, Held, Channel], Reply]
"""What a person whose conversation has just ended is given for it, in its transaction. Returns what they are told."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is the same for every inbound: flows and their words, texts, and what the rooms above registered.

    `seed` gives what each conversation's orders and arms are drawn from. `may_interview`: who was given which
    interview guide.
    """

    router: Router
    texts: Texts
    handlers: Mapping[type[Effect], Handler]
    readers: Mapping[str, Reader]
    seed: Callable[[], int] = RANDOM_SEED
    doors: Doors = field(default_factory=Doors)
    reward: Reward = lambda *_of: ()
    may_interview: May = lambda *_of: True
