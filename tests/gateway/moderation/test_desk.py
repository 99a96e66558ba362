"""The moderators' desk: what waits, who lets it out, what its sender is told, and what stays unread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gateway.catalogues import load_catalogues
from gateway.moderation.desk import (
    APPROVED,
    MOST_A_DAY,
    MOST_WAITING,
    REFUSED,
    Decision,
    Desk,
    DeskError,
    Kind,
    New,
    may_submit,
    submit,
)
from gateway.notices import Notices, Told
from gateway.store import erasing, replies, schema
from gateway.store.keys import Vault
from gateway.store.moderation_tables import submissions

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class House:
    """A desk for one kind, that keeps what it was told to do."""

    def __init__(self, engine: sa.Engine, vault: Vault) -> None:
        self.engine, self.vault = engine, vault
        self.done: list[tuple[str, str, str]] = []
        self.woken: set[str] = set()
        notices = Notices(vault, load_catalogues(), {"sms"})
        self.desk = Desk(engine, notices, [Kind("note", self._approve, self._refuse)], lambda: NOW, self.woken.update)
        with engine.begin() as connection:
            connection.execute(sa.insert(schema.people).values(id=7, language="en", created_at=NOW, seen_at=NOW))
            address = {"id": 1, "person": 7, "kind": "tel", "hmac": b"h", "channel": "sms"}
            sealed = vault.seal("+254700000001", "address")
            connection.execute(sa.insert(schema.addresses).values(**address, sealed_address=sealed))

    def _approve(self, decision: Decision) -> Told | None:
        self.done.append(("approved", decision.words["text"], decision.by))
        return Told("concern_public", {"code": "4821"})

    def _refuse(self, decision: Decision) -> Told | None:
        self.done.append(("refused", decision.reason, decision.by))
        return Told("refused_because", {"reason": decision.reason})

    def send_in(self, text: str = "Fatuma of Tunza says so", needed: int = 1, at: datetime = NOW) -> int:
        with self.engine.begin() as connection:
            submit(connection, self.vault, New("note", 1, {"text": text}, "en", 7, needed=needed), at)
            return connection.scalar(sa.select(sa.func.max(submissions.c.id))) or 0

    def told(self) -> list[str]:
        with self.engine.begin() as connection:
            rows = connection.scalars(sa.select(schema.outbox.c.sealed_reply).order_by(schema.outbox.c.id))
            return [prompt.text for row in rows for prompt in replies.loads(self.vault.open(row, "reply"))]

    def status(self, row: int) -> str:
        with self.engine.begin() as connection:
            return str(connection.scalar(sa.select(submissions.c.status).where(submissions.c.id == row)))


@pytest.fixture
def house(engine: sa.Engine, vault: Vault) -> House:
    return House(engine, vault)


def test_others_read_the_words_as_a_moderator_left_them(house: House) -> None:
    row = house.send_in()
    assert [one.words for one in house.desk.waiting()] == [{"text": "Fatuma of Tunza says so"}]
    assert house.desk.approve(row, {"text": "Somebody  says so"}, "amina")
    assert house.done == [("approved", "Somebody says so", "amina")]
    assert (house.status(row), house.desk.waiting(), house.woken) == (APPROVED, [], {"sms"})
    assert "4821" in house.told()[0]


def test_a_refusal_needs_a_reason_and_sends_it_back(house: House) -> None:
    row = house.send_in()
    with pytest.raises(DeskError, match="reason"):
        house.desk.refuse(row, "  ", "amina")
    house.desk.refuse(row, "It names a neighbour.", "amina")
    assert house.status(row) == REFUSED
    assert "It names a neighbour." in house.told()[0]
    with pytest.raises(DeskError, match="decided"):
        house.desk.approve(row, {}, "amina")


def test_where_two_are_needed_they_are_two_people_and_the_second_reads_what_the_first_left(house: House) -> None:
    row = house.send_in(needed=2)
    assert not house.desk.approve(row, {"text": "Somebody says so"}, "amina")
    assert (house.done, house.told()) == ([], [])
    with pytest.raises(DeskError, match="same"):
        house.desk.approve(row, {}, "amina")
    (one,) = house.desk.waiting()
    assert (one.words, one.by) == ({"text": "Somebody says so"}, ("amina",))
    assert house.desk.approve(row, dict(one.words), "brian")
    assert house.done == [("approved", "Somebody says so", "brian")]


def test_nothing_is_let_out_without_words(house: House) -> None:
    row = house.send_in()
    with pytest.raises(DeskError, match="words"):
        house.desk.approve(row, {"text": " "}, "amina")
    assert house.status(row) == "waiting"


def test_who_was_forgotten_has_nothing_waiting_and_who_left_is_told_nothing(house: House) -> None:
    first = house.send_in()
    with house.engine.begin() as connection:
        connection.execute(sa.update(schema.people).values(stopped=True))
    house.desk.approve(first, {}, "amina")
    assert house.told() == []
    second = house.send_in()
    with house.engine.begin() as connection:
        erasing.erase(connection, house.vault, 7, NOW)
    assert house.desk.waiting() == []
    with pytest.raises(DeskError, match="decided"):
        house.desk.approve(second, {}, "amina")
    with house.engine.begin() as connection:
        assert list(connection.scalars(sa.select(submissions.c.sealed_words))) == [None, None]


def test_one_person_sends_in_no_more_than_is_read(house: House) -> None:
    def may(at: datetime) -> bool:
        with house.engine.begin() as connection:
            return may_submit(connection, 7, at)

    for place in range(MOST_WAITING):
        assert may(NOW), place
        house.send_in()
    assert not may(NOW)
    assert not may(NOW + timedelta(days=2))  # they still wait
    for one in house.desk.waiting():
        house.desk.approve(one.id, {}, "amina")
    for _ in range(MOST_A_DAY - MOST_WAITING):
        assert may(NOW)
        house.desk.approve(house.send_in(), {}, "amina")
    assert not may(NOW)
    assert may(NOW + timedelta(days=2))
