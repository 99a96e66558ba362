"""One batch of inbounds, in one transaction: who they are from, which are new, and what each one does.

find the people and lock their rows, with their conversations > make those who are new, claim what was not seen
before, load sessions > step through each inbound, in order, and gather what came of it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy as sa

from channels.adapter import Attached, Channel, Inbound, Located, OptOut, Pressed, Typed
from gateway.ingest import ussd
from gateway.ingest.conversing import Converser
from gateway.ingest.rules import Rules, Taken
from gateway.ingest.unit import ACTIVE, PARKED, Held, Unit, Visitor
from gateway.store import erasing, ids, many, schema
from gateway.store.database import among
from gateway.store.keys import Vault

SEEN_EVERY = timedelta(days=1)
"""How exactly it is kept when a person was last heard: enough to notice a long silence, and cheap."""

WINDOW = 10
"""Seconds in which the same text at the same question counts as one, where the provider gives no id."""


@dataclass(frozen=True, slots=True)
class Item:
    """One inbound (or opt-out) on its channel, with the time it was received."""

    channel: Channel
    arrival: Inbound | OptOut
    received_at: datetime


@dataclass(frozen=True, slots=True)
class _Queries:
    """What a batch asks, in one database's dialect."""

    find: sa.Select[Any]  # and lock the people found: in the order of their ids, so that two batches can't deadlock
    conversations: sa.Select[Any]
    sessions: sa.Select[Any]


@cache
def _queries(dialect: str) -> _Queries:
    people, addresses = schema.people.c, schema.addresses.c
    conversations, sessions = schema.conversations.c, schema.ussd_sessions.c
    return _Queries(
        find=sa.select(
            addresses.hmac,
            addresses.id,
            addresses.person,
            addresses.channel,
            people.language,
            people.stopped,
            people.seen_at,
        )
        .join_from(schema.addresses, schema.people)
        .where(among(dialect, addresses.hmac, "hmacs"))
        .order_by(people.id)
        .with_for_update(of=schema.people),
        conversations=sa.select(
            conversations.id,
            conversations.person,
            conversations.flow,
            conversations.status,
            conversations.channel,
            conversations.sealed_state,
            conversations.started_at,
            conversations.updated_at,
            conversations.wave,
            conversations.due_at,
            conversations.reminded,
        )
        .join_from(schema.conversations, schema.addresses, conversations.person == addresses.person)
        .where(among(dialect, addresses.hmac, "hmacs")),
        sessions=sa.select(sessions.id, sessions.channel, sessions.session, sessions.sealed_state).where(
            among(dialect, sessions.session, "sessions")
        ),
    )


class OneByOne(Exception):
    """These can't be taken together: two addresses of one person, one that somebody had deleted a moment ago, or a
    stranger's whom another process has made just now. They are taken one after the other instead."""


