"""Drafts of polls as they are written on the pages: saved, submitted, taken or refused, with their history.

    draft > submitted > taken | refused;  a newer version replaces a submitted one

Who saves says which version they began with. Where somebody saved another one since, the text is kept aside and
`Conflict` is raised: nothing that was sent is lost, and nobody overwrites what they have not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.store import audit
from gateway.store.database import reading
from gateway.store.draft_tables import drafts

DRAFT, SUBMITTED, TAKEN, REFUSED, ASIDE = "draft", "submitted", "taken", "refused", "aside"

KEPT = 100
"""How many versions of a poll that nobody submitted are kept."""

NOTE = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """One version. `source` is "" in lists, which only name it."""

    id: int
    survey: str
    source: str
    author: str
    at: datetime
    status: str
    note: str
    decided_at: datetime | None
    decided_by: str | None


class Conflict(Exception):
    """Somebody else saved `theirs` in the meantime; the text that was sent is kept as version `kept`."""

    def __init__(self, theirs: Draft, kept: int) -> None:
        super().__init__(f"version {theirs.id} was saved in the meantime")
        self.theirs = theirs
        self.kept = kept


class NotWaiting(Exception):
    """It was decided on already, or replaced by a newer version, or never submitted."""


_c = drafts.c
_ALL = (_c.id, _c.survey, _c.source, _c.author, _c.at, _c.status, _c.note, _c.decided_at, _c.decided_by)
_LISTED = tuple(sa.literal("").label("source") if one is _c.source else one for one in _ALL)


class Drafts:
    """The drafts of this gateway. Whether a source is a poll is for the caller to know."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.clock = clock

    def newest(self, survey: str) -> Draft | None:
        with reading(self.engine) as connection:
            return _newest(connection, survey)

    def version(self, survey: str, version: int) -> Draft | None:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(*_ALL).where(_c.survey == survey, _c.id == version)).first()
        return Draft(*row) if row else None

    def history(self, survey: str) -> tuple[Draft, ...]:
        """Every version, the newest first, without its text."""
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(*_LISTED).where(_c.survey == survey).order_by(_c.id.desc())).all()
        return tuple(Draft(*row) for row in rows)

    def all_newest(self) -> dict[str, Draft]:
        """The newest version of every poll that has one, by name, without its text."""
        newest = sa.select(sa.func.max(_c.id)).where(_c.status != ASIDE).group_by(_c.survey)
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(*_LISTED).where(_c.id.in_(newest))).all()
        return {row.survey: Draft(*row) for row in rows}

    def save(self, survey: str, source: str, author: str, based_on: int, *, submit: bool = False) -> Draft:
        """Add a version after `based_on` (0: the first), and submit it. The same text is not added twice.

        Raises Conflict.
        """
        now = self.clock()
        conflict: Conflict | None = None
        with self.engine.begin() as connection:
            _lock(connection)
            newest = _newest(connection, survey)
            saved = newest
            if newest is not None and newest.id != based_on and newest.source != source:
                conflict = Conflict(newest, _add(connection, survey, source, author, now, ASIDE))
            elif newest is None or newest.source != source or newest.status in (REFUSED, TAKEN):
                _replace(connection, survey)
                _add(connection, survey, source, author, now, DRAFT)
                saved = _newest(connection, survey)
            _prune(connection, survey)
            if submit and conflict is None and saved is not None and saved.status == DRAFT:
                connection.execute(sa.update(drafts).where(_c.id == saved.id).values(status=SUBMITTED))
                audit.note(connection, author, "draft submitted", f"{survey} version {saved.id}", now)
                saved = _newest(connection, survey)
        if conflict is not None:
            raise conflict
        assert saved is not None
        return saved

    def take(self, survey: str, version: int, by: str, write: Callable[[str], str | None]) -> None:
        """Let `write` put the source where polls are opened from; what it returns, the text that stood there, is kept
        aside. Where it raises, the draft goes on waiting. Raises NotWaiting."""
        now = self.clock()
        with self.engine.begin() as connection:
            _lock(connection)
            draft = _decide(connection, survey, version, TAKEN, "", by, now)
            before = write(draft.source)
            known = sa.select(_c.id).where(_c.survey == survey, _c.source == before).limit(1)
            if before is not None and connection.scalar(known) is None:
                _add(connection, survey, before, "config/surveys", now, ASIDE)
            audit.note(connection, by, "draft taken", f"{survey} version {version}", now)

    def refuse(self, survey: str, version: int, by: str, note: str) -> None:
        """Give it back with a word on why. Raises NotWaiting."""
        now = self.clock()
        with self.engine.begin() as connection:
            _decide(connection, survey, version, REFUSED, note[:NOTE], by, now)
            audit.note(connection, by, "draft refused", f"{survey} version {version}", now)


def _newest(connection: sa.Connection, survey: str) -> Draft | None:
    found = sa.select(*_ALL).where(_c.survey == survey, _c.status != ASIDE).order_by(_c.id.desc()).limit(1)
    row = connection.execute(found).first()
    return Draft(*row) if row else None


def _add(connection: sa.Connection, survey: str, source: str, author: str, now: datetime, status: str) -> int:
    row = {"survey": survey, "source": source, "author": author, "at": now, "status": status}
    added = connection.execute(sa.insert(drafts).returning(_c.id), row)
    return int(added.scalar_one())


def _replace(connection: sa.Connection, survey: str) -> None:
    """What waits is a draft again: a newer version goes before it."""
    waiting = _c.survey == survey, _c.status == SUBMITTED
    connection.execute(sa.update(drafts).where(*waiting).values(status=DRAFT))


def _decide(
    connection: sa.Connection, survey: str, version: int, status: str, note: str, by: str, now: datetime
) -> Draft:
    waiting = _c.survey == survey, _c.id == version, _c.status == SUBMITTED
    values = {"status": status, "note": note, "decided_at": now, "decided_by": by}
    row = connection.execute(sa.update(drafts).where(*waiting).values(**values).returning(*_ALL)).first()
    if row is None:
        raise NotWaiting
    return Draft(*row)


def _prune(connection: sa.Connection, survey: str) -> None:
    """Of what nobody submitted, the oldest go: disks are small."""
    plain = _c.survey == survey, _c.status.in_((DRAFT, ASIDE))
    oldest = sa.select(_c.id).where(*plain).order_by(_c.id.desc()).offset(KEPT).limit(1).scalar_subquery()
    newest = sa.select(sa.func.max(_c.id)).where(_c.survey == survey, _c.status != ASIDE).scalar_subquery()
    connection.execute(sa.delete(drafts).where(*plain, _c.id <= oldest, _c.id != newest))


def _lock(connection: sa.Connection) -> None:
    """Two saves come one after the other, the first of a poll too. SQLite has one writer anyhow."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE drafts IN SHARE ROW EXCLUSIVE MODE"))
