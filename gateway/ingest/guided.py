"""Interview guides are there only for those to whom they were given; to everybody else they are as if they were not."""

from __future__ import annotations

from collections.abc import Callable

from gateway.ingest.routing import is_guide
from gateway.ingest.unit import Held, Unit, Visitor, survey_of
from surveys.flow import Flow

May = Callable[[Unit, Visitor, str], bool]
"""Whether somebody may hold the guide of this name."""


def may(asked: May, unit: Unit, visitor: Visitor, flow: Flow) -> bool:
    """Whether this flow is there for somebody."""
    survey = survey_of(flow)
    if survey is None or survey.guide is None:
        return True
    unit.flush()
    return asked(unit, visitor, survey.name)


def taken_back(asked: May, unit: Unit, visitor: Visitor) -> list[Held]:
    """The interviews in progress of which the guide was taken back: they end without a word."""
    return [one for one in visitor.open if is_guide(one.flow) and not may(asked, unit, visitor, one.flow)]
