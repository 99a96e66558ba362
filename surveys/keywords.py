"""The words that call flows: one table for all of them, by channel, and what must not stand in it together.

A keyword counts as the whole message, or as its first word too, with case, accents and punctuation folded. Small
mistakes are forgiven in the first word of a message, and never make a system word: STOP is STOP, or an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from surveys.match import Miss, closest, normalise
from surveys.model import Restriction, Survey
from surveys.texts import Texts

SYSTEM = ("stop", "start", "help", "language", "mine", "forget", "link", "results")
"""Meanings of the words that are heard in any state, in every language of the catalogues."""

EVERYWHERE = Restriction()

TAKES_TEXT = ("link", "results", "language")
"""System words that more may follow: a code, the name of a poll, a language."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that calls a flow.

    `flow` names it without its version: survey:<name>, flow:<word>. `language` is the word's own, "" where it is of
    several. `channels` are the names of those where it counts, none for all. `alone` says that it counts as the
    whole message only. `system` words are heard in any state, and are never guessed from a misspelling. `code` says
    that numbers follow it: with them it is heard in the middle of a poll too, and without them it is an answer there.
    """

    word: str
    flow: str
    language: str = ""
    channels: frozenset[str] = frozenset()
    alone: bool = False
    system: bool = False
    code: bool = False


def system_keywords(texts: Texts) -> tuple[Keyword, ...]:
    return tuple(
        Keyword(word, f"flow:{meaning}", language, alone=meaning not in TAKES_TEXT, system=True)
        for meaning in SYSTEM
        for word, language in texts.words(meaning).items()
    )


def flow_keywords(texts: Texts, codes: Collection[str] = ()) -> tuple[Keyword, ...]:
    """The words of the keyword flows, in every language; `codes` are the meanings that numbers follow."""
    found: dict[str, Keyword] = {}
    for meaning in texts.called:
        for word, language in texts.words(meaning).items():
            found.setdefault(word, Keyword(word, f"flow:{meaning}", language, code=meaning in codes))
    return tuple(found.values())


def survey_keywords(survey: Survey) -> tuple[Keyword, ...]:
    """A poll's words, each once: one that stands in several languages tells nothing of the language."""
    found: dict[str, Keyword] = {}
    for language, words in survey.keywords.items():
        for word in words:
            name = normalise(word)
            known = found.get(name)
            where = survey.restrict.get(name, EVERYWHERE)
            found[name] = (
                replace(known, language="")
                if known
                else Keyword(word, f"survey:{survey.name}", language, where.channels, where.alone)
            )
    return tuple(found.values())


class Keywords:
    """The table. Where two entries have one word on one channel, the earlier counts: `clash` says that they do."""

    def __init__(self, entries: Iterable[Keyword]) -> None:
        self.entries = tuple(entries)
        named = {channel for entry in self.entries for channel in entry.channels}
        self._on = {channel: _Channel(self.entries, channel) for channel in ("", *named)}

    def alone(self, typed: str, channel: str = "") -> Keyword | None:
        """What a whole message calls, normalised."""
        return self._table(channel).words.get(typed)

    def first(self, word: str, channel: str = "") -> Keyword | None:
        """What the first word of a message calls, normalised; a misspelt one where only one can be meant."""
        return self._table(channel).first(word)

    def of(self, flow: str) -> tuple[Keyword, ...]:
        return tuple(entry for entry in self.entries if entry.flow == flow)

    def clash(self, keyword: Keyword) -> Keyword | None:
        """The first entry of another flow that matching could not tell apart from this word, small mistakes included.

        One slip must not turn a keyword into another, nor one into a system word.
        """
        name = normalise(keyword.word)
        return next((entry for entry in self.entries if _meet(entry, keyword) and _alike(entry, name)), None)

    def _table(self, channel: str) -> _Channel:
        return self._on.get(channel) or self._on[""]


class _Channel:
    """The entries of one channel, by their words as matched."""

    def __init__(self, entries: Iterable[Keyword], channel: str) -> None:
        self.words: dict[str, Keyword] = {}
        for entry in entries:
            if not entry.channels or channel in entry.channels:
                self.words.setdefault(normalise(entry.word), entry)
        self._leading = {name: entry for name, entry in self.words.items() if not entry.alone}
        self._listed = [entry for entry in self._leading.values() if not entry.system]
        self._places = {normalise(entry.word): place for place, entry in enumerate(self._listed)}

    def first(self, word: str) -> Keyword | None:
        exact = self._leading.get(word)
        if exact is not None or word in self.words:  # a word that counts alone is not another one misspelt
            return exact
        near = closest(word, self._places)
        return None if isinstance(near, Miss) else self._listed[near]


def _meet(one: Keyword, other: Keyword) -> bool:
    """Whether the two could be heard on one channel, and call different flows."""
    together = not one.channels or not other.channels or one.channels & other.channels
    return one.flow != other.flow and bool(together)


def _alike(entry: Keyword, name: str) -> bool:
    other = normalise(entry.word)
    return other == name or closest(name, {other: 0}) == 0


# What people answer --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """A word that answers a question: `question` of `survey`, "" for one that many questions understand."""

    word: str
    survey: str = ""
    question: str = ""


SHORTEST_PART = 3
"""A part of a label counts for it from so many letters on."""


def common_answers(texts: Texts, languages: Iterable[str]) -> dict[str, Answer]:
    """Yes, no and skip in every language, and the number words of `languages`: answers to many questions."""
    words = [word for meaning in ("yes", "no", "skip") for word in texts.words(meaning)]
    return {word: Answer(word) for word in (*words, *texts.numbers(languages))}


def answers_of(survey: Survey) -> dict[str, Answer]:
    """What people may answer to closed questions of a poll, normalised: labels, and the words in them."""
    found: dict[str, Answer] = {}
    for question in survey.questions:
        labels = [option.label for option in question.options] + list(question.ends or ())
        for text in {text for label in labels for text in label.values()}:
            name = normalise(text)
            for part in (name, *(word for word in name.split() if len(word) >= SHORTEST_PART)):
                if any(map(str.isalpha, part)):
                    found.setdefault(part, Answer(text, survey.name, question.id))
    return found


def stolen(keyword: Keyword, *answers: Mapping[str, Answer]) -> Answer | None:
    """The answer that nobody could give by word any more, because this keyword alone would call its flow."""
    name = normalise(keyword.word)
    return next((known[name] for known in answers if name in known), None)
