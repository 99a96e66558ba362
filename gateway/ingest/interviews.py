"""Taking in what the polling app sends: each interview exactly once, walked through the real engine.

An interview was held without a network, by a planner that is only a copy of ours. So it is replayed: answer by answer
through the flow of the version it was held in, with the same handlers and in one transaction, whatever became of the
poll since. What does not walk is put aside, whole and sealed, with the reason; nothing is dropped. The id that the
device made is unique in SQL: whoever sends it again is told what came of it the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from channels.adapter import Channel, Malformed, Medium
from channels.numbers import e164
from gateway.ingest.conversing import Converser
from gateway.ingest.interview import LEFT, Interview, Unreadable, read
from gateway.ingest.routing import is_guide
from gateway.ingest.rules import Reader, Rules
from gateway.ingest.unit import ACTIVE, Held, Unit, Visitor
from gateway.polls import OPEN
from gateway.store import erasing, ids, schema
from gateway.store.database import insert_ignoring, is_away, is_busy, is_full, reading
from gateway.store.envelopes import Envelope, NotOpened, opened
from gateway.store.interview_tables import interviews
from gateway.store.keys import Vault
from surveys.engine import CONSENT, SurveyFlow
from surveys.flow import Choice, Conversation, Event, Flow, Given, Start, Timeout

TAKEN, ASIDE = "taken", "aside"
PURPOSE = "interview"
APP = Channel("app", "web", Medium.WEB)
"""Where a conversation of the app is said to be held; nothing can be sent over it."""

QUOTA_FULL = "quota-full"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who brings interviews: a user, or an operator with a file. `may` says for which polls they may."""

    name: str
    may: Callable[[str], bool]
    is_user: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of an interview; the device may forget it. `repeated`: it had come before."""

    id: str
    status: str
    note: str = ""
    repeated: bool = False


class Aside(Exception):
    """An interview can't be replayed. Its text says why, without content."""


