"""What an operator does with a poll: open it, mend its words, pause, resume, close, and open it for another wave.

    draft > open <> paused;  open, paused > closed;  closed > open, as the next wave

Each is one transaction with a row in the audit log. Processes that run notice within seconds (gateway/assembly.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from channels.adapter import Status
from gateway.polls import CLOSED, OPEN, PAUSED, frozen
from gateway.store import audit
from gateway.store.actor_tables import actor_statements
from gateway.store.database import insert_ignoring
from gateway.store.delivery_tables import ASKED
from gateway.store.poll_tables import gazetteers, polls, surveys
from gateway.store.schema import conversations, outbox, timers
from gateway.wording import Change, rewordings, settings_changed
from surveys.gazetteer import Gazetteer
from surveys.load import load_survey
from surveys.model import Survey
from surveys.xlsform.marks import to_write

HELD = datetime(9999, 1, 1, tzinfo=UTC)
"""When what waits for a paused poll is due: not before somebody resumes it."""

ENDED = "the poll has ended"
CLOSING = "poll-closes"
"""The kind of the timers that close polls; their subject is the poll's name."""

ROUND = "interviews-due"
"""The kind of the timers that tell focal points of a wave of interviews: subject "guide wave number"."""

NEVER_STALE = timedelta(days=3650)


class LifecycleError(ValueError):
    """It can't be done. Its text is one sentence that says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening came to. `how` is first, wave, version (those in the middle finish theirs), fix (they go on with
    the new texts), again (an earlier version is back), or settings (times and limits only).

    `changes` are the texts that differ from before, `settings` the names of what else does; `middle` how many people
    are in the middle of what was open until now.
    """

    name: str
    how: str
    status: str
    version: int
    wave: int
    changes: tuple[Change, ...] = ()
    settings: tuple[str, ...] = ()
    middle: int = 0


@dataclass(slots=True)
class _Known:
    """What was opened of one poll: its row, and its contents by hash, oldest first."""

    row: Any
    contents: dict[str, Any]
    places: Callable[[Any], Mapping[str, Gazetteer]]

    def version_of(self, content: str) -> str:
        return str(self.contents[content].fixes or content)

    def number(self, version: str) -> int:
        return 1 + [name for name, one in self.contents.items() if not one.fixes].index(version)


def open_poll(engine: sa.Engine, survey: Survey, now: datetime, by: str, *, invite: str = "") -> Opened:
    """Open what is written in a poll's file now. `invite` asks for another wave of a closed poll.

    Raises LifecycleError; nothing is changed then.
    """
    closes = survey.schedule.closes
    if closes is not None and closes <= now:
        raise LifecycleError(f"{survey.name} closed at {closes:%Y-%m-%d %H:%M %Z}: put a later `closes` into its file.")
    if gaps := to_write(survey.source, survey.name):
        raise LifecycleError(f"{survey.name} is not finished. Line {gaps[0].line}: {gaps[0].message}.")
    with engine.begin() as connection:
        known = _known(connection, survey.name)
        if known.row is None:
            done = _first(connection, survey, now, by, invite)
        elif known.row.status == CLOSED:
            done = _wave(connection, survey, known, now, by, invite)
        elif invite:
            raise LifecycleError(f"{survey.name} is {known.row.status}: close this wave before you open the next.")
        else:
            done = _changed(connection, survey, known, now, by)
        audit.note(connection, by, f"survey open ({done.how})", f"{survey.name}@{survey.hash} wave {done.wave}", now)
    return done


def pause(engine: sa.Engine, name: str, now: datetime, by: str) -> None:
    """Nobody gets in, those in the middle are told to come back later, and what waits unasked is held back."""
    with engine.begin() as connection:
        _step(connection, name, (OPEN,), PAUSED, now, by)
        waiting = outbox.c.kind.not_in(ASKED), outbox.c.status == Status.QUEUED.value
        connection.execute(sa.update(outbox).where(outbox.c.poll == name, *waiting).values(due_at=HELD))


def resume(engine: sa.Engine, name: str, now: datetime, by: str) -> None:
    with engine.begin() as connection:
        _step(connection, name, (PAUSED,), OPEN, now, by)
        held = outbox.c.poll == name, outbox.c.due_at == HELD, outbox.c.status == Status.QUEUED.value
        connection.execute(sa.update(outbox).where(*held).values(due_at=now))


