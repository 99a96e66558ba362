"""Who hears a message: the order in which system words, keywords and the conversation in progress are asked.

    system word alone > a pending yes/no > keyword alone > the conversation in progress > keyword first > fallback

Pure: knows texts and flows, and no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.engine import SurveyFlow
from surveys.flow import Conversation, Flow
from surveys.flows import system_flows
from surveys.keywords import Keyword, Keywords, survey_keywords, system_keywords
from surveys.match import normalise
from surveys.texts import Texts


@dataclass(frozen=True, slots=True)
class Call:
    """Start or resume this flow. `language` is the word's own, "" where it is of several; `text` is what followed."""

    flow: Flow
    language: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The conversation in progress hears it. `leaving` says that it begins with STOP and is no STOP."""

    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Fallback:
    """Nobody knows this message."""


Route = Call | Answer | Fallback


class Router:
    """Every flow that can be called, by its words. Made when the polls are loaded, and again when they change."""

    def __init__(
        self,
        flows: Mapping[str, SurveyFlow],
        texts: Texts,
        earlier: Mapping[str, Flow] | None = None,
        closed: Mapping[str, SurveyFlow] | None = None,
    ) -> None:
        """`flows` are the open polls by name; `earlier` versions of them, by id, can only be finished. `closed` ones
        are called too, to be told that they are over, unless an open one has taken their word."""
        self.texts = texts
        self.system = system_flows(texts, tuple(flow.survey for flow in flows.values()))
        flows = {**flows, **(closed or {})}
        self.flows = {**(earlier or {}), **{flow.id: flow for flow in (*self.system.values(), *flows.values())}}
        self.table = Keywords(
            [*system_keywords(texts), *(word for flow in flows.values() for word in survey_keywords(flow.survey))]
        )
        self._starts = dict(flows)
        self._called: dict[str, Flow] = {f"survey:{name}": flow for name, flow in flows.items()}
        self._called |= {flow.id: flow for flow in self.system.values()}

    def named(self, start: str, channel: str = "") -> Call | None:
        """What a USSD code, a bot or a page starts: a poll by its name, or whatever the keyword calls."""
        flow = self._starts.get(start)
        if flow is not None:
            return Call(flow)
        keyword = self.table.alone(normalise(start), channel)
        # Who dials a code has said nothing in any language.
        return None if keyword is None or keyword.system else Call(self._called[keyword.flow])

    def keyword(self, survey: str, language: str) -> str:
        """The word to send for a poll, in this language if there is one."""
        words = sorted(self.table.of(f"survey:{survey}"), key=lambda word: (word.language != language, *word.channels))
        return words[0].word.upper() if words else survey.upper()

    def route(self, text: str, flow: Flow | None, conversation: Conversation | None, channel: str = "") -> Route:
        """`flow` and `conversation` are those in progress, if any; `channel` is the name of the one it came over."""
        typed = normalise(text)
        first, _, rest = typed.partition(" ")
        alone = self.table.alone(typed, channel)
        if alone is not None and alone.system:
            return self._call(alone)
        if rest.isdigit() and (leading := self.table.first(first, channel)) and leading.system:
            return self._call(leading, rest)  # LINK 123456
        if flow is not None and conversation is not None:
            if flow.awaits_yes_no(conversation) and self._is_yes_no(typed):
                return Answer()
            return self._call(alone) if alone else Answer(leaving=first in self.texts.words("stop"))
        if alone is not None:
            return self._call(alone)
        leading = self.table.first(first, channel)
        return self._call(leading, text.strip().partition(" ")[2].strip()) if leading else Fallback()

    def _call(self, keyword: Keyword, text: str = "") -> Call:
        return Call(self._called[keyword.flow], keyword.language, text)

    def _is_yes_no(self, typed: str) -> bool:
        return typed in self.texts.words("yes") or typed in self.texts.words("no")
