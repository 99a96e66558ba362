"""What the gateway does about initiatives by itself: puts them up once they were looked at, reminds, asks afterwards.

Reminders go out the day before, early in the evening by the clock of where people meet, and shortly before. They name
nothing unless the organiser chose so: phones are shared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, cast

import sqlalchemy as sa

from channels.adapter import Channel
from gateway.coordination.concerns import in_language
from gateway.coordination.initiatives import CLOSED, IN_LINE, JOINED, KIND, MESSAGE, PUBLIC, WHERE, Initiatives
from gateway.delivery.sweeper import Timer, TimerHandler
from gateway.ingest.rules import Handler
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.moderation.desk import Decision, Kind
from gateway.notices import Notices, Told
from gateway.store import audit, codes
from gateway.store.coordination_tables import initiatives, participations, tasks
from gateway.store.leaving import FREE, LOST, TIMER
from gateway.store.schema import timers
from surveys.flow import Effect, Outcome
from surveys.flows.coordination.effects import CallOffInitiative
from surveys.flows.coordination.words import place_name, shortened, when

EVENING = time(17)
SOON = timedelta(hours=2)
AFTER = timedelta(hours=20)
NAMED = 30
"""Letters of what it is in a reminder that may say so: what it says beside has two segments then."""

MOST_TASKS = 8
_APART = re.compile(r"[,;،؛\n]")
_HOW_MANY = re.compile(r"\s*(\d{1,4})?\s*(.*\S)\s*")


def wanted(needs: str) -> list[tuple[str, int]]:
    """Needs as an organiser writes them ("5 shovels, 1 driver"), each with how many it takes."""
    found = [_HOW_MANY.fullmatch(part) for part in _APART.split(needs)]
    return [(one[2], max(1, int(one[1] or 1))) for one in found if one][:MOST_TASKS]


@dataclass(frozen=True, slots=True)
class Running:
    here: Initiatives

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (Kind(KIND, self._let_out, self._refuse), Kind(MESSAGE, self._pass_on, self._hold_back))

    @property
    def handlers(self) -> Mapping[type[Effect], Handler]:
        return {CallOffInitiative: self._called_off}

    # What moderators decide ------------------------------------------------------------------------------------

    def _let_out(self, decision: Decision) -> Told | None:
        connection, one, now = decision.connection, decision.submission, decision.now
        words = decision.words
        where = words.get(WHERE, "")
        values = {
            "status": PUBLIC,
            "texts": {one.language: words["what"]},
            "sealed_where": decision.notices.vault.seal(where, WHERE) if where else None,
        }
        change = sa.update(initiatives).where(initiatives.c.id == one.subject).values(values)
        row = connection.execute(change.returning(initiatives.c.code, initiatives.c.starts_at)).one()
        for text, many in wanted(words.get("needs", "")):
            task = {"initiative": one.subject, "texts": {one.language: text}, "wanted": many}
            connection.execute(sa.insert(tasks).values(task))
        for step, (due_at, stale_after) in self.times(row.starts_at).items():
            if due_at > now:
                subject = f"{one.subject}:{step}"
                timer = {"kind": TIMER, "subject": subject, "due_at": due_at, "stale_after": stale_after}
                connection.execute(sa.insert(timers).values(timer))
        return Told("initiative_public", {"code": row.code})

    def _refuse(self, decision: Decision) -> Told:
        change = sa.update(initiatives).where(initiatives.c.id == decision.submission.subject)
        decision.connection.execute(change.values(status="refused"))
        return Told("refused_because", {"reason": decision.reason})

    def _pass_on(self, decision: Decision) -> None:
        """The organiser's message, to each who joined."""
        row = self._row(decision.connection, decision.submission.subject)
        if row is None:
            return
        text = decision.words["message"]

        def said(_language: str) -> Told:
            return Told("from_organiser", {"code": row.code, "text": text})

        self._tell_all(
            decision.connection, decision.notices, row, said, decision.now, decision.wake, row.starts_at + AFTER
        )

    def _hold_back(self, decision: Decision) -> Told:
        return Told("refused_because", {"reason": decision.reason})

    # Calling off -----------------------------------------------------------------------------------------------

    def _called_off(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
        effect = cast("CallOffInitiative", effect)
        row = codes.find(unit.connection, KIND, effect.code)
        one = self._row(unit.connection, row) if row is not None else None
        if one is None or one.person != visitor.person:
            return Outcome(effect, done=False, detail="unknown")
        notices = Notices(unit.vault, self.here.texts, self.here.pushing)
        woken = self.call_off(unit.connection, notices, one.id, unit.now)
        if woken is None:
            return Outcome(effect, done=False, detail="over")
        unit.woken |= woken
        return Outcome(effect, done=True)

    def call_off_as(
        self, connection: sa.Connection, notices: Notices, code: str, by: str, now: datetime
    ) -> set[str] | None:
        """What `call_off` does, by a moderator. None also where there is no such initiative."""
        row = codes.find(connection, KIND, code)
        woken = self.call_off(connection, notices, row, now) if row is not None else None
        if woken is not None:
            audit.note(connection, by, "initiative called off", code, now)
        return woken

    def call_off(self, connection: sa.Connection, notices: Notices, row: int, now: datetime) -> set[str] | None:
        """It does not take place: those who joined or wait for a place are told. Returns the channels to wake; None
        where it is over, or was called off before."""
        still = initiatives.c.id == row, initiatives.c.status == PUBLIC, initiatives.c.starts_at > now
        closed = sa.update(initiatives).where(*still).values(status=CLOSED, closed_at=now)
        one = connection.execute(closed.returning(initiatives)).first()
        if one is None:
            return None
        return self._tell_of_the_end(connection, notices, one, now)

    def _tell_of_the_end(self, connection: sa.Connection, notices: Notices, row: Any, now: datetime) -> set[str]:
        woken: set[str] = set()
        told = Told("called_off", {"code": row.code})
        everybody = (JOINED, IN_LINE)
        self._tell_all(connection, notices, row, lambda _language: told, now, woken.add, row.starts_at, everybody)
        return woken

    # What the clock does ---------------------------------------------------------------------------------------

    def times(self, starts_at: datetime) -> Mapping[str, tuple[datetime, datetime]]:
        """When something is to be done about it, and after when no more."""
        before = starts_at.astimezone(self.here.zone) - timedelta(days=1)
        evening = datetime.combine(before.date(), EVENING, self.here.zone)
        return {
            "day": (evening, starts_at - SOON),
            "soon": (starts_at - SOON, starts_at),
            "after": (starts_at + AFTER, starts_at + timedelta(days=3)),
        }

    def timers(self, notices: Notices) -> Mapping[str, TimerHandler]:
        def fire(connection: sa.Connection, timer: Timer, now: datetime) -> None:
            subject, _, step = timer.subject.partition(":")
            row = self._row(connection, int(subject))
            if row is None:
                return
            # The sweeper looks for what is due right after, so that no channel need be woken here.
            if step == LOST:
                self._tell_of_the_end(connection, notices, row, now)
            elif step == FREE:
                self.here.let_in(connection, notices, row.id, now)
            # One that was called off, or whose organiser was forgotten, closed without a report of it.
            elif row.status == PUBLIC or row.attended is not None:
                self._remind(connection, notices, row, step, now)

        return {TIMER: fire}

    def _remind(self, connection: sa.Connection, notices: Notices, row: Any, step: str, now: datetime) -> None:
        woken: set[str] = set()
        if step == "after":
            if row.person is not None and row.attended is None:
                notices.tell(connection, row.person, row.language, Told("ask_done", {"code": row.code}), now)
            rating = Told("ask_rating", {"code": row.code})
            self._tell_all(connection, notices, row, lambda _language: rating, now, woken.add, now + AFTER)
            return
        exact = notices.vault.open_text(row.sealed_where, WHERE) if row.sealed_where else ""

        def said(language: str) -> Told:
            where = exact or place_name(self.here.gazetteer, row.place, language)
            values = {"code": row.code, "when": when(row.starts_at, language, self.here.zone), "where": where}
            if row.named and step == "day":
                return Told("remind_named_day", {**values, "text": shortened(in_language(row.texts, language), NAMED)})
            return Told(f"remind_{step}", values)

        self._tell_all(connection, notices, row, said, now, woken.add, row.starts_at)

    def _tell_all(
        self,
        connection: sa.Connection,
        notices: Notices,
        row: Any,
        said: Callable[[str], Told],
        now: datetime,
        wake: Callable[[str], None],
        until: datetime,
        states: Sequence[str] = (JOINED,),
    ) -> None:
        """Tell everybody who joined, each in their language, by the number and no name."""
        people = sa.select(participations.c.person, participations.c.language).where(
            participations.c.initiative == row.id, participations.c.state.in_(states)
        )
        for one in connection.execute(people.order_by(participations.c.person)).all():
            channel = notices.tell(connection, one.person, one.language, said(one.language), now, until=until)
            if channel:
                wake(channel)

    def _row(self, connection: sa.Connection, row: int) -> Any:
        public = initiatives.c.id == row, initiatives.c.status.in_((PUBLIC, CLOSED))
        return connection.execute(sa.select(initiatives).where(*public)).first()
