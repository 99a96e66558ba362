"""Who was asked, began, and finished: in all, and by channel, language and region who began.

Whoever sees two stages can subtract them. So those who refused (asked, did not begin) and those who left (began, did
not finish) are cells too. By channel, language and region only those who began are counted: with all three stages
there, the few who left in a group of a small poll hid most other numbers. How many answered each question is shown in
total, and says about how many left before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.findings import Group, Turnout
from analysis.frames import by_category
from analysis.suppression import Cell as Name
from analysis.suppression import Relation, adds_up, gap
from surveys.model import Survey

DIMENSIONS = ("channel", "language", "region")
GAPS = (("asked", "began", "refused"), ("began", "finished", "left"))
"""A stage, the next one, and those between: who did not come that far."""


def stages(people: pd.DataFrame, survey: Survey) -> dict[Name, int]:
    """The stages and their gaps; who began also by the groups of each dimension, "" being those not known."""
    counts: dict[Name, int] = {
        ("asked",): len(people),
        ("began",): int(people["began"].sum()),
        ("finished",): int(people["finished"].sum()),
    }
    counts |= {(between,): counts[stage,] - counts[following,] for stage, following, between in GAPS}
    began = people[people["began"]]
    for dimension in DIMENSIONS:
        table = by_category(began[dimension])
        for group in _groups(dimension, table, survey):
            counts["began", dimension, group] = table.get(group, 0)
    return counts


def _groups(dimension: str, found: Mapping[str, int], survey: Survey) -> list[str]:
    """Groups that could have answered come first, so that nobody who was not heard is left out."""
    known: list[str] = []
    if dimension == "language":
        known = list(survey.languages)
    elif dimension == "region" and survey.region:
        known = [choice.id for choice in survey.question(survey.region).options]
    elif dimension == "region":
        return []
    seen = {group for group, times in found.items() if times}
    return [*known, *sorted(seen - set(known), key=lambda group: (not group, group))]


def relations(turnout: Mapping[Name, int]) -> Iterator[Relation]:
    for stage, following, between in GAPS:
        yield gap((stage,), (following,), (between,))
    for dimension in DIMENSIONS:
        if groups := _names(turnout, dimension):
            yield adds_up(("began",), groups)


def _names(turnout: Mapping[Name, object], dimension: str) -> list[Name]:
    return [name for name in turnout if name[:2] == ("began", dimension)]


def shown(seen: Mapping[Name, int | None], survey: Survey) -> Turnout:
    def groups(dimension: str) -> tuple[Group, ...]:
        region = survey.question(survey.region) if dimension == "region" and survey.region else None
        labels = {choice.id: choice.label for choice in region.options} if region else {}
        names = _names(seen, dimension)
        return tuple(Group(name[2], dict(labels.get(name[2], {})), seen[name]) for name in names)

    return Turnout(
        asked=seen[("asked",)],
        began=seen[("began",)],
        finished=seen[("finished",)],
        by_channel=groups("channel"),
        by_language=groups("language"),
        by_region=groups("region"),
    )
