"""The keyword flows by which people bring up concerns, support them, and find, join and propose initiatives."""

from __future__ import annotations

from datetime import tzinfo

from surveys.flows.coordination.concern import Concern
from surveys.flows.coordination.support import Support
from surveys.flows.keyword import KeywordFlow
from surveys.gazetteer import Gazetteer
from surveys.texts import Texts


def coordination_flows(texts: Texts, gazetteer: Gazetteer, zone: tzinfo) -> tuple[KeywordFlow, ...]:
    """`gazetteer` holds the places that people name, `zone` is the clock by which they meet."""
    return (Concern(texts, gazetteer), Support(texts))
