"""How far the groups found here are those that somebody else found, such as Polis itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.ground.clusters import silhouettes
from analysis.ground.common import Found
from analysis.ground.stability import adjusted_rand


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over the `people` who are in a group here and there: the adjusted Rand index, how many groups there are there,
    and the silhouette of those groups where people stand here. Where that is low, they are no clusters of these votes:
    Polis carries its groups on from vote to vote, so that they can depend on the past."""

    adjusted_rand: float
    people: int
    groups: int
    silhouette: float


def agreement(found: Found, theirs: Sequence[str]) -> Agreement | None:
    """`theirs` are ids of groups by person, "" for none. None where nobody is in a group in both."""
    pairs = zip(found.labels, theirs, strict=True)
    both = np.array([place for place, (one, other) in enumerate(pairs) if one and other], np.intp)
    if not len(both):
        return None
    ours, others = (
        np.unique([labels[place] for place in both], return_inverse=True)[1] for labels in (found.labels, theirs)
    )
    groups = int(others.max()) + 1
    near = silhouettes(found.places[both], {0: others})[0] if groups > 1 else 0.0
    return Agreement(round(adjusted_rand(ours, others), 4), len(both), groups, round(near, 4))
