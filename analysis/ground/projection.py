"""Where people stand by their votes: two principal components of the votes that were given.

After Small, Bjorkegren, Erkkilä, Shaw and Megill, "Polis: scaling deliberation by mapping high dimensional opinion
spaces", Recerca 26 (2021). A vote that was not given is taken as its statement's mean. Centred, it is then 0: so the
centred votes are a sparse matrix, which is never filled. A person's place is the sum over their own votes alone, times
sqrt(statements / votes), so that those who voted on few don't crowd in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.linalg import svds

from analysis.ground.votes import Votes

Matrix = Any
"""scipy's csr_array or numpy's ndarray, which have no type in common."""

COMPONENTS = 2
SMALL = 1_000
DENSE = 0.1
TINY = 10_000
"""A matrix of which a tenth is filled is hardly larger full than sparse, and much faster: it is taken full up to SMALL
statements (or people), as is one of TINY cells, or of two statements. A sparse one is never filled: Lanczos' way finds
its two axes."""


@dataclass(frozen=True, slots=True)
class Projection:
    """`places` (people x 2) is where people stand, `components` (2 x statements) what the axes are made of, `means` the
    statements' mean votes, and `explained` the share of the centred votes' variance that each axis holds.

    An axis is turned so that its largest part is positive. Where there is no second (or no first) axis it is all 0.
    """

    places: NDArray[np.float64]
    components: NDArray[np.float64]
    means: NDArray[np.float64]
    explained: NDArray[np.float64]


def project(votes: Votes, *, small: int = SMALL) -> Projection:
    people, statements = len(votes.people), len(votes.statements)
    total = np.bincount(votes.statement, weights=votes.vote, minlength=statements)
    means = total / np.maximum(votes.by_statement, 1)
    values = votes.vote - means[votes.statement]
    centred = _matrix(votes, values, small)
    variance = float((values**2).sum())
    components, squares = _components(centred, min(COMPONENTS, people, statements), variance)
    scale = np.sqrt(statements / np.maximum(votes.by_person, 1))
    places = np.asarray(centred @ components.T) * scale[:, None]
    return Projection(places, components, means, squares / variance if variance else squares)


def _matrix(votes: Votes, values: NDArray[np.float64], small: int) -> Matrix:
    shape = (len(votes.people), len(votes.statements))
    cells = shape[0] * shape[1]
    filled = min(shape) <= small and len(values) >= DENSE * cells
    if filled or cells <= TINY or min(shape) <= COMPONENTS:
        full = np.zeros(shape)
        full[votes.person, votes.statement] = values
        return full
    starts = np.concatenate(([0], np.cumsum(votes.by_person)))
    return sparse.csr_array((values, votes.statement, starts), shape=shape)


def _components(centred: Matrix, wanted: int, variance: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The first right singular vectors, as rows, and their values squared; 0 where there is no such direction."""
    people, statements = centred.shape
    vectors, values = np.zeros((COMPONENTS, statements)), np.zeros(COMPONENTS)
    if not wanted or not variance:
        return vectors, values
    if sparse.issparse(centred):
        # A start that is the same each time makes the result the same each time.
        start = np.random.default_rng(0).normal(size=min(centred.shape))
        _, singular, found = svds(centred, k=wanted, v0=start)
        order = np.argsort(-singular)
        squares, right = singular[order] ** 2, found[order].T
    elif statements <= people:
        squares, right = _largest(centred.T @ centred, wanted)
    else:
        squares, left = _largest(centred @ centred.T, wanted)
        right = (centred.T @ left) / np.sqrt(np.maximum(squares, np.finfo(float).tiny))
    for axis in range(wanted):
        if squares[axis] > 1e-12 * variance:
            one = right[:, axis]
            vectors[axis] = one * np.sign(one[np.argmax(np.abs(one))])
            values[axis] = squares[axis]
    return vectors, values


def _largest(products: NDArray[np.float64], wanted: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The largest eigenvalues and their vectors, as columns."""
    size = len(products)
    values, vectors = eigh(products, subset_by_index=(size - wanted, size - 1))
    return np.maximum(values[::-1], 0), vectors[:, ::-1]
