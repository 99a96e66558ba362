"""What keyword flows are made of: places at which something is asked, by the question types of polls, and what follows
from each answer. How to add one: docs/developer/adding-a-flow.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import ClassVar

from surveys import model
from surveys.flow import (
    Ask,
    Choice,
    Conversation,
    Effect,
    Event,
    Facts,
    Given,
    Location,
    Media,
    Outcome,
    Resume,
    Say,
    Start,
    Text,
    Timeout,
    Value,
)
from surveys.flows.brief import Brief, Step
from surveys.model import Question
from surveys.texts import Texts
from surveys.types import TYPES
from surveys.types.base import Answer, Answering, Asked, More, Scene, Wrong

TRIES = 2
"""How often somebody may be misunderstood at one place before the flow lets go."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a step is told beside the event."""

    now: datetime
    facts: Facts


class KeywordFlow(Brief):
    """A flow that people call by a word of a part's catalogue.

    Subclasses set `word`, and say by `begin` what happens to whoever called it, by `question` what is asked at a place,
    by `answered` what follows from the answer, and by `came` what follows from an effect. What was answered lies in the
    conversation's `answers`, under its place.

    `codes`: numbers follow the word, and with them it is heard in the middle of a poll. `listed`: where it stands in
    MENU, from 1 on; 0: it does not. `sure` are the places that want a yes or a no, which no keyword interrupts. Flows
    that are `brief` let go when another word is sent; others are parked, as polls are.
    """

    codes: ClassVar[bool] = False
    listed: ClassVar[int] = 0
    sure: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, texts: Texts, zone: tzinfo = UTC) -> None:
        """`zone` is where its dates and hours are those of people's clocks."""
        super().__init__(texts)
        self.zone = zone
        self._places: dict[tuple[str, str], Asked] = {}

    def title(self, language: str) -> str:
        """What MENU calls it."""
        return self.texts.say(f"{self.word}_title", language)

    def awaits_yes_no(self, conversation: Conversation) -> bool:
        return conversation.at in self.sure

    def words(self, conversation: Conversation) -> dict[str, str]:
        """The words of all flows in this language, for the places in a text that name them."""
        called = {meaning: self.texts.word(meaning, conversation.language) for meaning in self.texts.called}
        return super().words(conversation) | called

    # What a flow says of itself --------------------------------------------------------------------------------

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        """Somebody called it; `text` is what followed the word."""
        raise NotImplementedError

    def question(self, conversation: Conversation) -> Question:
        """What is asked at `conversation.at`: see `asks` and `offers`."""
        raise NotImplementedError

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        """What follows from an answer, which `conversation.answers` hold already; None where it was skipped."""
        raise NotImplementedError

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        """What follows from what became of an effect."""
        return conversation, ()

    # The conversation ------------------------------------------------------------------------------------------

    def step(self, conversation: Conversation, event: Event, now: datetime, facts: Facts) -> Step:
        moment = Moment(now, facts)
        match event:
            case Start(language, text):
                return self.begin(
                    replace(conversation, language=language or conversation.language), text.strip(), moment
                )
            case Outcome():
                return self.came(conversation, event, moment)
            case Timeout():
                return self.finish(conversation, outcome="break-off")
            case Resume(language):
                conversation = replace(conversation, language=language or conversation.language)
                return self.ask(conversation, conversation.at, moment)
            case Choice(ask, _) if ask != self.name(conversation):
                return self.ask(conversation, conversation.at, moment)
            case _ if not conversation.at:
                return self.begin(conversation, "", moment)
            case Text() | Choice() | Location() | Media() | Given():
                return self.heard_at(conversation, event, moment)

    def heard_at(self, conversation: Conversation, event: Answering, moment: Moment) -> Step:
        """An answer to what is asked at `conversation.at`."""
        at = conversation.at
        match self._asked(conversation).take(event, self._scene(conversation, moment), conversation.draft):
            case Answer(value):
                given = replace(conversation, draft=None, tries=0, answers={**conversation.answers, at: value})
                return self.answered(given, at, value, moment)
            case More(draft, key, values):
                said = (Say(self.prompt(key, conversation, **(values or {}))),) if key else ()
                return self.ask(replace(conversation, draft=draft), at, moment, *said)
            case Wrong(key, values):
                return self.again(conversation, key, moment, **values)

    # Pieces ----------------------------------------------------------------------------------------------------

    def ask(self, conversation: Conversation, at: str, moment: Moment, *before: Effect) -> Step:
        """Go to this place and ask what is asked there."""
        if not at:
            return self.begin(conversation, "", moment)
        if at != conversation.at:
            conversation = conversation.on(at)
        scene = self._scene(conversation, moment)
        asked = self._asked(conversation)
        if not asked.steady:
            conversation = replace(conversation, draft=asked.opening(scene, conversation.draft))
        prompt = replace(asked.prompt(scene, conversation.draft), ask=self.name(conversation))
        return conversation, (*before, Ask(prompt))

    def again(self, conversation: Conversation, key: str, moment: Moment, /, **values: object) -> Step:
        """Say what was wrong, and ask once more. Who is misunderstood too often is let go, and nothing was done; where
        more than a word or two would be lost, the question stays open instead."""
        if conversation.tries >= TRIES:
            paused = self.remark(conversation, "paused")
            if self.brief:
                return self.finish(conversation, paused, outcome="break-off")
            return replace(conversation, tries=0), (paused,)
        wrong = self.remark(conversation, key, **values)
        counted = replace(conversation, tries=conversation.tries + 1)
        return self.ask(counted, counted.at, moment, wrong)

    def remark(self, conversation: Conversation, key: str, /, **values: object) -> Say:
        """What is said before something is asked."""
        return Say(self.prompt(key, conversation, **self.words(conversation) | values))

    def name(self, conversation: Conversation) -> str:
        """What is asked, as buttons bear it: one of an earlier conversation is no answer in this one."""
        return f"{self.word}.{conversation.at}.{conversation.seed % 10_000}"

    def asks(self, conversation: Conversation, kind: str, /, text: str = "", **more: object) -> Question:
        """A question of this type at `conversation.at`: with this text, or with the catalogue's <word>_<place>."""
        said = text or self.texts.say(
            f"{self.word}_{conversation.at}", conversation.language, **self.words(conversation)
        )
        return Question(conversation.at, kind, {conversation.language: said}, **more)  # type: ignore[arg-type]  # fields of a question, by name

    def offers(self, conversation: Conversation, options: Iterable[tuple[str, str]], text: str = "") -> Question:
        """A choice between these, by what is stored and what is read."""
        language = conversation.language
        choices = tuple(model.Choice(value, {language: label}) for value, label in options)
        return self.asks(conversation, "one-of", text, options=choices)

    def _asked(self, conversation: Conversation) -> Asked:
        if not conversation.language:
            conversation = replace(conversation, language=self.texts.languages[0])
        question = self.question(conversation)
        if question.type != "place":
            return TYPES[question.type](question, self.texts)
        # To look at every place for an example each time would be slow.
        key = conversation.at, conversation.language
        if key not in self._places:
            self._places[key] = TYPES["place"](question, self.texts)
        return self._places[key]

    def _scene(self, conversation: Conversation, moment: Moment) -> Scene:
        language = conversation.language or self.texts.languages[0]
        now = moment.now.astimezone(self.zone)
        return Scene(language, now, conversation.seed, conversation.answers, moment.facts)
