"""What one viewer sees of a map, read once and kept while nothing changes, and how they look at it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analysis.actors.connecting import betweenness, share_of_pairs
from analysis.actors.layout import Point, layout
from analysis.actors.measures import Measures, of_wave
from analysis.actors.network import Network, built
from analysis.actors.reports import Reports, attitudes, summary
from analysis.actors.standing import pagerank
from analysis.actors.waves import Change, change
from gateway.actors.clearance import Viewer
from gateway.actors.compact import compact
from gateway.actors.known import Known, known_actors
from gateway.actors.profile import folded
from gateway.actors.reading import Said, reports, words
from gateway.store.actor_tables import actor_maps, actor_statements, actors
from gateway.store.database import reading
from gateway.store.keys import Vault

KEPT = 6
"""So many viewers' maps are kept in a process."""


SIZES = ("ties", "connects", "standing", "power")


@dataclass(frozen=True, slots=True)
class Look:
    """How a map is looked at. `size`: what the size of a circle says, one of SIZES; `types`: of which ties, none for
    all; of whom: only this `kind` and `area`, and those with `find` in their name, "" for all. `group`: the attribute
    whose camps are told apart. `beside`: another wave to see it beside."""

    wave: int
    issue: str = ""
    size: str = SIZES[0]
    types: tuple[str, ...] = ()
    kind: str = ""
    area: str = ""
    find: str = ""
    group: str = ""
    beside: int | None = None


@dataclass(frozen=True)
class Seen:
    """Everything that one viewer may see, and what it comes to. What is dear is worked out when it is asked for."""

    reports: Reports
    known: Mapping[str, Known]  # by what files call them
    said: tuple[Said, ...]
    _measured: dict[tuple[int, tuple[str, ...]], Measures] = field(default_factory=dict)

    @property
    def waves(self) -> tuple[int, ...]:
        return self.reports.waves

    @cached_property
    def summed(self) -> pd.DataFrame:
        """One row a wave, pair and type (analysis.actors.reports.summary)."""
        return summary(self.reports.ties)

    @cached_property
    def views(self) -> pd.DataFrame:
        """One row a wave, actor and issue (analysis.actors.reports.attitudes)."""
        return attitudes(self.reports.attitudes)

    @cached_property
    def places(self) -> Mapping[str, Point]:
        return layout(self.reports)

    @cached_property
    def issues(self) -> tuple[str, ...]:
        return tuple(sorted(self.reports.attitudes["issue"].unique()))

    @cached_property
    def types(self) -> tuple[str, ...]:
        return tuple(sorted(self.reports.ties["type"].unique()))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted({one.kind for one in self.known.values()} - {""}))

    @cached_property
    def areas(self) -> tuple[str, ...]:
        return tuple(sorted({one.profile.area for one in self.known.values()} - {""}))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The attributes by which actors count to camps."""
        return tuple(sorted({name for actor in self.reports.actors for name in actor.groups}))

    def network(self, wave: int, types: tuple[str, ...] = ()) -> Network:
        rows = self.summed
        return built(self.reports, wave, rows[rows["type"].isin(list(types))] if types and len(rows) else rows)

    def measured(self, wave: int, types: tuple[str, ...] = ()) -> Measures:
        key = wave, types
        if key not in self._measured:
            self._measured[key] = of_wave(self.reports.of_types(types), wave, self.network(wave, types))
        return self._measured[key]

    def changed(self, before: int, after: int) -> Change:
        return change(self.reports, before, after, self.summed)

    def attitudes(self, wave: int, issue: str) -> dict[str, float | None]:
        """What each actor thinks of an issue; nothing where nobody reported it, None where it is not known."""
        rows = self.views
        rows = rows[(rows["wave"] == wave) & (rows["issue"] == issue)]
        return {
            str(actor): None if pd.isna(value) else float(value)
            for actor, value in zip(rows["actor"], rows["attitude"], strict=True)
        }

    def power(self, wave: int) -> dict[str, float]:
        found: dict[str, float] = {}
        for one in self.said:
            if one.kind == "power" and one.wave == wave:
                found[one.actor] = found.get(one.actor, 0.0) + one.strength
        return found

    def sizes(self, look: Look, shown: Network) -> Mapping[str, float]:
        """By actor: how many ties, which share of the pairs of others, PageRank, or the power that was reported."""
        if look.size == "power":
            return self.power(look.wave)
        if look.size == "standing":
            values = pagerank(shown.carrying)
        elif look.size == "connects":
            values = share_of_pairs(shown.carrying, betweenness(shown.carrying))
        else:
            values = np.bincount(np.concatenate([shown.source, shown.target]), minlength=len(shown.ids))
        return dict(zip(shown.ids, values.tolist(), strict=True))

    def chosen(self, look: Look, shown: Network) -> frozenset[str]:
        """The actors of this network that are looked at."""
        find = folded(look.find)

        def fits(ref: str) -> bool:
            one = self.known[ref]
            names = (one.profile.name, *one.profile.aliases, one.code)
            return (
                look.kind in ("", one.kind)
                and look.area in ("", one.profile.area)
                and any(find in folded(name) for name in names)
            )

        return frozenset(filter(fits, shown.ids))

    @cached_property
    def compact(self) -> bytes:
        return compact(self)


class Sight:
    """Reads maps for viewers. Of the last few viewers it keeps what they see until the map changes; each viewer's is
    kept apart, so that nobody gets what another may see."""

    def __init__(self, engine: sa.Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._kept: OrderedDict[tuple[Viewer, str], tuple[object, Seen]] = OrderedDict()
        self._lock = Lock()

    def of(self, who: Viewer, of_map: str) -> Seen:
        with reading(self._engine) as connection:
            state = _state(connection, of_map)
            with self._lock:
                kept = self._kept.get((who, of_map))
            if kept is not None and kept[0] == state:
                return kept[1]
            seen = see(connection, self._vault, who, of_map)
        with self._lock:
            self._kept[who, of_map] = state, seen
            self._kept.move_to_end((who, of_map))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return seen


def see(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str) -> Seen:
    known = known_actors(connection, vault, who, of_map)
    return Seen(
        reports(connection, vault, who, of_map, known),
        {one.profile.ref: one for one in known.values()},
        words(connection, vault, who, of_map, known),
    )


def _state(connection: sa.Connection, of_map: str) -> object:
    """What differs after any change of the map. It never leaves: it tells of what is hidden, too."""
    changed = connection.scalar(sa.select(actor_maps.c.changed_at).where(actor_maps.c.name == of_map))
    counted = [
        tuple(
            connection.execute(sa.select(sa.func.count(), sa.func.max(table.c.id)).where(table.c.map == of_map)).one()
        )
        for table in (actors, actor_statements)
    ]
    return changed, *counted
