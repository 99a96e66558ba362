"""Issues in the order in which people raised them, and whether groups raise them alike: what an agenda is drafted from.

Read from a release, so nothing here can say more than that does. What is put on an agenda, and in which order, is
for people to judge: this ranks, and says where it can't.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from analysis.findings import FEW, Cell, Column, Digest, Finding


class Spread(StrEnum):
    """Whether the groups of one profile question raise an issue alike."""

    SHARED = "shared"
    """All groups are measured, and no two lie further apart than chance explains."""
    CONTESTED = "contested"
    """The range of one group lies wholly above another's."""
    UNCLEAR = "unclear"
    """Too few answered in the groups, or it is hidden."""


@dataclass(frozen=True, slots=True)
class InGroups:
    """An issue by the groups of one profile question, each with its cell; the groups that raise it most come first."""

    by: str
    spread: Spread
    groups: tuple[tuple[Column, Cell], ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """`cell` is how many raised it, of those who answered `question`. `first` is how many put it first, of those who
    answered `chosen`, a question whose options name the same issues. `tie`: too close to the issue before."""

    cell: Cell
    question: str
    first: Cell | None
    chosen: str
    tie: bool
    groups: tuple[InGroups, ...]


def agenda(digest: Digest) -> tuple[Issue, ...]:
    """The issues of the poll's first question in people's own words, or else of the first that names issues."""
    question = next(_issue_questions(digest), None)
    if question is None:
        return ()
    chosen = next(
        (one for one in digest.questions if one.type == "one-of" and not one.profile and one is not question), None
    )
    issues = []
    before: Cell | None = None
    for cell in question.ranked():
        first = next((one for one in chosen.cells if one.id == cell.id and one.count), None) if chosen else None
        tie = before is not None and (cell.high or 0.0) >= (before.low or 0.0)
        groups = tuple(_groups(digest, question, cell))
        issues.append(Issue(cell, question.id, first, chosen.id if chosen and first else "", tie, groups))
        before = cell
    return tuple(issues)


def _issue_questions(digest: Digest) -> Iterator[Finding]:
    asked = [one for one in digest.questions if not one.profile and not one.conditional and one.ranked()]
    yield from (one for one in asked if one.type == "open")
    yield from (one for one in asked if one.type in ("one-of", "many-of"))


def _groups(digest: Digest, question: Finding, cell: Cell) -> Iterator[InGroups]:
    for table in digest.tables:
        if table.question != question.id:
            continue
        columns = [(group, next(one for one in group.cells if one.id == cell.id)) for group in table.groups]
        known = [(group, one) for group, one in columns if one.share is not None]
        known.sort(key=lambda pair: -(pair[1].share or 0.0))
        yield InGroups(table.by, _spread(columns, known), tuple(known))


def _spread(columns: list[tuple[Column, Cell]], known: list[tuple[Column, Cell]]) -> Spread:
    sure = [cell for group, cell in known if (group.n or 0) >= FEW]
    if sure and max(cell.low or 0.0 for cell in sure) > min(cell.high or 1.0 for cell in sure):
        return Spread.CONTESTED
    return Spread.SHARED if len(sure) == len(columns) > 1 else Spread.UNCLEAR
