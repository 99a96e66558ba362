"""A lane: what brings the messages of one channel to its provider.

One thread of its own does everything with the database, a few others only call the provider. In each turn one
transaction records what came back and leases as many rows as threads are free, so while it commits the calls that
were begun before go on, and the faster a provider answers the more results share a commit. A slow provider keeps
its own lane's threads and nobody else's.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import sqlalchemy as sa
import structlog

from channels.adapter import Adapter, Ambiguous, OptedOut, Outbound, Retryable, Searchable, SendError, Sent, Throttled
from channels.transport import Hands
from gateway.delivery import outbox, settling
from gateway.delivery.breaker import Breaker, State
from gateway.delivery.metrics import SEND_SECONDS, SENDS, SPENT_UP
from gateway.delivery.rate import Limiter
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.shares import Share, Turn, open_shares
from gateway.delivery.spending import FREE, Price, Tariff, room
from gateway.store import many
from gateway.store.keys import SealError, Vault
from gateway.store.replies import loads
from surveys.texts import Texts

log = structlog.get_logger("gateway.delivery")

AWAY_SECONDS = 0.5
"""Between two tries to reach a database that is away."""
TOGETHER_SECONDS = 0.002
"""How long a result waits at most for others, where a turn would begin few calls."""
ALONG_SECONDS = 0.02
"""For how long at most what the rate granted may lie here unused: no more is taken along than it gives meanwhile."""
LOOK_SECONDS = 1.0
"""Between two looks at which kinds and broadcasts are open on a channel."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every lane and the sweeper of one process share. `worker` names this process in leases. Without `texts` a
    repeat says nothing of being one."""

    engine: sa.Engine
    vault: Vault
    worker: str
    settings: DeliverySettings
    limiter: Limiter
    clock: Callable[[], datetime]
    random: settling.Random
    tariff: Tariff | None = None
    texts: Texts | None = None
    monotonic: Callable[[], float] = field(default=time.monotonic)

    def unasked(self, now: datetime) -> bool:
        """Whether messages may be pushed unasked now."""
        return self.settings.quiet is None or not self.settings.quiet.holds(now)


class UnreadableError(Exception):
    """What is to be sent, or where to, does not open with our keys."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A call that came back: what it gave, or the error it raised. `probe`: the breaker was not closed then."""

    row: settling.Leased
    result: Sent | Exception
    probe: bool
    price: Price = FREE
    found: bool = False  # it was not sent now: the provider says that it had taken it


