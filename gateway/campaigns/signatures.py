"""Signatures under an appeal, once for each person, and the topics that people join to hear more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from channels.adapter import Channel, Medium, Status
from gateway.campaigns import shelf
from gateway.campaigns.results import band, broadcasts_of
from gateway.delivery.outbox import STOPPED
from gateway.ingest.rules import Handler
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.store.broadcast_tables import CANCELLED, DONE, memberships
from gateway.store.campaign_tables import signatures
from gateway.store.database import insert_ignoring
from gateway.store.keys import Vault
from gateway.store.schema import outbox
from surveys.flow import Effect, Outcome
from surveys.flows.campaigns.effects import JoinTopic, LeaveTopic, SignAppeal

GROUP = "signing group"

_s = signatures.c


def sign(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("SignAppeal", effect)
    if channel.medium is Medium.WEB:  # who forgets a page's cookie is somebody new, as often as they like
        return Outcome(effect, done=False, detail="phone")
    unit.flush()
    connection = unit.connection
    campaign = shelf.find(connection, effect.campaign)
    if campaign is None or campaign.appeal is None:
        return Outcome(effect, done=False, detail="gone")
    row = {
        "campaign": effect.campaign,
        "person": visitor.person,
        "kind": effect.kind,
        "sealed_group": unit.vault.seal(effect.group, GROUP) if effect.group else None,
        "place": effect.place,
        "language": held.conversation.language,
        "channel": channel.name,
        "at": unit.now,
    }
    signed = insert_ignoring(connection.dialect.name, signatures).returning(_s.id)
    new = connection.execute(signed, row).first() is not None
    return Outcome(effect, done=new, detail="" if new else "already", found=count(connection, effect.campaign))


def count(connection: sa.Connection, campaign: str) -> int:
    """How many signed, as it may be told: the lower end of the band."""
    found = connection.scalar(sa.select(sa.func.count()).where(_s.campaign == campaign)) or 0
    return band(found)


def groups(connection: sa.Connection, vault: Vault, campaign: str) -> tuple[tuple[str, str], ...]:
    """Kind and name of each group that signed, by kind and then by name, each once."""
    named = sa.select(_s.kind, _s.sealed_group).where(_s.campaign == campaign, _s.sealed_group.is_not(None))
    return tuple(sorted({(row.kind, vault.open_text(row.sealed_group, GROUP)) for row in connection.execute(named)}))


def join(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    """A topic is a group of the broadcasts' audience."""
    effect = cast("JoinTopic", effect)
    unit.flush()
    row = {"person": visitor.person, "name": effect.topic, "joined_at": unit.now}
    new = unit.connection.execute(insert_ignoring(unit.connection.dialect.name, memberships), [row]).rowcount == 1
    return Outcome(effect, done=new, detail="" if new else "already")


def leave(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("LeaveTopic", effect)
    unit.flush()
    mine = memberships.c.person == visitor.person, memberships.c.name == effect.topic
    gone = unit.connection.execute(sa.delete(memberships).where(*mine)).rowcount
    if gone:
        _call_off(unit.connection, visitor.person, effect.topic, unit.now)
    return Outcome(effect, done=bool(gone), detail="" if gone else "none")


def _call_off(connection: sa.Connection, person: int, topic: str, now: datetime) -> None:
    """What is queued for somebody of a topic's broadcasts does not go out."""
    going = [
        row.id
        for campaign in shelf.published(connection)
        if campaign.topic == topic
        for row in broadcasts_of(connection, campaign.name, topic)
        if row.status not in (CANCELLED, DONE)
    ]
    queued = outbox.c.person == person, outbox.c.broadcast.in_(going), outbox.c.status == Status.QUEUED
    gone = {"status": Status.FAILED.value, "error": STOPPED, "updated_at": now}
    connection.execute(sa.update(outbox).where(*queued).values(gone))


HANDLERS: Mapping[type[Effect], Handler] = {SignAppeal: sign, JoinTopic: join, LeaveTopic: leave}
