"""The one job: look at a channel's outbox. Its argument is the channel's name and nothing else."""

from __future__ import annotations

from typing import Final

from redis import Redis

from gateway.delivery.delivery import Delivery

QUEUE: Final = "baraza"
JOB: Final = "gateway.delivery.jobs.deliver"
WAITS: Final = 30
"""Seconds after which a wake-up that no worker took is void: the sweepers have long seen to it."""

# rq finds a job by its import path, so what it works with is kept here, once a process.
_serving: list[tuple[Delivery, Redis]] = []


def serve(delivery: Delivery, connection: Redis) -> None:
    """From now on jobs in this process wake this delivery."""
    _serving[:] = [(delivery, connection)]


def deliver(channel: str) -> None:
    """Wake the channel's lane, which sends in threads of its own: the next channel's job does not wait for this one."""
    for delivery, connection in _serving:
        # First, so that a message committed from now on wakes again.
        connection.delete(marker(channel))
        delivery.wake([channel])


def marker(channel: str) -> str:
    """The key that is there while a wake-up for this channel waits in the queue."""
    return f"baraza:woken:{channel}"