class Batch:
    """The items of one transaction."""

    def __init__(self, unit: Unit, rules: Rules, items: Sequence[Item]) -> None:
        self.unit = unit
        self.rules = rules
        self.items = items
        self._queries = _queries(unit.connection.dialect.name)
        self._visitors: dict[tuple[str, bytes], Visitor] = {}
        self._known_as: dict[tuple[str, bytes], tuple[bytes, ...]] = {}  # under every live HMAC key, the newest first

    def run(self) -> list[Taken]:
        """What came of each item, in order. What is to be written is in the unit, and not yet in the database."""
        unit, items = self.unit, self.items
        hmacs = [unit.vault.fingerprints(item.arrival.kind, item.arrival.address) for item in items]
        keys = [(item.arrival.kind, several[0]) for item, several in zip(items, hmacs, strict=True)]
        self._known_as = dict(zip(keys, hmacs, strict=True))
        self._find(set(keys))
        people, addresses = self._greeted(keys)
        claims = [self._claim(item, self._visitors[key]) for item, key in zip(items, keys, strict=True)]
        with many.together(unit.connection):
            made: many.Answer = list
            if people:
                many.insert(unit.connection, schema.people, people)
                made = many.insert_new(unit.connection, schema.addresses, addresses, "id")
            claimed = many.insert_new(unit.connection, schema.inbounds, claims, "channel", "provider_id")
            sessions = self._sessions()
        if len(made()) < len(addresses):
            raise OneByOne
        fresh = set(map(tuple, claimed()))
        every = zip(keys, items, claims, strict=True)
        self._receive({key: item.arrival for key, item, claim in every if _name(claim) in fresh})
        converser = Converser(self.rules, unit, self._opened(sessions))
        taken = []
        for item, key, claim in zip(items, keys, claims, strict=True):
            name = _name(claim)
            if name in fresh:
                fresh.discard(name)  # the same one may come twice in a batch
                if self._visitors[key].forgotten:
                    raise OneByOne  # after FORGET ME a stranger writes, of whom nothing is known
                taken.append(self._heard(converser, self._visitors[key], item))
            elif isinstance(item.arrival, Inbound):
                taken.append(converser.again(item.channel, item.arrival))
            else:
                taken.append(Taken(repeated=True))
        return taken

    def _heard(self, converser: Converser, visitor: Visitor, item: Item) -> Taken:
        unit, arrival = self.unit, item.arrival
        if isinstance(arrival, OptOut):
            visitor.stopped = arrival.stopped
            unit.keep_person(visitor)
            return Taken()
        taken = converser.hear(visitor, item.channel, arrival)
        if unit.now - visitor.seen_at > SEEN_EVERY and not visitor.forgotten:
            visitor.seen_at = unit.now
            unit.keep_person(visitor)
        if visitor.on_channel != item.channel.name and not visitor.forgotten:
            visitor.on_channel = item.channel.name
            unit.keep_address(visitor)
        return taken

    # People ----------------------------------------------------------------------------------------------------

    def _find(self, wanted: set[tuple[str, bytes]]) -> None:
        """Whom we know of these, their rows locked, with the conversations that they are in."""
        connection = self.unit.connection
        hmacs = [hmac for key in wanted for hmac in self._known_as[key]]
        with many.together(connection):
            many.by_indexes(connection)
            people = many.ask(connection, self._queries.find, hmacs)
            conversations = many.ask(connection, self._queries.conversations, hmacs)
        found = {row.hmac: row for row in people()}
        for key in wanted:
            row = next((found[hmac] for hmac in self._known_as[key] if hmac in found), None)
            if row is not None:
                self._visitors[key] = Visitor(
                    row.person, row.id, row.language, row.stopped, True, row.channel, row.seen_at
                )
        known = {visitor.person: visitor for visitor in self._visitors.values()}
        if len(known) < len(self._visitors):
            raise OneByOne
        for row in conversations():
            if row.person in known:  # not so where two people were made one while their rows were waited for
                self._load(known[row.person], row)

    def _greeted(self, keys: list[tuple[str, bytes]]) -> tuple[list[many.Row], list[many.Row]]:
        """The strangers' rows, to be inserted: people and addresses."""
        unit = self.unit
        people: list[many.Row] = []
        addresses: dict[tuple[str, bytes], many.Row] = {}
        for item, key in zip(self.items, keys, strict=True):
            if key in self._visitors:
                continue
            person, address = ids.pseudonym(), ids.rising()
            self._visitors[key] = Visitor(person, address, "", False, False, item.channel.name, unit.now)
            people.append({"id": person, "language": "", "stopped": False, "created_at": unit.now, "seen_at": unit.now})
            addresses[key] = {
                "id": address,
                "person": person,
                "kind": key[0],
                "hmac": key[1],
                "sealed_address": unit.vault.seal(item.arrival.address, "address"),
                "channel": item.channel.name,
            }
        # In one order in every process: two batches with the same strangers wait for each other, without deadlock.
        return people, [addresses[key] for key in sorted(addresses)]

    def _receive(self, writing: Mapping[tuple[str, bytes], Inbound | OptOut]) -> None:
        """Of the strangers: who was forgotten once and is `writing` anew may be written to again. The others came by
        what was taken before, such as the end of a FORGET ME that the provider repeats: they are not made at all."""
        connection = self.unit.connection
        strangers = {key: visitor.person for key, visitor in self._visitors.items() if not visitor.known}
        new = [arrival for key, arrival in writing.items() if key in strangers]
        if new:
            several = (erasing.marks(self.unit.vault, arrival.kind, arrival.address) for arrival in new)
            self.unit.returned(chain.from_iterable(several))
        if len(new) < len(strangers):
            ghosts = [person for key, person in strangers.items() if key not in writing]
            connection.execute(sa.delete(schema.addresses).where(schema.addresses.c.person.in_(ghosts)))
            connection.execute(sa.delete(schema.people).where(schema.people.c.id.in_(ghosts)))

    def _load(self, visitor: Visitor, row: Any) -> None:
        flow = self.rules.router.flows.get(row.flow)
        if row.status not in (ACTIVE, PARKED) or flow is None:
            visitor.has_ended(row.flow, row.wave, row.status)
            return
        visitor.open.append(Held.read(row, flow, self.unit.vault))

    # Claims ----------------------------------------------------------------------------------------------------

    def _claim(self, item: Item, visitor: Visitor) -> dict[str, object]:
        """The row that says this inbound was taken: a second one with the same id is not inserted."""
        arrival = item.arrival
        content = _content(arrival)
        return {
            "channel": item.channel.name,
            "provider_id": arrival.provider_id
            or _stand_in(self.unit.vault, arrival, content, visitor, item.received_at),
            "address": visitor.address,
            "sealed_content": self.unit.vault.seal(content, "inbound"),
            "received_at": item.received_at,
            "claimed_at": arrival.claimed_at if isinstance(arrival, Inbound) else None,
        }

    def _sessions(self) -> many.Answer:
        arrivals = [item.arrival for item in self.items if isinstance(item.arrival, Inbound)]
        wanted = [ussd.key(self.unit.vault, arrival) for arrival in arrivals if arrival.session]
        return many.ask(self.unit.connection, self._queries.sessions, wanted) if wanted else list

    def _opened(self, sessions: many.Answer) -> ussd.Sessions:
        open_text = self.unit.vault.open_text
        return {
            (row.channel, row.session): (row.id, ussd.Screens.loads(open_text(row.sealed_state, "session")))
            for row in sessions()
        }


