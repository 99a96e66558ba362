"""What is wrong in a file that somebody wrote, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

MAX_PROBLEMS: Final = 500
"""Where a file has more mistakes than this, the rest is told once these are mended."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. `line` and `column` count from 1; `message` says what is wrong and how to mend it."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class SurveyError(ValueError):
    """A file is refused. `problems` holds all that is wrong with it, sorted by line; its text has one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """ "; did you mean 'region'?" for what `word` may have been meant to be, "" where nothing is near."""
    found = process.extractOne(word[:80], list(known), scorer=fuzz.ratio, score_cutoff=60)
    return f"; did you mean '{found[0]}'?" if found else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest of `known`, else what there is to choose from, else ""."""
    names = list(dict.fromkeys(known))
    return nearest(word, names) or (f"; there is {', '.join(names)}" if 0 < len(names) <= 12 else "")
