"""PLEDGE: promise to do something that builds confidence."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.campaigns.base import CampaignFlow
from surveys.flows.campaigns.effects import MakePledge
from surveys.flows.campaigns.offer import Measure, Offer
from surveys.flows.keyword import Moment
from surveys.model import Question

MEASURE, SURE = "measure", "sure"


class Pledge(CampaignFlow):
    word = "pledge"
    brief = False
    listed: ClassVar[int] = 22
    sure: ClassVar[frozenset[str]] = frozenset({SURE})
    needs = frozenset({"lives"})

    def has(self, offer: Offer) -> bool:
        return bool(offer.measures)

    def chosen(self, conversation: Conversation, offer: Offer, text: str, moment: Moment) -> Step:
        if len(offer.measures) == 1:
            held = {**conversation.answers, MEASURE: offer.measures[0].id}
            return self.ask(replace(conversation, answers=held), SURE, moment)
        return self.ask(conversation, MEASURE, moment)

    def asked(self, conversation: Conversation, offer: Offer) -> Question:
        language = conversation.language
        measure = _measure(conversation, offer)
        if conversation.at == MEASURE or measure is None:
            return self.offers(conversation, [(one.id, offer.said(one.title, language)) for one in offer.measures])
        said = self.texts.say("pledge_sure", language, text=offer.said(measure.text, language))
        return self.asks(conversation, "yes-no", said)

    def replied(self, conversation: Conversation, offer: Offer, value: Value, moment: Moment) -> Step:
        if conversation.at == MEASURE:
            return self.ask(conversation, SURE, moment)
        if value != "yes":
            return self.say(conversation, "pledge_unmade")
        made = MakePledge(offer.name, str(conversation.answers[MEASURE]), str(moment.facts.get("lives", "")))
        return conversation.on(""), (made,)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        offer = self._of(conversation)
        measure = _measure(conversation, offer) if offer is not None else None
        if outcome.detail == "gone" or measure is None:
            return self.say(conversation, "campaign_gone")
        thanks = "pledge_thanks_page" if outcome.detail == "page" else "pledge_thanks"
        return self.say(conversation, thanks if outcome.done else "pledge_already")


def _measure(conversation: Conversation, offer: Offer) -> Measure | None:
    return next((one for one in offer.measures if one.id == conversation.answers.get(MEASURE)), None)
