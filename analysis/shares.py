"""The share of answers that have a code, with an interval that knows of wrong codes.

A machine coded all answers; of a part that was drawn at random people said what is right. Within those that the machine
gave the code, and within the others, the part says how many have it; both, weighed by how many there are of each, make
the share. This is the post-stratified estimator (Holt and Smith, "Post stratification", JRSS A 142, 1979): for a yes or
no it is prediction-powered inference at its best weight (Angelopoulos et al., Science 382, 2023).

How unsure each of the three proportions is follows Jeffreys (Brown, Cai and DasGupta, Statistical Science 16, 2001), so
that a part without a single mistake does not make the machine infallible. Mean and variance of the whole are exact; the
interval is that of the beta distribution which has them.

`reweighted` carries such a share over to a population of which the machine gave the code to another share. It takes the
machine to miss and to mistake a theme as often in each group (errors that don't hang on the group, as Rogan and Gladen
took them, American Journal of Epidemiology 107, 1978): what it gives then moves by less than the truth, by one slope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.stats import beta

from analysis.intervals import Z95

LEAST = 40
"""Answers drawn at random without which nothing is corrected: as many as a model needs."""
UNSURE = 0.4
"""The relative standard error from which a slope tells nothing."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share and its 95 % interval. Those who answered are taken as a random sample, as everywhere in a digest.

    `slope` is by how much the truth moves where what the machine gives moves by one, and `error` that slope's standard
    error; None where those drawn don't tell.
    """

    value: float
    low: float
    high: float
    slope: float | None = None
    error: float = 0.0


def corrected(given: int, n: int, drawn: Sequence[tuple[bool, bool]]) -> Share | None:
    """The machine gave the code to `given` of `n` answers; `drawn` are those drawn at random: whether the machine gave
    it, not having seen what people said of this very answer, and whether people did.

    None where fewer than LEAST were drawn.
    """
    if len(drawn) < LEAST or n <= 0:
        return None
    weight, weight2 = _moments(given, n)
    inside = [truth for machine, truth in drawn if machine]
    outside = [truth for machine, truth in drawn if not machine]
    right, right2 = _moments(sum(inside), len(inside))
    missed, missed2 = _moments(sum(outside), len(outside))
    mean = weight * right + (1 - weight) * missed
    square = weight2 * right2 + 2 * (weight - weight2) * right * missed + (1 - 2 * weight + weight2) * missed2
    low, high = _within(mean, max(square - mean * mean, 1e-12))
    slope, error = _slope(weight, mean, (right, right2 - right * right), (missed, missed2 - missed * missed))
    return Share(mean, low, high, slope, error)


def reweighted(found: Share, given: float, weighted: float, n: float, effective: float) -> Share | None:
    """The share in a population: the machine gave the code to `given` of the `n` who answered, and, once they are
    weighted, to `weighted`; they then tell as much as `effective` people. None where the slope is not known."""
    if found.slope is None or not 0 < given < 1:
        return None
    moved = weighted - given
    mean = min(max(found.value + found.slope * moved, 0.5 / n), 1 - 0.5 / n)
    whole = ((found.high - found.low) / (2 * Z95)) ** 2
    of_people = (found.value * (1 - found.value) / found.slope) ** 2 / (given * (1 - given) * n)
    of_sample = max(whole - of_people, 0.0)
    of_weights = found.slope**2 * weighted * (1 - weighted) / effective
    return Share(mean, *_within(mean, of_sample + of_weights + (moved * found.error) ** 2))


def _slope(
    given: float, mean: float, right: tuple[float, float], missed: tuple[float, float]
) -> tuple[float | None, float]:
    """1 / (sensitivity + specificity - 1), and its standard error (to first order). `right` and `missed` are how many
    have the code where it was given and where not, with their variances."""
    gap = right[0] - missed[0]
    if gap <= 0:
        return None, 0.0
    slope = mean * (1 - mean) / (gap * given * (1 - given))
    bent = (1 - 2 * mean) / (mean * (1 - mean))
    by_right, by_missed = 1 / gap - given * bent, 1 / gap + (1 - given) * bent
    relative = sqrt(by_right**2 * right[1] + by_missed**2 * missed[1])
    return (slope, slope * relative) if relative < UNSURE else (None, 0.0)


def _within(mean: float, variance: float) -> tuple[float, float]:
    """The middle 95 % of the beta distribution of this mean and variance."""
    size = max(mean * (1 - mean) / variance - 1, 1e-3)
    low, high = beta.ppf((0.025, 0.975), mean * size, (1 - mean) * size)
    return float(low), float(high)


def _moments(count: int, n: int) -> tuple[float, float]:
    """The mean of a proportion and of its square, after Jeffreys."""
    one, both = count + 0.5, n + 1.0
    return one / both, one * (one + 1) / (both * (both + 1))
