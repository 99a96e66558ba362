"""One transaction's worth of work: the people it is about, the conversations they are in, and the rows to write.

Rows are gathered and written together, table by table, so that a batch of inbounds costs a dozen statements. Whoever
reads or writes by SQL in the middle calls `flush` first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from channels.adapter import Channel, Status
from gateway.store import dispositions, erasing, many, quotas, schema
from gateway.store.keys import Vault
from surveys.disposition import DISPOSITIONS
from surveys.flow import Conversation, Flow
from surveys.model import Survey
from surveys.prompt import Prompt

ACTIVE, PARKED = "active", "parked"
SURVEY = "survey:"


def family(flow: str) -> str:
    """What all versions of a flow have in common: its id without the hash of its content."""
    return flow.partition("@")[0]


def survey_of(flow: Flow) -> Survey | None:
    """The survey that a flow goes through; None for the others."""
    return getattr(flow, "survey", None)


@dataclass(slots=True)
class Held:
    """A conversation as held in the transaction."""

    id: int
    flow: Flow
    conversation: Conversation
    status: str
    channel: str
    started_at: datetime
    updated_at: datetime
    stored: bool = False
    changed: bool = False
    wave: int = 1
    due_at: datetime | None = None  # when it is looked at again, for a reminder or the end
    reminded: int = 0

    @staticmethod
    def read(row: Any, flow: Flow, vault: Vault) -> Held:
        """One as its row has it. Raises SealError, and ValueError where its state can't be read."""
        return Held(
            row.id,
            flow,
            Conversation.loads(vault.open_text(row.sealed_state, "conversation")),
            row.status,
            row.channel,
            row.started_at,
            row.updated_at,
            stored=True,
            wave=row.wave,
            due_at=row.due_at,
            reminded=row.reminded,
        )


@dataclass(slots=True)
class Visitor:
    """The person behind an inbound, at the address it came from, with the conversations that are not over."""

    person: int
    address: int
    language: str
    stopped: bool
    known: bool  # had said something before this inbound
    on_channel: str  # where the address was last heard
    seen_at: datetime
    open: list[Held] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)  # how earlier conversations ended, by the flow's id
    forgotten: bool = False
    ended: dict[str, dict[int, set[str]]] = field(default_factory=dict)  # how, by the flow's family and wave

    @property
    def active(self) -> Held | None:
        for held in self.open:
            if held.status == ACTIVE:
                return held
        return None

    @property
    def poll(self) -> str | None:
        """The poll of which a question is open now: with its end the question is not sent any more."""
        survey = survey_of(self.active.flow) if self.active else None
        return survey.name if survey is not None else None

    @property
    def parked(self) -> Held | None:
        """The one that was parked last."""
        parked = [held for held in self.open if held.status == PARKED]
        return max(parked, key=lambda held: (held.updated_at, held.id)) if parked else None

    def has_ended(self, flow: str, wave: int, how: str) -> None:
        """Know of a conversation that is over."""
        self.done[flow] = how
        self.ended.setdefault(family(flow), {}).setdefault(wave, set()).add(how)


@dataclass(slots=True)
class Turn:
    """What one inbound has led to so far."""

    said: list[Prompt] = field(default_factory=list)
    asks: bool = False
    leaves: bool = False  # STOP or FORGET ME: what was going on is left alone
    returns: bool = False  # START: what was left goes on


Rows = dict[tuple[sa.Table, tuple[str, ...]], list[dict[str, Any]]]
"""Rows by their table and their columns."""


def end_all(connection: sa.Connection, person: int, why: str, now: datetime, besides: int = 0) -> None:
    """Whatever somebody is in the middle of ends, `besides` one, as a break-off: what `Unit.end` does, for one who
    leaves all at once and whose conversations need not be read. Hold their row's lock."""
    table = schema.conversations.c
    going = table.person == person, table.status.in_((ACTIVE, PARKED)), table.id != besides
    rows = connection.execute(sa.select(table.id, table.flow, table.wave).where(*going).order_by(table.id)).all()
    for row in rows:
        quotas.give_back(connection, row.id)
    ended = sa.update(schema.conversations).where(table.id.in_([row.id for row in rows]))
    connection.execute(ended.values(status="break-off", due_at=None))
    of = [(family(row.flow).removeprefix(SURVEY), row.wave) for row in rows if row.flow.startswith(SURVEY)]
    dispositions.move(
        connection, [dispositions.Move(person, survey, wave, "break-off", why) for survey, wave in of], now
    )


