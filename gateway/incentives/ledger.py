"""The ledger: who is given what, and what became of it.

A row is made in the transaction in which a poll is finished, together with its share of the budget, so that there is
neither without the other. The worker (paying.py) calls the provider between two transactions of its own: what it did
not live to record is `unknown`, and nobody tries that again but an operator, by hand.

    queued > sending > sent > delivered
                     > failed    gives its share of the budget back
                     > unknown   keeps it: it may have been taken
    unfunded                     finished after the budget was used up, and was told nothing
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from prometheus_client import Counter

from channels.adapter import SIMULATED, Channel, TopUp
from channels.numbers import Countries
from gateway.guarding import Incentive
from gateway.ingest.unit import Held, Unit, Visitor, survey_of
from gateway.money import Money
from gateway.store.database import insert_ignoring
from gateway.store.incentive_tables import incentive_budgets, incentives
from gateway.store.keys import SealError, Vault
from gateway.store.schema import addresses
from surveys.disposition import COMPLETED
from surveys.prompt import Prompt, Reply
from surveys.texts import Texts

INCENTIVES = Counter("baraza_incentives", "Airtime for finished polls, by what came of it.", ["poll", "outcome"])

PURPOSE = "incentive"


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"  # the provider took it
    DELIVERED = "delivered"  # it says that it arrived
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have been taken
    UNFUNDED = "unfunded"


_spoken_for = (incentive_budgets.c.poll == sa.bindparam("of"), incentive_budgets.c.currency == sa.bindparam("in"))
_reserve = (
    sa.update(incentive_budgets)
    .where(*_spoken_for, incentive_budgets.c.millionths + sa.bindparam("more") <= sa.bindparam("most"))
    .values(millionths=incentive_budgets.c.millionths + sa.bindparam("more"))
)
_give_back = (
    sa.update(incentive_budgets)
    .where(*_spoken_for)
    .values(millionths=incentive_budgets.c.millionths - sa.bindparam("less"))
)
_reached = (
    sa.select(addresses.c.id, addresses.c.sealed_address)
    .where(addresses.c.person == sa.bindparam("of"), addresses.c.kind == "tel")
    .order_by((addresses.c.id != sa.bindparam("here")), addresses.c.id)
    .limit(1)
)


class Rewards:
    """Speaks for the budgets while polls are finished. `by_poll` is what settings say."""

    def __init__(self, by_poll: Mapping[str, Incentive], countries: Countries, texts: Texts) -> None:
        self._by_poll = by_poll
        self._countries = countries
        self._texts = texts

    def __call__(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel) -> Reply:
        """What a person whose conversation has just ended is told, where they are given something for it."""
        survey = survey_of(held.flow)
        incentive = self._by_poll.get(survey.name) if survey is not None and held.status == COMPLETED else None
        if survey is None or incentive is None or channel.adapter == SIMULATED:
            return ()
        unit.flush()  # their address may be new
        reached = self._reached(unit, visitor)
        if reached is None or self._reserve(unit, visitor.person, survey.name, *reached, incentive) is not State.QUEUED:
            return ()
        language, amount = held.conversation.language, str(incentive.amount)
        return (Prompt(self._texts.say("airtime", language, amount=amount), language or self._texts.languages[0]),)

    def _reached(self, unit: Unit, visitor: Visitor) -> tuple[int, str] | None:
        """The row of the address that is given it, and its number: of a country that is allowed."""
        found = unit.connection.execute(_reached, {"of": visitor.person, "here": visitor.address}).first()
        try:
            number = unit.vault.open_text(found.sealed_address, "address") if found is not None else ""
        except SealError:
            number = ""
        return (found.id, number) if found is not None and number and number in self._countries else None

    def _reserve(
        self, unit: Unit, person: int, poll: str, address: int, number: str, incentive: Incentive
    ) -> State | None:
        """A row for this person and poll, and its share of the budget; None where there was one."""
        connection, now, amount = unit.connection, unit.now, incentive.amount
        marked = f"{poll}\n{number}"
        earlier = sa.select(incentives.c.id).where(
            incentives.c.poll == poll,
            sa.or_(incentives.c.person == person, incentives.c.mark.in_(unit.vault.fingerprints(PURPOSE, marked))),
        )
        if connection.execute(earlier).first() is not None:
            return None
        funded = reserve(connection, poll, amount, incentive.budget)
        state = State.QUEUED if funded else State.UNFUNDED
        connection.execute(
            sa.insert(incentives).values(
                person=person,
                poll=poll,
                mark=unit.vault.fingerprint(PURPOSE, marked),
                address=address,
                channel=incentive.channel,
                currency=amount.currency,
                millionths=amount.millionths,
                status=state.value,
                key=secrets.token_hex(16),
                attempts=0,
                due_at=now,
                created_at=now,
                updated_at=now,
            )
        )
        INCENTIVES.labels(poll, state.value).inc()
        return state


def reserve(connection: sa.Connection, poll: str, amount: Money, budget: Money) -> bool:
    """Take `amount` out of what is left of the budget; False where too little is. The row is locked until the
    transaction ends, so that no two take the same."""
    named = {"of": poll, "in": amount.currency, "more": amount.millionths, "most": budget.millionths}
    if connection.execute(_reserve, named).rowcount:
        return True
    row = {"poll": poll, "currency": amount.currency, "millionths": 0}
    connection.execute(insert_ignoring(connection.dialect.name, incentive_budgets), row)
    return bool(connection.execute(_reserve, named).rowcount)


# What becomes of them -----------------------------------------------------------------------------------------------


def settle(
    connection: sa.Connection, row: int, state: State, now: datetime, *, of: Sequence[State], **more: Any
) -> bool:
    """Move a row to `state` if it is in one of `of`; where it failed, the budget gets its share back. False where it
    was somewhere else: somebody was faster."""
    changed = connection.execute(
        sa.update(incentives)
        .where(incentives.c.id == row, incentives.c.status.in_([one.value for one in of]))
        .values(status=state.value, updated_at=now, leased_until=None, **more)
        .returning(incentives.c.poll, incentives.c.currency, incentives.c.millionths)
    ).first()
    if changed is None:
        return False
    if state is State.FAILED:
        named = {"of": changed.poll, "in": changed.currency, "less": changed.millionths}
        connection.execute(_give_back, named)
    if state is not State.QUEUED:
        INCENTIVES.labels(changed.poll, state.value).inc()
    return True


def hear(connection: sa.Connection, vault: Vault, channel: str, said: TopUp, now: datetime) -> None:
    """The provider's word on what became of one: the last one, since it comes from the operator.

    One that broke off has no id of the provider's: it is found by number and amount, the oldest first.
    """
    known = sa.select(incentives.c.id).where(
        incentives.c.channel == channel, incentives.c.provider_id == said.provider_id
    )
    row = connection.execute(known).scalar()
    if row is None:
        lost = (
            sa.select(incentives.c.id)
            .join(addresses, addresses.c.id == incentives.c.address)
            .where(
                incentives.c.channel == channel,
                incentives.c.provider_id.is_(None),
                incentives.c.status.in_((State.SENDING.value, State.UNKNOWN.value)),
                incentives.c.currency == said.currency,
                incentives.c.millionths == said.millionths,
                addresses.c.hmac.in_(vault.fingerprints("tel", said.address)),
            )
            .order_by(incentives.c.id)
            .limit(1)
        )
        row = connection.execute(lost).scalar()
    if row is None:
        return
    state = State.DELIVERED if said.done else State.FAILED
    error = None if said.done else said.error[:200]
    settle(
        connection,
        row,
        state,
        now,
        of=(State.SENDING, State.SENT, State.UNKNOWN),
        provider_id=said.provider_id,
        error=error,
    )


# For operators ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """One poll's incentives. `spoken_for` counts what was given, is being given, or may have been."""

    poll: str
    amount: Money | None  # None: settings don't name the poll any more
    budget: Money | None
    spoken_for: Money
    states: Mapping[str, int]


