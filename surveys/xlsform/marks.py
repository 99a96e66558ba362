"""The mark of what a form does not say and a poll must: an import puts it in, `baraza survey check` points at it."""

from __future__ import annotations

from typing import Final

from surveys.problem import Problem

TO_WRITE: Final = "TO WRITE:"
PURPOSE: Final = f"{TO_WRITE} why this is asked"

CONSENT: Final = "poll_consent"
THANKS: Final = "poll_thanks"
"""Notes of a form that hold what a poll says before and after all questions."""

BEFORE: Final = (
    "# Made from an XLSForm. A poll says more than a form does: write what is marked with TO WRITE, and take the mark\n"
    "# out. `baraza survey check` points at each place.\n"
)
"""Stands above the poll."""


def to_write(source: str, filename: str) -> tuple[Problem, ...]:
    """Where a poll still holds what an import put in for want of words."""
    return tuple(
        Problem(filename, number, line.index(TO_WRITE) + 1, f"still to write: {_what(line)}")
        for number, line in enumerate(source.splitlines(), start=1)
        if TO_WRITE in line
    )


def _what(line: str) -> str:
    """What the mark says, without what stands around it in YAML."""
    said = line.split(TO_WRITE, 1)[1]
    return said.split('"')[0].split("}")[0].strip()
