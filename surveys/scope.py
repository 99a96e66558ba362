"""What an expression in a poll may name at the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from surveys.expressions import (
    Domain,
    Expression,
    ExpressionError,
    check,
    domain,
    parse,
    parse_value,
    renamed,
    resolve,
    spread,
)
from surveys.model import Question
from surveys.reader import Path
from surveys.validate import Findings


@dataclass(slots=True)
class Scope:
    """The names of a poll, as far as it was read.

    `before` are those that can be looked at, `after` the ids that come later, `unclear` those whose own mistakes
    forbid to say more, `inside` those of a repeat or a drawn group, with why they can't be named from here. In a
    repeat, `flat` gives the id that a name stands for in the present number; after it, `several` all its ids.
    """

    findings: Findings
    before: dict[str, Question | Domain] = field(default_factory=dict)
    after: set[str] = field(default_factory=set)
    unclear: set[str] = field(default_factory=set)
    inside: dict[str, str] = field(default_factory=dict)
    flat: dict[str, str] = field(default_factory=dict)
    several: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def numbers(self) -> list[str]:
        return [name for name, known in self.before.items() if domain(known).kind == "number"]

    def hide(self, names: Iterable[str], why: str) -> None:
        self.inside |= dict.fromkeys(names, why)

    def condition(self, path: Path, source: str | None) -> Expression | None:
        return self.expression(path, source, "when")

    def expression(self, path: Path, source: str | None, key: str) -> Expression | None:
        """What is written here, about the questions of the row; None where nothing is, or nothing can be made of it."""
        if source is None or self.findings.is_broken(path):
            return None
        try:
            read = parse(source, key) if key == "when" else parse_value(source, key)
        except ExpressionError as error:
            self.findings.add(path, str(error), offset=error.at)
            return None
        read = spread(read, self.several)
        hidden = [name for name in read.names if name in self.inside and name not in self.before]
        for name in hidden:
            self.findings.add(path, f"'{name}' {self.inside[name]}; it can't be named here")
        problems = list(check(read, self.before, self.after, {*self.unclear, *hidden}, key))
        for problem in problems:
            self.findings.add(path, str(problem), offset=problem.at)
        return None if problems or hidden else renamed(resolve(read, self.before), self.flat)
