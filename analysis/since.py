"""What moved between two releases of one poll."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.findings import Cell, Change, Digest, Since


def since(before: Digest, now: Digest) -> Since:
    """Shares that moved by more than chance explains: each lies outside the other's range. Read from what is out."""
    changes = tuple(sorted(_changes(before, now), key=lambda one: -abs((one.cell.share or 0.0) - one.before)))
    return Since(before.made_at, before.turnout.began, changes)


def _changes(before: Digest, now: Digest) -> Iterator[Change]:
    earlier = {(one.id, cell.id): cell for one in before.questions for cell in one.cells}
    for one in now.questions:
        for cell in one.cells if not one.profile else ():
            old = earlier.get((one.id, cell.id))
            if old and old.share is not None and cell.share is not None and _apart(old, cell):
                yield Change(one.id, cell, old.share)


def _apart(one: Cell, other: Cell) -> bool:
    return not _within(one.share, other) and not _within(other.share, one)


def _within(share: float | None, cell: Cell) -> bool:
    return share is not None and (cell.low or 0.0) <= share <= (cell.high or 0.0)