def close(engine: sa.Engine, name: str, now: datetime, by: str) -> int:
    """End this wave. What waits to be sent for it is cancelled: how many is returned. Those in the middle are ended
    when they write next, or by the worker, whichever comes first; what they answered stays."""
    with engine.begin() as connection:
        _step(connection, name, (OPEN, PAUSED), CLOSED, now, by)
        return _cancel(connection, name, now)


def close_by_the_clock(connection: sa.Connection, name: str, now: datetime) -> None:
    """What the timer does at `closes`. One of an earlier closing time changes nothing."""
    due = polls.c.name == name, polls.c.status != CLOSED, polls.c.closes_at <= now
    closed = sa.update(polls).where(*due).values(status=CLOSED, closed_at=now, by="schedule")
    if connection.execute(closed).rowcount:
        audit.note(connection, "schedule", "survey close", name, now)
        _cancel(connection, name, now)


# Opening ------------------------------------------------------------------------------------------------------------


def _first(connection: sa.Connection, survey: Survey, now: datetime, by: str, invite: str) -> Opened:
    if invite:
        raise LifecycleError(f"{survey.name} was never open: leave out --wave, its first wave is for everybody.")
    _freeze(connection, survey, now, None)
    _begin_round(connection, survey, 1, now)
    row = {"name": survey.name, "wave": 1, "invite": "everybody", **_opened(survey, now, by)}
    connection.execute(sa.insert(polls).values(row))
    _set_timer(connection, survey, now)
    return Opened(survey.name, "first", OPEN, 1, 1)


def _wave(connection: sa.Connection, survey: Survey, known: _Known, now: datetime, by: str, invite: str) -> Opened:
    if not invite:
        raise LifecycleError(
            f"{survey.name} is closed, and stays so: `baraza survey open {survey.name} --wave panel` (those who "
            "completed it before), `fresh` (those who never did) or `everybody` opens it for another wave."
        )
    version, changes, settings, _ = _compared(survey, known)
    _take_up(connection, survey, known, version, now)
    wave = known.row.wave + 1
    _begin_round(connection, survey, wave, now)
    values = {"wave": wave, "invite": invite, **_opened(survey, now, by)}
    connection.execute(sa.update(polls).where(polls.c.name == survey.name).values(values))
    _set_timer(connection, survey, now)
    return Opened(survey.name, "wave", OPEN, _number(known, version), wave, changes, settings)


def _changed(connection: sa.Connection, survey: Survey, known: _Known, now: datetime, by: str) -> Opened:
    row = known.row
    if survey.hash == row.hash:
        raise LifecycleError(
            f"{survey.name} is {row.status} already, and its file has not changed"
            + ("." if row.status == OPEN else f": `baraza survey resume {survey.name}` opens it again.")
        )
    version, changes, settings, how = _compared(survey, known)
    _take_up(connection, survey, known, version, now)
    values = {"hash": survey.hash, "by": by, **_times(survey)}
    connection.execute(sa.update(polls).where(polls.c.name == survey.name).values(values))
    _set_timer(connection, survey, now)
    middle = 0 if how == "settings" else in_the_middle(connection, survey.name)
    return Opened(survey.name, how, row.status, _number(known, version), row.wave, changes, settings, middle)


def _compared(survey: Survey, known: _Known) -> tuple[str, tuple[Change, ...], tuple[str, ...], str]:
    """Which version this content belongs to, what differs from what was open, and what opening it is called."""
    content = known.contents[known.row.hash]
    before = load_survey(content.source, survey.name, known.places(content))
    changes, settings = rewordings(before, survey), settings_changed(before, survey)
    current = known.version_of(known.row.hash)
    if survey.hash in known.contents:
        version = known.version_of(survey.hash)
    elif goes_on_with(before, survey):
        version = current
    else:
        version = survey.hash
    if version == current:
        how = "fix" if changes else "settings"
    else:
        how = "again" if version in known.contents else "version"
    return version, changes, settings, how


def goes_on_with(before: Survey, survey: Survey) -> bool:
    """Whether somebody in the middle of `before` can go on in the words of `survey`. Languages that are added come
    after the others: who was just asked for theirs answers with its number."""
    goes_on = survey.languages[: len(before.languages)] == before.languages
    return bool(survey.shape) and survey.shape == before.shape and goes_on


def _number(known: _Known, version: str) -> int:
    return known.number(version) if version in known.contents else 1 + sum(not c.fixes for c in known.contents.values())


def _take_up(connection: sa.Connection, survey: Survey, known: _Known, version: str, now: datetime) -> None:
    if survey.hash in known.contents:
        taken = surveys.c.name == survey.name, surveys.c.hash == survey.hash
        connection.execute(sa.update(surveys).where(*taken).values(worded_at=now))
    else:
        _freeze(connection, survey, now, None if version == survey.hash else version)


