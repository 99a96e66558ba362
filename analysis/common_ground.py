"""Common ground in a digest: which statements are told, their numbers in the one system that hides, what may be shown.

Only two numbers of each opinion group are told of a statement: how many saw it, and how many of those agree. Nothing
is told of everybody beside the groups, so nothing can be subtracted from a total; where there are no groups to tell,
everybody who voted enough is one. The totals are in the system all the same, as an earlier release may have shown them.

Where nearly everybody in a group agrees, the few who don't are the small cell, and hiding would take the best findings.
So a count within `minimum` of nobody or of everybody is never shown, and its bound is: "at least 88%" says that 0 to 5
of 40 don't, whichever of the six it is, which is as wide as any hidden cell must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from analysis.findings import Agreement, CommonGround, OpinionGroup, Statement
from analysis.frames import Frames
from analysis.ground.answers import votes_of
from analysis.ground.common import common_ground
from analysis.ground.consensus import LEVEL
from analysis.ground.consensus import wilson as wilsons
from analysis.intervals import wilson
from analysis.suppression import Cell, Relation, System, adds_up, at_least
from surveys.model import Survey, Texts

ALL = ""
"""The group of everybody who was grouped."""

AGREED, APART, DIVIDED = 10, 3, 5
"""How many statements are looked at for each: the first by consensus, of each group, and by how far groups differ."""

_PART = "ground"


@dataclass(frozen=True, slots=True)
class Counted:
    """Exact numbers: people by group, and (agree, seen) by statement and group, both with ALL. `told` are the groups
    that may be told: [ALL] where others may not."""

    verdict: str
    asked: tuple[str, ...]
    texts: Mapping[str, Texts]
    proposed: frozenset[str]
    people: Mapping[str, int]
    votes: Mapping[str, Mapping[str, tuple[int, int]]]
    told: tuple[str, ...]
    apart: Mapping[str, tuple[str, ...]]


def count(frames: Frames, survey: Survey, minimum: int) -> Counted | None:
    """None where the poll has no statements. Votes on a statement without a text to show don't count."""
    asked = tuple(dict.fromkeys(one.id.rpartition(".")[0] for one in survey.questions if one.type == "statement"))
    if not asked:
        return None
    texts = _texts(frames, survey)
    votes = votes_of(frames, survey)
    votes = votes.on(np.flatnonzero([name in texts for name in votes.statements]))
    ground = common_ground(votes).ground
    people = {group.id: group.people for group in ground.groups}
    told = tuple(name for name, size in people.items() if size >= minimum) if ground.stable else ()
    told = told if len(told) > 1 else (ALL,)
    counts = {
        one.id: {
            ALL: (sum(group.agree for group in one.groups), sum(group.seen for group in one.groups)),
            **({group.group: (group.agree, group.seen) for group in one.groups} if ground.stable else {}),
        }
        for one in ground.statements
    }
    apart = {group.id: tuple(dict.fromkeys(one.statement for one in group.sets_apart)) for group in ground.groups}
    enough = {name: groups for name, groups in counts.items() if all(groups[name][1] >= minimum for name in told)}
    chosen = dict.fromkeys(_chosen(enough, told, apart, minimum))
    return Counted(
        str(ground.verdict) if told != (ALL,) or not ground.stable else "too-few",
        asked,
        texts,
        frozenset(frames.statements),
        {ALL: ground.grouped, **(people if ground.stable else {})},
        {name: counts[name] for name in chosen},
        told,
        {name: tuple(one for one in apart.get(name, ()) if one in chosen)[:APART] for name in told},
    )


def _texts(frames: Frames, survey: Survey) -> dict[str, Texts]:
    """What authors wrote and moderators let out. An id that two questions give to different statements is none."""
    written: dict[str, Texts] = dict(frames.statements)
    for question in survey.questions:
        for option in question.options if question.type == "statement" else ():
            if written.setdefault(option.id, option.label) != option.label:
                written[option.id] = {}
    return {name: texts for name, texts in written.items() if texts}


def _chosen(
    votes: Mapping[str, Mapping[str, tuple[int, int]]],
    told: Sequence[str],
    apart: Mapping[str, Sequence[str]],
    minimum: int,
) -> Iterator[str]:
    """By the numbers that would be shown, so that a place in a ranking gives no other away."""

    def share(agree: int, seen: int) -> float:
        least, _ = _bound(agree, seen, minimum) or (agree, agree)
        return (least + 1) / (seen + 2)

    shares = {name: [share(*groups[one]) for one in told] for name, groups in votes.items()}
    yield from sorted(shares, key=lambda name: (-prod(shares[name]), name))[:AGREED]
    for group in told:
        yield from [name for name in apart.get(group, ()) if name in votes][:APART]

    def differs(name: str) -> float:
        """How far apart groups are; of everybody, how near to half."""
        return max(shares[name]) - min(shares[name]) if len(told) > 1 else -abs(shares[name][0] - 0.5)

    yield from sorted(shares, key=lambda name: (-differs(name), name))[:DIVIDED]


