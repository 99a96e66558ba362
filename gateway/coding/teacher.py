"""Which answer teaches the model most: the one that it is least sure about. Learns again as codings come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock, Thread

import numpy as np

from analysis.coding import Coder
from analysis.keywords import Codes
from analysis.learning import LEAST_ROWS, Model
from surveys.codebook import Codebook

GROWTH = 1.2
"""Learn again once there are so many times as many coded answers as the model learned from."""
LOOKED_AT = 5_000
"""Answers that are asked about at a time: the first of them in their order."""

Read = Callable[[Sequence[int]], Mapping[int, str]]
"""Opens the words of these answers."""


@dataclass(slots=True)
class _Lesson:
    learned_from: int = 0
    doubts: Mapping[int, float] = field(default_factory=dict)
    busy: bool = False


class Teacher:
    """Keeps, for each question, how unsure the model is of each answer: numbers only, no words.

    `at_once` learns before it answers; otherwise in a thread, and meanwhile what was known before holds.
    """

    def __init__(self, *, at_once: bool = False) -> None:
        self._lessons: dict[tuple[str, str], _Lesson] = {}
        self._lock = Lock()
        self._at_once = at_once

    def doubts(
        self, key: tuple[str, str], codebook: Codebook, coded: Mapping[int, Codes], others: Sequence[int], read: Read
    ) -> Mapping[int, float]:
        """By answer, from 0 (sure) to 1 (might as well be either); empty as long as too few are coded.

        `coded` are those that teach, with their themes, `others` those that wait.
        """
        with self._lock:
            lesson = self._lessons.setdefault(key, _Lesson())
            due = len(coded) >= max(LEAST_ROWS, GROWTH * lesson.learned_from) and not lesson.busy
            lesson.busy = lesson.busy or due
        if due and self._at_once:
            self._learn(lesson, codebook, dict(coded), others, read)
        elif due:
            Thread(target=self._learn, args=(lesson, codebook, dict(coded), others, read), daemon=True).start()
        return lesson.doubts

    def _learn(
        self, lesson: _Lesson, codebook: Codebook, coded: Mapping[int, Codes], others: Sequence[int], read: Read
    ) -> None:
        try:
            said = read(list(coded))
            coder = Coder(codebook, {said[answer]: codes for answer, codes in coded.items() if answer in said})
            waiting = read(others[:LOOKED_AT])
            doubts = _doubts(coder.model, waiting) if coder.model else {}
            with self._lock:
                lesson.learned_from, lesson.doubts = len(coded), doubts
        finally:
            with self._lock:
                lesson.busy = False


def _doubts(model: Model, texts: Mapping[int, str]) -> dict[int, float]:
    """How near the least certain of its codes is to a half; where each text has one, how near the two likeliest are."""
    if not texts:
        return {}
    chances = model.probabilities(list(texts.values()))
    if model.single:
        two = np.sort(chances, axis=1)[:, -2:]
        doubts = 1.0 - (two[:, -1] - two[:, 0])
    else:
        doubts = (1.0 - 2.0 * np.abs(chances - 0.5)).max(axis=1)
    return dict(zip(texts, doubts.tolist(), strict=True))
