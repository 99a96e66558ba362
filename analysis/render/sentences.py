"""A sentence of a digest, and where its numbers come from."""

from __future__ import annotations

from typing import NamedTuple

PEOPLE = ""
"""The source of numbers of people, which are of no question."""

GROUND = "~ground"
"""The source of numbers of votes on statements. No question is named so."""

WEIGHTS = "~weights"
"""The source of weighted numbers."""


class Sentence(NamedTuple):
    """`sources` are what its numbers come from: ids of questions, PEOPLE, GROUND or WEIGHTS; none of one without
    numbers."""

    text: str
    sources: tuple[str, ...] = ()
