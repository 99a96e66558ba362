"""The worker's part: hands messages to representatives over, one by one or in batches, and reminds of pledges.

What is handed over is marked as being sent before it is, and as sent after: what a worker did not live to record is
`unknown`, and not sent again. No message names its sender, and no number.
"""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
import structlog

from channels.adapter import Ambiguous, Fetching, Outbound, Retryable, SendError, Sent, Throttled
from gateway.campaigns import pledges, shelf
from gateway.campaigns.errors import MediaError
from gateway.campaigns.letters import FAILED, PASSED, PURPOSE, SENDING, SENT, UNKNOWN
from gateway.campaigns.media import MOST_PICTURE, Variant, pictures
from gateway.campaigns.representatives import PURPOSE as CONTACT
from gateway.notices import Notices, Told
from gateway.store.campaign_tables import letters, representatives
from gateway.store.database import reading
from gateway.store.keys import SealError
from surveys.prompt import Prompt

log = structlog.get_logger(__name__)

EVERY = 5.0
"""Seconds between two looks."""
LEASE = timedelta(minutes=5)
ATTEMPTS = 6
BACKOFF = timedelta(minutes=2)
"""Before the second attempt; doubles with each."""
MOST = 100
"""Messages that go together."""
MOST_LETTERS = 600
"""Letters of different words that go together as SMS: providers refuse what is much longer, and the others with it."""

Mail = Callable[[str, str, str], None]
"""Sends a subject and a text to an address. Raises smtplib.SMTPException or OSError, whose texts may hold it."""

_l, _r = letters.c, representatives.c


class Texter(Protocol):
    """As much of an adapter as is needed."""

    def send(self, outbound: Outbound) -> Sent: ...


