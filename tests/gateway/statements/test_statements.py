"""A person's own statement: put before moderators, let out or refused, shown to others, voted on, forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from gateway.catalogues import load_catalogues
from gateway.ingest import handlers
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.statements.decks import decks, propose, reader
from gateway.statements.moderation import Moderation, ModerationError
from gateway.store import schema
from gateway.store.keys import Vault
from surveys.engine import SurveyFlow
from surveys.flow import Propose
from surveys.load import load_survey
from surveys.statements import Votes
from tests.conftest import Clock
from tests.gateway.ingest.conftest import Gateway
from tests.surveys.test_statements import POLL

SURVEY = load_survey(POLL.replace("show: 2", "show: 4"), "rich.yaml")


@pytest.fixture
def gateway(engine: sa.Engine, vault: Vault, clock: Clock) -> Iterator[Gateway]:
    texts = load_catalogues()
    readers = {**handlers.READERS, "released": lambda *_of: (), "statements": reader()}
    router = Router({"rich": SurveyFlow(SURVEY, texts)}, texts)
    made = Gateway(engine, vault, Rules(router, texts, {**handlers.HANDLERS, Propose: propose}, readers), clock)
    yield made
    made.intake.close()


@pytest.fixture
def moderation(engine: sa.Engine, vault: Vault, clock: Clock) -> Moderation:
    return Moderation(engine, vault, clock)


def vote(gateway: Gateway, who: int, *answers: str) -> list[str]:
    said = [gateway.send("RICH", who), gateway.send("English", who), gateway.send("yes", who)]
    return said + [gateway.send(answer, who) for answer in answers]


def test_an_own_statement_waits_is_let_out_and_is_shown(gateway: Gateway, moderation: Moderation, clock: Clock) -> None:
    said = vote(gateway, 1, "1", "2", "3", "Markets at the river must open.")
    assert "Is something missing?" in said[-2]
    assert "Thank you" in said[-1]
    (proposed,) = moderation.waiting(SURVEY)
    assert (proposed.text, proposed.language, proposed.question) == ("Markets at the river must open.", "en", "views")
    assert "Markets" not in "".join(vote(gateway, 2, "1", "1", "1", "skip"))
    moderation.let_out(SURVEY, proposed.id, {"en": " Markets  must open. ", "sw": ""}, "amina")
    clock.advance(minutes=1)
    shown = "".join(vote(gateway, 3, "1", "1", "1", "1", "skip"))
    assert "Markets must open." in shown
    assert "river" not in shown
    standing = {one.name: one for one in moderation.standing(SURVEY)}
    assert standing[f"own-{proposed.id}"].votes == Votes(agree=1)
    assert sum(one.votes.agree + one.votes.disagree + one.votes.passed for one in standing.values()) == 10


def test_votes_are_counted_over_versions_and_only_of_this_poll(gateway: Gateway, engine: sa.Engine) -> None:
    vote(gateway, 1, "1", "1", "1", "skip")
    with engine.begin() as connection:
        answers = connection.execute(sa.select(schema.answers)).mappings().all()
        for name in ("rich@another", "richer@0", "rich1@0", "ric@0"):
            rows = [{**row, "id": None, "survey": name} for row in answers]
            rows += [{**row, "survey": "rich@0", "question": f"vi_ws{row['question'][5:]}"} for row in answers]
            connection.execute(sa.insert(schema.answers), [{k: v for k, v in row.items() if k != "id"} for row in rows])
        deck = decks(connection, "rich", frozenset({"views"}))["views"]
        other = decks(connection, "rich", frozenset({"vi_ws"}))["vi_ws"]
    assert {votes.agree for votes in other.votes.values()} == {4}
    assert {votes.agree for votes in deck.votes.values()} == {2}


def test_a_decision_is_made_once_and_written_down(gateway: Gateway, moderation: Moderation, engine: sa.Engine) -> None:
    vote(gateway, 1, "1", "2", "3", "Roads to the camps.")
    (proposed,) = moderation.waiting(SURVEY)
    for texts, why in [({}, "words"), ({"fr": "Des routes."}, "words"), ({"en": "x" * 141}, "long")]:
        with pytest.raises(ModerationError, match=why):
            moderation.let_out(SURVEY, proposed.id, texts, "amina")
    moderation.refuse(SURVEY, proposed.id, "amina")
    assert moderation.waiting(SURVEY) == []
    with pytest.raises(ModerationError, match="decided"):
        moderation.let_out(SURVEY, proposed.id, {"en": "Roads."}, "omar")
    with engine.connect() as connection:
        notes = connection.execute(sa.select(schema.audit.c.who, schema.audit.c.what, schema.audit.c.subject)).all()
    assert [tuple(note) for note in notes] == [("amina", "statement refused", f"rich/own-{proposed.id}")]


def test_what_was_taken_back_is_shown_to_nobody_and_keeps_its_votes(
    gateway: Gateway, moderation: Moderation, clock: Clock
) -> None:
    vote(gateway, 1, "1", "1", "1", "skip")
    moderation.withdraw(SURVEY, "water", "amina")
    with pytest.raises(ModerationError, match="none"):
        moderation.withdraw(SURVEY, "water", "amina")
    clock.advance(minutes=1)
    said = "".join(vote(gateway, 2, "1", "1", "skip"))
    assert "Water must be shared." not in said
    assert "Land must be shared." in said
    water = next(one for one in moderation.standing(SURVEY) if one.name == "water")
    assert (water.withdrawn, water.votes) == (True, Votes(agree=1))


def test_who_is_forgotten_takes_their_statement_along(gateway: Gateway, moderation: Moderation) -> None:
    vote(gateway, 1, "1", "2", "3", "Let the markets open.")
    (proposed,) = moderation.waiting(SURVEY)
    moderation.let_out(SURVEY, proposed.id, {"en": "Open the markets."}, "amina")
    gateway.send("FORGET ME", 1)
    gateway.send("yes", 1)
    assert all(not one.row for one in moderation.standing(SURVEY))
    with gateway.engine.connect() as connection:
        rows = connection.execute(sa.select(schema.statements)).mappings().all()
    assert [(row["sealed_text"], row["texts"], row["status"]) for row in rows] == [(None, None, "withdrawn")]


def test_a_statement_lies_sealed(gateway: Gateway, engine: sa.Engine) -> None:
    vote(gateway, 1, "1", "2", "3", "canary words of a person")
    with engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                assert "canary" not in repr(row)
