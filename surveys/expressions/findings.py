"""What is told of a poll whose conditions can't hold, and why they can't.

    analyse(items) -> Iterator[Finding]

A condition that can never hold is an error, and so is a question that nobody is asked: somebody paid for it to be
written and translated, and misses its answers. A condition that always holds is a warning: the poll does what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from surveys.expressions.analysis import Analysis, Item, can_hold
from surveys.expressions.cubes import ALWAYS
from surveys.expressions.evaluate import Expression
from surveys.expressions.rewrite import all_of
from surveys.expressions.tree import And, Node, at, written

MOST_REASONS: Final = 12
"""Of more than so many facts that a condition depends on, the reason is not looked for."""

MOST_EXPLAINED: Final = 20
"""How many mistakes of one poll are given their reason."""

_LONGEST: Final = 90


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` leads from the item to the condition: ("when",), ("options", 2, "when"), ("instead", 0, "when"), or () for
    the item as a whole; `at` is where in the condition's source, from 0. `fatal` ones refuse the poll.
    """

    id: str
    path: tuple[str | int, ...]
    at: int
    message: str
    fatal: bool = True


def analyse(items: Sequence[Item]) -> Iterator[Finding]:
    """Everything in a poll that can never hold, is never asked, or always holds. Each mistake is told once."""
    return _Looking(items).findings()


class _Looking:
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.known = Analysis(items)
        self.explained = 0
        self.ended = False
        self.told: set[Expression] = set()

    def findings(self) -> Iterator[Finding]:
        for place, item in enumerate(self.items):
            found = [*self.reach(item, place)]
            yield from found
            if any(one.fatal for one in found) or item.gate in self.told:
                self.known.unreachable(item)
                continue
            for key, options in (("options", item.options.items()), ("instead", enumerate(item.wordings))):
                for number, condition in options:
                    yield from self.holds(item, place, condition, (key, number, "when"))
            yield from self.shadowed(item)
            self.known.take(item)

    def reach(self, item: Item, place: int) -> Iterator[Finding]:
        if self.known.possible() is False:
            self.known.alive = ALWAYS  # so that what comes after is not told too
            yield Finding(item.id, (), 0, self.over(item, place))
        elif item.when is not None:
            yield from self.holds(replace(item, when=None), place, item.when, ("when",))
        elif item.gate is not None and item.gate not in self.told and self.known.possible(item.gate) is False:
            self.told.add(item.gate)
            yield self.never(item, item.gate, place)

    def never(self, item: Item, around: Expression, place: int) -> Finding:
        _, reason = self.reason(None, around, place)
        return Finding(item.id, (), 0, f"question '{item.id}' is never asked: {reason}")

    def over(self, item: Item, place: int) -> str:
        ends = [end.id for end in self.items[:place] if end.ends]
        return (
            f"question '{item.id}' is never asked, nor is what comes after it: before it, the poll has ended for "
            f"everybody at '{ends[-1]}'; mend the `when` there"
        )

    def holds(self, item: Item, place: int, condition: Expression, path: tuple[str | int, ...]) -> Iterator[Finding]:
        """A condition of an item that is asked where its own `when` holds."""
        around = item.whole
        if around in self.told:
            return
        if self.known.possible(around, condition) is False:
            if around is not None and self.known.possible(around) is False:
                self.told.add(around)
                yield self.never(item, around, place)
                return
            where, reason = self.reason(condition, around, place)
            yield Finding(item.id, path, where, f"this condition can never hold: {reason}")
        elif self.known.possible(None if path == ("when",) else around, but=[condition]) is False:
            message = "this condition always holds, whatever was answered before; take it out, or mend it"
            yield Finding(item.id, path, at(condition.tree), message, fatal=False)

    def shadowed(self, item: Item) -> Iterator[Finding]:
        """Wordings that are never used, since one before them always is where they could be."""
        for number, condition in enumerate(item.wordings):
            before = item.wordings[:number]
            possible = self.known.possible(item.gate, item.when, condition)
            if before and possible and self.known.possible(item.gate, item.when, condition, but=before) is False:
                message = "this wording is never used: where it could be, one before it is; move it up, or take it out"
                yield Finding(item.id, ("instead", number, "when"), 0, message)

    # Why

    def reason(self, condition: Expression | None, around: Expression | None, place: int) -> tuple[int, str]:
        """The fewest parts and facts that can't be true together, where the first of them is, and the mend."""
        self.explained += 1
        own = [] if condition is None else _parts(condition)
        gates = [] if around is None else _parts(around)
        if self.explained > MOST_EXPLAINED:
            return at((own or gates)[0]), "it contradicts itself, or what is asked before; mend it"
        core = _Core(own, gates, self.items[:place])
        if core.facts is None:
            where = at((own or gates)[0])
            return where, "what it names is not asked of the same people; mend it, or the `when` of what it names"
        core.shrink()
        return at((core.own or core.gates)[0]), core.sentence()


