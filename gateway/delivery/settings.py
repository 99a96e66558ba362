"""What an operator can set about delivery. Times are in seconds unless they say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.quiet import Quiet
from gateway.rates import Rate


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    threads: int = 8
    """Calls to one provider at a time, and what a crash can leave in doubt on one channel."""
    lease: float = 90
    """How long a send may take before others take its worker for dead. Longer than any adapter's total time-out."""
    attempts: int = 8
    backoff: float = 5
    """Before the second attempt; doubles with each, up to `backoff_cap`, and is spread by half either way."""
    backoff_cap: float = 900
    throttle_cap: float = 300
    """The longest that a provider's wish to wait is granted."""
    give_up: float = 86_400
    """A message that could not be handed over for so long comes too late to help: it fails."""
    breaker_failures: int = 5
    """In a row, after which a channel is left alone."""
    breaker_wait: float = 15
    """Before one message is tried on a channel that was left alone; doubles up to `breaker_cap`."""
    breaker_cap: float = 300
    report_after: float = 86_400
    """A message without a report for so long counts as unreported; a late report still counts."""
    early_report: float = 3 * 86_400
    """How long a report waits for its message to become known."""
    look_up_after: float = 5
    """Before a provider is asked for a message that it may have taken: what it just took may not be on its list yet."""
    pace: float = 0
    """Between two messages to one person where nobody asked for the second."""
    pushes: int = 1_000
    """Messages to one person within 24 hours that nobody asked for."""
    sweep: float = 1
    """Between two sweeps: what a message waits at most that nobody was woken for."""
    quiet: Quiet | None = None
    rates: Mapping[str, Rate] = field(default_factory=dict)
    """By channel; one that is not named has no limit of ours."""
