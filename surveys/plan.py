"""A person's way through a survey: the order of its questions, and each question as this person gets it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from surveys.draws import drawn_order
from surveys.flow import Value
from surveys.model import Question, Survey
from surveys.model import Texts as TextByLanguage
from surveys.texts import Texts, shown
from surveys.types import TYPES
from surveys.types.base import Asked, Scene

Answers = Mapping[str, Value]

HOLE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
"""Where a text names an earlier answer."""

KEPT = 10_000
"""How many forms of questions that differ by person are kept made."""

LONGEST_PIECE = 100
"""Characters of an answer that a later text repeats."""


class Plan:
    """One survey's questions in a person's order, and in the form that this person gets."""

    def __init__(self, survey: Survey, texts: Texts) -> None:
        self.survey = survey
        self._asked = {
            question.id: TYPES[question.type](question, texts) for question in survey.questions if not question.silent
        }
        self._varies = frozenset(
            question.id
            for question in survey.questions
            if question.instead or question.draws or any(option.when for option in question.options)
        )
        self._piping = frozenset(question.id for question in survey.questions if _pipes(question))
        self.open = frozenset(name for name, asked in self._asked.items() if asked.open)
        self._order = lru_cache(KEPT)(lambda seed: tuple(_order(survey, seed)))
        self._made = lru_cache(KEPT)(
            lambda name, wording, ids: TYPES[survey.question(name).type](
                _formed(survey.question(name), wording, ids), texts
            )
        )

    def after(self, at: str, seed: int) -> Iterator[Question]:
        """The questions after `at` (all of them for one that is not in the survey), in the order drawn by `seed`."""
        questions, place = self.survey.questions, self.survey.places.get(at, -1)
        if not self.survey.shuffles:
            yield from questions[place + 1 :]
            return
        order = self._order(seed)
        for index in order[order.index(place) + 1 if place >= 0 else 0 :]:
            yield questions[index]

    def is_same_for_all(self, name: str) -> bool:
        """Whether the question has one form, and repeats no answer."""
        return name not in self._varies and name not in self._piping

    def text(self, question: Question, answers: Answers) -> TextByLanguage:
        """The question's text in the wording that counts for this person."""
        place = _wording(question, answers)
        return question.text if place < 0 else question.instead[place].text

    def asked(self, name: str, answers: Answers, seed: int) -> Asked:
        """The question as this person gets it: its wording, its options and their order."""
        if name not in self._varies:
            return self._asked[name]
        question = self.survey.question(name)
        return self._made(name, _wording(question, answers), _offered(question, answers, seed))

    def is_called_for(self, question: Question, answers: Answers) -> bool:
        """Whether its condition holds, and an option is left where it has any."""
        if question.when is not None and not question.when(answers):
            return False
        options = question.options
        return not options or any(option.when is None or option.when(answers) for option in options)

    def piped(self, text: str, scene: Scene) -> str:
        """The text with earlier answers put in by name. What is put in is not read again."""
        answers, language = scene.answers, scene.language

        def piece(hole: re.Match[str]) -> str:
            name = hole[1]
            if name not in self.survey.places:
                return hole[0]
            value = answers.get(name)
            if value is None:
                return "…"
            asked = self.asked(name, answers, scene.seed) if name in self._asked else None
            said = asked.told(value, scene) if asked is not None else shown(value, language)
            return " ".join(said.split())[:LONGEST_PIECE]

        return HOLE.sub(piece, text) if "{" in text else text


def _pipes(question: Question) -> bool:
    texts = [question.text, question.hint or {}, *(wording.text for wording in question.instead)]
    return any(HOLE.search(text) for by_language in texts for text in by_language.values())


def _order(survey: Survey, seed: int) -> list[int]:
    order = list(range(len(survey.questions)))
    for shuffle in survey.shuffles:
        blocks, start = [], shuffle.start
        for length in shuffle.blocks:
            blocks.append(order[start : start + length])
            start += length
        drawn = drawn_order(map(str, range(len(blocks))), seed, shuffle.name)
        order[shuffle.start : start] = [place for block in drawn for place in blocks[int(block)]]
    return order


def _wording(question: Question, answers: Answers) -> int:
    """Which other wording counts, from 0; -1 for the question's own text."""
    return next((place for place, wording in enumerate(question.instead) if wording.when(answers)), -1)


def _offered(question: Question, answers: Answers, seed: int) -> tuple[str, ...]:
    """The ids of the options that this person is offered, in the order drawn for them."""
    ids = [option.id for option in question.options if option.when is None or option.when(answers)]
    return tuple(drawn_order(ids, seed, question.id) if question.draws else ids)


def _formed(question: Question, wording: int, ids: tuple[str, ...]) -> Question:
    options = {option.id: option for option in question.options}
    text = question.text if wording < 0 else question.instead[wording].text
    return replace(question, text=text, options=tuple(options[name] for name in ids))
