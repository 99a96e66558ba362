"""How fast a channel may send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """What a channel may send: segments a second on the long run, and how many at once.

    `by_message` counts a message as one, however many segments it has."""

    per_second: float
    burst: int = 1
    by_message: bool = False
