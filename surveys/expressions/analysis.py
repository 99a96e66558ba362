"""What can never hold, and what is never asked.

    can_hold(expression, items) -> bool | None     True, False, or None: don't know
    always_holds(expression, items) -> bool | None

A condition is looked at together with what must have happened for its questions to be answered: a question that was
not asked has no answer, one that was asked and is required has one, one that may be skipped may have none, and whoever
came to an `end` whose condition held is gone. This is exact where each comparison is of one question with constants.
Arithmetic, two questions compared, and more than MOST_CUBES cubes or MOST_WORK joins (surveys/expressions/cubes.py) are
taken to be possible either way, so that what is reported is certain and some of what could be is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from surveys.expressions.classes import NONE, Classes, Mentions, mentions
from surveys.expressions.cubes import ALWAYS, NEVER, Calculus, Cube, Cubes, TooMuch, discrete, unfolded
from surveys.expressions.evaluate import Expression
from surveys.expressions.rewrite import all_of
from surveys.expressions.tree import Node
from surveys.expressions.types import MEDIA, Domain


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
    options: Mapping[int, Expression] = field(default_factory=dict)
    wordings: Sequence[Expression] = ()

    @property
    def whole(self) -> Expression | None:
        return all_of(self.gate, self.when)

    @property
    def loose(self) -> bool:
        """Whether it may be passed with no answer: by choice, on a channel that carries none, for want of options."""
        if not self.required or self.value is not None:
            return True
        return self.domain is None or self.domain.type in MEDIA or 0 < len(self.domain.ids) <= len(self.options)

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
        self._plain: dict[int, tuple[Node, Node]] = {}
        self._own: dict[tuple[int, bool], Cubes] = {}
        conditions = [*more, *(condition for item in items for condition in item.conditions)]
        found = mentions(self.plain(condition.tree) for condition in conditions)
        classes = {
            item.id: Classes(item.id, item.domain, found.get(item.id, Mentions()), item.required and not item.options)
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
        if id(node) not in self._plain:
            self._plain[id(node)] = (node, unfolded(node, self.computed))  # the node too, so that its id stays its own
        return self._plain[id(node)][1]

    def cubes(self, conditions: Iterable[Expression | None], *others: Expression) -> Cubes:
        """Where all of these hold and none of the others, as far as that depends on the questions that they name."""
        found = ALWAYS
        for condition in conditions:
            if condition is not None:
                found = self.calculus.both(found, self.own(condition.tree, True))
        for condition in others:
            found = self.calculus.both(found, self.own(condition.tree, False))
        return found

    def own(self, node: Node, positive: bool) -> Cubes:
        """The cubes of one condition, or of its opposite."""
        key = (id(node), positive)
        if key not in self._own:
            self._own[key] = self.calculus.of(self.plain(node), positive)  # which keeps the node
        return self._own[key]

    # What had to happen before

    def closed(self, cubes: Cubes) -> Cubes:
        """The cubes, each with what had to happen for its answers to be so."""
        return self.calculus.either(closed for cube in cubes for closed in self.ways(cube))

    def ways(self, cube: Cube) -> Iterator[Cube]:
        """The closed cubes that a cube comes to, the likeliest first: one is enough to see that it is possible."""
        guesses = {name: allowed for name, allowed in cube.items() if name not in self.items}
        return self._ways(guesses, [name for name in cube if name in self.items], cube)

    def _ways(self, taken: Cube, names: list[str], cube: Cube) -> Iterator[Cube]:
        if not names:
            yield taken
            return
        name, *rest = names
        for happened in self.happened(name, cube[name]):
            joined = self.calculus.joined(taken, happened)
            if joined is not None:
                yield from self._ways(joined, rest, cube)

    def happened(self, name: str, allowed: int) -> Iterator[Cube]:
        """That a question was answered in one of these ways, or (the class of no answer) was not."""
        item = self.items[name]
        loose = name in self.free or item.loose
        asked = self.asked.get(name, ALWAYS)
        if loose and (asked == ALWAYS or allowed == NONE):
            yield {name: allowed}
            return
        if allowed & ~NONE:
            yield from self.calculus.both([{name: allowed & ~NONE}], asked)
        if allowed & NONE:
            unasked = ALWAYS if loose else self.not_asked(name)
            yield from self.calculus.both([{name: NONE}], unasked)

    def not_asked(self, name: str) -> Cubes:
        if name not in self.unasked:
            condition = self.items[name].whole
            if condition is None:
                self.unasked[name] = NEVER
            else:
                self.unasked[name] = self.told(f"?{name} is not asked", (), condition)
        return self.unasked[name]

    def told(self, guess: str, conditions: Iterable[Expression | None], *others: Expression) -> Cubes:
        """Where all of these hold and none of the others, or a guess where that is too much to tell."""
        try:
            return self.closed(self.cubes(conditions, *others))
        except TooMuch:
            return [{guess: 2}]

    def take(self, item: Item) -> None:
        """Go on past an item."""
        self.asked[item.id] = self.told(f"?{item.id} is asked", (item.gate, item.when))
        if item.ends and item.id not in self.free:
            gone, guess = item.whole, f"?{item.id} ends"
            left = NEVER if gone is None else self.told(guess, (), gone)
            try:
                self.alive = self.calculus.both(self.alive, left)
            except TooMuch:
                self.alive = [*self.alive[:1], {guess: 2}]

    def unreachable(self, item: Item) -> None:
        """Take an item whose mistake was told as one that may be asked or not, so that it is told once."""
        self.free.add(item.id)
        self.asked[item.id] = ALWAYS

    def possible(self, *conditions: Expression | None, but: Sequence[Expression] = ()) -> bool | None:
        """Whether somebody who came as far as this can be one for whom all of these hold, and none of those in `but`.
        None where that can't be told.
        """
        perhaps = False
        try:
            for cube in self.cubes(conditions, *but):
                for closed in self.ways(cube):
                    for alive in self.alive:
                        joined = self.calculus.joined(closed, alive)
                        if joined is not None and all(map(self.certain, joined)):
                            return True
                        perhaps = perhaps or joined is not None
        except TooMuch:
            return None
        return None if perhaps else False

    def certain(self, name: str) -> bool:
        return not name.startswith("?") and self.items[name].value is None


def can_hold(expression: Expression, items: Sequence[Item]) -> bool | None:
    """Whether answers to these items make the condition true."""
    known = Analysis(items, expression)
    for item in items:
        known.take(item)
    return known.possible(expression)


def always_holds(expression: Expression, items: Sequence[Item]) -> bool | None:
    """Whether no answers to these items make the condition false."""
    known = Analysis(items, expression)
    for item in items:
        known.take(item)
    fails = known.possible(but=[expression])
    return None if fails is None else not fails
