"""What coordination brings to the intake and to the moderators' desk."""

from __future__ import annotations

from datetime import tzinfo

from gateway.coordination import concerns
from gateway.ingest.part import Part
from surveys.flows.coordination import coordination_flows
from surveys.gazetteer import Gazetteer
from surveys.texts import Texts

KINDS = (concerns.DESK_KIND,)


def part(texts: Texts, gazetteer: Gazetteer, zone: tzinfo) -> Part:
    return Part(coordination_flows(texts, gazetteer, zone), concerns.HANDLERS, {"home": concerns.home})
