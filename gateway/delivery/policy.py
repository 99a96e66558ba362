"""What the kinds of messages differ in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """`after_stop`: goes out to somebody who left. `repeats`: how often it is sent again after a send of which
    nobody knows whether it was taken, once the provider was asked, where it can be. docs/operator/delivery.md says the
    same for people."""

    after_stop: bool = False
    repeats: int = 0


POLICIES = {
    "reply": Policy(repeats=1),
    "confirmation": Policy(after_stop=True),
    "broadcast": Policy(),
    "reminder": Policy(),
    "digest": Policy(),
    "notice": Policy(),
}


def policy(kind: str) -> Policy:
    """A kind that nobody described is treated with the most care."""
    return POLICIES.get(kind, Policy())
