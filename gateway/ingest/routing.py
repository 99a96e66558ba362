"""Who hears a message: the order in which system words, keywords and the conversation in progress are asked.

    system word alone > a pending yes/no > keyword alone > the conversation in progress > keyword first > fallback

A word that numbers follow (JOIN 4821) stands alone when it stands with its numbers.

Pure: knows texts and flows, and no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.engine import SurveyFlow
from surveys.flow import Conversation, Flow
from surveys.flows import system_flows
from surveys.flows.keyword import KeywordFlow
from surveys.flows.menu import Menu
from surveys.keywords import Keyword, Keywords, answers_of, flow_keywords, survey_keywords, system_keywords
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
        keyed: Sequence[KeywordFlow] = (),
        own: Sequence[Keyword] = (),
        topics: Mapping[str, Flow] | None = None,
    ) -> None:
        """`flows` are the open polls by name; `earlier` versions of them, by id, can only be finished. `closed` ones
        are called too, to be told that they are over, unless an open one has taken their word. `keyed` are the flows
        of keywords; a poll that was opened before one of them came keeps its word. `own` are words of them that no
        catalogue has, `topics` what STOP and a name leave.

        Interview guides have a table of their own: to whom none was given, their words are words like any other."""
        self.texts = texts
        public = tuple(flow.survey for flow in flows.values() if not is_guide(flow))
        self.system = system_flows(texts, public, menu=bool(keyed))
        self.keyed = {flow.word: flow for flow in ((*keyed, Menu(texts, keyed)) if keyed else ())}
        flows = {**flows, **(closed or {})}
        self.topics = {normalise(name): flow for name, flow in (topics or {}).items()}
        known = (*self.system.values(), *self.keyed.values(), *self.topics.values(), *flows.values())
        self.flows = {**(earlier or {}), **{flow.id: flow for flow in known}}
        codes = {word for word, flow in self.keyed.items() if flow.codes}
        self.table = Keywords(
            [
                *system_keywords(texts),
                *_words(flows.values(), guided=False),
                *(word for word in flow_keywords(texts, codes) if word.flow.removeprefix("flow:") in self.keyed),
                *own,
            ]
        )
        self._guides = Keywords(_words(flows.values(), guided=True))
        self._starts = dict(flows)
        self._called: dict[str, Flow] = {f"survey:{name}": flow for name, flow in flows.items()}
        self._called |= {flow.id: flow for flow in (*self.system.values(), *self.keyed.values())}
        self._answers: dict[str, frozenset[str]] = {}

    def named(self, start: str, channel: str = "") -> Call | None:
        """What a USSD code, a bot or a page starts: a poll by its name, or whatever the keyword calls."""
        flow = self._starts.get(start)
        if flow is not None:
            return Call(flow)
        keyword = self.table.alone(normalise(start), channel) or self._guides.alone(normalise(start), channel)
        # Who dials a code has said nothing in any language.
        return None if keyword is None or keyword.system else Call(self._called[keyword.flow])

    def keyword(self, name: str, language: str) -> str:
        """The word to send for a flow, in this language if there is one. `name` is the flow's, without a version."""
        known = (*self.table.of(name), *self._guides.of(name))
        words = sorted(known, key=lambda word: (word.language != language, *word.channels))
        return words[0].word.upper() if words else name.partition(":")[2].upper()

    def guide(self, text: str, flow: Flow | None, channel: str = "") -> Call | None:
        """The interview guide that this calls, if it may be run by whoever wrote it: ask before, and `route` if not."""
        typed = normalise(text)
        first, _, rest = text.strip().partition(" ")
        alone = self._guides.alone(typed, channel)
        leading = self._guides.first(normalise(first), channel) if flow is None and alone is None else None
        return self._call(alone) if alone else self._call(leading, rest.strip()) if leading else None

    def route(self, text: str, flow: Flow | None, conversation: Conversation | None, channel: str = "") -> Route:
        """`flow` and `conversation` are those in progress, if any; `channel` is the name of the one it came over."""
        typed = normalise(text)
        first, _, rest = typed.partition(" ")
        alone = self.table.alone(typed, channel)
        if alone is not None and alone.system:
            return self._call(alone)
        numbered = self.table.first(first, channel) if rest.replace(" ", "").isdigit() else None
        if numbered and numbered.system:
            return self._call(numbered, rest)  # LINK 123456
        if rest in self.topics and first in self.texts.words("stop"):
            return Call(self.topics[rest], self.texts.words("stop")[first])  # STOP BRIDGENEWS
        if flow is not None and conversation is not None:
            if flow.awaits_yes_no(conversation) and self._is_yes_no(typed):
                return Answer()
            if numbered and numbered.code and normalise(numbered.word) == first:
                return self._call(numbered, rest)  # JOIN 4821
            if alone and not alone.code and not self._answers_there(alone, flow):
                return self._call(alone)
            return Answer(leaving=first in self.texts.words("stop"))
        if alone is not None:
            return self._call(alone)
        leading = self.table.first(first, channel)
        return self._call(leading, text.strip().partition(" ")[2].strip()) if leading else Fallback()

    def _answers_there(self, keyword: Keyword, flow: Flow) -> bool:
        """Whether the word of a keyword flow is one that people answer to this poll. Of polls' own words the check of a
        poll says so before it is opened."""
        if not isinstance(flow, SurveyFlow) or not keyword.flow.startswith("flow:"):
            return False
        if flow.id not in self._answers:
            self._answers[flow.id] = frozenset(answers_of(flow.survey))
        return normalise(keyword.word) in self._answers[flow.id]

    def _call(self, keyword: Keyword, text: str = "") -> Call:
        return Call(self._called[keyword.flow], keyword.language, text)

    def _is_yes_no(self, typed: str) -> bool:
        return typed in self.texts.words("yes") or typed in self.texts.words("no")


def is_guide(flow: Flow) -> bool:
    return isinstance(flow, SurveyFlow) and flow.survey.guide is not None


def _words(flows: Iterable[SurveyFlow], *, guided: bool) -> list[Keyword]:
    return [word for flow in flows if is_guide(flow) is guided for word in survey_keywords(flow.survey)]
