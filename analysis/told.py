"""A question whose cells other parts of a digest refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.suppression import Cell


@dataclass(frozen=True, slots=True)
class Told:
    """Its rows (analysis.frames.Frames.answers), and the names of its counts: `n` who answered, `cells` by choice."""

    question: str
    rows: pd.DataFrame
    n: Cell
    cells: Mapping[str, Cell]
