"""The worker's part: hand what is queued to the provider, one after the other, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from channels.adapter import Ambiguous, Retryable, SendError, Throttled, TopsUp
from gateway.incentives.ledger import State, settle
from gateway.money import Money
from gateway.store.database import reading
from gateway.store.incentive_tables import incentives
from gateway.store.keys import SealError, Vault
from gateway.store.schema import addresses

log = structlog.get_logger(__name__)

EVERY = 5.0
"""Seconds between two looks."""
LEASE = timedelta(minutes=2)
"""How long a call may take before its worker counts as dead: longer than any total time-out."""
ATTEMPTS = 8
BACKOFF = timedelta(seconds=30)
"""Before the second attempt; doubles with each."""
LONGEST_WAIT = 3600.0
"""Seconds that a provider's wish to wait is granted."""

_due = (
    sa.select(incentives, addresses.c.sealed_address)
    .join(addresses, addresses.c.id == incentives.c.address)
    .where(incentives.c.status == State.QUEUED.value, incentives.c.due_at <= sa.bindparam("now"))
    .order_by(incentives.c.due_at, incentives.c.id)
    .limit(1)
    .with_for_update(of=incentives, skip_locked=True)
)
_left = sa.select(incentives.c.id).where(
    incentives.c.status == State.SENDING.value, incentives.c.leased_until < sa.bindparam("now")
)


@dataclass(frozen=True, slots=True)
class _Leased:
    id: int
    channel: str
    amount: Money
    key: str
    attempts: int
    sealed_address: bytes


class Payer:
    """`accounts` are the channels that pay, by name. Several processes may do this at once."""

    def __init__(
        self, engine: sa.Engine, vault: Vault, accounts: Mapping[str, TopsUp], clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._accounts = accounts
        self._clock = clock

    def run(self) -> int:
        """Hand over all that is due. Returns how many were tried; raises what the database raises."""
        self._give_up()
        tried = 0
        while (leased := self._lease()) is not None:
            self._record(leased, self._hand_over(leased))
            tried += 1
        return tried

    def _give_up(self) -> None:
        """What a worker did not live to record may have been taken."""
        now = self._clock()
        with reading(self._engine) as connection:
            left = list(connection.scalars(_left, {"now": now}))
        for row in left:
            with self._engine.begin() as connection:
                why = "its worker ended in the middle"
                if settle(connection, row, State.UNKNOWN, now, of=(State.SENDING,), error=why):
                    log.warning("incentive in doubt", row=row)

    def _lease(self) -> _Leased | None:
        now = self._clock()
        with reading(self._engine) as connection:
            waiting = sa.select(incentives.c.id).where(
                incentives.c.status == State.QUEUED.value, incentives.c.due_at <= now
            )
            if connection.execute(waiting.limit(1)).first() is None:
                return None
        with self._engine.begin() as connection:
            row = connection.execute(_due, {"now": now}).first()
            if row is None:
                return None  # another worker's
            connection.execute(
                sa.update(incentives)
                .where(incentives.c.id == row.id)
                .values(status=State.SENDING.value, leased_until=now + LEASE, updated_at=now)
            )
        return _Leased(
            row.id, row.channel, Money(row.currency, row.millionths), row.key, row.attempts, row.sealed_address
        )

    def _hand_over(self, leased: _Leased) -> str | Exception:
        """The provider's id, or what it raised."""
        account = self._accounts.get(leased.channel)
        if account is None:
            return Retryable("The channel that pays is not there.", "no-channel")
        try:
            number = self._vault.open_text(leased.sealed_address, "address")
        except SealError as error:
            return error
        try:
            return account.top_up(number, leased.amount.currency, leased.amount.number, leased.key)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            return error

    def _record(self, leased: _Leased, result: str | Exception) -> None:
        now = self._clock()
        state, more = _meaning(leased, result, now)
        with self._engine.begin() as connection:
            # Where the provider's word on it has come meanwhile, that stands.
            settle(connection, leased.id, state, now, of=(State.SENDING,), **more)
        if isinstance(result, Exception):
            code = result.code if isinstance(result, SendError) else type(result).__name__
            log.warning("incentive not given", row=leased.id, now=state.value, code=code)


def _meaning(leased: _Leased, result: str | Exception, now: datetime) -> tuple[State, dict[str, object]]:
    """What becomes of a row, and what else is kept of it."""
    attempts = leased.attempts + 1
    match result:
        case str():
            return State.SENT, {"provider_id": result or None, "attempts": attempts, "error": None}
        case Throttled():  # no attempt is used up
            after = timedelta(seconds=min(LONGEST_WAIT, max(1.0, result.after)))
            return State.QUEUED, {"due_at": now + after, "error": str(result)}
        case Retryable() if attempts < ATTEMPTS:
            wait = BACKOFF * 2 ** (attempts - 1)
            return State.QUEUED, {"due_at": now + wait, "attempts": attempts, "error": str(result)}
        case Ambiguous():
            return State.UNKNOWN, {"attempts": attempts, "error": str(result)}
        case SendError():
            return State.FAILED, {"attempts": attempts, "error": str(result)}
        case SealError():
            return State.FAILED, {"attempts": attempts, "error": "the number can't be opened, or was forgotten"}
        case _:
            # Its own text may hold the number; whether it came before or after the call nobody knows.
            return State.UNKNOWN, {"attempts": attempts, "error": f"the adapter failed with {type(result).__name__}"}
