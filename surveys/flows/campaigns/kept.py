"""KEPT: what was pledged is done; with a picture or a few words, which others may see once somebody looked at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from surveys.flow import Conversation, Event, Facts, Media, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.campaigns.effects import FindPledges, KeepPledge
from surveys.flows.campaigns.offer import Offer
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question
from surveys.texts import Texts

WHAT, HOW, SHOW = "what", "how", "show"
LONGEST = 300


class Kept(KeywordFlow):
    word = "kept"
    brief = False
    listed: ClassVar[int] = 24
    sure: ClassVar[frozenset[str]] = frozenset({SHOW})
    needs = frozenset({"carries"})

    def __init__(self, texts: Texts, campaigns: Sequence[Offer]) -> None:
        super().__init__(texts)
        self.campaigns = [offer for offer in campaigns if offer.measures]
        self.measures = {f"{offer.name}/{one.id}": (offer, one) for offer in campaigns for one in offer.measures}

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        return replace(conversation.on(""), answers={"text": text}), (FindPledges(),)

    def step(self, conversation: Conversation, event: Event, now: datetime, facts: Facts) -> Step:
        """A picture is an answer as good as words."""
        if isinstance(event, Media) and conversation.at == HOW and event.kind == "picture":
            held = {**conversation.answers, "picture": event.reference, "text": event.caption[:LONGEST]}
            return self.ask(replace(conversation, answers=held), SHOW, Moment(now, facts))
        return super().step(conversation, event, now, facts)

    def question(self, conversation: Conversation) -> Question:
        if conversation.at == WHAT:
            return self.offers(
                conversation, [(name, self._title(conversation, name)) for name in self._open(conversation)]
            )
        if conversation.at == HOW:
            return self.asks(conversation, "open", required=False)
        return self.asks(conversation, "yes-no")

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        held = dict(conversation.answers)
        if at == WHAT:
            return self._did(conversation, str(value), moment)
        if at == HOW:
            if value is None:
                return conversation.on(""), (self._kept(held, shown=False),)
            if len(str(value)) > LONGEST:
                return self.again(conversation, "too_long", moment, maximum=LONGEST)
            return self.ask(replace(conversation, answers={**held, "text": str(value)}), SHOW, moment)
        return conversation.on(""), (self._kept(held, shown=value == "yes"),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        if isinstance(outcome.effect, FindPledges):
            found = [f"{campaign}/{measure}" for campaign, measure in outcome.found]
            known = [name for name in found if name in self.measures]
            if not known:
                return self.say(conversation, "kept_none")
            conversation = replace(conversation, answers={**conversation.answers, "open": known})
            if len(known) == 1:
                return self._did(conversation, known[0], moment)
            return self.ask(conversation, WHAT, moment)
        if outcome.detail == "none":
            return self.say(conversation, "kept_none")
        shown = isinstance(outcome.effect, KeepPledge) and outcome.effect.shown and outcome.done
        return self.say(conversation, "kept_shown" if shown else "kept_thanks")

    def _did(self, conversation: Conversation, name: str, moment: Moment) -> Step:
        conversation = replace(conversation, answers={**conversation.answers, WHAT: name})
        return self.ask(conversation, SHOW if conversation.answers.get("text") else HOW, moment)

    def _open(self, conversation: Conversation) -> list[str]:
        listed = conversation.answers.get("open")
        return [name for name in listed if name in self.measures] if isinstance(listed, list) else []

    def _title(self, conversation: Conversation, name: str) -> str:
        offer, measure = self.measures[name]
        return offer.said(measure.title, conversation.language)

    @staticmethod
    def _kept(held: dict[str, Value], *, shown: bool) -> KeepPledge:
        campaign, _, measure = str(held[WHAT]).partition("/")
        text, picture = str(held.get("text") or ""), str(held.get("picture") or "")
        return KeepPledge(campaign, measure, text if shown else "", picture if shown else "", shown)
