"""What became of each row of a form: imported, adapted, or refused, with the reason and the mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    IMPORTED = "imported"
    ADAPTED = "adapted"
    REFUSED = "refused"


_RANK = {fate: rank for rank, fate in enumerate(Fate)}


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a row, or of one column of it ("" for the whole). `last` is where a run of rows ends.

    `text` says what it became, how it was adapted, or why it is refused; `mend` what to do about that.
    """

    sheet: str
    row: int
    fate: Fate
    text: str
    mend: str = ""
    name: str = ""
    column: str = ""
    last: int = 0

    def __str__(self) -> str:
        rows = f"rows {self.row}-{self.last}" if self.last > self.row else f"row {self.row}"
        where = ", ".join(filter(None, (self.sheet, rows if self.row else "", self.name, self.column)))
        return f"{where}: {self.fate}: {self.text}{f'; {self.mend}' if self.mend else ''}"


class Unfit(ValueError):
    """Something of a form has no place in a poll. The text says why, `mend` what to do."""

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(why)
        self.mend = mend


def counted(entries: Iterable[Entry]) -> Counter[Fate]:
    """How many rows came to which fate. A row of which only a part was refused counts as refused."""
    worst: dict[tuple[str, int], Fate] = {}
    runs: Counter[Fate] = Counter()
    for entry in entries:
        if entry.last > entry.row:
            runs[entry.fate] += entry.last - entry.row + 1
        elif entry.row:
            place = (entry.sheet, entry.row)
            worst[place] = max(worst.get(place, entry.fate), entry.fate, key=_RANK.__getitem__)
    return Counter(worst.values()) + runs


def in_order(entries: Iterable[Entry], sheets: Iterable[str]) -> tuple[Entry, ...]:
    """By sheet as the workbook has them, then by row; the whole row before its columns."""
    places = {name: number for number, name in enumerate(sheets)}
    unique = dict.fromkeys(entries)
    return tuple(sorted(unique, key=lambda entry: (places.get(entry.sheet, -1), entry.row, bool(entry.column))))
