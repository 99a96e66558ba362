"""Where actors stand in the picture: once for all waves, so that they stay put when the wave changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import igraph
import numpy as np

from analysis.actors.network import seed
from analysis.actors.reports import PRESENT, Reports

WIDE, HIGH = 1000.0, 700.0
MARGIN = 40.0
ASIDE = 90.0
"""Room for names at either side."""

LARGE = 800
"""From so many actors on fewer rounds must do: nobody waits a second for a picture that is a cloud anyhow."""


@dataclass(frozen=True, slots=True)
class Point:
    """From the upper left corner of a picture WIDE by HIGH."""

    x: float
    y: float


def layout(reports: Reports) -> Mapping[str, Point]:
    """A place for each actor, over the ties of every wave; those with each other pull more than those against.

    Fruchterman and Reingold, "Graph drawing by force-directed placement" (1991), from a fixed start. Who is tied to
    nobody stands in a row below.
    """
    rows = reports.ties[reports.ties["state"] == PRESENT]
    place = {actor.id: number for number, actor in enumerate(reports.actors)}
    ends = [rows[end].map(place).to_numpy(dtype=np.int64) for end in ("source", "target")]
    pairs, which = np.unique(np.sort(np.column_stack(ends), axis=1), axis=0, return_inverse=True)
    weights = np.full(len(pairs), 0.25)
    weights[which.reshape(-1)[rows["sign"].to_numpy() >= 0]] = 1.0
    tied, edges = np.unique(pairs, return_inverse=True)
    found: dict[str, Point] = {}
    if len(tied):
        graph = igraph.Graph(n=len(tied), edges=edges.reshape(-1, 2).tolist())
        angles = np.linspace(0, 2 * np.pi, len(tied), endpoint=False)
        start = np.column_stack([np.cos(angles), np.sin(angles)]) * np.sqrt(len(tied))
        seed()
        at = graph.layout_fruchterman_reingold(
            weights=weights.tolist(),
            niter=500 if len(tied) < LARGE else 150,
            seed=start.tolist(),
            grid="auto",
        )
        alone = len(place) > len(tied)
        for end, point in zip(tied, _within(np.array(at.coords), HIGH - (90.0 if alone else 0.0)), strict=True):
            found[reports.actors[end].id] = point
    rest = [actor.id for actor in reports.actors if actor.id not in found]
    for turn, name in enumerate(rest):
        found[name] = Point(round(ASIDE + (WIDE - 2 * ASIDE) * (turn + 0.5) / len(rest), 1), HIGH - MARGIN)
    return found


def _within(places: np.ndarray, high: float) -> list[Point]:
    low, spread = places.min(axis=0), np.ptp(places, axis=0)
    room = np.array([WIDE - 2 * ASIDE, high - 2 * MARGIN])
    # A single one, or a line, stands in the middle.
    scaled = np.where(spread > 1e-9, (places - low) / np.where(spread > 1e-9, spread, 1.0), 0.5) * room + (
        ASIDE,
        MARGIN,
    )
    return [Point(round(float(x), 1), round(float(y), 1)) for x, y in scaled]
