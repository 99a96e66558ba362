"""What coordination brings to the gateway."""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo

from gateway.coordination import concerns, groups, membership
from gateway.coordination.initiatives import Initiatives
from gateway.coordination.running import Running
from gateway.part import Part
from surveys.flows.coordination import coordination_flows
from surveys.gazetteer import Gazetteer
from surveys.texts import Texts


def part(texts: Texts, gazetteer: Gazetteer, zone: tzinfo, pushing: Collection[str] = ()) -> Part:
    """`pushing` are the channels over which people can be told something."""
    here = Initiatives(texts, gazetteer, zone, frozenset(pushing))
    running = Running(here)
    return Part(
        flows=coordination_flows(texts, gazetteer, zone),
        handlers={**concerns.HANDLERS, **here.handlers, **running.handlers, **membership.HANDLERS},
        readers={"home": concerns.home},
        joined=here.joined,
        kinds=(concerns.DESK_KIND, membership.DESK_KIND, groups.DESK_KIND, *running.kinds),
        timers=running.timers,
    )
