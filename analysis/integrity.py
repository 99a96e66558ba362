"""Flags for answers that look coordinated, or given without reading. A flag is a question to a person, not a verdict.

Nothing is removed: results are shown with the flagged and without them, and where that makes no difference, it does
not matter who they are.

- same text: the same words from several people, long enough not to be chance
- burst: many more people beginning within a short time than in the rest of the poll
- straight line: one answer to every scale of a row of several
- too fast: a time for each answer in which nobody reads a question
- neighbours: numbers next to each other, as when SIM cards were bought together

Nobody's number comes here: whoever holds the vault says which people have neighbouring numbers (`neighbours`), as
groups of pseudonyms and nothing else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

import numpy as np
import pandas as pd
import regex
from numpy.typing import NDArray
from scipy.stats import poisson


class Flag(StrEnum):
    SAME_TEXT = "same-text"
    BURST = "burst"
    STRAIGHT_LINE = "straight-line"
    TOO_FAST = "too-fast"
    NEIGHBOURS = "neighbours"


@dataclass(frozen=True, slots=True)
class Flagged:
    """People (pseudonyms) who share one flag for one reason. `why` is counts and times, never words or numbers."""

    flag: Flag
    people: tuple[int, ...]
    why: str


LEAST_SIGNS = 15
"""Letters and digits from which the same text is no chance: "water and food" is often said, and is shorter."""
LEAST_PEOPLE = 3
WINDOW = 600.0
"""Seconds: a burst is looked for within ten minutes."""
RARE = 1e-6
"""How rarely chance alone would bring as many people within a window, for all windows together."""
LEAST_POINTS = 5
"""Scales from which one and the same answer to all of them is a line."""
FASTEST = 2.0
"""Seconds for an answer: nobody reads a question and types in less."""
LEAST_TIMES = 4


def same_marks(question: str, people: NDArray[np.int64], marks: NDArray[np.int64]) -> list[Flagged]:
    """`marks` are the fingerprints of texts that were given to one question, by person."""
    order = np.lexsort((people, marks))
    starts = np.flatnonzero(np.diff(marks[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    found = []
    for start, size in zip(starts[sizes >= LEAST_PEOPLE], sizes[sizes >= LEAST_PEOPLE], strict=True):
        several = _people(np.unique(people[order[start : start + size]]).tolist())
        if len(several) >= LEAST_PEOPLE:
            found.append(Flagged(Flag.SAME_TEXT, several, f"{_many(several)} gave one text to {question}"))
    return found


def fingerprint(text: str) -> int:
    """The same for the same text, without case, accents, signs and spaces; 0 for one that is often given by chance."""
    plain = _plain(text)
    if len(plain) < LEAST_SIGNS:
        return 0
    return 1 + (int.from_bytes(blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 2)


_SIGNS = regex.compile(r"[^\p{L}\p{N}]+")


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", str(text)).casefold()
    return _SIGNS.sub("", "".join(sign for sign in folded if not unicodedata.combining(sign)))


def bursts(began: pd.Series[float], window: float = WINDOW, rare: float = RARE) -> list[Flagged]:
    """`began` are seconds (of any start) by person. A burst holds more people within `window` than chance would, at the
    pace of the rest of the poll, with a chance of `rare` for all windows. A broadcast makes bursts too: they are to be
    held against when it went out."""
    times = began.dropna().sort_values()
    if len(times) < 2 * LEAST_PEOPLE:
        return []
    values = times.to_numpy(float)
    # The pace is the median over windows in which anybody began, so that a burst does not raise it itself.
    windows = np.floor((values - values[0]) / window)
    counts = np.bincount(windows.astype(np.intp)) if windows[-1] < 1e7 else np.unique(windows, return_counts=True)[1]
    pace = max(float(np.median(counts[counts > 0])), 1.0)
    most = float(poisson.isf(rare / max(len(counts), 1), pace))
    ends = np.searchsorted(values, values + window, side="right")
    full = ends - np.arange(len(values)) > most
    found = []
    at = 0
    while at < len(values):
        if not full[at]:
            at += 1
            continue
        end = int(ends[at])
        while full[at:end].any() and (reach := int(ends[at:end][full[at:end]].max())) > end:
            end = reach
        people = _people(times.index[at:end])
        minutes = (values[end - 1] - values[at]) / 60
        found.append(
            Flagged(Flag.BURST, people, f"{_many(people)} began within {minutes:.0f} minutes; usual are {pace:.0f}")
        )
        at = end
    return found


def straight_lines(scales: pd.DataFrame, least: int = LEAST_POINTS) -> list[Flagged]:
    """`scales` have a row a person (the index) and a column a scale of the same points; flagged is who gave `least` or
    more of them the same point, and no other, where the others' answers differ."""
    answered = scales.notna().sum(axis=1)
    line = (scales.nunique(axis=1) == 1) & (answered >= least)
    if not line.any() or line.sum() > len(scales) / 2:
        return []  # where most say the same everywhere, it is what they think
    people = _people(scales.index[line])
    return [Flagged(Flag.STRAIGHT_LINE, people, f"{_many(people)} gave one point to {least} scales or more")]


def too_fast(
    people: NDArray[np.int64], seconds: NDArray[np.float64], answers: NDArray[np.int64], fastest: float = FASTEST
) -> list[Flagged]:
    """`seconds` from the first word to the last, and how many `answers` there are, by person."""
    quick = people[(answers >= LEAST_TIMES) & (seconds < fastest * answers)]
    if not len(quick):
        return []
    who = _people(quick)
    return [Flagged(Flag.TOO_FAST, who, f"{_many(who)} answered in less than {fastest:g} seconds a question")]


def neighbouring(neighbours: Iterable[Sequence[int]], least: int = LEAST_PEOPLE) -> list[Flagged]:
    """`neighbours` are groups of people whose numbers lie next to each other; see `neighbours`."""
    groups = [tuple(sorted(set(group))) for group in neighbours]
    return [
        Flagged(Flag.NEIGHBOURS, group, f"{_many(group)} have numbers next to each other")
        for group in sorted(groups)
        if len(group) >= least
    ]


def neighbours(
    people: NDArray[np.int64], numbers: NDArray[np.int64], apart: int = 5, least: int = LEAST_PEOPLE
) -> list[tuple[int, ...]]:
    """For whoever holds the vault, and nowhere else: groups of people whose numbers follow each other with gaps of
    `apart` at most. What comes out holds no number, and says of no two people which is the higher."""
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[order]) > apart) + 1
    begins, ends = np.concatenate([[0], starts]), np.concatenate([starts, [len(order)]])
    long = ends - begins >= least
    return sorted(
        tuple(sorted(people[order[begin:end]].tolist())) for begin, end in zip(begins[long], ends[long], strict=True)
    )


def _many(people: Sequence[int]) -> str:
    return f"{len(people)} {'person' if len(people) == 1 else 'people'}"


def _people(people: Iterable[object]) -> tuple[int, ...]:
    return tuple(sorted({int(str(person)) for person in people}))
