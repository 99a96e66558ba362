"""Interviews of the polling app: replayed through the engine, each once, and none dropped."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from channels.adapter import Inbound, Typed
from gateway.accounts import users
from gateway.accounts.roles import Grant, Role
from gateway.ingest import handlers
from gateway.ingest.doors import Doors
from gateway.ingest.interviews import ASIDE, TAKEN, Interviews, Sender
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.polls import Poll
from gateway.store import schema
from gateway.store.envelopes import Envelope, public_key
from gateway.store.interview_tables import interviews
from gateway.store.keys import Vault
from gateway.store.poll_tables import dispositions, quota_cells
from surveys.engine import SurveyFlow
from surveys.load import load_survey
from surveys.model import Survey
from tests.conftest import Clock
from tests.gateway.ingest.conftest import SMS, Gateway
from tests.gateway.ingest.sealing import sealed_to
from tests.surveys.samples import TEXTS

POLL = """
name: wells
languages: [en, ar]
title: Wells
sender: Forum
keywords: [WELLS]
consent: {version: "2", text: Join?}
thanks: Thank you
partial: 1
experiments: [{id: frame, arms: [peace, war]}]
quotas: [{id: north_only, when: region == north, limit: 2}]
questions:
  - id: region
    type: one-of
    text: Where?
    purpose: p
    relevant: yes
    options: [{id: north, label: North}, {id: coast, label: Coast}]
  - {id: own, type: open, text: What else?, purpose: p, required: no}
  - {id: call, type: phone-consent, version: "1", text: May we call?, purpose: p}
