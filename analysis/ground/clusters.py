"""Groups of people who stand near each other: k-means for several k, of which the silhouette chooses.

k-means from several starts (k-means++, Arthur and Vassilvitskii 2007) with a fixed seed, so that the same places give
the same groups. The starts are tried on a sample where there are many people, and the best is carried on with all.
Fewer than LEAST people are no group: theirs is dissolved, and they go to those who stand nearest.
The silhouette (Rousseeuw 1987) says how much nearer people stand to their own group than to the next: 1 is far apart,
0 is one cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.intp]
Places = NDArray[np.float64]

MOST = 5
"""Groups at most, as in Polis."""
LEAST = 5
"""People in a group at least: one or two who stand apart are no camp, and would be told by name."""
STARTS = 8
TRIED_ON = 300
"""People on whom the starts are tried."""
MEASURED_ON = 2_000
"""People whose silhouette is measured: it takes the distances between all of them."""
ROUNDS = 100
ALIKE = 1e-9
"""Places nearer than this are one: the same votes, added in another order."""
SETTLED = 0.001
"""The share of people whose cluster may still change when it is called settled."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """`labels` number the people's groups from 0, the largest group first; `silhouettes` are by the number of groups.

    Where nobody could be parted (all at one place, or too few elsewhere) all are in group 0.
    """

    labels: Labels
    silhouettes: Mapping[int, float]

    @property
    def k(self) -> int:
        return int(self.labels.max(initial=0)) + 1


def cluster(
    places: Places, most: int = MOST, *, sample: int = MEASURED_ON, starts: int = STARTS, least: int = LEAST
) -> Clustering:
    """The groups of the k with the highest silhouette; of two as high the fewer. Deterministic."""
    most = min(_different(places, most), len(places) - 1)
    tried = {k: kmeans(places, k, starts, least) for k in range(2, most + 1)}
    parted = {k: labels for k, labels in tried.items() if labels.max() > 0}
    scores = silhouettes(places, parted, sample)
    if not scores:
        return Clustering(np.zeros(len(places), np.intp), {})
    best = max(scores, key=lambda k: (scores[k], -k))
    by_groups: dict[int, float] = {}
    for k, score in scores.items():
        groups = int(parted[k].max()) + 1
        by_groups[groups] = max(by_groups.get(groups, score), score)
    return Clustering(by_size(parted[best]), by_groups)


def _different(places: Places, most: int) -> int:
    """How many different places there are, counted up to `most`."""
    left, found = places, 0
    while len(left) and found < most:
        found += 1
        left = left[np.abs(left - left[0]).max(axis=1) > ALIKE]
    return found


def by_size(labels: Labels) -> Labels:
    """The same groups, numbered from the largest to the smallest; of two as large, whose first person comes first."""
    names, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    rank = np.empty(len(names), np.intp)
    rank[order] = np.arange(len(names))
    return rank[np.searchsorted(names, labels)]


def kmeans(places: Places, k: int, starts: int = STARTS, least: int = 1) -> Labels:
    """Each person's cluster, 0 to k - 1, or to fewer where some had less than `least` people. `k` is at most the number
    of different places."""
    random = np.random.default_rng(k)
    few = places if len(places) <= TRIED_ON else places[random.choice(len(places), TRIED_ON, replace=False)]
    tries = [_settle(few, _start(few, k, random)) for _ in range(starts)]
    _, _, centres = min(tries, key=lambda tried: tried[1])
    labels, _, centres = _settle(places, centres)
    while (sizes := np.bincount(labels, minlength=len(centres))).min() < least and len(centres) > 1:
        # The other centres stay where they are: one who stands far off would draw a camp apart.
        centres = np.delete(centres, int(sizes.argmin()), axis=0)
        labels, _ = _nearest(places.T, centres)
    return labels


def _start(places: Places, k: int, random: np.random.Generator) -> Places:
    """k-means++: each further centre is drawn with a chance that grows with its squared distance from those before."""
    chosen = [places[random.integers(len(places))]]
    nearest = ((places - chosen[0]) ** 2).sum(axis=1)
    for _ in range(1, k):
        ends = np.cumsum(nearest)
        at = np.searchsorted(ends, random.random() * ends[-1], side="right")
        chosen.append(places[min(int(at), len(places) - 1)])
        nearest = np.minimum(nearest, ((places - chosen[-1]) ** 2).sum(axis=1))
    return np.array(chosen)


def _settle(places: Places, centres: Places) -> tuple[Labels, float, Places]:
    """Lloyd's algorithm: labels, the sum of squared distances, and the centres."""
    k = len(centres)
    columns = np.ascontiguousarray(places.T)
    labels = np.full(len(places), -1, np.intp)
    cost = np.inf
    for _ in range(ROUNDS):
        before = labels
        labels, cost = _nearest(columns, centres)
        if (labels != before).sum() <= SETTLED * len(places):
            break
        sizes = np.bincount(labels, minlength=k)
        sums = np.array([np.bincount(labels, weights=column, minlength=k) for column in columns])
        centres = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres.T).T
    return labels, cost, centres


def _nearest(columns: Places, centres: Places) -> tuple[Labels, float]:
    """Whose centre is nearest to each person (a column of two), and the sum of |p - c|^2 - |p|^2."""
    distances = (centres**2).sum(axis=1)[:, None] - 2 * (centres @ columns)
    labels, nearest = np.zeros(columns.shape[1], np.intp), distances[0]
    for one in range(1, len(centres)):
        nearer = distances[one] < nearest
        labels[nearer] = one
        nearest = np.minimum(nearest, distances[one])
    return labels, float(nearest.sum())


def silhouettes(places: Places, found: Mapping[int, Labels], sample: int = MEASURED_ON) -> dict[int, float]:
    """The mean silhouette of each clustering (labels from 0), by its key; the distances are taken once for all."""
    if not found:
        return {}
    chosen = np.arange(len(places))
    if len(places) > sample:
        chosen = np.random.default_rng(0).choice(len(places), sample, replace=False)
    few = places[chosen].astype(np.float32)
    x, y = few[:, :1], few[:, 1:]
    distances = np.sqrt((x - x.T) ** 2 + (y - y.T) ** 2)
    return {key: _silhouette(distances, labels[chosen]) for key, labels in found.items()}


def _silhouette(distances: NDArray[np.float32], labels: Labels) -> float:
    k = int(labels.max()) + 1
    sizes = np.bincount(labels, minlength=k).astype(np.float32)
    sums = distances @ np.eye(k, dtype=np.float32)[labels]
    people = np.arange(len(labels))
    own = sums[people, labels] / np.maximum(sizes[labels] - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.where(sizes > 0, sums / sizes, np.inf)
    means[people, labels] = np.inf
    other = means.min(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = (other - own) / np.maximum(other, own)
    # Alone in a group is 0 by definition, and so is who stands where everybody stands.
    alone = (sizes[labels] <= 1) | ~np.isfinite(each)
    return float(np.where(alone, 0.0, each).mean())