def _name(claim: Mapping[str, object]) -> tuple[object, object]:
    return claim["channel"], claim["provider_id"]


def _content(arrival: Inbound | OptOut) -> str:
    """What was said, as it is kept (sealed): the text as it came, or what stands for it."""
    if isinstance(arrival, OptOut):
        return ""
    match arrival.content:
        case Typed(text):
            return text
        case Pressed(ask, key):
            return f"[{ask}:{key}]"
        case Located():
            return "[location]"  # where somebody stands is taken for a place, and is not kept
        case Attached(kind, _, caption):
            return f"[{kind}] {caption}".rstrip()


def _stand_in(vault: Vault, arrival: Inbound | OptOut, content: str, visitor: Visitor, received_at: datetime) -> str:
    """An id where the provider gives none. The provider's time tells two messages apart; without one, the question
    that is open does, so that "1" at one question is never taken for "1" at the next."""
    claimed = arrival.claimed_at if isinstance(arrival, Inbound) else None
    active = visitor.active
    asked = f"{active.id}:{active.conversation.at}:{active.conversation.tries}" if active else ""
    when = claimed.isoformat() if claimed else f"{int(received_at.timestamp()) // WINDOW}:{asked}"
    # Keyed: who holds a copy of the database can't try out guesses of what was said.
    keyed = vault.fingerprint("repeat", f"{visitor.address}\0{content}\0{when}")
    return f"hash:{keyed.hex()[:64]}"
