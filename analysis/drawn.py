"""What became of those whom broadcasts drew, in a digest: counts in the one system that hides, and AAPOR's rates of
what is shown of them.

Whoever has the rates of a group reckons its counts, so a rate is told only where all its counts are. Somebody who came
to the end and was not drawn is a difference between two published numbers, and so a cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from analysis import aapor
from analysis.beyond import Outcomes
from analysis.suppression import Cell, Relation, System, adds_up, gap

KINDS = tuple(field.name for field in fields(aapor.Outcomes))
DRAWN, ALL = "drawn", ("", "")

Counts = Mapping[tuple[str, str], Mapping[str, int]]


def system(drawn: Counts, finished: int) -> System:
    """What the counts add to the system of a digest. `finished` people came to the end, drawn or not."""
    cells: dict[Cell, int] = {}
    relations: list[Relation] = []
    dimensions: dict[str, list[str]] = {}
    for (by, group), counts in drawn.items():
        cells |= {_cell(by, group, kind): counts.get(kind, 0) for kind in KINDS}
        cells[_total(by, group)] = sum(counts.get(kind, 0) for kind in KINDS)
        relations.append(adds_up(_total(by, group), [_cell(by, group, kind) for kind in KINDS]))
        dimensions.setdefault(by, []).append(group)
    for by, groups in dimensions.items():
        if by:
            relations += [adds_up(_cell(*ALL, kind), [_cell(by, group, kind) for group in groups]) for kind in KINDS]
            relations.append(adds_up(_total(*ALL), [_total(by, group) for group in groups]))
    completes = _cell(*ALL, "I")
    if cells.get(completes, finished + 1) <= finished:
        others: Cell = (DRAWN, "others")
        cells[others] = finished - cells[completes]
        relations.append(gap(("finished",), completes, others))
    return System(cells, tuple(relations))


def shown(
    drawn: Counts, seen: Mapping[Cell, int | None], labels: Mapping[str, Mapping[str, str]]
) -> tuple[Outcomes, ...]:
    """Everybody first; those of whom a group is not known are told in no group. `labels` are of regions."""
    found = []
    for by, group in drawn:
        if by and not group:
            continue
        counts = {kind: seen.get(_cell(by, group, kind)) for kind in KINDS}
        known = {kind: count for kind, count in counts.items() if count is not None}
        whole = aapor.rates(aapor.Outcomes(**known)) if len(known) == len(KINDS) else None
        rates = {name: None if whole is None else _rounded(whole.rates[name]) for name in aapor.RATES}
        label = dict(labels.get(group, {})) if by == "region" else {}
        found.append(
            Outcomes(by, group, label, seen.get(_total(by, group)), counts, _rounded(whole.e) if whole else None, rates)
        )
    return tuple(found)


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)


def _cell(by: str, group: str, kind: str) -> Cell:
    return DRAWN, by, group, kind


def _total(by: str, group: str) -> Cell:
    return DRAWN, by, group, "all"
