"""Expressions made of expressions, where a loader writes a tree of questions as one row."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.expressions.evaluate import Expression
from surveys.expressions.tree import And, Call, Compare, Name, Node, Not, Number, Or, changed


def all_of(*conditions: Expression | None) -> Expression | None:
    """One condition that holds where all of these do; None, which always holds, for none of them."""
    parts: list[Node] = []
    for condition in conditions:
        if condition is not None:
            tree = condition.tree
            parts.extend(tree.parts if isinstance(tree, And) else (tree,))
    parts = list(dict.fromkeys(parts))
    return Expression(parts[0] if len(parts) == 1 else And(tuple(parts))) if parts else None


def any_of(*conditions: Expression) -> Expression:
    """One condition that holds where one of these does. At least one is given."""
    trees = tuple(condition.tree for condition in conditions)
    return conditions[0] if len(trees) == 1 else Expression(Or(trees))


def negated(condition: Expression) -> Expression:
    """Holds where the condition does not, and where nothing was answered to what it looks at."""
    tree = condition.tree
    return Expression(tree.part if isinstance(tree, Not) else Not(tree))


def at_least(name: str, number: int) -> Expression:
    """`name >= number`."""
    return Expression(Compare(Name(name), ">=", Number(number)))


def renamed(expression: Expression, mapping: Mapping[str, str]) -> Expression:
    """The expression about other questions: what `mapping` does not name stays."""

    def change(node: Node) -> Node:
        return Name(mapping.get(node.text, node.text), node.at) if isinstance(node, Name) else node

    return Expression(changed(expression.tree, change))


def spread(expression: Expression, mapping: Mapping[str, tuple[str, ...]]) -> Expression:
    """The expression with `sum(age)`, `min(age)` and `max(age)` taken over all the numbers of a repeat."""

    def change(node: Node) -> Node:
        if not isinstance(node, Call):
            return node
        parts = [
            Name(name, part.at) if isinstance(part, Name) else part
            for part in node.parts
            for name in (mapping.get(part.text, (part.text,)) if isinstance(part, Name) else ("",))
        ]
        return Call(node.function, tuple(parts), node.at)

    return Expression(changed(expression.tree, change))