def standings(connection: sa.Connection, by_poll: Mapping[str, Incentive]) -> list[Standing]:
    spoken_for = {(row.poll, row.currency): row.millionths for row in connection.execute(sa.select(incentive_budgets))}
    counted: dict[str, dict[str, int]] = {}
    counts = sa.select(incentives.c.poll, incentives.c.status, sa.func.count().label("rows")).group_by(
        incentives.c.poll, incentives.c.status
    )
    for row in connection.execute(counts):
        counted.setdefault(row.poll, {})[row.status] = row.rows
    found = []
    for poll in sorted({*by_poll, *counted}):
        incentive = by_poll.get(poll)
        currencies = [currency for of, currency in spoken_for if of == poll]
        currency = incentive.amount.currency if incentive else next(iter(currencies), "")
        found.append(
            Standing(
                poll,
                incentive.amount if incentive else None,
                incentive.budget if incentive else None,
                Money(currency, spoken_for.get((poll, currency), 0)),
                counted.get(poll, {}),
            )
        )
    return found


def in_doubt(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Those that may have been taken, the oldest first: id, poll, updated_at, error."""
    query = (
        sa.select(incentives.c.id, incentives.c.poll, incentives.c.updated_at, incentives.c.error)
        .where(incentives.c.status == State.UNKNOWN.value)
        .order_by(incentives.c.id)
    )
    return list(connection.execute(query))
