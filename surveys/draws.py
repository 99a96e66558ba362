"""What chance decides for a person: orders and arms, drawn from the conversation's seed, the same at every look.

A draw sorts by, or takes, the SHA-256 of "seed:name:item". It needs no state, can be repeated from the stored seed
alone, and is as easily computed in another language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def _drawn(seed: int, name: str, item: str) -> bytes:
    return hashlib.sha256(f"{seed}:{name}:{item}".encode()).digest()


def drawn_order(items: Iterable[str], seed: int, name: str) -> list[str]:
    """The items in an order drawn for `name`: each order is equally likely over seeds."""
    return sorted(items, key=lambda item: _drawn(seed, name, item))


def drawn_arm(arms: Sequence[Item], seed: int, name: str) -> Item:
    """One of the arms, each equally likely over seeds."""
    return arms[int.from_bytes(_drawn(seed, name, "arm")[:8]) % len(arms)]
