"""The desk: what waits, what a moderator makes of it, and what its sender is told.

A part of the gateway brings its kinds (`Kind`) and puts things before the desk by `submit`, in the transaction in which
they came. Nobody but moderators sees the words before they are let out, and what others then read are the words as a
moderator left them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.notices import Notices, Told
from gateway.store import audit
from gateway.store.database import insert_once, reading
from gateway.store.keys import Vault
from gateway.store.moderation_tables import approvals, submissions

WAITING, APPROVED, REFUSED = "waiting", "approved", "refused"
HELD = "held"
"""Not before the desk yet: something of it that a moderator must see is still to come."""

LONGEST = 600
"""Letters of one text."""

LONGEST_REASON = 100
"""Letters of why something is refused: with what is said beside, two segments of an SMS in every script."""

MOST_WAITING = 5
MOST_A_DAY = 10
"""What one person may have before the desk, and send in within a day, of all kinds together."""

SEALED = "submission"


class DeskError(ValueError):
    """What was asked can't be done. Its text is why: "decided" (already, or its person was forgotten), "words" (none
    are left of what others must be able to read), "reason" (a refusal without one), "long" (one that takes too many
    segments), "same" (this moderator let it out before: it takes another one), or "taken" (something else has that
    name)."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Something that waits. `words` are as they came, `facts` what was chosen beside; `by` who let it out so far."""

    id: int
    kind: str
    subject: int
    person: int | None
    words: Mapping[str, str]
    facts: Mapping[str, str]
    language: str
    needed: int
    made_at: datetime
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a kind acts on, in the transaction of the decision. `words` are as the moderator left them, `reason` that of
    a refusal. `wake` is told of channels to which `notices` had something."""

    connection: sa.Connection
    submission: Submission
    words: Mapping[str, str]
    reason: str
    by: str
    now: datetime
    notices: Notices
    wake: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of submissions, whose words and facts have their titles in gateway/web/submissions.py.

    `approve` and `refuse` act, and return what the sender is told; None for nothing. `look` is where more of it is seen
    (a picture), by subject.
    """

    name: str
    approve: Callable[[Decision], Told | None]
    refuse: Callable[[Decision], Told | None]
    look: Callable[[int], str] | None = None


# Sending in ---------------------------------------------------------------------------------------------------------


def may_submit(connection: sa.Connection, person: int, now: datetime) -> bool:
    """Whether somebody may send in one more."""
    own = submissions.c.person == person
    counts = sa.select(
        sa.func.count().filter(submissions.c.status.in_((WAITING, HELD))),
        sa.func.count().filter(submissions.c.made_at > now - timedelta(days=1)),
    ).where(own)
    waiting, today = connection.execute(counts).one()
    return bool(waiting < MOST_WAITING and today < MOST_A_DAY)


@dataclass(frozen=True, slots=True)
class New:
    """What is put before the desk, for the row `subject` of its kind's table: words by name, and what was chosen beside
    (`facts`). `needed` moderators must let it out. `person` is None where somebody who signs in sends it in."""

    kind: str
    subject: int
    words: Mapping[str, str]
    language: str
    person: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    needed: int = 1
    whole: bool = True  # else it is held until `complete`


def submit(connection: sa.Connection, vault: Vault, new: New, now: datetime) -> None:
    kept = {name: text.strip()[:LONGEST] for name, text in new.words.items() if text.strip()}
    values = {
        "kind": new.kind,
        "subject": new.subject,
        "person": new.person,
        "sealed_words": vault.seal(json.dumps(kept, ensure_ascii=False), SEALED),
        "facts": dict(new.facts),
        "language": new.language,
        "needed": new.needed,
        "status": WAITING if new.whole else HELD,
        "made_at": now,
    }
    connection.execute(sa.insert(submissions).values(values))


def complete(connection: sa.Connection, kind: str, subject: int) -> None:
    """What was held comes before the desk."""
    connection.execute(sa.update(submissions).where(*_held(kind, subject)).values(status=WAITING))


def held_words(connection: sa.Connection, vault: Vault, kind: str, subject: int) -> Mapping[str, str]:
    """What is said in something that is held; nothing where its person was forgotten meanwhile."""
    sealed = connection.scalar(sa.select(submissions.c.sealed_words).where(*_held(kind, subject)))
    words: Mapping[str, str] = json.loads(vault.open_text(sealed, SEALED)) if sealed else {}
    return words


def take_back(connection: sa.Connection, kind: str, subject: int) -> None:
    """What was held comes before nobody: there is nothing to look at."""
    gone = {"status": REFUSED, "sealed_words": None}
    connection.execute(sa.update(submissions).where(*_held(kind, subject)).values(gone))


def _held(kind: str, subject: int) -> tuple[sa.ColumnElement[bool], ...]:
    return submissions.c.kind == kind, submissions.c.subject == subject, submissions.c.status == HELD


