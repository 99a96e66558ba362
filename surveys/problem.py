"""What is wrong in a file that somebody wrote, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process


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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ "; did you mean 'region'?" for the nearest of `known`, else what there is to choose from, else nothing."""
    names = list(known)
    nearest = process.extractOne(word[:80], names, scorer=fuzz.ratio, score_cutoff=60)
    if nearest is not None:
        return f"; did you mean '{nearest[0]}'?"
    return f"; there is {', '.join(names)}" if 0 < len(names) <= 12 else ""
