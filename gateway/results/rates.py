"""AAPOR's outcome rates of one wave of a poll that had a sample: those whom its broadcasts chose.

Who wrote by themselves was not drawn, and counts in no rate. Somebody in the middle of a poll is not told yet, and
counts as unknown, as does whoever was drawn and not written to so far. The counts are small, and for operators alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

import sqlalchemy as sa

from analysis import aapor
from analysis.tallies import DIMENSIONS, OutcomeRates
from gateway.store import schema
from gateway.store.broadcast_tables import broadcasts, fact_named, profiles, recipients
from gateway.store.poll_tables import respondents
from surveys.disposition import DISPOSITIONS
from surveys.model import Survey

UNTOLD = "3.19"
"""The code of one of whom nothing is known, and of one who is in the middle of it."""


def outcome_rates(connection: sa.Connection, survey: Survey, wave: int, e: float | None = None) -> list[OutcomeRates]:
    """Of everybody drawn, then by channel, language and region; nothing where nobody was drawn.

    Without `e` it is estimated from those known (analysis/aapor.py).
    """
    return [
        OutcomeRates(by, group, aapor.rates(aapor.Outcomes(**counts), e))
        for (by, group), counts in drawn(connection, survey, wave).items()
        if group or not by
    ]


def drawn(connection: sa.Connection, survey: Survey, wave: int) -> dict[tuple[str, str], dict[str, int]]:
    """AAPOR's outcomes of everybody drawn (under two empty names), then by each dimension's groups, "" being those not
    known; nothing where nobody was drawn."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for code, *groups in _drawn(connection, survey, wave):
        for by, group in (("", ""), *zip(DIMENSIONS, groups, strict=True)):
            found.setdefault((by, group), Counter())[code] += 1
    order = ("", *DIMENSIONS)
    return {
        name: asdict(aapor.outcomes(found[name])) for name in sorted(found, key=lambda one: (order.index(one[0]), one))
    }


def _drawn(connection: sa.Connection, survey: Survey, wave: int) -> Iterator[tuple[str, str, str, str]]:
    """Each person once: the code of what became of them, the channel by which they were asked first, their language
    and their region; "" where it is not known."""
    held = sa.and_(
        respondents.c.person == recipients.c.person, respondents.c.survey == survey.name, respondents.c.wave == wave
    )
    place = sa.and_(profiles.c.person == recipients.c.person, profiles.c.fact == fact_named(survey.region or ""))
    chosen = (
        sa.select(
            recipients.c.person,
            recipients.c.channel,
            schema.people.c.language,
            respondents.c.disposition,
            profiles.c.value.label("region"),
        )
        .join(broadcasts, broadcasts.c.id == recipients.c.broadcast)
        .join(schema.people, schema.people.c.id == recipients.c.person)
        .outerjoin(respondents, held)
        .outerjoin(profiles, place)
        .where(broadcasts.c.poll == survey.name, broadcasts.c.wave == wave)
        .order_by(recipients.c.person, recipients.c.broadcast)
    )
    last = None
    for row in connection.execute(chosen):
        if row.person == last:
            continue
        last = row.person
        known = DISPOSITIONS.get(row.disposition or "registered")
        code = known.code if known and known.code else UNTOLD
        yield code, row.channel, row.language, row.region or ""
