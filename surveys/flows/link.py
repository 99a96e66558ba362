"""LINK: one person with two addresses. LINK alone gives a code; LINK <code> on the other address joins the two."""

from __future__ import annotations

from surveys.flow import Conversation, Facts, IssueLink, Outcome, RedeemLink
from surveys.flows.brief import Brief, Step
from surveys.match import normalise

REFUSED = {"wrong": "link_wrong", "expired": "link_expired", "tries": "link_tries"}


class Link(Brief):
    word = "link"

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        code = normalise(text).replace(" ", "")
        if code:
            return conversation.on("redeeming"), (RedeemLink(code),)
        return conversation.on("issuing"), (IssueLink(),)

    def became(self, conversation: Conversation, outcome: Outcome) -> Step:
        match outcome.effect:
            case IssueLink() if outcome.done:
                return self.say(conversation, "link_code", code=outcome.detail)
            case RedeemLink():
                return self.say(conversation, "linked" if outcome.done else REFUSED.get(outcome.detail, "link_wrong"))
            case _:
                return self.finish(conversation)
