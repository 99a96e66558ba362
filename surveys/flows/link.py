"""LINK: one person with two addresses. LINK alone gives a code; LINK <code> on the other address joins the two."""

from __future__ import annotations

from surveys.flow import Conversation, Facts, IssueLink, Outcome, RedeemLink
from surveys.flows.brief import Brief, Step
from surveys.match import normalise


class Link(Brief):
    word = "link"

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        code = normalise(text).replace(" ", "")
        if code:
            return conversation.on("redeeming"), (RedeemLink(code),)
        return conversation.on("issuing"), (IssueLink(),)

    def became(self, conversation: Conversation, outcome: Outcome) -> Step:
        if isinstance(outcome.effect, IssueLink):
            return self.say(conversation, "link_code", code=outcome.detail)
        return self.say(conversation, "linked" if outcome.done else f"link_{outcome.detail}")