# What is published, and how it hangs together -----------------------------------------------------------------------


def _people(group: str) -> Cell:
    return _PART, "people", group


def _of(what: str, statement: str, group: str) -> Cell:
    return _PART, what, statement, group


def system(counted: Counted | None, minimum: int) -> System:
    """What common ground adds to the system of a digest."""
    if counted is None:
        return System({}, ())
    cells: dict[Cell, int] = {_people(group): size for group, size in counted.people.items()}
    relations: list[Relation] = [at_least(("began",), _people(group)) for group in counted.told]
    unpublished: set[Cell] = {_people(group) for group in counted.people if group not in counted.told}
    groups = [group for group in counted.people if group != ALL]
    if groups:
        relations.append(adds_up(_people(ALL), [_people(group) for group in groups]))
    for name, votes in counted.votes.items():
        for group, (agree, seen) in votes.items():
            n, yes, other = (_of(what, name, group) for what in ("n", "agree", "other"))
            cells |= {n: seen, yes: agree, other: seen - agree}
            relations += [adds_up(n, [yes, other]), at_least(_people(group), n)]
            if group not in counted.told:
                unpublished |= {n, yes, other}
            elif (bound := _bound(agree, seen, minimum)) is not None:
                least, most = bound
                relations.append(Relation(((yes, 1.0),), float(least), float(most)))
                unpublished |= {yes, other}
        if groups:
            for what in ("n", "agree"):
                relations.append(adds_up(_of(what, name, ALL), [_of(what, name, group) for group in groups]))
    return System(cells, tuple(relations), frozenset(unpublished))


def _bound(agree: int, seen: int, minimum: int) -> tuple[int, int] | None:
    """What is said in place of a count near to nobody or everybody. None where the count is as it is, or where so few
    saw the statement that a bound would say nothing."""
    if seen < 2 * minimum + 1:
        return None
    if seen - agree <= minimum:
        return seen - minimum, seen
    return (0, minimum) if agree <= minimum else None


# What is shown ------------------------------------------------------------------------------------------------------


def shown(counted: Counted | None, cells: Mapping[Cell, int | None], minimum: int) -> CommonGround | None:
    if counted is None:
        return None
    sizes = {group: cells[_people(group)] for group in counted.told}
    small = counted.told != (ALL,) and len(counted.told) < len(counted.people) - 1
    found = [_statement(name, counted, cells, minimum) for name in counted.votes]
    statements = sorted((one for one in found if one), key=lambda one: (-one.consensus, one.id))
    if not statements and not any(sizes.values()):
        return CommonGround(counted.verdict, counted.asked, small=small)
    there = {one.id: one for one in statements}
    return CommonGround(
        counted.verdict,
        counted.asked,
        tuple(
            OpinionGroup(group, size, _apart(group, [there[name] for name in counted.apart[group] if name in there]))
            for group, size in sizes.items()
        ),
        tuple(statements),
        small,
    )


def _apart(group: str, statements: Sequence[Statement]) -> tuple[str, ...]:
    """Those first in which the group lies furthest from another, by what is shown."""

    def far(one: Statement) -> float:
        shares = {other.group: (other.least + other.most) / (2 * other.n) for other in one.groups}
        return max(abs(share - shares[group]) for share in shares.values())

    return tuple(one.id for one in sorted(statements, key=lambda one: (-far(one), one.id)))


def _statement(name: str, counted: Counted, cells: Mapping[Cell, int | None], minimum: int) -> Statement | None:
    """None where the number of a group is hidden: what holds in every group can't be said then."""
    groups = []
    for group in counted.told:
        n, agree = cells[_of("n", name, group)], cells[_of("agree", name, group)]
        bound = _bound(*counted.votes[name][group], minimum) if agree is None else (agree, agree)
        if not n or bound is None:
            return None
        least, most = bound
        low, high = wilson(least, n)[0], wilson(most, n)[1]
        groups.append(Agreement(group, n, least, most, round(low, 4), round(high, 4)))
    lowest = min(groups, key=lambda one: (one.least + 1) / (one.n + 2))
    seen = np.array([one.n for one in groups])
    level = LEVEL / len(groups)
    lows = wilsons(np.array([one.least for one in groups]), seen, level)[0]
    highs = wilsons(np.array([one.most for one in groups]), seen, level)[1]
    return Statement(
        name,
        dict(counted.texts[name]),
        name in counted.proposed,
        _standing(lows.tolist(), highs.tolist()),
        round(prod((one.least + 1) / (one.n + 2) for one in groups), 4),
        round((lowest.least + 1) / (lowest.n + 2), 4),
        lowest.group,
        round(float(lows.min()), 4),
        round(float(highs.min()), 4),
        tuple(groups),
    )


def _standing(lows: Sequence[float], highs: Sequence[float]) -> str:
    if min(lows) > 0.5:
        return "agreed"
    if len(lows) == 1:
        return "divided" if lows[0] > 1 / 3 and highs[0] < 2 / 3 else "open"
    return "divided" if max(lows) > 0.5 and min(highs) < 0.5 else "open"
