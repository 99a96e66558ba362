"""Differential privacy for counts that anybody may see: calibrated noise, so that one person's part can't be told.

With noise of the discrete Laplace distribution of scale `most` / epsilon, where one person can change at most `most`
of the counts by one each, whatever is published is at most e^epsilon times as likely with a person's answers as without
them (Dwork and others 2006; Ghosh, Roughgarden and Sundararajan 2012), whatever else is known or comes out.
Each further release of the same people's answers costs its own epsilon; together they add up.

The noise is opendp's, which draws it without the traps of floating point. Optional: pip install 'baraza[privacy]'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from math import ceil, exp, isfinite, log
from typing import Any


class NoiseError(Exception):
    """Noise can't be added: why, and what to do."""


DRAWS = 10
"""Draws that a budget is for, where none is written."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What a poll asks for: `epsilon` for each draw, `budget` for all of a wave's together."""

    epsilon: float
    budget: float


@dataclass(frozen=True, slots=True)
class Noisy:
    """`counts` with noise; negative ones are shown as 0, which gives nothing away. 95 times of 100 each is `within` so
    many of the true one (a 0 may stand for as many fewer)."""

    counts: Mapping[str, int]
    epsilon: float
    most: int
    within: int


def noisy(counts: Mapping[str, int], epsilon: float, most: int) -> Noisy:
    """`most` is how many of these counts one person is in: 1 for the options of a one-of, the maximum of a many-of.

    Not repeatable, which is what protects: never publish two draws of the same counts. Raises NoiseError.
    """
    if not (isfinite(epsilon) and epsilon > 0):
        raise NoiseError(f"An epsilon of {epsilon} promises nothing; take one above 0, such as 1.")
    if most < 1:
        raise NoiseError(f"A person is in {most} counts; it must be one at least.")
    dp = _opendp()
    scale = most / epsilon
    measure = dp.m.make_laplace(dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int), scale=scale)
    drawn = measure(list(counts.values())) if counts else []
    return Noisy(dict(zip(counts, (max(count, 0) for count in drawn), strict=True)), epsilon, most, within(scale))


def within(scale: float) -> int:
    """How far off a count is at most, 95 times of 100: the smallest t with P(|noise| > t) <= 0.05."""
    ratio = exp(-1 / scale)
    return max(0, ceil(log(0.05 * (1 + ratio) / 2) / log(ratio) - 1)) if ratio else 0


def _opendp() -> Any:
    try:
        dp = import_module("opendp.prelude")
    except ImportError:
        raise NoiseError("Noise needs opendp, which is not installed: pip install 'baraza[privacy]'.") from None
    dp.enable_features("contrib")
    return dp
