"""Outcome rates from the ledger, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from gateway.results.rates import outcome_rates
from gateway.store import schema
from gateway.store.broadcast_tables import broadcasts, profiles, recipients
from gateway.store.database import reading
from gateway.store.poll_tables import respondents
from surveys.model import Choice, Question, Survey

NOW = datetime(2026, 3, 4, tzinfo=UTC)
WORDS = {"en": "?"}
SURVEY = Survey(
    name="talks",
    hash="abc123",
    title=WORDS,
    languages=("en",),
    keywords={"en": ("talks",)},
    sender=WORDS,
    consent_version="1",
    consent=WORDS,
    thanks=WORDS,
    questions=(
        Question("region", "one-of", WORDS, "p", (Choice("north", WORDS), Choice("south", WORDS)), profile=True),
    ),
    region="region",
)
ENDS = ["completed"] * 4 + ["partial"] * 2 + ["refused", "failed", "started", "ineligible", None]


def fill(engine: sa.Engine) -> None:
    """Eleven people drawn by two broadcasts, one of them by both; two more wrote by themselves."""
    with engine.begin() as connection:
        people = [{"id": at, "language": "sw" if at % 2 else "en"} for at in range(13)]
        connection.execute(sa.insert(schema.people).values(created_at=NOW, seen_at=NOW), people)
        for number in (1, 2):
            connection.execute(
                sa.insert(broadcasts).values(
                    id=number,
                    name=f"b{number}",
                    source="",
                    status="ended",
                    seed="s",
                    poll="talks",
                    wave=2,
                    drawn_to=0,
                    people=6,
                    portion=0,
                    started_at=NOW,
                    by="me",
                )
            )
        drawn = [(1 if at < 6 else 2, at) for at in range(11)] + [(2, 0)]
        for place, (number, person) in enumerate(drawn):
            address = {"id": place, "person": person, "kind": "tel", "hmac": bytes([place]), "sealed_address": b"-"}
            connection.execute(sa.insert(schema.addresses).values(**address, channel="sms"))
            row = {"broadcast": number, "channel": "sms" if number == 1 else "ussd", "draw": place, "person": person}
            connection.execute(sa.insert(recipients).values(**row, address=place, cell=""))
        held = [
            {"person": at, "survey": "talks", "wave": 2, "disposition": end}
            for at, end in enumerate([*ENDS, "completed", "completed"])
            if end
        ]
        connection.execute(sa.insert(respondents), held)
        facts = [{"person": at, "fact": "region", "value": "north"} for at in range(4)]
        connection.execute(sa.insert(profiles), facts)


def test_rates_are_of_those_who_were_drawn(engine: sa.Engine) -> None:
    fill(engine)
    with reading(engine) as connection:
        everybody, *groups = outcome_rates(connection, SURVEY, 2, 0.9)
        assert outcome_rates(connection, SURVEY, 1) == []
    of = everybody.rates.outcomes
    assert (of.I, of.P, of.R, of.UH, of.UO, of.NE) == (4, 2, 1, 2, 1, 1)
    assert everybody.rates.rates["RR3"] == pytest.approx(4 / (7 + 0.9 * 3))
    assert [(one.by, one.group) for one in groups] == [
        ("channel", "sms"),
        ("channel", "ussd"),
        ("language", "en"),
        ("language", "sw"),
        ("region", "north"),
    ]
    assert groups[0].rates.outcomes.I == 4
    assert groups[4].rates.rates["COOP1"] == 1