class Lane:
    """Everything but `wake`, `stop` and `join` happens in one thread: the lane's own, or the caller's of `drain`."""

    def __init__(self, channel: str, adapter: Adapter, means: Means) -> None:
        self.channel = channel
        self.adapter = adapter
        self._means = means
        self._breaker = Breaker(channel, means.settings)
        self._hands = Hands(f"send-{channel}", means.settings.threads)
        self._mail: queue.SimpleQueue[Finished | None] = queue.SimpleQueue()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._in_flight = 0
        self._busy = means.settings.threads * 2 // 3
        rate = means.settings.rates.get(channel)
        self.by_message = rate is not None and rate.by_message
        self._along = means.settings.threads
        if rate is not None:
            self._along = min(self._along, int(rate.per_second * ALONG_SECONDS))
        self._asks = adapter if isinstance(adapter, Searchable) else None
        self._terms = settling.Terms(means.tariff, means.settings.pace, adapter.capabilities.gap)
        self._spent_up = False
        self._settlements: list[settling.Settlement] = []
        self._left: list[int] = []
        self._shares: tuple[Share, ...] = ()
        self._shares_at = float("-inf")
        self._turns = 0
        self._unused = 0

    @property
    def breaker(self) -> State:
        return self._breaker.state

    def wake(self) -> None:
        """Say that there may be something to send. Never blocks; many calls are as good as one."""
        if not self._woken.is_set():
            self._woken.set()
            self._mail.put(None)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=f"lane-{self.channel}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing new. What is being sent is waited for and recorded: see `join`."""
        self._stopping.set()
        self._mail.put(None)

    def join(self, seconds: float) -> bool:
        """Wait for the lane to end after `stop`. False where it didn't: what it was sending is for the sweeper."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def drain(self) -> None:
        """Send in the calling thread until nothing more may go out now. Not on a lane that was started."""
        self._shares_at = float("-inf")
        while True:
            begun, _ = self._turn()
            if not begun and not self._in_flight:
                return
            self._collect(None)

    def _run(self) -> None:
        wait: float | None = 0.0
        while not (self._stopping.is_set() and not self._in_flight and not self._settlements):
            self._collect(wait)
            try:
                _, wait = self._turn()
            except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                log.warning("database unavailable", channel=self.channel, error=type(error).__name__)
                wait = AWAY_SECONDS
            except Exception as error:  # noqa: BLE001 - whatever it is, the channel must not fall silent
                log.error("turn failed", channel=self.channel, error=type(error).__name__)  # noqa: TRY400 - no values in a traceback
                wait = AWAY_SECONDS

    # One turn -------------------------------------------------------------------------------------------------------

    def _turn(self) -> tuple[int, float | None]:
        """Record what came back and begin what may go out. How many were begun, and when to look again (in seconds;
        None: when there is mail). Raises what the database raises; nothing that came back is lost then."""
        means, settings = self._means, self._means.settings
        if self._woken.is_set() or means.monotonic() - self._shares_at >= LOOK_SECONDS:
            self._shares_at = float("-inf")
        self._woken.clear()
        free, wait = self._room()
        granted, refill = self._granted(free)
        if not granted and not self._settlements:
            return 0, refill if free else wait
        now = means.clock()
        rows: list[settling.Leased] = []
        try:
            with self._transaction() as (connection, commit):
                early = settling.record(
                    connection, self.channel, means.worker, self._settlements, now, self._left, self._terms
                )
                if granted and (affordable := self._affordable(connection, granted, now)):
                    rows = outbox.lease(
                        connection,
                        self.channel,
                        means.worker,
                        now,
                        affordable,
                        settings.lease,
                        unasked=means.unasked(now),
                        quiet=settings.quiet,
                        pushes=settings.pushes,
                        turn=self._take_turn(free - affordable),
                    )
                early()
                commit()
        except BaseException:
            self._unused += granted
            self._give_back()
            raise
        self._settlements.clear()
        self._left.clear()
        self._unused += granted - len(rows)
        if not rows:
            self._give_back()
        probe = self._breaker.state is not State.CLOSED
        for row in rows:
            self._in_flight += 1
            self._hands.give(partial(self._send, row, probe))
        if granted < free and len(rows) == granted:
            wait = refill
        return len(rows), wait

    def _granted(self, free: int) -> tuple[int, float]:
        """How many of the `free` the channel's rate lets begin, and the seconds until it lets another. In the middle
        of work a few more are taken along for the turns to come: each time Redis is asked costs the lane a wait."""
        refill = 0.0
        if free > self._unused:
            along = self._along if self._in_flight else 0
            granted, refill = self._means.limiter.take(self.channel, free - self._unused + along)
            if not granted:
                return 0, refill  # nothing may go out, whatever is left from before
            self._unused += granted
        granted = min(free, self._unused)
        self._unused -= granted
        return granted, refill

    def _give_back(self) -> None:
        """What the rate granted in vain."""
        self._means.limiter.spend(self.channel, -self._unused)
        self._unused = 0

    def _affordable(self, connection: sa.Connection, wanted: int, now: datetime) -> int:
        """How many of `wanted` today's spend limit allows."""
        left = room(connection, self._means.tariff, self.channel, now, self._in_flight) if self._means.tariff else None
        spent_up = left == 0 and not self._in_flight
        if spent_up and not self._spent_up:
            log.error(
                "spend limit reached", channel=self.channel, day=self._terms.tariff and self._terms.tariff.day(now)
            )
        if spent_up or left:
            self._spent_up = spent_up
            SPENT_UP.labels(self.channel).set(spent_up)
        return wanted if left is None else min(wanted, left)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[tuple[sa.Connection, Callable[[], None]]]:
        """What a turn says to the database, and its commit, go there without waiting for each answer. What is open is
        looked up before, and anew only now and then: who is woken for something new forgets it."""
        with self._means.engine.connect() as connection, connection.begin() as transaction:
            if self._shares_at == float("-inf"):
                self._shares = open_shares(connection, self.channel)
                self._shares_at = self._means.monotonic()
            with many.together(connection):
                yield connection, transaction.commit

    def _take_turn(self, idle: int) -> Turn:
        """`idle` threads stay free whatever is leased."""
        self._turns += 1
        # Somebody may answer while a broadcast takes all there is.
        kept = 1 if self._means.settings.threads > 1 and not idle else 0
        return Turn(self._shares, kept, self._turns)

    def _room(self) -> tuple[int, float | None]:
        """How many messages may be begun now, and after how many seconds there may be room for more."""
        now = self._means.monotonic()
        if self._stopping.is_set():
            return 0, None
        free = self._means.settings.threads - self._in_flight
        allowed = self._breaker.room(now, self._in_flight)
        return (free if allowed is None else min(free, allowed)), self._breaker.wait(now)

    def _collect(self, wait: float | None) -> None:
        """Wait for mail, and take all that is there; for a moment more while most threads are busy, since a turn costs
        about the same for one row and for many."""
        with contextlib.suppress(queue.Empty):
            mail = self._mail.get(timeout=wait)
            until = self._means.monotonic() + TOGETHER_SECONDS
            while True:
                if mail is not None:
                    self._in_flight -= 1
                    self._settlements.append(self._judge(mail))
                more = until - self._means.monotonic() if self._in_flight > self._busy else 0.0
                mail = self._mail.get(timeout=more) if more > 0 else self._mail.get_nowait()

    # What a call gave -----------------------------------------------------------------------------------------------

    def _judge(self, finished: Finished) -> settling.Settlement:
        row, result, settings = finished.row, finished.result, self._means.settings
        now = self._means.clock()
        self._tell(row.id, result, finished.found)
        self._breaker.heard(result, self._means.monotonic())
        why = settling.reason(result) if isinstance(result, SendError) else ""
        match result:
            case Sent():
                return self._taken(finished, result)
            case Throttled():
                self._give_back()
                wait = max(0.0, min(settings.throttle_cap, result.after))
                self._means.limiter.pause(self.channel, wait)
                return settling.throttled(row, why, now, wait, settings)
            case Retryable():
                return settling.retry(row, why, now, self._means.random, settings, counted=not finished.probe)
            case Ambiguous():
                wait = settings.look_up_after if self._asks else 0
                return settling.interrupted(row, why, now, wait, finished.price)
            case OptedOut():
                self._left.append(row.person)
                return settling.failed(row, why)
            case SendError():
                return settling.failed(row, why)
            case UnreadableError():
                return settling.failed(row, "the address or the text can't be opened")
            case _:
                # Its text may hold a number or what was said: only its type is kept.
                return settling.failed(row, f"the adapter failed with {type(result).__name__}")

    def _taken(self, finished: Finished, result: Sent) -> settling.Settlement:
        if finished.found:
            return settling.sent(finished.row, result)  # counted and paid for when it was sent
        if not self.by_message:
            self._means.limiter.spend(self.channel, max(result.segments - 1, 0))
        return settling.sent(finished.row, result, finished.price)

    def _tell(self, row: int, result: Sent | Exception, found: bool) -> None:
        outcome = type(result).__name__.lower() if isinstance(result, Sent | SendError) else "error"
        SENDS.labels(self.channel, "found" if found else outcome).inc()
        if not isinstance(result, Sent):
            code = result.code if isinstance(result, SendError) else type(result).__name__
            log.warning("not sent", channel=self.channel, row=row, outcome=outcome, code=code)

    def _send(self, row: settling.Leased, probe: bool) -> None:
        """Runs in a thread beside: no database, and whatever happens is told."""
        try:
            finished = self._tried(row, probe)
        except Exception as error:  # noqa: BLE001 - a poison message must not stop its neighbours
            finished = Finished(row, error, probe)
        self._mail.put(finished)

    def _tried(self, row: settling.Leased, probe: bool) -> Finished:
        vault, tariff = self._means.vault, self._means.tariff
        try:
            address = vault.open_text(row.sealed_address, "address")
            reply = loads(vault.open_text(row.sealed_reply, "reply"))
        except (SealError, ValueError):
            return Finished(row, UnreadableError(), probe)
        outbound = Outbound(row.id, address, reply, row.repeats > 0)
        price = tariff.price(self.channel, address) if tariff else FREE
        found: Sent | SendError | None = self._find(outbound, row) if outbound.repeat else None
        result = found or self._hand_over(self._marked(outbound))
        return Finished(row, result, probe, price, isinstance(found, Sent))

    def _find(self, outbound: Outbound, row: settling.Leased) -> Sent | SendError | None:
        """What may have been taken is asked for first, where it can be. While it can't be, nothing is sent."""
        if self._asks is None:
            return None
        try:
            found = self._asks.find(outbound, row.created_at)
            if not found and row.repeats > 1:
                found = self._asks.find(self._marked(outbound), row.created_at)
            return next(iter(found), None)
        except Throttled as error:
            return error
        except Exception as error:  # noqa: BLE001 - as in _hand_over
            code = error.code if isinstance(error, SendError) else type(error).__name__
            return Retryable("The provider could not be asked whether it took the message.", code)

    def _marked(self, outbound: Outbound) -> Outbound:
        """With a word before it, where the person may have had it before: they need not answer twice."""
        if not outbound.repeat or not outbound.reply or self._means.texts is None:
            return outbound
        first, *others = outbound.reply
        word = self._means.texts.say("again", first.language)
        return replace(outbound, reply=(replace(first, text=f"{word} {first.text}".strip()), *others))

    def _hand_over(self, outbound: Outbound) -> Sent | Exception:
        began = self._means.monotonic()
        try:
            return self.adapter.send(outbound)
        except Exception as error:  # noqa: BLE001 - a poison message must not stop its neighbours
            return error
        finally:
            SEND_SECONDS.labels(self.channel).observe(self._means.monotonic() - began)