class Interviews:
    """`country` is where numbers without a country code are."""

    def __init__(
        self,
        engine: sa.Engine,
        vault: Vault,
        rules: Callable[[], Rules],
        clock: Callable[[], datetime],
        country: str,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._rules = rules
        self._clock = clock
        self._country = country

    def take(self, envelopes: Sequence[Envelope], sender: Sender) -> list[Receipt]:
        """Take each in a transaction of its own. Raises what the database raises where waiting may mend it: then some
        may be taken, and all may be sent again."""
        return [self._once(envelope, sender) for envelope in envelopes]

    def again(self, sender: Sender) -> list[Receipt]:
        """Try once more what lies aside: its poll may be there now, or a mistake mended."""
        query = sa.select(interviews.c.id).where(interviews.c.status == ASIDE).order_by(interviews.c.id)
        with reading(self._engine) as connection:
            rows = list(connection.scalars(query))
        return [receipt for row in rows if (receipt := self._retry(row, sender)) is not None]

    def _once(self, envelope: Envelope, sender: Sender) -> Receipt:
        with self._engine.begin() as connection:
            row = {"interview": envelope.id, "status": ASIDE, "sent_by": sender.name, "received_at": self._clock()}
            insert = insert_ignoring(connection.dialect.name, interviews).returning(interviews.c.id)
            new = connection.scalar(insert, {**row, "late": False})
            if new is None:
                known = sa.select(interviews.c.status, interviews.c.note).where(interviews.c.interview == envelope.id)
                return Receipt(envelope.id, *connection.execute(known).one(), repeated=True)
            return self._settle(connection, new, envelope, sender)

    def _retry(self, row: int, sender: Sender) -> Receipt | None:
        with self._engine.begin() as connection:
            query = sa.select(interviews).where(interviews.c.id == row).with_for_update()
            found = connection.execute(query).one()
            if found.status != ASIDE:
                return None
            envelope = Envelope.loads(self._vault.open(found.sealed_interview, PURPOSE))
            return self._settle(connection, row, envelope, sender)

    def _settle(self, connection: sa.Connection, row: int, envelope: Envelope, sender: Sender) -> Receipt:
        """Replay it in a savepoint, and write down what came of it."""
        about: dict[str, Any] = {}
        try:
            interview = read(opened(connection, self._vault, envelope))
            about = _about(connection, interview)
            with connection.begin_nested():
                unit = Unit(connection, self._vault, self._clock())
                about |= _Replay(unit, self._rules(), self._country, envelope, interview, sender).run()
                unit.flush()
            values = {"status": TAKEN, "note": "", **about}
        except (NotOpened, Unreadable, Aside) as error:
            values = {**about, "status": ASIDE, "note": str(error)}
        except Exception as error:
            if is_busy(error) or is_away(error) or is_full(error):
                raise
            # The error's own text may hold what a person said: only its kind is told.
            values = {**about, "status": ASIDE, "note": f"a mistake in Baraza ({type(error).__name__})"}
        kept = self._vault.seal(envelope.dumps(), PURPOSE) if values["note"] else None
        change = sa.update(interviews).where(interviews.c.id == row)
        connection.execute(change.values({**values, "sealed_interview": kept}))
        return Receipt(envelope.id, values["status"], values["note"])


def _about(connection: sa.Connection, interview: Interview) -> dict[str, Any]:
    """What is known of an interview whether or not it can be replayed."""
    users = schema.users.c
    return {
        "survey": f"{interview.survey}@{interview.hash}",
        "user": connection.scalar(sa.select(users.id).where(users.name == interview.interviewer)),
        "started_at": interview.started_at,
        "finished_at": interview.finished_at,
    }


class _Replay:
    """One interview, in the caller's transaction."""

    def __init__(
        self, unit: Unit, rules: Rules, country: str, envelope: Envelope, interview: Interview, sender: Sender
    ) -> None:
        # As on the phone: nothing can be attached, and only the author's statements are shown.
        here: dict[str, Reader] = {"carries": lambda *_: frozenset(), "statements": lambda *_: {}}
        self._rules = replace(rules, readers={**rules.readers, **here})
        self._unit = unit
        self._country = country
        self._envelope = envelope
        self._interview = interview
        self._sender = sender

    def run(self) -> dict[str, Any]:
        """What is to be written down of it. Raises Aside."""
        interview = self._interview
        if interview.id != self._envelope.id:
            raise Aside("its id is not the envelope's")
        if not self._sender.may(interview.survey):
            raise Aside("who sent it may not ask this poll")
        flow = self._rules.router.flows.get(interview.flow)
        if not isinstance(flow, SurveyFlow):
            raise Aside("this version of the poll is not known")
        if interview.language not in flow.survey.languages:
            raise Aside("the poll is not in this language")
        notes: list[str] = []
        visitor = self._interviewer() if is_guide(flow) else self._person(flow, notes)
        held = self._held(flow)
        self._unit.begin(visitor, held)
        self._walk(visitor, held, notes)
        return {"conversation": held.id, "late": self._is_late(flow, held), "note": "; ".join(notes)}

    # The way ---------------------------------------------------------------------------------------------------------

    def _held(self, flow: Flow) -> Held:
        interview, now = self._interview, self._unit.now
        conversation = Conversation(flow.id, interview.language, interview.seed)
        held = Held(ids.rising(), flow, conversation, ACTIVE, APP.name, now, now)
        poll = self._rules.doors.polls.get(interview.survey)
        newest = poll.wave if poll is not None else 1
        held.wave = interview.wave if 1 <= interview.wave <= newest else newest
        return held

    def _walk(self, visitor: Visitor, held: Held, notes: list[str]) -> None:
        interview, converser = self._interview, Converser(self._rules, self._unit, {})

        def feed(event: Event) -> None:
            converser.follow(visitor, APP, held, event, "app")

        feed(Start(interview.language))
        feed(Choice(CONSENT, "1" if interview.consent else "2"))
        for place, (question, value) in enumerate(interview.given):
            if held.conversation.outcome == QUOTA_FULL:
                notes.append(f"the quota was full: {len(interview.given) - place} answers after it are not counted")
                return
            self._pass_over(held, feed, until=question)
            if held.conversation.at != question:
                raise Aside(f"{question} was answered where {held.conversation.at or 'nothing'} is asked")
            feed(Given(question, value))
            if held.conversation.at == question:
                raise Aside(f"{question} can't have this answer")
        if interview.end != LEFT:
            self._pass_over(held, feed)
        if not held.conversation.outcome:
            if interview.end != LEFT:
                raise Aside(f"{held.conversation.at} was not answered")
            feed(Timeout())

    def _pass_over(self, held: Held, feed: Callable[[Event], None], until: str = "") -> None:
        """Statements that the phone did not show: some were withdrawn, and none was left for this place."""
        survey = held.flow.survey if isinstance(held.flow, SurveyFlow) else None
        while survey is not None and (at := held.conversation.at) in survey.places and at != until:
            if survey.question(at).type != "statement":
                return
            feed(Given(at, None))

    def _is_late(self, flow: SurveyFlow, held: Held) -> bool:
        poll = self._rules.doors.polls.get(flow.survey.name)
        if poll is None or poll.survey.id != flow.id or poll.wave != held.wave:
            return True
        return poll.state(self._unit.now) != OPEN

    def _interviewer(self) -> Visitor:
        """Who held an interview of actors answered it, too. Whose it is counts: nobody sends another's."""
        interview, sender = self._interview, self._sender
        if sender.is_user and interview.interviewer != sender.name:
            raise Aside("who held it must send it")
        visitor = self._somebody("")
        row = {"person": visitor.person, "user": interview.interviewer, "since": self._unit.now}
        self._unit.connection.execute(sa.insert(schema.interviewers), row)
        if not self._rules.may_interview(self._unit, visitor, interview.survey):
            raise Aside("who held it may not hold this guide")
        return visitor

    # The person ------------------------------------------------------------------------------------------------------

    def _person(self, flow: SurveyFlow, notes: list[str]) -> Visitor:
        """Somebody new, whom nothing leads to; unless they agreed to be called and said where."""
        number = self._number(flow, notes)
        return (self._known(number) if number else None) or self._somebody(number)

    def _number(self, flow: SurveyFlow, notes: list[str]) -> str:
        agreed = any(
            value == "yes" and name in flow.survey.places and flow.survey.question(name).type == "phone-consent"
            for name, value in self._interview.given
        )
        if not self._interview.number or not agreed:
            return ""
        try:
            number = e164(self._interview.number, self._country)
        except Malformed:
            notes.append("the number to call could not be read")
            return ""
        gone = schema.forgotten.c.hmac.in_(erasing.marks(self._unit.vault, "tel", number))
        if self._unit.connection.execute(sa.select(schema.forgotten.c.hmac).where(gone)).first() is None:
            return number
        notes.append("who has the number to call asked to be forgotten")  # only they themselves come back, by writing
        return ""

    def _known(self, number: str) -> Visitor | None:
        """One number is one person, on whatever way they answered before."""
        people, addresses = schema.people.c, schema.addresses.c
        query = (
            sa.select(addresses.id, addresses.channel, people.id, people.language, people.stopped, people.seen_at)
            .join_from(schema.addresses, schema.people)
            .where(addresses.hmac.in_(self._unit.vault.fingerprints("tel", number)))
            .with_for_update(of=schema.people)
        )
        row = self._unit.connection.execute(query).first()
        if row is None:
            return None
        address, channel, person, language, stopped, seen_at = row
        return Visitor(person, address, language, stopped, True, channel, seen_at)

    def _somebody(self, number: str) -> Visitor:
        unit, language = self._unit, self._interview.language
        person, address = ids.pseudonym(), 0
        row = {"id": person, "language": language, "stopped": False, "created_at": unit.now, "seen_at": unit.now}
        unit.connection.execute(sa.insert(schema.people), row)
        if number:
            address = ids.rising()
            where = {
                "id": address,
                "person": person,
                "kind": "tel",
                "hmac": unit.vault.fingerprint("tel", number),
                "sealed_address": unit.vault.seal(number, "address"),
                "channel": APP.name,
            }
            unit.connection.execute(sa.insert(schema.addresses), where)
        return Visitor(person, address, language, False, False, APP.name, unit.now)
