"""The vocabulary of a conversation: the value it is, the events it is fed, the effects it asks for, and what a flow is.

    step(flow, conversation, event, now, facts) -> (conversation, effects)

is pure and total: any event in any state gives a result, never an exception.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from surveys.prompt import Prompt

Value = str | int | float | list[str] | None
"""An answer as stored: an option's id, a number, a text, several ids; None where the question was skipped."""

Draft = Any
"""What is understood of an answer that takes several messages, as JSON; None before the first. Its question's own."""

Facts = Mapping[str, Any]
"""What a flow asked to know (`Flow.needs`), read by the gateway before the step. Nobody changes it."""

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person's way through one flow.

    `at` is what is asked now ("" before the start and after the end), `tries` how often in a row it was answered
    wrongly, `seed` what orders and arms are drawn from, `outcome` "" while it goes on, else how it ended
    (completed, refused, or a flow's own word). `answers` belongs to the flow and holds JSON values only, `draft` to
    what is asked now. `over` is the conversation that a brief flow interrupted, 0 for none.
    """

    flow: str
    language: str = ""
    seed: int = 0
    at: str = ""
    tries: int = 0
    answers: Mapping[str, Value] = field(default_factory=dict)
    outcome: str = ""
    draft: Draft = None
    over: int = 0

    def dumps(self) -> str:
        state = [self.flow, self.language, self.seed, self.at, self.tries, self.answers, self.outcome]
        return _dumps([*state, self.draft, self.over] if self.draft is not None or self.over else state)

    @staticmethod
    def loads(text: str | bytes) -> Conversation:
        return Conversation(*json.loads(text))

    # Not by `replace`, which takes more than twice as long: each answer does both.

    def on(self, at: str, language: str = "", outcome: str = "") -> Conversation:
        """The conversation moved to another question, with no wrong answers yet."""
        return Conversation(
            self.flow,
            language or self.language,
            self.seed,
            at,
            0,
            self.answers,
            outcome or self.outcome,
            None,
            self.over,
        )

    def answered(self, question: str, value: Value) -> Conversation:
        """The conversation with this answer."""
        answers = {**self.answers, question: value}
        return Conversation(
            self.flow,
            self.language,
            self.seed,
            self.at,
            self.tries,
            answers,
            self.outcome,
            self.draft,
            self.over,
        )


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
class Given:
    """An answer as it is stored, understood elsewhere: by the polling app, which asked `ask` without a network. None
    where the question was skipped. What the question could not have taken is refused as any other wrong answer."""

    ask: str
    value: Value


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

    `detail` is what was made (a code) or, where refused, why: a word the flow knows ("expired", "full"). `found` is
    what an effect that asks was answered: frozen, and its flow's own.
    """

    effect: Effect
    done: bool
    detail: str = ""
    found: Any = None


Event = Start | Text | Choice | Location | Media | Given | Timeout | Resume | Outcome


# Effects ----------------------------------------------------------------------------------------------------------


class Effect:
    """What a step asks for. The gateway looks its handler up by its type: a flow may bring effects of its own."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Say(Effect):
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Ask(Effect):
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Record(Effect):
    """Store an answer. `open` says that it is a person's own words, which lie encrypted.

    `state` is "answered", "skipped" (the person chose to), or "given-up" (could not be understood, or taken here).
    """

    question: str
    value: Value
    open: bool = False
    state: str = "answered"


@dataclass(frozen=True, slots=True)
class Consent(Effect):
    """Whether the person agreed. `version` is that of the text that was read, "question/version" for a question's."""

    version: str
    given: bool


@dataclass(frozen=True, slots=True)
class SetLanguage(Effect):
    language: str


@dataclass(frozen=True, slots=True)
class Stop(Effect):
    """Nothing is pushed to this person any more, until Welcome."""


@dataclass(frozen=True, slots=True)
class Welcome(Effect):
    """The person sent START: messages may be pushed again."""


@dataclass(frozen=True, slots=True)
class Forget(Effect):
    """Remove address, memberships and free text of this person; counts stay."""


@dataclass(frozen=True, slots=True)
class WantResults(Effect):
    """Tell this person once, when results are out of a poll that they took part in, or of any if they took part in
    none."""


@dataclass(frozen=True, slots=True)
class IssueLink(Effect):
    """Make a code with which another address of the same person can be linked; it comes back as Outcome.detail."""


@dataclass(frozen=True, slots=True)
class RedeemLink(Effect):
    """Link this address to the person who was given `code`. Refused with "wrong", "expired" or "tries"."""

    code: str


@dataclass(frozen=True, slots=True)
class Reserve(Effect):
    """Take one of the places of a quota's cell, before anything more is asked. Refused with "full".

    A place comes back when the conversation ends as anything but completed, so that no cell overshoots or stays short.
    """

    cell: str
    limit: int


@dataclass(frozen=True, slots=True)
class Propose(Effect):
    """Put a participant's own statement before the moderators of `question`."""

    question: str
    text: str


@dataclass(frozen=True, slots=True)
class HandOver(Effect):
    """This conversation is over, and the flow of this word begins in its place, as if `text` had followed the word."""

    word: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finish(Effect):
    """The conversation is over; `outcome` is how it ended. A survey's: completed, refused, ineligible, quota-full,
    partial, break-off."""

    outcome: str


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
