"""What the flows of campaigns share: which campaign is meant, and where somebody lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surveys.flow import Conversation, Value
from surveys.flows.brief import Step
from surveys.flows.campaigns.effects import BAND
from surveys.flows.campaigns.offer import Offer
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question
from surveys.texts import Texts

WHICH = "which"


class CampaignFlow(KeywordFlow):
    """A word about one of the campaigns that are out: the one that is named after the word, the only one, or one that
    is chosen from a list. Subclasses say which have what it is about (`has`), and go on in `chosen`."""

    def __init__(self, texts: Texts, campaigns: Sequence[Offer]) -> None:
        super().__init__(texts)
        self.campaigns = [offer for offer in campaigns if self.has(offer)]

    def has(self, offer: Offer) -> bool:
        """Whether a campaign has what this flow is about."""
        raise NotImplementedError

    def chosen(self, conversation: Conversation, offer: Offer, text: str, moment: Moment) -> Step:
        """A campaign is chosen; `text` is what followed the word and named none."""
        raise NotImplementedError

    def asked(self, conversation: Conversation, offer: Offer) -> Question:
        """What is asked at a place of the subclass."""
        raise NotImplementedError

    def replied(self, conversation: Conversation, offer: Offer, value: Value, moment: Moment) -> Step:
        """What follows from the answer to that."""
        raise NotImplementedError

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        first, _, rest = text.partition(" ")
        for offer in self.campaigns:
            if offer.is_called(text):
                return self._choose(conversation, offer, "", moment)
            if offer.is_called(first):
                return self._choose(conversation, offer, rest.strip(), moment)
        if not self.campaigns:
            return self.say(conversation, "campaign_none")
        if len(self.campaigns) == 1:
            return self._choose(conversation, self.campaigns[0], text, moment)
        return self.ask(replace(conversation, answers={"rest": text}), WHICH, moment)

    def question(self, conversation: Conversation) -> Question:
        offer = self._of(conversation)
        if conversation.at != WHICH and offer is not None:
            return self.asked(conversation, offer)
        language = conversation.language
        listed = [(one.name, one.said(one.title, language)) for one in self.campaigns]
        return self.offers(conversation, listed, self.texts.say("campaign_which", language))

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == WHICH:
            offer = next((one for one in self.campaigns if one.name == value), None)
            if offer is not None:
                return self._choose(conversation, offer, str(conversation.answers.get("rest", "")), moment)
        elif (offer := self._of(conversation)) is not None:
            return self.replied(conversation, offer, value, moment)
        return self.say(conversation, "campaign_gone")

    def band(self, conversation: Conversation, count: int) -> str:
        """`count` is the lower end of a band."""
        return f"{count}+" if count else self.texts.say("campaign_fewer", conversation.language, number=BAND)

    def _of(self, conversation: Conversation) -> Offer | None:
        """The campaign that was chosen, while it is out."""
        name = conversation.answers.get("campaign")
        return next((offer for offer in self.campaigns if offer.name == name), None)

    def _choose(self, conversation: Conversation, offer: Offer, text: str, moment: Moment) -> Step:
        return self.chosen(replace(conversation, answers={"campaign": offer.name}), offer, text, moment)


def shortened(text: str, most: int) -> str:
    """As much as a message has room for."""
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."
