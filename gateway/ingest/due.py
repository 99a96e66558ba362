"""When a conversation that nobody goes on with is looked at: for a reminder, or because it expires. Pure.

`due_at` of a conversation is set when it begins, and moved only by whoever looks: an answer in the middle costs nothing
more. So a look may come too early, and then only says when the next one is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from surveys.model import Schedule


@dataclass(frozen=True, slots=True)
class Look:
    """What a look comes to: `act` is remind, expire, or "" for nothing now; `next_at` when to look again."""

    act: str
    next_at: datetime


def first_look(schedule: Schedule, now: datetime) -> datetime:
    """When to look first at a conversation that begins."""
    return look(schedule, now, 0, now).next_at


def look(schedule: Schedule, last_word: datetime, reminded: int, now: datetime) -> Look:
    """What is due, with so many reminders sent since the conversation began. After one, the next look is not sooner
    than `after`, so reminders are at least that far apart."""
    expires = last_word + schedule.expires
    if now >= expires:
        return Look("expire", expires)
    reminders = schedule.reminders
    if reminders is None or reminded >= reminders.count:
        return Look("", expires)
    due = last_word + reminders.after
    if now < due:
        return Look("", min(due, expires))
    return Look("remind", min(now + reminders.after, expires))