@dataclass(frozen=True, slots=True)
class Ways:
    """How representatives are reached; None where there is no mail server, or no SMS channel. `fetching` gives out what
    people attach, by channel."""

    mail: Mail | None
    sms: Texter | None
    fetching: Mapping[str, Fetching] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What goes together. `texts` are words with how often they came."""

    id: int
    rows: tuple[int, ...]
    title: str
    area: str
    language: str
    way: str
    contact: str
    texts: tuple[tuple[str, int], ...]
    attempts: int


class Rounds:
    """Several processes may do this at once. `wake` is told of channels that have something to send; `base` is where
    the pages are."""

    def __init__(
        self,
        engine: sa.Engine,
        notices: Notices,
        ways: Ways,
        clock: Callable[[], datetime],
        wake: Callable[[Iterable[str]], None],
        base: str = "",
    ) -> None:
        self._engine = engine
        self._vault = notices.vault
        self._notices = notices
        self._ways = ways
        self._clock = clock
        self._wake = wake
        self._base = base

    def run(self) -> int:
        """Do all that is due. Returns how many batches were tried."""
        tried = 0
        self._remind()
        self._fetch()
        self._give_up()
        for representative in self._due():
            try:
                batch = self._take(representative)
            except SealError:  # the others go on
                log.warning("letters do not open", representative=representative)
                continue
            if batch is not None:
                self._record(batch, self._hand_over(batch))
                tried += 1
        return tried

    def _remind(self) -> None:
        now = self._clock()
        with reading(self._engine) as connection:
            if not pledges.is_any_due(connection, now):
                return
        with self._engine.begin() as connection:
            woken = pledges.remind(connection, self._notices, now)
        if woken:
            self._wake(woken)

    def _fetch(self) -> None:
        """Pictures that people sent to show what they did: from where their provider keeps them, cleaned."""
        now = self._clock()
        for deed in pledges.to_fetch(self._engine, now):
            fetching = self._ways.fetching.get(deed.channel)
            found: Sequence[Variant] = ()
            again = False
            try:
                if fetching is not None:
                    reference = self._vault.open_text(deed.sealed_reference, pledges.REFERENCE)
                    found = pictures(fetching.fetch(reference, MOST_PICTURE))
            except MediaError as error:
                log.warning("picture not taken", deed=deed.id, why=str(error))
            except SealError:
                log.warning("picture not fetched", deed=deed.id, code="SealError")
            except SendError as error:
                again = isinstance(error, Retryable | Throttled | Ambiguous) and deed.attempts < ATTEMPTS
                log.warning("picture not fetched", deed=deed.id, code=error.code)
            woken = None
            with self._engine.begin() as connection:
                if again:
                    pledges.ask_again(connection, deed, now + BACKOFF)
                else:
                    woken = pledges.fetched(connection, self._notices, deed, found, self._base, now)
            if woken:
                self._wake([woken])

    def _give_up(self) -> None:
        """What a worker did not live to record may have been taken."""
        left = _l.status == SENDING, _l.leased_until < self._clock()
        with reading(self._engine) as connection:
            if connection.scalar(sa.select(_l.id).where(*left).limit(1)) is None:
                return
        with self._engine.begin() as connection:
            gone = connection.execute(sa.update(letters).where(*left).values(status=UNKNOWN, leased_until=None))
        log.warning("letters in doubt", letters=gone.rowcount)

    def _due(self) -> list[int]:
        """Representatives for whom something waits, and whose time has come."""
        now = self._clock()
        waits = _l.status == PASSED, sa.or_(_l.leased_until.is_(None), _l.leased_until <= now)
        query = (
            sa.select(_r.id, _r.batch_hours, sa.func.min(_l.decided_at).label("since"))
            .join(letters, _l.representative == _r.id)
            .where(*waits, _r.way.in_(self._reachable()))
            .group_by(_r.id, _r.batch_hours)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [row.id for row in rows if row.since is None or row.since + timedelta(hours=row.batch_hours) <= now]

    def _reachable(self) -> list[str]:
        ways = {"mail": self._ways.mail, "sms": self._ways.sms}
        return [name for name, way in ways.items() if way is not None]

    def _take(self, representative: int) -> _Batch | None:
        """Mark what goes together as being sent. None where another worker was faster."""
        now = self._clock()
        with self._engine.begin() as connection:
            whom = connection.execute(sa.select(representatives).where(_r.id == representative)).one()
            waits = _l.representative == representative, _l.status == PASSED
            due = sa.or_(_l.leased_until.is_(None), _l.leased_until <= now)
            chosen = sa.select(letters).where(*waits, due).order_by(_l.campaign, _l.id)
            rows = connection.execute(chosen.limit(MOST).with_for_update(skip_locked=True)).all()
            # Of one campaign, and where each goes by itself of one person.
            rows = [row for row in rows if row.campaign == rows[0].campaign][: 1 if whom.batch_hours == 0 else MOST]
            if not rows:
                return None
            said = {row.id: self._vault.open_text(row.sealed_text, PURPOSE) for row in rows if row.sealed_text}
            if whom.way == "sms":
                rows = rows[: _fitting([said.get(row.id, "") for row in rows])]
            ids = tuple(row.id for row in rows)
            taken = {"status": SENDING, "leased_until": now + LEASE, "batch": ids[0], "attempts": rows[0].attempts + 1}
            connection.execute(sa.update(letters).where(_l.id.in_(ids)).values(taken))
            campaign = shelf.find(connection, rows[0].campaign)
            title = campaign.title[campaign.said_in(whom.language)] if campaign else rows[0].campaign
            words = Counter(said[row] for row in ids if row in said)
        contact = self._vault.open_text(whom.sealed_contact, CONTACT)
        texts = tuple(words.most_common())
        return _Batch(ids[0], ids, title, whom.area, whom.language, whom.way, contact, texts, rows[0].attempts + 1)

    def _hand_over(self, batch: _Batch) -> Exception | None:
        """What went wrong, if anything."""
        try:
            if batch.way == "mail" and self._ways.mail is not None:
                self._ways.mail(self._subject(batch), self._text(batch), batch.contact)
            elif self._ways.sms is not None:
                self._ways.sms.send(Outbound(batch.id, batch.contact, (Prompt(self._short(batch), batch.language),)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on; its text may hold the contact
            return error
        return None

    def _subject(self, batch: _Batch) -> str:
        return self._say("letter_subject", batch, count=len(batch.rows))

    def _text(self, batch: _Batch) -> str:
        listed = [f"{count} x\n{text}" if count > 1 else text for text, count in batch.texts]
        return "\n\n".join([self._say("letter_intro", batch, count=len(batch.rows)), *listed])

    def _short(self, batch: _Batch) -> str:
        listed = [f"{count} x: {text}" if count > 1 else text for text, count in batch.texts]
        return " / ".join([self._say("letter_sms", batch, count=len(batch.rows)), *listed])

    def _say(self, key: str, batch: _Batch, **values: object) -> str:
        return self._notices.texts.say(key, batch.language, title=batch.title, area=batch.area, **values)

    def _record(self, batch: _Batch, problem: Exception | None) -> None:
        now = self._clock()
        state, more = _meaning(batch, problem, now)
        told = {SENT: "letter_sent", FAILED: "letter_failed"}.get(state)
        woken: set[str] = set()
        with self._engine.begin() as connection:
            still = _l.id.in_(batch.rows), _l.status == SENDING
            connection.execute(sa.update(letters).where(*still).values(status=state, **more))
            if told:
                woken = self._tell(connection, batch, told, now)
        if problem is not None:
            code = problem.code if isinstance(problem, SendError) else type(problem).__name__
            log.warning("letters not handed over", batch=batch.id, now=state, code=code)
        if woken:
            self._wake(woken)

    def _tell(self, connection: sa.Connection, batch: _Batch, key: str, now: datetime) -> set[str]:
        """Those who wrote, each once."""
        query = (
            sa.select(_l.person, _l.language, _r.name)
            .join(representatives, _r.id == _l.representative)
            .where(_l.id.in_(batch.rows))
        )
        woken = set()
        by_person = {row.person: row for row in connection.execute(query.order_by(_l.id))}
        for row in by_person.values():
            woken.add(self._notices.tell(connection, row.person, row.language, Told(key, {"name": row.name}), now))
        return {channel for channel in woken if channel}


def _fitting(texts: Sequence[str]) -> int:
    """How many of these, in their order, make one SMS: one at least."""
    seen: set[str] = set()
    for place, text in enumerate(texts):
        seen.add(text)
        if place and sum(map(len, seen)) > MOST_LETTERS:
            return place
    return len(texts)


def _meaning(batch: _Batch, problem: Exception | None, now: datetime) -> tuple[str, Mapping[str, Any]]:
    """What becomes of a batch, and what else is kept of it."""
    later = now + BACKOFF * 2 ** (batch.attempts - 1)
    match problem:
        case None:
            return SENT, {"sent_at": now, "leased_until": None}
        case Throttled():  # no attempt is used up
            wait = timedelta(seconds=min(3600.0, max(1.0, problem.after)))
            return PASSED, {"leased_until": now + wait, "attempts": batch.attempts - 1}
        case Ambiguous():
            return UNKNOWN, {"leased_until": None}
        case smtplib.SMTPRecipientsRefused():
            return FAILED, {"leased_until": None}
        case Retryable() | smtplib.SMTPConnectError() | smtplib.SMTPResponseException() | ConnectionRefusedError() if (
            batch.attempts < ATTEMPTS
        ):
            return PASSED, {"leased_until": later}
        case Retryable() | SendError() | smtplib.SMTPException() | ConnectionRefusedError():
            return FAILED, {"leased_until": None}
        case _:
            # It broke off in the middle: nobody knows whether it was taken.
            return UNKNOWN, {"leased_until": None}