"""
SURVEY = load_survey(POLL, "wells.yaml")
ANSWERS: list[list[Any]] = [["region", "coast"], ["own", "The well is poisoned"], ["call", "no"]]
AMINA = Sender("amina", lambda survey: survey == "wells")


def rules_of(survey: Survey, *, status: str = "open", wave: int = 1, earlier: tuple[Survey, ...] = ()) -> Rules:
    flow = SurveyFlow(survey, TEXTS)
    before = {one.id: SurveyFlow(one, TEXTS) for one in earlier}
    poll = Poll(survey, 1, status, wave, "everybody", None, None, OPENED, None, "tests")
    readers = {**handlers.READERS, "released": lambda *_of: ()}
    router = Router({survey.name: flow}, TEXTS, before)
    return Rules(router, TEXTS, handlers.HANDLERS, readers, doors=Doors({survey.name: poll}))


OPENED = datetime(2026, 1, 1, tzinfo=UTC)


class Field:
    """A gateway that phones send to, and the phones."""

    def __init__(self, engine: sa.Engine, vault: Vault, clock: Clock) -> None:
        self.engine, self.vault, self.clock = engine, vault, clock
        self.rules = rules_of(SURVEY)
        self.taking = Interviews(engine, vault, lambda: self.rules, clock, "KE")
        with engine.begin() as connection:
            self.key = public_key(connection, vault, clock())
            users.add(connection, "amina", [Grant(Role.FOCAL_POINT, "wells")], "tests", clock())

    def interview(self, **changes: Any) -> dict[str, Any]:
        """As a phone writes it."""
        now = self.clock()
        return {
            "format": 1,
            "id": str(uuid.uuid4()),
            "survey": SURVEY.name,
            "hash": SURVEY.hash,
            "wave": 1,
            "language": "en",
            "seed": 7,
            "consent": "yes",
            "given": ANSWERS,
            "end": "",
            "started": (now - timedelta(hours=30)).isoformat(),
            "finished": (now - timedelta(hours=29)).isoformat(),
            "interviewer": "amina",
            "number": "",
            **changes,
        }

    def envelope(self, **changes: Any) -> Envelope:
        content = self.interview(**changes)
        return sealed_to(self.key, content["id"], content)

    def send(self, *envelopes: Envelope, sender: Sender = AMINA) -> list[tuple[str, str]]:
        return [(receipt.status, receipt.note) for receipt in self.taking.take(envelopes, sender)]

    def row(self) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(sa.select(interviews).order_by(interviews.c.id.desc())).first()

    def count(self, table: sa.Table) -> int:
        with self.engine.connect() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)

    def all(self, *columns: Any) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.select(*columns))]


@pytest.fixture
def field(engine: sa.Engine, vault: Vault, clock: Clock) -> Iterator[Field]:
    return Field(engine, vault, clock)


def test_an_interview_becomes_a_conversation_like_any_other(field: Field) -> None:
    assert field.send(field.envelope()) == [(TAKEN, "")]
    answers, conversations = schema.answers.c, schema.conversations.c
    found = field.all(answers.question, answers.value, answers.state, answers.channel, answers.language)
    assert found == [
        ("frame", found[0][1], "answered", "app", "en"),
        ("region", "coast", "answered", "app", "en"),
        ("own", None, "answered", "app", "en"),
        ("call", "no", "answered", "app", "en"),
    ]
    sealed = [one for (one,) in field.all(answers.sealed_text) if one]
    assert [field.vault.open_text(one, "answer") for one in sealed] == ["The well is poisoned"]
    assert field.all(conversations.status, conversations.channel, conversations.flow, conversations.wave) == [
        ("completed", "app", SURVEY.id, 1)
    ]
    consents = schema.consents.c
    assert field.all(consents.version, consents.given, consents.channel) == [
        ("2", True, "app"),
        ("call/1", False, "app"),
    ]
    assert [after for (after,) in field.all(dispositions.c.after)] == ["registered", "started", "completed"]


def test_who_interviewed_is_kept_and_who_was_interviewed_is_not(field: Field) -> None:
    field.send(field.envelope())
    row = field.row()
    (user,) = field.all(schema.users.c.id)[0]
    assert (row.user, row.sent_by, row.late, row.note, row.sealed_interview) == (user, "amina", False, "", None)
    assert row.finished_at - row.started_at == timedelta(hours=1)
    assert row.received_at == field.clock()
    assert field.count(schema.people) == 1
    assert field.count(schema.addresses) == 0


def test_the_same_one_again_gives_the_same_receipt_and_changes_nothing(field: Field) -> None:
    one, two = field.envelope(), field.envelope()
    first = field.taking.take([one, two, one], AMINA)
    assert [(receipt.status, receipt.repeated) for receipt in first] == [(TAKEN, False), (TAKEN, False), (TAKEN, True)]
    again = field.taking.take([two, one], Sender("another", lambda _: False))
    assert [(receipt.id, receipt.status) for receipt in again] == [(two.id, TAKEN), (one.id, TAKEN)]
    assert field.count(schema.conversations) == field.count(schema.people) == field.count(interviews) == 2


def test_sent_from_two_sides_at_once_it_counts_once(field: Field) -> None:
    envelopes = [field.envelope() for _ in range(6)]
    statuses: list[tuple[str, str]] = []

    def send(order: list[Envelope]) -> None:
        for one in order:
            statuses.extend(field.send(one))

    threads = [threading.Thread(target=send, args=[order]) for order in (envelopes, envelopes[::-1], envelopes[3:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [(TAKEN, "")] * 15
    assert field.count(schema.conversations) == field.count(interviews) == 6
    assert field.count(schema.answers) == 24


def test_no_is_kept_and_nothing_else(field: Field) -> None:
    assert field.send(field.envelope(consent="no", given=[])) == [(TAKEN, "")]
    assert field.all(schema.conversations.c.status) == [("refused",)]
    assert field.all(schema.consents.c.given) == [(False,)]
    assert field.count(schema.answers) == 0


@pytest.mark.parametrize(("given", "status"), [(ANSWERS[:1], "partial"), ([], "break-off")])
def test_who_broke_off_is_partial_where_enough_was_answered(field: Field, given: list[Any], status: str) -> None:
    assert field.send(field.envelope(given=given, end="left")) == [(TAKEN, "")]
    assert field.all(schema.conversations.c.status, schema.conversations.c.due_at) == [(status, None)]


# What does not walk ---------------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no such option": ({"given": [["region", "moon"], *ANSWERS[1:]]}, "region can't have this answer"),
    "another order": ({"given": ANSWERS[::-1]}, "call was answered where region is asked"),
    "too short": ({"given": ANSWERS[:2]}, "call was not answered"),
    "too long": ({"given": [*ANSWERS, ["more", 1]]}, "more was answered where nothing is asked"),
    "no consent": ({"consent": ""}, "region was answered where nothing is asked"),
    "another version": ({"hash": "0" * 64}, "this version of the poll is not known"),
    "no such poll": ({"survey": "other"}, "who sent it may not ask this poll"),
    "another language": ({"language": "fr"}, "the poll is not in this language"),
    "another format": ({"format": 9}, "its format is not known"),
    "no list": ({"given": {"region": "north"}}, "its answers are no list"),
    "not a value": ({"given": [["region", {"a": 1}]]}, "one of its answers is none"),
    "a seed that is none": ({"seed": -1}, "its seed is not what it should be"),
}


@pytest.mark.parametrize(("changes", "why"), WRONG.values(), ids=WRONG)
def test_what_does_not_walk_is_kept_whole(field: Field, changes: dict[str, Any], why: str) -> None:
    envelope = field.envelope(**changes)
    assert field.send(envelope) == [(ASIDE, why)]
    row = field.row()
    assert (row.status, row.note, row.conversation, row.sent_by) == (ASIDE, why, None, "amina")
    assert Envelope.loads(field.vault.open(row.sealed_interview, "interview")) == envelope
    assert b"poisoned" not in row.sealed_interview
    for table in (schema.people, schema.conversations, schema.answers, schema.consents, dispositions):
        assert field.count(table) == 0
    assert field.send(envelope, field.envelope()) == [(ASIDE, why), (TAKEN, "")]


def test_what_does_not_open_is_kept_too(field: Field) -> None:
    whole = field.envelope()
    body = whole.sealed
    damaged = replace(whole, sealed=body[:-1] + bytes([body[-1] ^ 1]))
    renamed = replace(field.envelope(), id="another")
    strange = replace(field.envelope(), key=99)
    short = Envelope("short", whole.key, b"x")
    no_json = sealed_to(field.key, "words", b"\xff words")
    statuses = field.send(damaged, renamed, strange, short, no_json)
    assert [status for status, _ in statuses] == [ASIDE] * 5
    assert field.count(interviews) == 5
    other = field.interview(id="inside")
    assert field.send(sealed_to(field.key, "outside", other)) == [(ASIDE, "its id is not the envelope's")]


def test_what_lay_aside_is_taken_when_its_poll_is_there(field: Field) -> None:
    changed = load_survey(POLL.replace("Where?", "Where now?"), "wells.yaml")
    assert changed.hash != SURVEY.hash
    field.rules = rules_of(changed)
    assert [status for status, _ in field.send(field.envelope())] == [ASIDE]
    assert [receipt.status for receipt in field.taking.again(AMINA)] == [ASIDE]
    field.rules = rules_of(changed, earlier=(SURVEY,))
    assert [receipt.status for receipt in field.taking.again(AMINA)] == [TAKEN]
    assert field.taking.again(AMINA) == []
    row = field.row()
    assert (row.status, row.note, row.sealed_interview, row.late) == (TAKEN, "", None, True)
    assert field.all(schema.conversations.c.flow) == [(SURVEY.id,)]


@pytest.mark.parametrize(("status", "wave"), [("closed", 1), ("paused", 1), ("open", 2)])
def test_a_late_one_is_taken_and_marked(field: Field, status: str, wave: int) -> None:
    field.rules = rules_of(SURVEY, status=status, wave=wave)
    assert field.send(field.envelope(wave=1)) == [(TAKEN, "")]
    assert field.row().late is True
    assert field.all(schema.conversations.c.status, schema.conversations.c.wave) == [("completed", 1)]


def test_a_quota_does_not_overshoot_and_what_was_said_after_it_is_kept(field: Field) -> None:
    north = [["region", "north"], *ANSWERS[1:]]
    full = (TAKEN, "the quota was full: 2 answers after it are not counted")
    assert field.send(*(field.envelope(given=north) for _ in range(3))) == [(TAKEN, ""), (TAKEN, ""), full]
    assert field.all(quota_cells.c.taken) == [(2,)]
    assert sorted(field.all(schema.conversations.c.status)) == [("completed",), ("completed",), ("quota-full",)]
    assert field.row().sealed_interview is not None


# Who agreed to be called ----------------------------------------------------------------------------------------------

CALLED = [*ANSWERS[:2], ["call", "yes"]]


def test_a_number_goes_to_the_vault_where_the_person_agreed(field: Field) -> None:
    assert field.send(field.envelope(given=CALLED, number="0711 000 001")) == [(TAKEN, "")]
    ((person, sealed, kind),) = field.all(
        schema.addresses.c.person, schema.addresses.c.sealed_address, schema.addresses.c.kind
    )
    assert (field.vault.open_text(sealed, "address"), kind) == ("+254711000001", "tel")
    assert field.all(schema.conversations.c.person) == [(person,)]


def test_a_number_without_a_yes_is_not_kept(field: Field) -> None:
    assert field.send(field.envelope(number="0711000001"), field.envelope(given=CALLED)) == [(TAKEN, ""), (TAKEN, "")]
    assert field.count(schema.addresses) == 0
    assert field.count(schema.people) == 2


def test_a_number_that_is_none_is_told(field: Field) -> None:
    said = (TAKEN, "the number to call could not be read")
    assert field.send(field.envelope(given=CALLED, number="call me")) == [said]


def test_one_number_is_one_person_who_can_have_it_all_forgotten(field: Field) -> None:
    number = "+254711000001"
    gateway = Gateway(field.engine, field.vault, field.rules, field.clock)

    def text(words: str) -> None:
        field.clock.advance(minutes=1)
        gateway.intake.take(SMS, [Inbound("tel", number, Typed(words), provider_id=words)])

    text("wells")
    north = [["region", "north"], *CALLED[1:]]
    field.send(*(field.envelope(given=north, number=number) for _ in range(3)))
    assert field.count(schema.people) == field.count(schema.addresses) == 1
    assert field.count(schema.conversations) == 4
    assert field.row().sealed_interview is not None
    text("FORGET ME")
    text("yes")
    gateway.intake.close()
    assert field.row().sealed_interview is None
    ((state, note),) = field.send(field.envelope(given=north, number=number))
    assert (state, note.partition(";")[0]) == (TAKEN, "who has the number to call asked to be forgotten")
    assert field.count(schema.addresses) == 1  # that of the farewell
    assert [one for (one,) in field.all(schema.answers.c.sealed_text) if one] == []


STATEMENTS = """
name: wells
languages: [en]
title: Wells
sender: Forum
keywords: [WELLS]
consent: {version: "2", text: Join?}
thanks: Thank you
questions:
  - id: views
    type: statements
    show: 3
    own: no
    text: Agree?
    purpose: p
    statements: [{id: x, text: X}, {id: y, text: Y}, {id: z, text: Z}]
  - {id: own, type: open, text: What else?, purpose: p, required: no}
"""


@pytest.mark.parametrize(("rest", "status"), [([["own", "Wells"]], TAKEN), ([], ASIDE)])
def test_a_statement_that_the_phone_did_not_show_any_more_is_passed_over(
    field: Field, rest: list[Any], status: str
) -> None:
    survey = load_survey(STATEMENTS, "wells.yaml")
    field.rules = rules_of(survey)
    given = [["views.1", ["z", "agree"]], ["views.2", ["x", "pass"]], *rest]
    assert [one for one, _ in field.send(field.envelope(hash=survey.hash, given=given))] == [status]
    values = field.all(schema.answers.c.question, schema.answers.c.value)
    expected = [("views.1", ["z", "agree"]), ("views.2", ["x", "pass"]), ("views.3", None), ("own", None)]
    assert values == (expected if status == TAKEN else [])
