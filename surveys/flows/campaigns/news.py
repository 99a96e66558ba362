"""NEWS: join the topic of a campaign; STOP with the topic's name leaves it."""

from __future__ import annotations

from typing import ClassVar

from surveys.flow import Conversation, Outcome
from surveys.flows.brief import Step
from surveys.flows.campaigns.base import CampaignFlow
from surveys.flows.campaigns.effects import JoinTopic
from surveys.flows.campaigns.offer import Offer
from surveys.flows.keyword import Moment


class News(CampaignFlow):
    word = "news"
    listed: ClassVar[int] = 25

    def has(self, offer: Offer) -> bool:
        return bool(offer.topic)

    def chosen(self, conversation: Conversation, offer: Offer, text: str, moment: Moment) -> Step:
        return conversation.on(""), (JoinTopic(offer.topic),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        offer = self._of(conversation)
        if offer is None:
            return self.say(conversation, "campaign_gone")
        key = "news_joined" if outcome.done else "news_already"
        title = offer.said(offer.title, conversation.language)
        return self.say(conversation, key, title=title, topic=offer.topic.upper())
