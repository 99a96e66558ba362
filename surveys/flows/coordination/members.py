"""INVITE: a group's speaker gets a number that lets one more in. MEMBER <number>: come in by it, once."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import ComeIn, FindGroups, FindInvitation, InviteInto, SeenGroup, SeenInvitation
from surveys.flows.coordination.words import numbers, shortened
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question

MEMBER, SPEAKER = "member", "speaker"
ROLES = (MEMBER, SPEAKER)
DAYS = 7
"""How long an invitation holds."""


class OfGroup(KeywordFlow):
    """What a speaker does for their group: for which, where they speak for several, is asked."""

    def chosen(self, conversation: Conversation, group: str, moment: Moment) -> Step:
        """What follows once the group's code is known."""
        raise NotImplementedError

    def which(self, conversation: Conversation) -> Question:
        groups, names = conversation.answers["groups"], conversation.answers["names"]
        assert isinstance(groups, list)
        assert isinstance(names, list)
        return self.offers(conversation, zip(groups, names, strict=True), self._said("group_which", conversation))

    def found(self, conversation: Conversation, groups: tuple[SeenGroup, ...], moment: Moment) -> Step:
        if not groups:
            return self.say(conversation, "group_none")
        if len(groups) == 1:
            return self.chosen(conversation, groups[0].code, moment)
        listed = {"groups": [one.code for one in groups], "names": [shortened(one.name) for one in groups]}
        return self.ask(replace(conversation, answers={**conversation.answers, **listed}), "which", moment)

    def _said(self, key: str, conversation: Conversation) -> str:
        return self.texts.say(key, conversation.language)


class Invite(OfGroup):
    word = "invite"

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        return conversation.on(""), (FindGroups(),)

    def question(self, conversation: Conversation) -> Question:
        if conversation.at == "which":
            return self.which(conversation)
        return self.offers(conversation, [(one, self._said(f"role_{one}", conversation)) for one in ROLES])

    def chosen(self, conversation: Conversation, group: str, moment: Moment) -> Step:
        return self.ask(replace(conversation, answers={"group": group}), "role", moment)

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == "which":
            return self.chosen(conversation, str(value), moment)
        return conversation.on(""), (InviteInto(str(conversation.answers["group"]), str(value)),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        if isinstance(outcome.effect, FindGroups):
            return self.found(conversation, outcome.found, moment)
        if outcome.done:
            return self.say(conversation, "invite_thanks", code=outcome.found, days=DAYS)
        return self.say(conversation, "many" if outcome.detail == "many" else "group_none")


class Member(KeywordFlow):
    word = "member"
    codes: ClassVar[bool] = True
    sure: ClassVar[frozenset[str]] = frozenset({"sure"})

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        code = "".join(numbers(text))
        return (conversation.on(""), (FindInvitation(code),)) if code else self.ask(conversation, "code", moment)

    def question(self, conversation: Conversation) -> Question:
        if conversation.at == "code":
            return self.asks(conversation, "open")
        return self.asks(conversation, "yes-no", str(conversation.answers["said"]))

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == "code":
            code = "".join(numbers(str(value)))
            if not code:
                return self.again(conversation, "unknown_code", moment)
            return conversation.on(""), (FindInvitation(code),)
        if value != "yes":
            return self.say(conversation, "member_not")
        return conversation.on(""), (ComeIn(str(conversation.answers["code"])),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        seen: SeenInvitation = outcome.found
        match outcome.effect:
            case FindInvitation(code) if outcome.done:
                role = self.texts.say(f"role_{seen.role}", conversation.language)
                said = self.texts.say("member_sure", conversation.language, name=shortened(seen.name), role=role)
                return self.ask(replace(conversation, answers={"said": said, "code": code}), "sure", moment)
            case _ if outcome.done:
                return self.say(conversation, f"member_joined_{seen.role}", code=seen.code)
            case _:
                return self.say(conversation, REFUSED.get(outcome.detail, "member_unknown"))


REFUSED = {"used": "member_used", "old": "member_old", "already": "member_already", "tries": "link_tries"}
