"""SIGN: put one's name, or a group's, under an appeal to the parties; once for each person."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.campaigns.base import CampaignFlow
from surveys.flows.campaigns.effects import SignAppeal
from surveys.flows.campaigns.offer import Offer
from surveys.flows.keyword import Moment
from surveys.model import Question

GROUPS = ("person", "women", "youth", "faith", "business", "community", "organisation")
"""As what somebody signs: for oneself, or for a group of one of these kinds."""
LONGEST = 80
KIND, GROUP, SURE = "kind", "group", "sure"


class Sign(CampaignFlow):
    word = "sign"
    brief = False
    listed: ClassVar[int] = 23
    sure: ClassVar[frozenset[str]] = frozenset({SURE})
    needs = frozenset({"lives"})

    def has(self, offer: Offer) -> bool:
        return offer.appeal is not None

    def chosen(self, conversation: Conversation, offer: Offer, text: str, moment: Moment) -> Step:
        return self.ask(conversation, KIND, moment)

    def asked(self, conversation: Conversation, offer: Offer) -> Question:
        language = conversation.language
        assert offer.appeal is not None
        title, appeal = (offer.said(text, language) for text in offer.appeal)
        if conversation.at == KIND:
            said = self.texts.say("sign_kind", language, appeal=appeal)
            return self.offers(conversation, [(one, self.texts.say(f"group_{one}", language)) for one in GROUPS], said)
        if conversation.at == GROUP:
            return self.asks(conversation, "open")
        whom = conversation.answers.get(GROUP) or self.texts.say("group_person", language)
        return self.asks(conversation, "yes-no", self.texts.say("sign_sure", language, title=title, whom=whom))

    def replied(self, conversation: Conversation, offer: Offer, value: Value, moment: Moment) -> Step:
        if conversation.at == KIND:
            return self.ask(conversation, SURE if value == "person" else GROUP, moment)
        if conversation.at == GROUP:
            if len(str(value)) > LONGEST:
                return self.again(replace(conversation), "too_long", moment, maximum=LONGEST)
            return self.ask(conversation, SURE, moment)
        if value != "yes":
            return self.say(conversation, "sign_unsigned")
        held = conversation.answers
        home = str(moment.facts.get("lives", ""))
        return conversation.on(""), (SignAppeal(offer.name, str(held[KIND]), str(held.get(GROUP, "")), home),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        if outcome.detail == "gone":
            return self.say(conversation, "campaign_gone")
        if outcome.detail == "phone":
            return self.say(conversation, "sign_phone")
        key = "sign_thanks" if outcome.done else "sign_already"
        return self.say(conversation, key, count=self.band(conversation, outcome.found))
