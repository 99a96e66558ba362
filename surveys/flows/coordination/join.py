"""JOIN <code>: what it is, a yes, and what one could take on. LEAVE <code> undoes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Say, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import (
    FindInitiative,
    FindJoined,
    JoinInitiative,
    LeaveInitiative,
    SeenGroup,
    SeenInitiative,
    TakeTask,
)
from surveys.flows.coordination.words import line, numbers, place_name, sentence, shortened, when
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.gazetteer import Gazetteer
from surveys.model import Question
from surveys.texts import Texts

NONE = "none"


class Join(KeywordFlow):
    word = "join"
    codes: ClassVar[bool] = True
    listed: ClassVar[int] = 4
    sure: ClassVar[frozenset[str]] = frozenset({"sure"})

    def __init__(self, texts: Texts, gazetteer: Gazetteer, zone: tzinfo) -> None:
        super().__init__(texts, zone)
        self.gazetteer = gazetteer

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        code = "".join(numbers(text))
        return (conversation, (FindInitiative(code),)) if code else self.ask(conversation, "code", moment)

    def question(self, conversation: Conversation) -> Question:
        answers = conversation.answers
        if conversation.at == "code":
            return self.asks(conversation, "open")
        if conversation.at == "sure":
            return self.asks(conversation, "yes-no", str(answers["said"]))
        tasks, texts = answers["tasks"], answers["texts"]
        assert isinstance(tasks, list)
        assert isinstance(texts, list)
        nothing = (NONE, self.texts.say("join_nothing", conversation.language))
        return self.offers(conversation, [*zip(tasks, texts, strict=True), nothing])

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == "code":
            code = "".join(numbers(str(value)))
            return (conversation, (FindInitiative(code),)) if code else self.again(conversation, "unknown_code", moment)
        if at == "sure":
            if value == "yes":
                return conversation, (JoinInitiative(str(conversation.answers["joins"])),)
            return self.say(conversation, "join_not")
        if value == NONE:
            return self.say(conversation, "join_thanks")
        return conversation, (TakeTask(int(str(value))),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        match outcome.effect:
            case TakeTask():
                return self.say(conversation, "join_task_taken" if outcome.done else "join_task_full")
            case FindInitiative(code) if outcome.done:
                return self._offer(conversation, code, outcome.found, moment)
            case JoinInitiative() if outcome.done:
                return self._joined(conversation, outcome, moment)
            case _:
                return self.say(conversation, {"over": "join_over"}.get(outcome.detail, "unknown_code"))

    def _offer(self, conversation: Conversation, code: str, seen: SeenInitiative, moment: Moment) -> Step:
        if seen.state:
            return self.say(conversation, f"join_already_{seen.state}", code=code, when=self._when(conversation, seen))
        language = conversation.language
        values = {
            "text": sentence(seen.text),
            "when": self._when(conversation, seen),
            "place": place_name(self.gazetteer, seen.place, language),
            "full": self.texts.say("join_full", language) if seen.full else "",
        }
        said = " ".join(self.texts.say("join_sure", language, **values).split())
        return self.ask(replace(conversation, answers={"said": said, "joins": code}), "sure", moment)

    def _joined(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        seen: SeenInitiative = outcome.found
        values = {"code": seen.code, "when": self._when(conversation, seen), "where": seen.where}
        key = "join_where" if seen.where and seen.state == "joined" else f"join_{seen.state}"
        said = self.prompt(key, conversation, **self.words(conversation) | values)
        tasks = [task for task in seen.tasks if task.left > 0]
        if seen.state != "joined" or not tasks:
            return self.say(conversation, key, **values)
        held: dict[str, Value] = {
            "tasks": [str(task.id) for task in tasks],
            "texts": [f"{shortened(task.text, 40)} ({task.left})" for task in tasks],
        }
        return self.ask(replace(conversation, answers=held), "task", moment, Say(said))

    def _when(self, conversation: Conversation, seen: SeenInitiative) -> str:
        return when(seen.starts_at, conversation.language, self.zone)


class LeaveIt(KeywordFlow):
    word = "leave"
    codes: ClassVar[bool] = True

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        code = "".join(numbers(text))
        return conversation, (LeaveInitiative(code) if code else FindJoined(),)

    def question(self, conversation: Conversation) -> Question:
        codes, lines = conversation.answers["codes"], conversation.answers["lines"]
        assert isinstance(codes, list)
        assert isinstance(lines, list)
        return self.offers(conversation, zip(codes, lines, strict=True))

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        return conversation, (LeaveInitiative(str(value)),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        if isinstance(outcome.effect, LeaveInitiative):
            code = outcome.effect.code
            return self.say(conversation, "leave_done" if outcome.done else "leave_nothing", code=code)
        found: tuple[SeenInitiative | SeenGroup, ...] = outcome.found
        if not found:
            return self.say(conversation, "leave_nothing", code="")
        lines: list[str] = [
            shortened(one.name) if isinstance(one, SeenGroup) else line(one, conversation.language, self.zone)
            for one in found
        ]
        held: dict[str, Value] = {"codes": [one.code for one in found], "lines": lines}
        return self.ask(replace(conversation, answers=held), "which", moment)
