"""Who is missing: groups that are fewer among those who answered than in the population, told from chance.

A group is missing where the upper end of its share's interval (Wilson, at 1 - 0.05 / groups tried) lies below its share
of the population; it is hardly there where its share is less than half of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import norm

from analysis.intervals import wilson
from analysis.raking import Category


@dataclass(frozen=True, slots=True)
class Missing:
    """`times` is how many times as large its share of the population is as of those who answered; None for nobody."""

    question: str
    category: str
    people: int
    population: float
    heard: float
    times: float | None

    @property
    def said(self) -> str:
        """In words, in English: for commands. Digests have texts of their own in each language."""
        share = f"{self.population:.0%} of the population"
        if not self.people:
            return f"Nobody was heard of {self.question} {self.category}, which is {share}."
        return (
            f"{self.question} {self.category} is {share}, and {self.heard:.0%} of those who answered "
            f"({self.people:,} {'person' if self.people == 1 else 'people'})."
        )


def missing(categories: Sequence[Category]) -> tuple[Missing, ...]:
    """The groups that were heard too little, those missed most first."""
    if not categories:
        return ()
    level = float(norm.isf(0.05 / len(categories) / 2))
    known = {
        name: sum(one.people for one in categories if one.question == name) for name in {c.question for c in categories}
    }
    found = []
    for one in categories:
        n = known[one.question]
        share = one.people / n if n else 0.0
        if wilson(one.people, n, level)[1] < one.population:
            times = one.population / share if share else None
            found.append(Missing(one.question, one.category, one.people, one.population, share, times))
    return tuple(sorted(found, key=lambda group: (group.heard - group.population, group.question, group.category)))
