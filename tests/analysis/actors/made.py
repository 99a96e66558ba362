"""Maps for tests: written as lines, or drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import networkx as nx
import pandas as pd

from analysis.actors.network import Network, network
from analysis.actors.reports import ATTITUDE_COLUMNS, TIE_COLUMNS, Actor, Reports, empty_attitudes, empty_ties


def reports(
    ties: Iterable[Mapping[str, object]],
    attitudes: Iterable[Mapping[str, object]] = (),
    groups: Mapping[str, Mapping[str, str]] | None = None,
    asked: Mapping[int, frozenset[str]] | None = None,
) -> Reports:
    """What a tie leaves out: wave 1, type "tie", sign 1, strength 1, undirected, present, nobody, sure."""
    usual = {"wave": 1, "type": "tie", "sign": 1, "strength": 1.0, "directed": False, "state": "present"}
    rows = [{**usual, "reporter": "", "confidence": 1.0, **tie} for tie in ties]
    said = [{"wave": 1, "issue": "land", "reporter": "", "confidence": 1.0, **each} for each in attitudes]
    names = sorted({str(row[end]) for row in rows for end in ("source", "target")} | {str(a["actor"]) for a in said})
    of = groups or {}
    names = sorted({*names, *of})
    return Reports(
        tuple(Actor(name, name.upper(), of.get(name, {})) for name in names),
        pd.DataFrame(rows, columns=list(TIE_COLUMNS)).astype({"sign": "int8"}) if rows else empty_ties(),
        pd.DataFrame(said, columns=list(ATTITUDE_COLUMNS)) if said else empty_attitudes(),
        asked or {},
    )


def pair(source: str, target: str, **more: object) -> dict[str, object]:
    return {"source": source, "target": target, **more}


def drawn(seed: int, n: int = 40, share: float = 0.1, *, directed: bool = False) -> tuple[Network, nx.Graph]:
    """The same random network as ours and as networkx', with nodes named alike. Everybody is tied to somebody."""
    graph = nx.gnp_random_graph(n, share, seed=seed, directed=directed)
    graph.add_edges_from((number, (number + 1) % n) for number in range(n))
    graph = nx.relabel_nodes(graph, {number: f"a{number:02d}" for number in range(n)})
    ties = [pair(*edge, directed=directed) for edge in graph.edges]
    return network(reports(ties), 1), graph
