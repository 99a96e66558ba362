"""PROPOSE: plan an initiative, one question at a time; PROPOSE <code> for a concern that it serves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import FindConcern, ProposeInitiative
from surveys.flows.coordination.words import hour, numbers, place_name, sentence, shortened, when
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.gazetteer import Gazetteer
from surveys.model import Question
from surveys.texts import Texts

ORDER = ("what", "date", "hour", "place", "where", "most", "needs", "named", "sure")
SHORTEST, LONGEST = 8, 100
LONGEST_BESIDE = {"where": 50, "needs": 160}
"""Letters, so that a reminder fits two segments in every script."""

SOONEST, LATEST = timedelta(hours=1), timedelta(days=365)


class Propose(KeywordFlow):
    word = "propose"
    brief = False
    listed: ClassVar[int] = 5
    sure: ClassVar[frozenset[str]] = frozenset({"named", "sure"})
    needs = frozenset({"carries"})

    def __init__(self, texts: Texts, gazetteer: Gazetteer, zone: tzinfo) -> None:
        super().__init__(texts, zone)
        self.gazetteer = gazetteer

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        today = moment.now.astimezone(self.zone).date().isoformat()
        code = "".join(numbers(text)[:1])
        held = replace(conversation, answers={"today": today, "concern": code})
        return (held.on(""), (FindConcern(code),)) if code else self.ask(held, ORDER[0], moment)

    def question(self, conversation: Conversation) -> Question:
        at, answers = conversation.at, conversation.answers
        if at == "date":
            return self.asks(conversation, "date", minimum=str(answers["today"]))
        if at == "place":
            return self.asks(conversation, "place", gazetteer=self.gazetteer)
        if at == "most":
            return self.asks(conversation, "number", minimum=2, maximum=100_000, required=False)
        if at == "named":
            return self.asks(conversation, "yes-no")
        if at == "sure":
            return self.asks(conversation, "yes-no", self._summary(conversation))
        return self.asks(conversation, "open", required=at not in ("where", "needs"))

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        said = str(value or "")
        if at == "what" and not SHORTEST <= len(said) <= LONGEST:
            key = "concern_short" if len(said) < SHORTEST else "too_long"
            return self.again(conversation, key, moment, maximum=LONGEST)
        longest = LONGEST_BESIDE.get(at)
        if longest and len(said) > longest:
            return self.again(conversation, "too_long", moment, maximum=longest)
        if at == "hour":
            if hour(said) is None:
                return self.again(conversation, "wrong_hour", moment)
            if not SOONEST <= self._starts(conversation) - moment.now <= LATEST:
                return self.ask(conversation, "date", moment, self.remark(conversation, "propose_past"))
        if at == "sure":
            return (
                (conversation, (self._effect(conversation),))
                if value == "yes"
                else self.say(conversation, "propose_not")
            )
        return self.ask(conversation, ORDER[ORDER.index(at) + 1], moment)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        if isinstance(outcome.effect, FindConcern):
            return self.ask(conversation, ORDER[0], moment) if outcome.done else self.say(conversation, "unknown_code")
        return self.say(conversation, "propose_thanks" if outcome.done else "many")

    def _starts(self, conversation: Conversation) -> datetime:
        answers = conversation.answers
        at = hour(str(answers["hour"]))
        assert at is not None
        return datetime.combine(date.fromisoformat(str(answers["date"])), at, self.zone)

    def _effect(self, conversation: Conversation) -> ProposeInitiative:
        answers = conversation.answers
        return ProposeInitiative(
            what=str(answers["what"]),
            starts_at=self._starts(conversation),
            place=str(answers["place"]),
            where=str(answers.get("where") or ""),
            most=int(float(str(answers.get("most") or 0))),
            needs=str(answers.get("needs") or ""),
            named=answers.get("named") == "yes",
            concern=str(answers.get("concern") or ""),
        )

    def _summary(self, conversation: Conversation) -> str:
        language = conversation.language
        place = place_name(self.gazetteer, str(conversation.answers["place"]), language)
        at = when(self._starts(conversation), language, self.zone)
        what = sentence(shortened(str(conversation.answers["what"])))
        return self.texts.say("propose_sure", language, what=what, when=at, place=place)
