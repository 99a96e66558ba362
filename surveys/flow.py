"""The vocabulary of a conversation: the value it is, the events it is fed, the effects it asks for, and what a flow is.

    step(flow, conversation, event, now, facts) -> (conversation, effects)

is pure and total: any event in any state gives a result, never an exception.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from surveys.prompt import Prompt

Value = str | int | float | list[str] | None
"""An answer as stored: an option's id, a number, a text, several ids; None where the question was skipped."""

Facts = Mapping[str, Any]
"""What a flow asked to know (`Flow.needs`), read by the gateway before the step. Nobody changes it."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person's way through one flow.

    `at` is what is asked now ("" before the start and after the end), `tries` how often in a row it was answered
    wrongly, `seed` what orders and arms are drawn from, `outcome` "" while it goes on, else how it ended
    (completed, refused, or a flow's own word). `answers` belongs to the flow and holds JSON values only.
    """

    flow: str
    language: str = ""
    seed: int = 0
    at: str = ""
    tries: int = 0
    answers: Mapping[str, Value] = field(default_factory=dict)
    outcome: str = ""

    def dumps(self) -> str:
        return json.dumps(
            [self.flow, self.language, self.seed, self.at, self.tries, self.answers, self.outcome],
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @staticmethod
    def loads(text: str | bytes) -> Conversation:
        return Conversation(*json.loads(text))

    def on(self, at: str, **changes: Any) -> Conversation:
        """The conversation moved to another question, with no wrong answers yet."""
        return replace(self, at=at, tries=0, **changes)


# Events -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """The person asked for this flow. `language` is "" where nothing is known; `text` is what followed the keyword."""

    language: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: `ask` is the prompt it belonged to, `key` the option's key."""

    ask: str
    key: str


@dataclass(frozen=True, slots=True)
class Location:
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a voice note or a video, by the provider's reference to it."""

    kind: str
    reference: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Timeout:
    """Nothing was heard for as long as the flow allows."""


@dataclass(frozen=True, slots=True)
class Resume:
    """The person is back: after another flow, a broken-off USSD session, or a change of language ("" for none)."""

    language: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an effect whose flow must know it: done, or refused.

    `detail` is what was made (a code) or, where refused, why: a word the flow knows ("expired", "full").
    """

    effect: Effect
    done: bool
    detail: str = ""


Event = Start | Text | Choice | Location | Media | Timeout | Resume | Outcome


# Effects ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Ask:
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Record:
    """Store an answer. `open` says that it is a person's own words, which lie encrypted."""

    survey: str
    question: str
    value: Value
    open: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    survey: str
    version: str
    given: bool


@dataclass(frozen=True, slots=True)
class SetLanguage:
    language: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing is pushed to this person any more, until Welcome."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The person sent START: messages may be pushed again."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Remove address, memberships and free text of this person; counts stay."""


@dataclass(frozen=True, slots=True)
class IssueLink:
    """Make a code with which another address of the same person can be linked; it comes back as Outcome.detail."""


@dataclass(frozen=True, slots=True)
class RedeemLink:
    """Link this address to the person who was given `code`. Refused with "wrong", "expired" or "tries"."""

    code: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The conversation is over; `outcome` is how it ended."""

    outcome: str


Effect = Say | Ask | Record | Consent | SetLanguage | Stop | Welcome | Forget | IssueLink | RedeemLink | Finish


# Flows ------------------------------------------------------------------------------------------------------------


class Flow(Protocol):
    """Anything that can hold a conversation.

    `id` names it in stored conversations and never changes its meaning: a survey's bears the hash of its content.
    `brief` flows interrupt: what they parked goes on by itself when they end.
    """

    @property
    def id(self) -> str: ...
    @property
    def brief(self) -> bool: ...
    @property
    def needs(self) -> frozenset[str]: ...

    def title(self, language: str) -> str: ...

    def awaits_yes_no(self, conversation: Conversation) -> bool:
        """True where the open question is a yes/no that a keyword must not interrupt."""
        ...

    def step(
        self, conversation: Conversation, event: Event, now: datetime, facts: Facts
    ) -> tuple[Conversation, tuple[Effect, ...]]: ...


def step(
    flow: Flow, conversation: Conversation, event: Event, now: datetime, facts: Facts
) -> tuple[Conversation, tuple[Effect, ...]]:
    """Feed one event to one conversation. A conversation that has ended stays ended, and says nothing."""
    if conversation.outcome:
        return conversation, ()
    return flow.step(conversation, event, now, facts)
