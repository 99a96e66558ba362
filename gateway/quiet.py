"""Quiet hours: when nothing is pushed that nobody asked for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nothing is pushed unasked. `start` after `end` spans midnight; equal means never quiet."""

    start: time
    end: time
    zone: tzinfo

    def holds(self, now: datetime) -> bool:
        at = now.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def ends(self, now: datetime) -> datetime:
        """When it is the end of quiet hours next."""
        return self._next(self.end, now)

    def begins(self, now: datetime) -> datetime:
        """When they begin next; in a year where there are none."""
        return now + timedelta(days=365) if self.start == self.end else self._next(self.start, now)

    def _next(self, at: time, now: datetime) -> datetime:
        today = now.astimezone(self.zone).date()
        days = (today + timedelta(days=day) for day in (0, 1, 2))
        moments = (datetime.combine(day, at, self.zone).astimezone(UTC) for day in days)
        return next(moment for moment in moments if moment > now)
