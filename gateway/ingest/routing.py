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
from surveys.match import Miss, closest, normalise
from surveys.texts import Texts

SYSTEM = ("stop", "start", "help", "language", "mine", "forget", "link", "results")
TAKES_TEXT = ("link", "results", "language")
"""System words that more may follow: a code, the name of a poll, a language."""


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
        self, flows: Mapping[str, SurveyFlow], texts: Texts, earlier: Mapping[str, Flow] | None = None
    ) -> None:
        """`flows` are the open polls by name; `earlier` versions of them, by id, can only be finished."""
        self.texts = texts
        self.system = system_flows(texts, tuple(flow.survey for flow in flows.values()))
        self.flows = {**(earlier or {}), **{flow.id: flow for flow in (*self.system.values(), *flows.values())}}
        self._starts = dict(flows)
        self._calls: dict[str, Call] = {}
        self._system = {
            word: Call(self.system[meaning], language)
            for meaning in reversed(SYSTEM)
            for word, language in texts.words(meaning).items()
        }
        self._leading = {word for meaning in TAKES_TEXT for word in texts.words(meaning)}
        for flow in flows.values():
            for language, words in flow.survey.keywords.items():
                for word in words:
                    name = normalise(word)
                    known = self._calls.get(name)
                    # The same word in two languages tells nothing of the language.
                    self._calls[name] = Call(flow, "" if known and known.language != language else language)
        self._numbers = {name: number for number, name in enumerate(self._calls)}
        self._names = list(self._calls)

    def named(self, start: str) -> Call | None:
        """What a USSD code, a bot or a page starts: a poll by its name, or whatever the keyword calls."""
        flow = self._starts.get(start)
        if flow is not None:
            return Call(flow)
        call = self._calls.get(normalise(start))
        # Who dials a code has said nothing in any language.
        return None if call is None else Call(call.flow)

    def keyword(self, survey: str, language: str) -> str:
        """The word to send for a poll, in this language if there is one."""
        flow = self._starts.get(survey)
        of_flow = {call.language: name for name, call in reversed(self._calls.items()) if call.flow is flow}
        return (of_flow.get(language) or next(iter(of_flow.values()), survey)).upper()

    def route(self, text: str, flow: Flow | None, conversation: Conversation | None) -> Route:
        """`flow` and `conversation` are those in progress, if any."""
        typed = normalise(text)
        first, _, rest = typed.partition(" ")
        call = self._system.get(typed)
        if call is None and first in self._leading and rest.isdigit():
            call = Call(self._system[first].flow, self._system[first].language, rest)  # LINK 123456
        if call is not None:
            return call
        if flow is not None and conversation is not None:
            if flow.awaits_yes_no(conversation) and self._is_yes_no(typed):
                return Answer()
            return self._calls.get(typed) or Answer(leaving=first in self.texts.words("stop"))
        return self._calls.get(typed) or self._first_word(first, text) or Fallback()

    def _is_yes_no(self, typed: str) -> bool:
        return typed in self.texts.words("yes") or typed in self.texts.words("no")

    def _first_word(self, first: str, text: str) -> Call | None:
        rest = text.strip().partition(" ")[2].strip()
        if first in self._leading:
            call = self._system[first]
            return Call(call.flow, call.language, rest)
        found = self._numbers.get(first)
        if found is None:
            near = closest(first, self._numbers)
            if isinstance(near, Miss):
                return None
            found = near
        call = self._calls[self._names[found]]
        return Call(call.flow, call.language, rest)
