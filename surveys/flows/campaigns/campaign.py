"""A campaign's own word, such as BRIDGE: what can be read, and the ways to act, as one list."""

from __future__ import annotations

from surveys.flow import Conversation, HandOver, Value
from surveys.flows.brief import Step
from surveys.flows.campaigns.offer import Offer
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question
from surveys.texts import Texts

ACTS = ("write", "pledge", "sign", "news")
"""The words of the flows that a campaign may lead to, in the order in which they are offered."""


class Campaign(KeywordFlow):
    """One instance for each campaign. Whatever is read ends with the way to one's representative."""

    needs = frozenset({"carries"})

    def __init__(self, texts: Texts, offer: Offer) -> None:
        super().__init__(texts)
        self.offer = offer
        self.word = f"campaign-{offer.name}"
        has = {"write": offer.suggested is not None, "pledge": bool(offer.measures), "news": bool(offer.topic)}
        self.acts = [act for act in ACTS if has.get(act, offer.appeal is not None)]

    def title(self, language: str) -> str:
        return self.offer.said(self.offer.title, language)

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        return self.ask(conversation, "what", moment)

    def question(self, conversation: Conversation) -> Question:
        language = conversation.language
        acts = [(act, self.texts.say(f"{act}_title", language)) for act in self.acts]
        pages = [(f"page-{page.id}", self.offer.said(page.title, language)) for page in self.offer.pages]
        return self.offers(conversation, [*acts, *pages], self.title(language))

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        language = conversation.language
        page = next((one for one in self.offer.pages if f"page-{one.id}" == value), None)
        if page is None:
            words = self.offer.words.get(language) or next(filter(None, self.offer.words.values()))
            return self.finish(conversation, HandOver(str(value), words[0]))
        seen = page.link if moment.facts.get("carries") else ""
        text = " ".join(filter(None, (self.offer.said(page.text, language), seen)))
        key = "campaign_read" if "write" in self.acts else "campaign_read_only"
        return self.say(conversation, key, text=text, write=self.texts.word("write", language))
