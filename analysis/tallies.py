"""All that is counted of answers that somebody brings: estimates, weights, who is missing, response, waves, rates.

Where there are several waves, questions, weights and response are of the newest one; changes are between all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import aapor
from analysis.brought import Brought
from analysis.estimates import CHOSE, INTERVALS, Crosstab, Estimate, crosstab, estimate
from analysis.margins import Population
from analysis.raking import Category, Raking, rake
from analysis.response import Response, by_group
from analysis.trends import Change, changes
from analysis.unheard import Missing, missing
from surveys.disposition import DISPOSITIONS

FINISHED = frozenset(("completed", "complete", "finished", "1.1"))
DIMENSIONS = ("channel", "language", "region")


@dataclass(frozen=True, slots=True)
class Weighting:
    """What raking came to, without anybody's weight. `unlisted` are answers that the margins don't have, with how many
    gave them: they keep the part that they have."""

    source: str
    categories: tuple[Category, ...]
    unlisted: dict[str, dict[str, int]]
    effective: float
    deff: float
    smallest: float
    largest: float
    trimmed: int
    cap: float
    met: bool
    gap: float


@dataclass(frozen=True, slots=True)
class OutcomeRates:
    """Of everybody (`by` is ""), or of one group of one dimension."""

    by: str
    group: str
    rates: aapor.Rates


@dataclass(frozen=True, slots=True)
class Tallies:
    """`said` comes first wherever this is shown: how people came to answer, what intervals are, who is missing."""

    said: tuple[str, ...]
    sample: str
    interval: str
    people: int
    wave: str | None
    waves: tuple[str, ...]
    weights: Weighting | None
    missing: tuple[Missing, ...]
    questions: tuple[Estimate, ...]
    crosstabs: tuple[Crosstab, ...]
    response: tuple[Response, ...]
    changes: tuple[Change, ...]
    outcome_rates: tuple[OutcomeRates, ...]


def tallies(
    brought: Brought, population: Population, *, by: Sequence[str] = (), sample: str = CHOSE, e: float | None = None
) -> Tallies:
    """`by` are questions, or what is known of people, within whose groups every question is counted, too."""
    waves = _waves(brought.about)
    newest = np.ones(len(brought.about), np.bool_)
    if waves:
        newest = (brought.about["wave"] == waves[-1]).to_numpy()
    answered = brought.answers.notna().any(axis=1).to_numpy()
    now = newest & answered
    about, answers = brought.about[now].reset_index(drop=True), brought.answers[now].reset_index(drop=True)
    base = about["weight"].to_numpy(float) if "weight" in about else None
    raked = rake(
        _texts(answers, [margin.question for margin in population.margins]), population.margins, population.cap, base
    )
    heard_too_little = missing(raked.categories)
    groups = {name: answers[name] if name in answers else about[name] for name in by}
    outcome_rates = tuple(_rates(brought, newest, sample, e))
    said = [INTERVALS[sample], *(one.said for one in heard_too_little)]
    if "disposition" in brought.about and not outcome_rates:
        said.append("No outcome rates: people opted in, so nobody knows how many heard of the poll.")
    if population.margins and not raked.met:
        said.append(
            f"The weights miss the margins by up to {raked.gap:.1%}: no weight may be above {population.cap:g}."
        )
    return Tallies(
        said=tuple(said),
        sample=sample,
        interval=INTERVALS[sample],
        people=len(about),
        wave=waves[-1] if waves else None,
        waves=tuple(waves),
        weights=_weighting(raked, population, answers) if population.margins or base is not None else None,
        missing=heard_too_little,
        questions=tuple(estimate(str(name), answers[name], raked.weights) for name in answers),
        crosstabs=tuple(
            crosstab(str(name), answers[name], group, column, raked.weights)
            for group, column in groups.items()
            for name in answers
            if name != group
        ),
        response=tuple(_response(about, answers)),
        changes=tuple(_changes(brought, waves)),
        outcome_rates=outcome_rates,
    )


def _waves(about: pd.DataFrame) -> list[str]:
    """In the order of their numbers, or of their names."""
    found = [str(name) for name in about["wave"].dropna().unique()] if "wave" in about else []
    return sorted(
        found, key=lambda name: (0, float(name), "") if name.replace(".", "", 1).isdecimal() else (1, 0.0, name)
    )


def _texts(answers: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Answers as margins name them: 1 where a column of numbers has 1.0."""
    columns = {name: answers[name] for name in names}
    for name, column in columns.items():
        if pd.api.types.is_numeric_dtype(column):
            columns[name] = column.map("{:g}".format, na_action="ignore")
    return pd.DataFrame(columns, index=answers.index)


def _weighting(raked: Raking, population: Population, answers: pd.DataFrame) -> Weighting:
    unlisted: dict[str, dict[str, int]] = {}
    for margin in population.margins:
        counts = _texts(answers, [margin.question])[margin.question].value_counts()
        others = {str(name): int(count) for name, count in counts.items() if name not in margin.shares}
        if others:
            unlisted[margin.question] = others
    return Weighting(
        source=population.source,
        categories=raked.categories,
        unlisted=unlisted,
        effective=raked.effective,
        deff=raked.deff,
        smallest=float(raked.weights.min(initial=np.inf)) if len(raked.weights) else 1.0,
        largest=float(raked.weights.max(initial=0.0)),
        trimmed=raked.trimmed,
        cap=population.cap,
        met=raked.met,
        gap=raked.gap,
    )


def _response(about: pd.DataFrame, answers: pd.DataFrame) -> Iterator[Response]:
    given: NDArray[np.bool_] = answers.notna().to_numpy()
    finished = given[:, -1].copy()
    for name in ("status", "disposition"):
        if name in about:
            finished |= about[name].isin(FINISHED).to_numpy()
    channel = about["channel"] if "channel" in about else pd.Series(None, index=about.index, dtype=object)
    yield from by_group(given, finished, [str(name) for name in answers], channel)


def _changes(brought: Brought, waves: Sequence[str]) -> Iterator[Change]:
    if len(waves) < 2:
        return
    for name in brought.answers:
        column = brought.answers[name]
        if pd.api.types.is_numeric_dtype(column):
            continue
        parts = column.dropna().map(lambda value: value if isinstance(value, tuple) else (value,))
        options = sorted({str(option) for value in parts for option in value})
        rows = brought.about[["person", "wave"]].assign(answer=column)
        yield from changes(str(name), rows, waves, options)


def _rates(brought: Brought, newest: NDArray[np.bool_], sample: str, e: float | None) -> Iterator[OutcomeRates]:
    """Of everybody and by group, where there was a sample and the file says what became of each person."""
    if sample == CHOSE or "disposition" not in brought.about:
        return
    about = brought.about[newest]
    codes = about["disposition"].map(_code, na_action="ignore")
    yield OutcomeRates("", "", aapor.rates(aapor.outcomes(_counts(codes)), e))
    for by in DIMENSIONS:
        groups = about[by] if by in about else brought.answers.loc[newest, by] if by in brought.answers else None
        if groups is None:
            continue
        for name in sorted(str(name) for name in groups.dropna().unique()):
            mine = aapor.outcomes(_counts(codes[groups.astype(str) == name]))
            yield OutcomeRates(by, name, aapor.rates(mine, e))


def _code(disposition: Any) -> str:
    """AAPOR's code of one of the gateway's own dispositions; a code as it is."""
    known = DISPOSITIONS.get(str(disposition))
    return (known.code or "3.19") if known else str(disposition)


def _counts(codes: pd.Series[str]) -> dict[str, int]:
    return {str(code): int(count) for code, count in codes.value_counts().items()}