# Deciding -----------------------------------------------------------------------------------------------------------


class Desk:
    """The moderators' side. `wake` is told, after each commit, which channels have something to send."""

    def __init__(
        self,
        engine: sa.Engine,
        notices: Notices,
        kinds: Iterable[Kind],
        clock: Callable[[], datetime],
        wake: Callable[[Iterable[str]], None],
    ) -> None:
        self.engine = engine
        self.vault = notices.vault
        self.notices = notices
        self.kinds = {kind.name: kind for kind in kinds}
        self.clock = clock
        self.wake = wake

    def waiting(self) -> list[Submission]:
        """What waits, the oldest first."""
        chosen = sa.select(submissions).where(
            submissions.c.status == WAITING,
            submissions.c.sealed_words.is_not(None),
            submissions.c.kind.in_(tuple(self.kinds)),
        )
        with reading(self.engine) as connection:
            rows = connection.execute(chosen.order_by(submissions.c.id)).all()
            by = self._by(connection, [row.id for row in rows])
        return [self._read(row, by.get(row.id, ())) for row in rows]

    def approve(self, row: int, words: Mapping[str, str], by: str) -> bool:
        """Let it out in these words. Returns False where another moderator must look at it, too."""
        woken: set[str] = set()
        now = self.clock()
        with self.engine.begin() as connection:
            one = self._open(connection, row)
            if by in one.by:
                raise DeskError("same")
            left = {name: " ".join(words.get(name, text).split())[:LONGEST] for name, text in one.words.items()}
            if not all(left.values()):
                raise DeskError("words")
            if not insert_once(connection, approvals, submission=row, by=by, at=now):
                raise DeskError("same")
            audit.note(connection, by, f"{one.kind} looked at", str(row), now)
            if len(one.by) + 1 < one.needed:
                kept = self.vault.seal(json.dumps(left, ensure_ascii=False), SEALED)  # the next one reads these
                connection.execute(sa.update(submissions).where(submissions.c.id == row).values(sealed_words=kept))
                return False
            decision = Decision(connection, one, left, "", by, now, self.notices, woken.add)
            self._decide(decision, APPROVED, self.kinds[one.kind].approve, woken)
        self.wake(woken)
        return True

    def refuse(self, row: int, reason: str, by: str) -> None:
        """Let it not out; `reason` is sent to who sent it in."""
        woken: set[str] = set()
        reason = " ".join(reason.split())
        if not reason:
            raise DeskError("reason")
        if len(reason) > LONGEST_REASON:
            raise DeskError("long")
        with self.engine.begin() as connection:
            one = self._open(connection, row)
            decision = Decision(connection, one, one.words, reason, by, self.clock(), self.notices, woken.add)
            self._decide(decision, REFUSED, self.kinds[one.kind].refuse, woken)
        self.wake(woken)

    def _decide(self, decision: Decision, status: str, act: Callable[[Decision], Told | None], woken: set[str]) -> None:
        connection, one, now = decision.connection, decision.submission, decision.now
        reason = self.vault.seal(decision.reason, SEALED) if decision.reason else None
        decided = sa.update(submissions).where(submissions.c.id == one.id, submissions.c.status == WAITING)
        values = {"status": status, "decided_at": now, "decided_by": decision.by, "sealed_reason": reason}
        if connection.execute(decided.values(values)).rowcount != 1:
            raise DeskError("decided")
        audit.note(connection, decision.by, f"{one.kind} {status}", str(one.id), now)
        told = act(decision)
        if told is not None and one.person is not None:
            channel = self.notices.tell(connection, one.person, one.language, told, now)
            woken |= {channel} if channel else set()

    def _open(self, connection: sa.Connection, row: int) -> Submission:
        """The submission, its row locked. Raises DeskError where there is nothing to decide any more."""
        found = connection.execute(sa.select(submissions).where(submissions.c.id == row).with_for_update()).first()
        if found is None or found.status != WAITING or found.sealed_words is None or found.kind not in self.kinds:
            raise DeskError("decided")
        return self._read(found, self._by(connection, [row]).get(row, ()))

    def _by(self, connection: sa.Connection, rows: list[int]) -> dict[int, tuple[str, ...]]:
        by: dict[int, tuple[str, ...]] = {}
        chosen = sa.select(approvals.c.submission, approvals.c.by).where(approvals.c.submission.in_(rows))
        for row in connection.execute(chosen.order_by(approvals.c.id)):
            by[row.submission] = (*by.get(row.submission, ()), row.by)
        return by

    def _read(self, row: Any, by: tuple[str, ...]) -> Submission:
        words = json.loads(self.vault.open_text(row.sealed_words, SEALED))
        return Submission(
            row.id, row.kind, row.subject, row.person, words, row.facts, row.language, row.needed, row.made_at, by
        )