def _parts(condition: Expression) -> list[Node]:
    return list(condition.tree.parts) if isinstance(condition.tree, And) else [condition.tree]


@dataclass(frozen=True, slots=True)
class _Fact:
    """Something that holds of an item before: its condition, that it must be answered, or that it ends the poll."""

    id: str
    kind: str

    def said(self, item: Item) -> str:
        condition = item.whole
        where = "" if condition is None else _quoted(condition.tree)
        match self.kind:
            case "asked":
                return f"'{_plain(item.id)}' is asked only where {where}"
            case "ends":
                return f"the poll ends before where {where}"
        return f"'{_plain(item.id)}' is answered {'by everybody' if condition is None else 'wherever it is asked'}"


class _Core:
    """Parts and facts that can't all be true, and as few of them as that takes."""

    def __init__(self, own: list[Node], gates: list[Node], before: Sequence[Item]) -> None:
        self.own = own
        self.gates = gates
        needed = {name for part in (*own, *gates) for name in Expression(part).names}
        ends = [item for item in before if item.ends]
        for item in reversed(before):
            if item.id in needed or item.ends:
                needed |= {name for condition in item.conditions for name in condition.names}
        self.before = [item for item in before if item.id in needed or item.ends]
        facts = [_Fact(item.id, "ends") for item in ends]
        facts += [_Fact(item.id, "required") for item in self.before if item.domain and item.required]
        facts += [_Fact(item.id, "asked") for item in self.before if item.domain and item.whole]
        self.facts: list[_Fact] | None = facts if len(facts) <= 2 * MOST_REASONS else None

    def shrink(self) -> None:
        """Take out whatever is not needed for the contradiction."""
        kept: list[object]
        for name in ("facts", "gates", "own"):
            kept = list(getattr(self, name))
            for part in tuple(kept):
                rest = [other for other in kept if other is not part]
                setattr(self, name, rest)
                if self.contradicts():
                    kept = rest
                setattr(self, name, kept)

    def contradicts(self) -> bool:
        believed = {(fact.id, fact.kind) for fact in self.facts or ()}
        items = []
        for item in self.before:
            if item.ends and (item.id, "ends") not in believed:
                continue
            required = item.required and (item.id, "required") in believed
            if item.ends or (item.id, "asked") in believed:
                items.append(replace(item, wordings=(), required=required))
            else:
                items.append(replace(item, when=None, gate=None, wordings=(), required=required))
        condition = all_of(*(Expression(part) for part in (*self.gates, *self.own)))
        return condition is not None and can_hold(condition, items) is False

    def sentence(self) -> str:
        items = {item.id: item for item in self.before}
        facts = [fact.said(items[fact.id]) for fact in self.facts or ()]
        parts = self.own or self.gates
        if self.own and self.gates:
            facts.append(f"this is asked only where {' and '.join(map(_quoted, self.gates))}")
        said = " and ".join(map(_quoted, parts))
        if facts:
            leaves = "leaves" if len(parts) == 1 else "leave"
            return f"{said} {leaves} nobody, since {' and '.join(facts)}; mend one of these"
        if len(parts) == 1:
            return f"no answer makes {said} true; mend it, or take it out"
        return f"{said} exclude each other; mend one of them"


def _plain(name: str) -> str:
    return name.partition(".")[0]


def _quoted(node: Node) -> str:
    source = written(node)
    return f"`{source}`" if len(source) <= _LONGEST else f"`{source[:_LONGEST]}...`"