class Unit:
    """The rows of one transaction, and the connection they go to."""

    def __init__(self, connection: sa.Connection, vault: Vault, now: datetime) -> None:
        self.connection = connection
        self.vault = vault
        self.now = now
        self.woken: set[str] = set()
        self._added: Rows = {}
        self._changed: Rows = {}
        self._held: list[tuple[Visitor, Held]] = []
        self._moves: list[dispositions.Move] = []
        self._facts: dict[tuple[int, str], str] = {}
        self._returned: list[bytes] = []

    def add(self, table: sa.Table, **row: Any) -> None:
        """A row for this table, with the columns that have a default."""
        self._added.setdefault((table, tuple(row)), []).append(row)

    def change(self, table: sa.Table, **row: Any) -> None:
        """Columns of the row with this `id`."""
        self._changed.setdefault((table, tuple(row)), []).append(row)

    def keep(self, visitor: Visitor, held: Held) -> None:
        """Write this conversation at the end; as often as it is changed, it is written once."""
        if not held.changed:
            held.changed = True
            self._held.append((visitor, held))

    def begin(self, visitor: Visitor, held: Held) -> None:
        """A conversation begins. Of a survey it is also written down what became of the person."""
        visitor.open.append(held)
        self._move(visitor, held, "started", "wrote")

    def end(self, visitor: Visitor, held: Held, outcome: str, why: str = "") -> None:
        """A conversation is over: `outcome` says how. Its places in quotas are free again unless it was completed."""
        held.status = outcome
        held.due_at = None
        visitor.open.remove(held)
        visitor.has_ended(held.flow.id, held.wave, outcome)
        if held.stored or not held.flow.brief:
            self.keep(visitor, held)
        survey = survey_of(held.flow)
        if survey is not None and outcome != "completed" and any(one.type == "quota" for one in survey.questions):
            quotas.give_back(self.connection, held.id)
        self._move(visitor, held, outcome, why or "wrote")

    def _move(self, visitor: Visitor, held: Held, after: str, why: str) -> None:
        survey = survey_of(held.flow)
        if survey is not None and after in DISPOSITIONS:
            self._moves.append(dispositions.Move(visitor.person, survey.name, held.wave, after, why))

    def know(self, person: int, fact: str, value: object) -> None:
        """What somebody said of themselves last, to choose people by."""
        self._facts[person, fact] = str(value)

    def keep_session(self, row: int, state: str) -> None:
        sealed = self.vault.seal(state, "session")
        self.change(schema.ussd_sessions, id=row, sealed_state=sealed, updated_at=self.now)

    def keep_person(self, visitor: Visitor) -> None:
        self.change(
            schema.people,
            id=visitor.person,
            language=visitor.language,
            stopped=visitor.stopped,
            seen_at=visitor.seen_at,
        )

    def keep_address(self, visitor: Visitor) -> None:
        self.change(schema.addresses, id=visitor.address, channel=visitor.on_channel)

    def returned(self, marks: Iterable[bytes]) -> None:
        """Who has one of these marks of the forgotten wrote anew by themselves, and may be written to."""
        self._returned += marks

    def call_off_reminders(self, visitor: Visitor) -> None:
        """One that still waits when the person writes by themselves asks what is no longer the question."""
        self.connection.execute(_CALL_OFF, {"of": visitor.person, "now": self.now})

    def flush(self) -> None:
        """Write what was gathered, in the order in which rows refer to each other."""
        with many.together(self.connection):
            self._flush()

    def _flush(self) -> None:
        for visitor, one in self._held:
            self._write(visitor, one)
        returned, self._returned = self._returned, []
        if returned:
            erasing.return_by_themselves(self.connection, returned)
        added, self._added = self._added, {}
        changed, self._changed = self._changed, {}
        facts, self._facts = self._facts, {}
        self._held = []
        for (table, _), rows in sorted(added.items(), key=lambda several: _ORDER[several[0][0]]):
            many.insert(self.connection, table, rows)
        for (table, _), rows in changed.items():
            many.update(self.connection, table, rows)
        if facts:
            rows = [{"person": key[0], "fact": key[1], "value": facts[key]} for key in sorted(facts)]
            many.put(self.connection, schema.profiles, rows)
        moves, self._moves = self._moves, []
        dispositions.move(self.connection, moves, self.now)

    def _write(self, visitor: Visitor, one: Held) -> None:
        one.changed = False
        state = {
            "id": one.id,
            "status": one.status,
            "language": one.conversation.language,
            "sealed_state": self.vault.seal(one.conversation.dumps(), "conversation"),
            "updated_at": one.updated_at,
            "due_at": one.due_at,
            "reminded": one.reminded,
        }
        if one.stored:
            self.change(schema.conversations, **state)
            return
        one.stored = True
        # Not set again: it would be the same, and SQLite writes the indexes of each column that is set.
        first = {
            "person": visitor.person,
            "flow": one.flow.id,
            "channel": one.channel,
            "started_at": one.started_at,
            "wave": one.wave,
        }
        self.add(schema.conversations, **state, **first)

    def reply(
        self,
        visitor: Visitor,
        channel: Channel,
        sealed: bytes,
        kind: str,
        poll: str | None = None,
        until: datetime | None = None,
    ) -> None:
        """Put a sealed reply into the outbox; its channel is woken after the commit. `poll` is the one whose end
        cancels it; after `until` it does not go out."""
        self.add(
            schema.outbox,
            person=visitor.person,
            address=visitor.address,
            channel=channel.name,
            kind=kind,
            sealed_reply=sealed,
            status=0,
            attempts=0,
            repeats=0,
            due_at=self.now,
            created_at=self.now,
            updated_at=self.now,
            poll=poll,
            until=until,
        )
        self.woken.add(channel.name)


_CALL_OFF = (
    sa.update(schema.outbox)
    .where(
        schema.outbox.c.person == sa.bindparam("of"),
        schema.outbox.c.kind == "reminder",
        schema.outbox.c.status == sa.literal_column("0"),
    )
    .values(status=Status.FAILED.value, error="not needed any more", updated_at=sa.bindparam("now"))
)
_ORDER = {table: place for place, table in enumerate(schema.metadata.sorted_tables)}
"""A table comes after those that it refers to."""
