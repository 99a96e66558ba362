"""Writing into the ledger what became of those who were invited: who was sent an invitation, whom none reached, and,
once the poll is over, who did not answer. Reports may come for days; the ledger is moved a few hundred at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.store import dispositions
from gateway.store.broadcast_tables import broadcasts, recipients
from gateway.store.database import reading
from gateway.store.poll_tables import respondents
from gateway.store.schema import outbox

FOR = timedelta(days=3)
"""For how long after its end late reports still change what became of the people asked."""

AT_ONCE = 500
FAILED_EVERY = timedelta(minutes=1)
"""Between two looks for messages that failed: those looks go over all that did."""

PROVEN = (3, 4, 5)  # sent, unreported, delivered


class Settling:
    """One a process; several may do it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._looked_at: dict[int, datetime] = {}

    def going(self, connection: sa.Connection, now: datetime) -> list[Any]:
        """The broadcasts that invite to polls, and of which news may still come."""
        recent = sa.or_(broadcasts.c.ended_at.is_(None), broadcasts.c.ended_at > now - FOR)
        asking = sa.select(broadcasts).where(broadcasts.c.poll.is_not(None), recent)
        return list(connection.execute(asking))

    def settle(self, row: Any, *, is_over: bool, now: datetime) -> None:
        """Bring the ledger up to date with one broadcast."""
        self._moved(row, dispositions.contacted, _proven(row), now)
        if now - self._looked_at.get(row.id, now - FAILED_EVERY) >= FAILED_EVERY:
            self._looked_at[row.id] = now
            self._moved(row, dispositions.failed, _not_delivered(row), now)
        if is_over:
            self._moved(row, dispositions.unresponsive, _silent(row), now)

    def _moved(
        self,
        row: Any,
        move: Callable[[sa.Connection, str, int, Iterable[int], datetime], int],
        whom: sa.Select[Any],
        now: datetime,
    ) -> None:
        while True:
            with reading(self._engine) as connection:
                some = list(connection.scalars(whom.limit(AT_ONCE)))
            if not some:
                return
            with self._engine.begin() as connection:
                if not move(connection, row.poll, row.wave, some, now):
                    return


def _of_wave(row: Any, *in_: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        respondents.c.survey == row.poll,
        respondents.c.wave == row.wave,
        respondents.c.disposition.in_(in_),
    )


def _message(row: Any, statuses: Sequence[int]) -> tuple[sa.ColumnElement[bool], ...]:
    """What was sent to a respondent as part of it, and stands so."""
    return (
        outbox.c.broadcast == row.id,
        outbox.c.person == respondents.c.person,
        outbox.c.status.in_([sa.literal_column(str(status)) for status in statuses]),
    )


def _is_last(row: Any) -> sa.ColumnElement[bool]:
    """Whether no later broadcast asked them again: what became of that one counts."""
    later = recipients.alias("later")
    return ~sa.exists().where(
        later.c.person == respondents.c.person,
        later.c.broadcast > row.id,
        later.c.broadcast == broadcasts.c.id,
        broadcasts.c.poll == row.poll,
    )


def _proven(row: Any) -> sa.Select[Any]:
    sent = sa.exists().where(*_message(row, PROVEN))
    return sa.select(respondents.c.person).where(*_of_wave(row, "registered", "failed"), sent, _is_last(row))


def _not_delivered(row: Any) -> sa.Select[Any]:
    """Who was left out because they sent STOP, or because somebody cancelled it, was not tried."""
    return (
        sa.select(respondents.c.person)
        .join_from(outbox, respondents, sa.and_(*_message(row, (6,)), outbox.c.attempts > 0))
        .where(*_of_wave(row, "registered", "contacted"), _is_last(row))
    )


def _silent(row: Any) -> sa.Select[Any]:
    return sa.select(respondents.c.person).where(*_of_wave(row, "contacted"))
