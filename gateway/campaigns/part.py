"""What campaigns bring to the intake and to the moderators' desk: the flows of those that are out, and the effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import sqlalchemy as sa

from channels.adapter import Channel
from gateway.campaigns import letters, pledges, representatives, signatures
from gateway.campaigns.model import Campaign
from gateway.ingest.rules import Handler
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.part import Part
from gateway.store.broadcast_tables import PLACE, profiles
from gateway.store.campaign_tables import pledges as pledge_table
from gateway.store.campaign_tables import signatures as signature_table
from surveys.flow import Effect, Outcome
from surveys.flows.campaigns import campaign_flows, leaving, own_flows
from surveys.flows.campaigns.effects import FindRepresentatives, SeenRepresentative
from surveys.flows.campaigns.offer import Measure, Offer, Page
from surveys.gazetteer import Gazetteer
from surveys.texts import Texts


def part(texts: Texts, campaigns: Sequence[Campaign], gazetteers: Mapping[str, Gazetteer], base: str) -> Part:
    """`base` is where the pages are. A campaign whose gazetteer is gone writes no letters."""
    offers = [offer(one, gazetteers, base) for one in campaigns]

    def find(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
        effect = cast("FindRepresentatives", effect)
        of = next((one for one in offers if one.name == effect.campaign), None)
        if of is None or of.gazetteer is None:
            return Outcome(effect, done=False, detail="gone")
        found = representatives.standing_for(unit.connection, of.gazetteer, effect.place)
        seen = tuple(SeenRepresentative(one.id, one.name, one.post) for one in found)
        return Outcome(effect, done=bool(seen), detail="" if seen else "none", found=seen)

    acts: Mapping[type[Effect], Handler] = {
        **letters.HANDLERS,
        **pledges.HANDLERS,
        **signatures.HANDLERS,
        FindRepresentatives: find,
    }
    return Part(
        (*campaign_flows(texts, offers), *own_flows(texts, offers)),
        acts,
        {"lives": lives},
        joined,
        kinds=(letters.DESK_KIND, pledges.desk_kind(base)),
        own={f"campaign-{one.name}": one.words for one in offers},
        topics=leaving(texts, offers),
    )


def offer(campaign: Campaign, gazetteers: Mapping[str, Gazetteer], base: str) -> Offer:
    """A campaign as its flows know it."""
    letter, appeal = campaign.letter, campaign.appeal
    return Offer(
        name=campaign.name,
        title=campaign.title,
        words=campaign.keywords,
        pages=[
            Page(one.id, one.title, one.sms or one.title, f"{base}/c/{campaign.name}/{one.id}")
            for one in campaign.pieces
        ],
        topic=campaign.topic,
        measures=[Measure(one.id, one.title, one.text) for one in campaign.measures],
        appeal=(appeal.title, appeal.text) if appeal else None,
        suggested=letter.suggested if letter else None,
        gazetteer=gazetteers.get(campaign.gazetteer),
    )


def lives(unit: Unit, visitor: Visitor, held: Held, channel: Channel) -> str:
    """The fact `lives`: where a person said in a poll that they live, "" where they did not."""
    known = sa.select(profiles.c.value).where(profiles.c.person == visitor.person, profiles.c.fact == PLACE)
    return unit.connection.scalar(known) or ""


def joined(unit: Unit, visitor: Visitor, held: Held) -> Sequence[str]:
    """What somebody pledged and signed, by its campaign."""
    found: list[str] = []
    for table in (pledge_table, signature_table):
        of = sa.select(table.c.campaign).where(table.c.person == visitor.person).distinct().order_by(table.c.campaign)
        found += unit.connection.scalars(of)
    return tuple(dict.fromkeys(found))
