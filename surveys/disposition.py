"""What became of each person who was asked, by poll and wave: the written list, and how one may follow another.

The list follows the final disposition codes of AAPOR (Standard Definitions, 10th edition, 2023) where they fit; `code`
is the one that a response rate counts it under. What AAPOR has no code for has none here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOBODY = ""
"""Before the first disposition: not asked yet."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """One entry of the list. `after` are the dispositions that may follow it."""

    name: str
    code: str
    meaning: str
    after: frozenset[str]

    @property
    def ends(self) -> bool:
        """Whether one answer per person is used up: the poll does not begin anew for who has this."""
        return self.name in ENDS


def _disposition(name: str, code: str, meaning: str, *after: str) -> Disposition:
    return Disposition(name, code, meaning, frozenset(after))


_AGAIN = "started"
"""Who comes back by themselves begins anew; whether the poll lets them is for the intake to say."""

DISPOSITIONS: Mapping[str, Disposition] = {
    each.name: each
    for each in (
        _disposition(
            "registered",
            "3.11",
            "is to be asked, or wrote by themselves; nothing was sent yet",
            "contacted",
            "unresponsive",
            "started",
            "refused",
            "failed",
        ),
        _disposition(
            "contacted",
            "3.19",
            "was sent an invitation and has not answered yet",
            "unresponsive",
            "started",
            "refused",
            "failed",
        ),
        _disposition(
            "unresponsive",
            "3.19",
            "was asked as often as planned, and nothing was heard",
            "contacted",
            "started",
            "refused",
            "failed",
        ),
        _disposition(
            "failed",
            "3.30",
            "could not be reached: what was sent did not arrive",
            "contacted",
            "unresponsive",
            "started",
            "refused",
        ),
        _disposition(
            "started",
            "",
            "is in the middle of it",
            "refused",
            "ineligible",
            "quota-full",
            "break-off",
            "partial",
            "completed",
        ),
        _disposition("refused", "2.11", "did not consent", _AGAIN),
        _disposition("break-off", "2.12", "stopped before enough was answered to count", _AGAIN),
        _disposition("partial", "1.2", "stopped after enough questions marked relevant were answered", _AGAIN),
        _disposition("ineligible", "4.10", "is not of those whom the poll is for", _AGAIN),
        _disposition("quota-full", "4.80", "belongs to a cell in which enough were heard", _AGAIN),
        _disposition("completed", "1.1", "answered to the end", _AGAIN),
    )
}
"""The written list, in the order in which one goes further than another: of two of one person the later here counts."""

FIRST = frozenset({"registered"})
"""What may stand first in a ledger."""

COMPLETED = "completed"
ENDS = frozenset({COMPLETED, "ineligible", "quota-full"})
"""Where one answer per person holds, nobody begins anew after these."""


def is_allowed(before: str, after: str) -> bool:
    """Whether one who is `before` (NOBODY for one not asked yet) may become `after`."""
    known = DISPOSITIONS.get(before)
    return after in (FIRST if before == NOBODY else known.after if known else ())


def further(one: str, other: str) -> str:
    """Of two dispositions of one person, the one that goes further."""
    order = [NOBODY, *DISPOSITIONS]
    return max(one, other, key=order.index)
