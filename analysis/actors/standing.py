"""Who has standing: eigenvector centrality, PageRank and in-degree, over the ties that carry something."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import eigs

from analysis.actors.network import Array, Network

DENSE = 400
"""Of so many actors all eigenvectors are had at once."""


def in_degree(network: Network) -> Array:
    """int64 (n,): how many others are tied to an actor, towards it where ties have a direction."""
    return np.asarray(network.matrix.sum(axis=0)).ravel().astype(np.int64)


def pagerank(network: Network, damping: float = 0.85) -> Array:
    """float64 (n,), adding up to 1. Brin and Page, "The anatomy of a large-scale hypertextual web search engine"."""
    if not network.ids:
        return np.zeros(0)
    return np.array(network.graph.pagerank(directed=network.is_directed, damping=damping))


def eigenvector(network: Network) -> Array:
    """float64 (n,), of length 1 as a vector: tied to those who are tied to others. Directed ties count as received.

    Bonacich, "Factoring and weighting approaches to status scores" (1972). All zero where no tie comes back; parts that
    hang on nothing else get next to nothing.
    """
    n = len(network.ids)
    if not len(network.pairs) or (network.is_directed and network.graph.is_dag()):
        return np.zeros(n)
    received = network.matrix.T
    if n <= DENSE:
        values, vectors = np.linalg.eig(received.toarray())
        found = vectors[:, values.real.argmax()].real
    else:
        found = eigs(received, k=1, which="LR", v0=np.ones(n))[1][:, 0].real
    return np.asarray(np.abs(found) / np.linalg.norm(found))
