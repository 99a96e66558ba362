"""What stands between two releases of one poll: counts that differ by so few people that the difference names them.

Whoever keeps both can subtract them. So the next release waits until no shown count differs from one that is out by
1 to `minimum - 1` people.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.findings import Digest
from analysis.suppression import Cell


def published(digest: Digest) -> dict[Cell, int]:
    """Every count that this release shows, by its name."""
    return {cell: count for cell, count in _counts(digest) if count is not None}


def between(before: Digest, now: Digest, minimum: int) -> tuple[Cell, ...]:
    """The counts shown by both whose difference is of hidden size."""
    earlier = published(before)
    return tuple(
        cell for cell, count in published(now).items() if cell in earlier and 0 < abs(count - earlier[cell]) < minimum
    )


def _counts(digest: Digest) -> Iterator[tuple[Cell, int | None]]:
    turnout = digest.turnout
    stages = {"asked": turnout.asked, "began": turnout.began, "finished": turnout.finished}
    yield from (((name,), count) for name, count in stages.items())
    for pair in (("asked", "began"), ("began", "finished")):
        larger, smaller = (stages[name] for name in pair)
        if larger is not None and smaller is not None:
            yield (*pair, "gap"), larger - smaller
    for by, groups in (
        ("channel", turnout.by_channel),
        ("language", turnout.by_language),
        ("region", turnout.by_region),
    ):
        yield from ((("began", by, group.id), group.began) for group in groups)
    for one in digest.questions:
        yield ("n", one.id), one.n
        yield ("skipped", one.id), one.skipped
        yield from ((("cell", one.id, cell.id), cell.count) for cell in one.cells)
        if one.coding:
            rest = (one.coding.placed, one.coding.unsure, one.coding.nothing)
            yield from ((("coding", one.id, cell.id), cell.count) for cell in rest if cell)
    for table in digest.tables:
        for group in table.groups:
            yield ("by", table.by, group.id, table.question, "n"), group.n
            yield from ((("by", table.by, group.id, table.question, cell.id), cell.count) for cell in group.cells)
    yield from ((("log", logged.kind), logged.count) for logged in digest.log)
