"""Whether the bounds of a question make sense for its type."""

from __future__ import annotations

from typing import Final

from surveys.definition import QuestionDefinition
from surveys.reader import Path
from surveys.validate import Findings

SCALE: Final = (0, 10)


def check_bounds(findings: Findings, path: Path, definition: QuestionDefinition) -> None:
    """Report bounds that are of the wrong kind, out of reach, or the wrong way round."""
    low, high = definition.minimum, definition.maximum
    for key, value in (("minimum", low), ("maximum", high)):
        if value is None:
            continue
        if message := _misfit(definition, value):
            findings.break_off((*path, key), message)
    if low is not None and high is not None and isinstance(low, str) == isinstance(high, str) and low >= high:  # type: ignore[operator]  # both are dates, or both numbers
        findings.break_off((*path, "maximum"), f"`maximum` {high} must be larger than `minimum` {low}")


def _misfit(definition: QuestionDefinition, value: float | str) -> str:
    kind = definition.type
    if (kind == "date") != isinstance(value, str):
        return (
            f"{value} is not a date; write one such as 2026-05-31"
            if kind == "date"
            else f"{value} is a date; write a number"
        )
    match kind:
        case "scale" if not (isinstance(value, int) and SCALE[0] <= value <= SCALE[1]):
            return f"a scale lies within {SCALE[0]} and {SCALE[1]}, in whole numbers, not at {value}"
        case "number" if definition.whole and isinstance(value, float):
            return f"{value} is not whole; write a whole number, or `whole: no`"
        case "many-of" | "ranking":
            count = len(definition.options or [])
            if not (isinstance(value, int) and 1 <= value <= count):
                verb = "chosen" if kind == "many-of" else "ranked"
                return f"of {count} options, {value} can't be {verb}; write 1 to {count}, or leave it out"
    return ""