def _freeze(connection: sa.Connection, survey: Survey, now: datetime, fixes: str | None) -> None:
    values = {"name": survey.name, "hash": survey.hash, "source": survey.source, "opened_at": now, "fixes": fixes}
    places = {name: one.digest for name, one in survey.gazetteers.items()}
    row = {**values, "worded_at": now, "gazetteers": places or None}
    connection.execute(insert_ignoring(connection.dialect.name, surveys), row)
    for one in survey.gazetteers.values():
        frozen = {"digest": one.digest, "source": one.source}
        connection.execute(insert_ignoring(connection.dialect.name, gazetteers), frozen)


def _begin_round(connection: sa.Connection, survey: Survey, wave: int, now: datetime) -> None:
    """A guide opens a wave of its map, in their order, and tells those who hold it. Raises LifecycleError."""
    guide = survey.guide
    if guide is None:
        return
    waves = sa.select(actor_statements.c.wave).where(actor_statements.c.map == guide.map).distinct()
    held, of_map = set(connection.scalars(waves)), guide.wave + wave - 1
    if held and of_map < max(held) and of_map not in held:
        raise LifecycleError(
            f"{survey.name} would open wave {of_map} of the map, which was never held, and wave {max(held)} is there "
            f"already: put `wave: {max(held) + 2 - wave}` into its `guide`."
        )
    due = {"kind": ROUND, "subject": f"{survey.name} {wave} 1", "due_at": now, "stale_after": now + timedelta(days=1)}
    connection.execute(insert_ignoring(connection.dialect.name, timers), due)


def _opened(survey: Survey, now: datetime, by: str) -> dict[str, object]:
    return {
        "status": OPEN,
        "hash": survey.hash,
        "opened_at": now,
        "closed_at": None,
        "by": by,
        **_times(survey),
    }


def _times(survey: Survey) -> dict[str, object]:
    return {"opens_at": survey.schedule.opens, "closes_at": survey.schedule.closes}


def _set_timer(connection: sa.Connection, survey: Survey, now: datetime) -> None:
    if survey.schedule.closes is not None:
        due = survey.schedule.closes
        row = {"kind": CLOSING, "subject": survey.name, "due_at": due, "stale_after": due + NEVER_STALE}
        connection.execute(insert_ignoring(connection.dialect.name, timers), row)


# Pieces -------------------------------------------------------------------------------------------------------------


def in_the_middle(connection: sa.Connection, name: str) -> int:
    """How many conversations of this poll are not over."""
    going = conversations.c.due_at.is_not(None), conversations.c.status.in_(("active", "parked"))
    of_poll = conversations.c.flow.startswith(f"survey:{name}@", autoescape=True)
    return int(connection.scalar(sa.select(sa.func.count()).select_from(conversations).where(*going, of_poll)) or 0)


def contents(connection: sa.Connection) -> dict[str, str]:
    """The hash of the content that newcomers get, by poll."""
    return {row.name: row.hash for row in connection.execute(sa.select(polls.c.name, polls.c.hash))}


def _known(connection: sa.Connection, name: str) -> _Known:
    row = connection.execute(sa.select(polls).where(polls.c.name == name).with_for_update()).first()
    found = sa.select(surveys).where(surveys.c.name == name).order_by(surveys.c.opened_at, surveys.c.hash)
    return _Known(row, {one.hash: one for one in connection.execute(found)}, frozen(connection))


def _step(connection: sa.Connection, name: str, before: tuple[str, ...], after: str, now: datetime, by: str) -> None:
    row = _known(connection, name).row
    if row is None:
        raise LifecycleError(f"{name} was never opened: `baraza survey list` says which polls there are.")
    if row.status not in before:
        raise LifecycleError(f"{name} is {row.status}: only a poll that is {' or '.join(before)} can become {after}.")
    closed_at = now if after == CLOSED else row.closed_at
    values = {"status": after, "by": by, "closed_at": closed_at}
    connection.execute(sa.update(polls).where(polls.c.name == name).values(values))
    audit.note(connection, by, f"survey {after}", f"{name} wave {row.wave}", now)


def _cancel(connection: sa.Connection, name: str, now: datetime) -> int:
    waiting = outbox.c.poll == name, outbox.c.status == Status.QUEUED.value
    cancelled = sa.update(outbox).where(*waiting).values(status=Status.FAILED.value, error=ENDED, updated_at=now)
    return connection.execute(cancelled).rowcount
