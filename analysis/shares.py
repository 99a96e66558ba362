"""The share of answers that have a code, with an interval that knows of wrong codes.

A machine coded all answers; of a part that was drawn at random people said what is right. Within those that the machine
gave the code, and within the others, the part says how many have it; both, weighed by how many there are of each, make
the share. This is the post-stratified estimator (Holt and Smith, "Post stratification", JRSS A 142, 1979): for a yes or
no it is prediction-powered inference at its best weight (Angelopoulos et al., Science 382, 2023).

How unsure each of the three proportions is follows Jeffreys (Brown, Cai and DasGupta, Statistical Science 16, 2001), so
that a part without a single mistake does not make the machine infallible. Mean and variance of the whole are exact; the
interval is that of the beta distribution which has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import beta

LEAST = 40
"""Answers drawn at random without which nothing is corrected: as many as a model needs."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share and its 95 % interval. Those who answered are taken as a random sample, as everywhere in a digest."""

    value: float
    low: float
    high: float


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
    variance = max(square - mean * mean, 1e-12)
    size = mean * (1 - mean) / variance - 1
    low, high = beta.ppf((0.025, 0.975), mean * size, (1 - mean) * size)
    return Share(mean, float(low), float(high))


def _moments(count: int, n: int) -> tuple[float, float]:
    """The mean of a proportion and of its square, after Jeffreys."""
    one, both = count + 0.5, n + 1.0
    return one / both, one * (one + 1) / (both * (both + 1))
