"""From votes to groups: where people stand, who of them can be grouped, and which groups they fall into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.ground.clusters import LEAST, MEASURED_ON, MOST, STARTS, Clustering, cluster
from analysis.ground.projection import Projection, project
from analysis.ground.votes import Votes

ENOUGH = 7
"""Votes from which somebody is grouped, as in Polis; all statements, where there are fewer."""
AT_LEAST = 15
"""Where fewer than so many people voted enough, those who voted most come in, too, as in Polis."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """`grouped` are the places (in votes.people) of those who were grouped; `clustering` has their groups."""

    projection: Projection
    grouped: NDArray[np.intp]
    clustering: Clustering


def group(
    votes: Votes, most: int = MOST, *, sample: int = MEASURED_ON, starts: int = STARTS, least: int = LEAST
) -> Grouping:
    """At most `most` groups; fewer of few people (2 and one for each 12 of them, as in Polis). Deterministic."""
    projection = project(votes)
    grouped = who(votes)
    most = min(most, 2 + len(grouped) // 12)
    places = projection.places[grouped]
    return Grouping(projection, grouped, cluster(places, most, sample=sample, starts=starts, least=least))


def who(votes: Votes) -> NDArray[np.intp]:
    """Those who voted enough to be grouped, by their places."""
    given = votes.by_person
    enough = given >= min(ENOUGH, max(len(votes.statements), 1))
    if enough.sum() < AT_LEAST:
        first = np.argsort(-given, kind="stable")[:AT_LEAST]
        enough[first[given[first] > 0]] = True
    return np.flatnonzero(enough)
