"""Handing out digests: a worker looks every so often what is due.

What is due follows from what is stored, so a round may be broken off anywhere and done again by another worker: a
release is made where a day or a week has passed for somebody who ordered that, or where a poll has closed; then each
order gets the newest release once (a row of `digest_posts`, unique by order and release). Messages go into the outbox
in the same transaction, with all that holds there: STOP, quiet hours, rates. Mails wait in their rows until a server
took them.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from analysis.findings import Digest
from analysis.raised import Raised
from analysis.render.language import language as speak
from analysis.render.picture import caption, picture
from analysis.render.short import sms, telegram
from analysis.telling import UNTOLD, Telling
from channels.adapter import Channel
from gateway.coding.raising import look_through
from gateway.polls import CLOSED, Poll, Polls
from gateway.results import notices
from gateway.results.guarding import Waits
from gateway.results.mail import Letter, Note, Post
from gateway.results.orders import PERIODS, SEALED, Order, standing
from gateway.results.quotes import with_quotes
from gateway.results.release import count, release
from gateway.results.telling_people import tell
from gateway.store import replies, schema
from gateway.store.database import insert_ignoring, is_away, is_busy, reading
from gateway.store.keys import SealError, Vault
from gateway.store.results_tables import orders, posts
from surveys.model import Survey
from surveys.problem import SurveyError
from surveys.prompt import Prompt

log = structlog.get_logger(__name__)

WAITING, SENT, FAILED = "waiting", "sent", "failed"
TRIES = 6
AGAIN = timedelta(minutes=5)
"""Until a mail that was not taken is tried again; twice as long each time."""

_RELEASES = sa.select(schema.releases.c.id, schema.releases.c.made_at, schema.releases.c.findings).order_by(
    schema.releases.c.id.desc()
)


@dataclass(frozen=True, slots=True)
class Out:
    """The newest release of a poll."""

    id: int
    made_at: datetime
    digest: Digest


@dataclass(frozen=True, slots=True)
class Rounds:
    """`post` is None where no mail server is set; `wake` is told which channels have something to send, and `shows`
    says whether one can send a picture. `raised` is what mails tell beside the poll."""

    engine: sa.Engine
    vault: Vault
    polls: Callable[[], Polls]
    channels: Mapping[str, Channel]
    post: Post | None
    minimum_cell: int
    clock: Callable[[], datetime]
    wake: Callable[[Iterable[str]], None]
    telling: Callable[[Survey], Telling] = lambda _survey: UNTOLD
    shows: Callable[[Channel], bool] = lambda _channel: False
    raised: Callable[[], Raised | None] = lambda: None
    simulated: bool = False

    def run(self) -> None:
        """One round."""
        with reading(self.engine) as connection:
            ordered = list(standing(connection))
        for poll in self.polls().polls:
            mine = [order for order in ordered if order.survey == poll.survey.name]
            try:
                self.raise_(poll.survey)
                if out := self.newest(poll.survey.name):
                    self.wake(tell(self.engine, self.vault, poll.survey, self.channels, out.made_at, self.clock()))
                if mine:
                    self.of(poll, mine)
            except SurveyError as error:
                log.error("digests failed", survey=poll.survey.name, problem=str(error.problems[0]))  # noqa: TRY400 - a sentence
            except Exception as error:
                if is_away(error) or is_busy(error):
                    raise  # no poll goes on without the database
                log.error("digests failed", survey=poll.survey.name, error=type(error).__name__)  # noqa: TRY400 - no values in a traceback
        self.send_mails()
        self.send_notices()

    def raise_(self, survey: Survey) -> None:
        """Look for what somebody must act on, and tell the poll's team that there is something: by mail in
        `send_notices`, which tries again."""
        now = self.clock()
        codebooks = {codebook.name: codebook for codebook in self.polls().codebooks}
        look_through(self.engine, self.vault, survey, codebooks, now)
        with self.engine.begin() as connection:
            team = notices.due(connection, survey.name, now)
            for order in team:
                if order.channel:
                    self._say(
                        connection, order, [Prompt(self._notice(survey, order.language).text, order.language)], now
                    )
            by_mail = orders.c.id.in_([order.id for order in team]), orders.c.sealed_mail.is_not(None)
            connection.execute(sa.update(orders).where(*by_mail).values(notice_due_at=now, notice_tries=0))
        self.wake({order.channel for order in team if order.channel})

    def _notice(self, survey: Survey, language: str) -> Note:
        words = speak(language)
        title = words.text(survey.title, survey.name)
        return Note(title, words.say("raised_notice", title=title))

    def of(self, poll: Poll, ordered: list[Order]) -> None:
        """Make the release that is due, if one is, and hand the newest out."""
        now = self.clock()
        out = self.newest(poll.survey.name)
        if self._is_due(poll, ordered, out, now):
            try:
                self.release(poll, out, now)
            except Waits:
                log.info("digest waits", survey=poll.survey.name)
            out = self.newest(poll.survey.name)
        if out is None:
            return
        over = _over(poll, now)
        for order in ordered:
            if self._wants(order, out, over=over, now=now):
                self.hand_out(order, out)

    def release(self, poll: Poll, before: Out | None, now: datetime) -> None:
        """Raises Waits, also where another came after `before`: what was due is made then."""
        known = {codebook.name: codebook for codebook in self.polls().codebooks}
        rows = count(self.engine, self.vault, poll.survey, known, now)
        after = before.id if before else 0
        rows = replace(rows, final=_over(poll, now) is not None, after=after, telling=self.telling(poll.survey))
        how = (self.engine, self.vault, rows, poll.survey, known, now)
        release(*how, minimum_cell=self.minimum_cell, simulated=self.simulated)

    def newest(self, survey: str) -> Out | None:
        with reading(self.engine) as connection:
            row = connection.execute(_RELEASES.where(schema.releases.c.survey == survey).limit(1)).first()
        return None if row is None else Out(row.id, row.made_at, Digest.from_dict(row.findings))

    def hand_out(self, order: Order, out: Out) -> bool:
        """Give an order this release, if it did not get it yet; whether it did now."""
        now = self.clock()
        values = {"for_order": order.id, "release": out.id, "tries": 0, "due_at": now, "at": now}
        status = SENT if order.channel else WAITING
        with self.engine.begin() as connection:
            place = insert_ignoring(connection.dialect.name, posts).returning(posts.c.id)
            new = connection.execute(place, [{**values, "status": status}]).first() is not None
            if new and order.channel:
                self._message(connection, order, out, now)
        if new and order.channel:
            self.wake([order.channel])
        return new

    def _message(self, connection: sa.Connection, order: Order, out: Out, now: datetime) -> None:
        survey, channel = self._survey(order.survey), self.channels.get(order.channel)
        digest = with_quotes(connection, self.vault, survey, out.digest) if survey else out.digest
        language = order.language
        how = telegram if channel is not None and channel.medium == "chat" else sms
        said = [Prompt(how(digest, language), language)]
        if channel is not None and self.shows(channel) and (chart := picture(digest, language)):
            said.append(Prompt(caption(digest, language), language, picture=chart))
        self._say(connection, order, said, now)

    def _say(self, connection: sa.Connection, order: Order, said: Sequence[Prompt], now: datetime) -> None:
        """Into the outbox, unless its person left, was forgotten, or the channel is no more."""
        people, addresses = schema.people.c, schema.addresses.c
        chosen = sa.select(addresses.person, addresses.sealed_address, people.stopped)
        joined = schema.addresses.join(schema.people)
        row = connection.execute(chosen.select_from(joined).where(addresses.id == order.address)).first()
        channel = self.channels.get(order.channel)
        if row is None or row.stopped or not row.sealed_address or channel is None:
            return
        sealed = self.vault.seal(replies.dumps(tuple(said)), "reply")
        values = {
            "person": row.person,
            "address": order.address,
            "channel": channel.name,
            "kind": "digest",
            "sealed_reply": sealed,
            "due_at": now,
            "created_at": now,
            "updated_at": now,
        }
        connection.execute(sa.insert(schema.outbox).values(values))

    def _survey(self, name: str) -> Survey | None:
        return self.polls().named(name)

    # Mails ----------------------------------------------------------------------------------------------------------

    def send_mails(self) -> None:
        """Send what waits. A claimed mail is due again later: whoever dies in the middle, it is sent once more."""
        if self.post is None:
            return
        now = self.clock()
        due = sa.select(posts.c.id, posts.c.tries).where(posts.c.status == WAITING, posts.c.due_at <= now)
        with reading(self.engine) as connection:
            waiting = connection.execute(due.order_by(posts.c.id).limit(50)).all()
        for row in waiting:
            claimed = posts.c.id == row.id, posts.c.status == WAITING, posts.c.tries == row.tries
            values = {"tries": row.tries + 1, "due_at": now + AGAIN * 2**row.tries}
            with self.engine.begin() as connection:
                if connection.execute(sa.update(posts).where(*claimed).values(values)).rowcount == 0:
                    continue  # another worker's
            self._send(self.post, row.id, row.tries + 1)

    def _send(self, post: Post, row: int, tries: int) -> None:
        status, error = SENT, ""
        try:
            self._mail(post, row)
        except sa.exc.SQLAlchemyError:
            raise
        except Exception as problem:  # noqa: BLE001 - one that can't be made must not hold up the others
            error = type(problem).__name__  # its text may hold the address
            status = FAILED if tries >= TRIES or isinstance(problem, SealError) else WAITING
            log.warning("digest not mailed", post=row, error=error, tries=tries)
        with self.engine.begin() as connection:
            values = {"status": status, "error": error or None, "at": self.clock()}
            connection.execute(sa.update(posts).where(posts.c.id == row).values(values))

    def send_notices(self) -> None:
        """Word that somebody must act, claimed and tried again as digests are."""
        if self.post is None:
            return
        now, mine = self.clock(), orders.c
        due = sa.select(mine.id, mine.survey, mine.language, mine.sealed_mail, mine.notice_tries, mine.notice_due_at)
        with reading(self.engine) as connection:
            waiting = connection.execute(due.where(mine.notice_due_at <= now).order_by(mine.id).limit(50)).all()
        for row in waiting:
            claim = mine.id == row.id, mine.notice_due_at == row.notice_due_at, mine.notice_tries == row.notice_tries
            again = now + AGAIN * 2**row.notice_tries
            with self.engine.begin() as connection:
                values = {"notice_tries": row.notice_tries + 1, "notice_due_at": again}
                if connection.execute(sa.update(orders).where(*claim).values(values)).rowcount == 0:
                    continue  # another worker's
            survey = self._survey(row.survey)
            try:
                if survey is not None:
                    self.post(self._notice(survey, row.language), self.vault.open_text(row.sealed_mail, SEALED))
            except (smtplib.SMTPException, OSError, SealError) as problem:
                log.warning("notice not mailed", survey=row.survey, error=type(problem).__name__)
                if row.notice_tries + 1 < TRIES and not isinstance(problem, SealError):
                    continue
            with self.engine.begin() as connection:  # but not what was raised meanwhile
                done = mine.id == row.id, mine.notice_due_at == again
                connection.execute(sa.update(orders).where(*done).values(notice_due_at=None))

    def _mail(self, post: Post, row: int) -> None:
        joined = posts.join(orders).join(schema.releases)
        columns = (
            orders.c.id,
            orders.c.survey,
            orders.c.sealed_mail,
            orders.c.language,
            schema.releases.c.findings,
            posts.c.release,
        )
        with reading(self.engine) as connection:
            one = connection.execute(sa.select(*columns).select_from(joined).where(posts.c.id == row)).one()
            digest, survey = Digest.from_dict(one.findings), self._survey(one.survey)
            digest = with_quotes(connection, self.vault, survey, digest) if survey else digest
        to = self.vault.open_text(one.sealed_mail, SEALED)
        post(Letter(digest, one.language, f"digest-{one.id}-{one.release}", self.raised()), to)

    # What is due ----------------------------------------------------------------------------------------------------

    def _is_due(self, poll: Poll, ordered: list[Order], out: Out | None, now: datetime) -> bool:
        """Whether a release must be made now: the poll has closed since the newest, or somebody's period is over."""
        over = _over(poll, now)
        if over is not None:
            return out is None or out.made_at < over
        periods = [PERIODS[order.every] for order in ordered if order.every in PERIODS]
        if not periods or poll.state(now) != "open":
            return False
        since = out.made_at if out else min(order.made_at for order in ordered)
        return now - since >= min(periods)

    def _wants(self, order: Order, out: Out, *, over: datetime | None, now: datetime) -> bool:
        if over is not None and out.made_at >= over:
            return order.every != "closing" or not self._had_one(order, over)
        if order.every == "closing" or out.made_at < order.made_at:
            return False
        if order.every == "release":
            return True
        with reading(self.engine) as connection:
            last = connection.scalar(sa.select(sa.func.max(posts.c.at)).where(posts.c.for_order == order.id))
        return last is None or now - last >= PERIODS[order.every]

    def _had_one(self, order: Order, since: datetime) -> bool:
        """Whether it got a release that was made since. A post's own time moves when its mail goes out."""
        releases = schema.releases.c
        made = sa.select(posts.c.id).select_from(posts.join(schema.releases))
        made = made.where(posts.c.for_order == order.id, releases.made_at >= since)
        with reading(self.engine) as connection:
            return connection.execute(made.limit(1)).first() is not None


def _over(poll: Poll, now: datetime) -> datetime | None:
    """When it closed, if it has."""
    if poll.state(now) != CLOSED:
        return None
    ends = [when for when in (poll.closed_at, poll.closes_at) if when is not None and when <= now]
    return min(ends, default=now)
