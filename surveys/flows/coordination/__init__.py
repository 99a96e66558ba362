"""The keyword flows by which people bring up concerns, support them, find, join and propose initiatives, and act for
their groups."""

from __future__ import annotations

from datetime import tzinfo

from surveys.flows.coordination.afterwards import Done, Rate
from surveys.flows.coordination.call_off import CallOff
from surveys.flows.coordination.concern import Concern
from surveys.flows.coordination.endorse import Endorse
from surveys.flows.coordination.group import Register
from surveys.flows.coordination.join import Join, LeaveIt
from surveys.flows.coordination.members import Invite, Member
from surveys.flows.coordination.near import Near
from surveys.flows.coordination.propose import Propose
from surveys.flows.coordination.support import Support
from surveys.flows.coordination.tell import Tell
from surveys.flows.keyword import KeywordFlow
from surveys.gazetteer import Gazetteer
from surveys.texts import Texts


def coordination_flows(texts: Texts, gazetteer: Gazetteer, zone: tzinfo) -> tuple[KeywordFlow, ...]:
    """`gazetteer` holds the places that people name, `zone` is the clock by which they meet."""
    return (
        Near(texts, gazetteer, zone),
        Concern(texts, gazetteer),
        Support(texts),
        Join(texts, gazetteer, zone),
        LeaveIt(texts, zone),
        Propose(texts, gazetteer, zone),
        Tell(texts),
        CallOff(texts),
        Done(texts),
        Rate(texts),
        Register(texts, gazetteer),
        Invite(texts),
        Member(texts),
        Endorse(texts),
    )
