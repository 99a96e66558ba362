"""What can never hold, and what is never asked.

    analyse(items) -> Iterator[Finding]            everything of a poll
    can_hold(expression, items) -> bool | None     True, False, or None: don't know
    always_holds(expression, items) -> bool | None

A condition is looked at together with what must have happened for its questions to be answered: a question that was
not asked has no answer, one that was asked and is required has one, one that may be skipped may have none, and whoever
came to an `end` whose condition held is gone. This is exact where each comparison is of one question with constants.
Arithmetic, two questions compared, and more than MOST_CUBES cubes or MOST_WORK joins (surveys/expressions/cubes.py) are
taken to be possible either way, so that what is reported is certain and some of what could be is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from surveys.expressions.classes import NONE, Classes, Mentions, mentions
from surveys.expressions.cubes import ALWAYS, NEVER, Calculus, Cube, Cubes, TooMuch, discrete, unfolded
from surveys.expressions.evaluate import Expression
from surveys.expressions.rewrite import all_of, negated
from surveys.expressions.tree import Node
from surveys.expressions.types import Domain


@dataclass(frozen=True, slots=True)
class Item:
    """One of a poll's questions and silent ones, in the order in which they come.

    `domain` is None for what leaves no answer. `when` is its own condition, as its author wrote it; `gate` is what
    groups, repeats and skips around it add. `value` is what it computes; `ends` says that nobody goes on after it.
    `options` and `wordings` are the conditions of its options and of its other wordings, by their places.
    """

    id: str
    domain: Domain | None
    when: Expression | None = None
    gate: Expression | None = None
    required: bool = True
    value: Expression | None = None
    ends: bool = False
    options: Mapping[int, Expression] = frozenset()  # type: ignore[assignment] # none, and nobody can change it
    wordings: Sequence[Expression] = ()

    @property
    def whole(self) -> Expression | None:
        return all_of(self.gate, self.when)

    @property
    def conditions(self) -> tuple[Expression, ...]:
        """Everything that is held against answers in it."""
        options = tuple(self.options[place] for place in self.options)
        return tuple(one for one in (self.gate, self.when, self.value, *options, *self.wordings) if one is not None)


class Analysis:
    """What is known of the items so far; `take` makes it one more."""

    def __init__(self, items: Sequence[Item], *more: Expression) -> None:
        self.items = {item.id: item for item in items}
        self.place = {item.id: place for place, item in enumerate(items)}
        self.computed: dict[str, Node] = {}
        for item in items:
            if item.value is not None and item.whole is None:
                taken = discrete(item.value.tree, self.computed)
                if taken is not None:
                    self.computed[item.id] = taken
        self._unfolded: dict[Node, Node] = {}
        conditions = [*more, *(condition for item in items for condition in item.conditions)]
        found = mentions(self.plain(condition.tree) for condition in conditions)
        classes = {
            item.id: Classes(item.id, item.domain, found.get(item.id, Mentions()))
            for item in items
            if item.domain is not None and item.id not in self.computed
        }
        self.calculus = Calculus(classes)
        self.asked: dict[str, Cubes] = {}
        self.unasked: dict[str, Cubes] = {}
        self.alive: Cubes = ALWAYS
        self.free: set[str] = set()

    def plain(self, node: Node) -> Node:
        """The condition as it is when computed words are put in."""
        if node not in self._unfolded:
            self._unfolded[node] = unfolded(node, self.computed)
        return self._unfolded[node]

    def cubes(self, *conditions: Expression | None) -> Cubes:
        """Where all of these hold, as far as that depends on the questions that they name."""
        condition = all_of(*conditions)
        return ALWAYS if condition is None else self.calculus.of(self.plain(condition.tree))

    # What had to happen before

    def closed(self, cubes: Cubes) -> Cubes:
        """The cubes, each with what had to happen for its answers to be so."""
        found: list[Cube] = []
        for cube in cubes:
            joined: Cubes = [{name: allowed for name, allowed in cube.items() if name not in self.items}]
            for name, allowed in cube.items():
                if name in self.items:
                    joined = self.calculus.both(joined, self.happened(name, allowed))
            found.extend(joined)
        return self.calculus.either(found)

    def happened(self, name: str, allowed: int) -> Cubes:
        """That a question was answered in one of these ways, or (the class of no answer) was not."""
        item = self.items[name]
        loose = name in self.free or not item.required or item.value is not None
        asked = self.asked.get(name, ALWAYS)
        if loose and (asked == ALWAYS or allowed == NONE):
            return [{name: allowed}]
        found: Cubes = []
        if allowed & ~NONE:
            found = [*found, *self.calculus.both([{name: allowed & ~NONE}], asked)]
        if allowed & NONE:
            found = [*found, *([{name: NONE}] if loose else self.calculus.both([{name: NONE}], self.not_asked(name)))]
        return self.calculus.either(found)

    def not_asked(self, name: str) -> Cubes:
        if name not in self.unasked:
            condition = self.items[name].whole
            if condition is None:
                self.unasked[name] = NEVER
            else:
                self.unasked[name] = self.told(f"?{name} is not asked", negated(condition))
        return self.unasked[name]

    def told(self, guess: str, *conditions: Expression | None) -> Cubes:
        """Where all of these hold, or a guess where that is too much to tell."""
        try:
            return self.closed(self.cubes(*conditions))
        except TooMuch:
            return [{guess: 2}]

    def take(self, item: Item) -> None:
        """Go on past an item."""
        self.asked[item.id] = self.told(f"?{item.id} is asked", item.whole)
        if item.ends and item.id not in self.free:
            gone, guess = item.whole, f"?{item.id} ends"
            left = NEVER if gone is None else self.told(guess, negated(gone))
            try:
                self.alive = self.calculus.both(self.alive, left)
            except TooMuch:
                self.alive = [*self.alive[:1], {guess: 2}]

    def unreachable(self, item: Item) -> None:
        """Take an item whose mistake was told as one that may be asked or not, so that it is told once."""
        self.free.add(item.id)
        self.asked[item.id] = ALWAYS

    def possible(self, *conditions: Expression | None) -> bool | None:
        """Whether all of these can hold for somebody who came as far as this; None where that can't be told."""
        try:
            found = self.calculus.both(self.closed(self.cubes(*conditions)), self.alive)
        except TooMuch:
            return None
        if any(all(self.certain(name) for name in cube) for cube in found):
            return True
        return None if found else False

    def certain(self, name: str) -> bool:
        return not name.startswith("?") and self.items[name].value is None


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


WHEN: Final = ("when",)


def can_hold(expression: Expression, items: Sequence[Item]) -> bool | None:
    """Whether answers to these items make the condition true."""
    known = Analysis(items, expression)
    for item in items:
        known.take(item)
    return known.possible(expression)


def always_holds(expression: Expression, items: Sequence[Item]) -> bool | None:
    """Whether no answers to these items make the condition false."""
    never = can_hold(negated(expression), items)
    return None if never is None else not never
