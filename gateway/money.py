"""Amounts of money, exact. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNIT = 1_000_000
"""Millionths are counted, so that sums stay exact and the smallest prices have room."""

_WRITTEN = re.compile(r"([A-Z]{3}) ([0-9]{1,9})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Money:
    """`currency` by ISO 4217, as KES."""

    currency: str
    millionths: int

    @property
    def number(self) -> str:
        """Without the currency: 20, or 2.50."""
        whole, rest = divmod(self.millionths, UNIT)
        return f"{whole}.{rest * 100 // UNIT:02d}" if rest else str(whole)

    def __str__(self) -> str:
        return f"{self.currency} {self.number}"


def money(written: str) -> Money:
    """`KES 20` or `KES 2.50`. Raises ValueError."""
    found = _WRITTEN.fullmatch(written)
    if not found:
        raise ValueError("no amount")
    return Money(found[1], int(found[2]) * UNIT + int((found[3] or "0").ljust(2, "0")) * UNIT // 100)
