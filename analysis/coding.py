"""Open answers grouped by the codes of a codebook.

Keyword rules pre-code, also by control codes, where no theme's keyword is found. A model learns from what people coded
(and from the codebook's examples) and adds the codes that it is sure of; where it is not sure of any and no keyword
was found, the answer is "unsure": a result, not a failure. Without coded answers there is nothing to estimate sureness
from, and the keywords work alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from analysis.keywords import Codes, Keywords
from analysis.learning import Guess, train
from analysis.shares import Share, corrected
from surveys.codebook import CONTROL, WRONG_QUESTION, Codebook


class By(StrEnum):
    """How an answer got its codes."""

    PEOPLE = "people"
    KEYWORDS = "keywords"
    MODEL = "model"
    BOTH = "both"  # keywords, and the model
    UNSURE = "unsure"  # there is a model, and it abstains
    NOTHING = "nothing"  # people, or the model, said that no code applies; or no keyword matched and there is no model


@dataclass(frozen=True, slots=True)
class Coded:
    """One answer's codes. `chance` is the model's, where it had a say: see analysis.learning.Guess.

    `machine` are the codes that keywords and model give, not having seen what people said of this very answer.
    """

    codes: Codes
    by: By
    chance: float = 1.0
    machine: Codes = ()


class Checked:
    """What the machine gave, counted while answers are coded, against what people said of those drawn at random."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()
        self._drawn: list[Coded] = []
        self._n = 0

    def add(self, coded: Coded, *, drawn: bool) -> None:
        """`drawn`: at random, and its codes are from people."""
        self._n += 1
        self._given.update(coded.machine)
        if drawn:
            self._drawn.append(coded)

    @property
    def drawn(self) -> int:
        return len(self._drawn)

    def shares(self, codes: Codes) -> dict[str, Share]:
        """By code, as far as there are enough to tell: see analysis.shares."""
        found = {
            code: corrected(
                self._given[code], self._n, [(code in one.machine, code in one.codes) for one in self._drawn]
            )
            for code in codes
        }
        return {code: share for code, share in found.items() if share}


class Coder:
    """A codebook's rules, and its model where enough answers were coded by people."""

    def __init__(self, codebook: Codebook, coded: Mapping[str, Codes] | None = None) -> None:
        """`coded`: the codes that people gave, by text, `()` for none. Codes that the codebook lacks don't count."""
        self.keywords = Keywords(codebook.codes)
        self.control = Keywords([code for code in codebook.special if code.id in CONTROL])
        self.order = tuple(code.id for code in codebook.codes)
        known = {text: self._ordered(codes) for text, codes in sorted((coded or {}).items())}
        self.by_people = {text: codes for text, codes in known.items() if codes or not (coded or {})[text]}
        examples = [
            (example, code.id) for code in codebook.codes for written in code.examples.values() for example in written
        ]
        self.model = train(list(self.by_people), list(self.by_people.values()), examples)
        self._unseen = dict(zip(self.by_people, self.model.unseen, strict=True)) if self.model else {}

    @property
    def moves(self) -> bool:
        """Whether there are keywords for answers to another question."""
        return any(WRONG_QUESTION in codes for codes in self.control.codes.values())

    def is_elsewhere(self, text: str) -> bool:
        """Whether keywords, and nothing but they, say that this answers another question; people's word goes first."""
        return text not in self.by_people and not self.keywords(text) and self.control(text) == (WRONG_QUESTION,)

    def __call__(self, texts: Sequence[str], moved: Sequence[bool] = ()) -> list[Coded]:
        """The codes of each text. What people coded is taken from them. `moved` says which came from another question:
        these are not of the wrong one any more."""
        guesses: Sequence[Guess | None] = self.model.guess(texts) if self.model and texts else [None] * len(texts)
        here = moved or [False] * len(texts)
        return [self._coded(*one) for one in zip(texts, guesses, here, strict=True)]

    def _coded(self, text: str, guess: Guess | None, moved: bool) -> Coded:
        if text in self.by_people:
            codes = self.by_people[text]
            alone = self._by_machine(text, self._unseen.get(text), moved)
            return Coded(codes, By.PEOPLE if codes else By.NOTHING, machine=alone.codes)
        found = self._by_machine(text, guess, moved)
        return replace(found, machine=found.codes)

    def _by_machine(self, text: str, guess: Guess | None, moved: bool) -> Coded:
        ruled = self.keywords(text)
        if not ruled and {*self.control(text)} - ({WRONG_QUESTION} if moved else set()):
            return Coded((), By.NOTHING)  # no theme can be given
        if guess is None:
            return Coded(ruled, By.KEYWORDS if ruled else By.NOTHING)
        if ruled:
            both = self._ordered((*ruled, *guess.codes))
            return Coded(both, By.BOTH, guess.chance) if guess.codes else Coded(ruled, By.KEYWORDS)
        if not guess.sure:
            return Coded((), By.UNSURE, guess.chance)
        return Coded(guess.codes, By.MODEL if guess.codes else By.NOTHING, guess.chance)

    def _ordered(self, codes: Codes) -> Codes:
        return tuple(code for code in self.order if code in codes)
