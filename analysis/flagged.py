"""Results with and without the answers that look coordinated, in a digest: counts in the one system that hides.

How many are flagged is told in bands. The shares without them are told where it can't be found who they are: the
flagged who gave an answer are a cell, and so are the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.beyond import Band, Flags
from analysis.findings import Cell, Finding, Share
from analysis.integrity import Flag
from analysis.intervals import wilson
from analysis.suppression import Cell as Name
from analysis.suppression import Relation, System, at_least, gap
from analysis.told import Told

FLAGGED = "flagged"
BANDS = (1, 10, 50, 100, 500, 1_000, 5_000, 10_000)


def system(people: pd.DataFrame, asked: Sequence[Told], cells: Mapping[Name, int]) -> System:
    """What flags add to the system of a digest. `cells` are its other cells."""
    if FLAGS not in people:
        return System({}, ())
    flags = people.loc[people["began"], FLAGS].to_numpy()
    found: dict[Name, int] = {(FLAGGED, "people"): int(np.count_nonzero(flags))}
    relations: list[Relation] = [at_least(("began",), (FLAGGED, "people"))]
    for place, flag in enumerate(Flag):
        found[FLAGGED, "kind", flag] = int(np.count_nonzero(flags & (1 << place)))
        relations.append(at_least((FLAGGED, "people"), (FLAGGED, "kind", flag)))
    who = people.loc[people[FLAGS] != 0, "person"].to_numpy()
    for one in asked if len(who) else ():
        for name, inside, count in _counts(one, who):
            outside: Name = (*inside[:2], f"not {inside[2]}", *inside[3:])
            found[inside], found[outside] = count, cells[name] - count
            relations.append(gap(name, inside, outside))
        relations.append(at_least((FLAGGED, "people"), (FLAGGED, one.question, "n")))
    return System(found, tuple(relations))


FLAGS = "flags"


def _counts(one: Told, who: np.ndarray) -> Iterator[tuple[Name, Name, int]]:
    rows = one.rows[one.rows["choice"].notna() & one.rows["person"].isin(who)]
    yield one.n, (FLAGGED, one.question, "n"), int(rows["person"].nunique())
    found = rows["choice"].value_counts()
    for choice, name in one.cells.items():
        yield name, (FLAGGED, one.question, "answer", choice), int(found.get(choice, 0))


def shown(people: pd.DataFrame, seen: Mapping[Name, int | None]) -> Flags | None:
    if FLAGS not in people:
        return None
    whole = seen.get((FLAGGED, "people"))
    kinds = {str(flag): seen.get((FLAGGED, "kind", flag)) for flag in Flag}
    told = {name: band(count) for name, count in kinds.items() if count}
    return Flags(band(whole) if whole is not None else None, told)


def band(count: int) -> Band:
    """From and up to; (0, 0) for nobody."""
    if count < BANDS[0]:
        return 0, 0
    low = max(end for end in BANDS if end <= count)
    above = [end for end in BANDS if end > count]
    return low, above[0] - 1 if above else None


def without(finding: Finding, asked: Told, seen: Mapping[Name, int | None]) -> Finding:
    """With the shares among those whom nothing is flagged of, as far as they are shown."""
    n = seen.get((FLAGGED, asked.question, "not n"))
    if not n:
        return finding
    known = {
        choice.removeprefix("code:"): seen.get((FLAGGED, asked.question, "not answer", choice))
        for choice in asked.cells
    }

    def told(cell: Cell) -> Cell:
        count = known.get(cell.id)
        if count is None or cell.count is None:
            return cell
        low, high = wilson(count, n)
        return replace(cell, unflagged=Share(round(count / n, 4), round(low, 4), round(high, 4)))

    return finding.with_(cells=tuple(told(cell) for cell in finding.cells))
