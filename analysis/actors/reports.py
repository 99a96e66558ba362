"""What was reported about actors and their ties, wave by wave, and what the reports say together.

Reports on the same thing stay side by side; a summary stands beside them and says how far they disagree. "Unknown" is
never "no": a tie is present, absent, or unknown, and whatever touches an actor who was not asked about in a wave is
unknown there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

PRESENT, ABSENT, UNKNOWN = "present", "absent", "unknown"
STATES = (PRESENT, ABSENT, UNKNOWN)

TIE_COLUMNS = (
    "wave",
    "source",
    "target",
    "type",
    "sign",
    "strength",
    "directed",
    "state",
    "reporter",
    "confidence",
)
ATTITUDE_COLUMNS = ("wave", "actor", "issue", "attitude", "reporter", "confidence")
KEY = ["wave", "source", "target", "type"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`groups` are what the actor counts to, by attribute: kind, area, and whatever columns a file brought."""

    id: str
    name: str
    groups: Mapping[str, str]


@dataclass(frozen=True)
class Reports:
    """Everything that one reader may see.

    ties, a row a report: wave int64; source, target, type str; sign int8 (-1, 0, 1); strength float64 (0 to 1);
        directed bool; state str (STATES); reporter str ("" where it is not said); confidence float64 (0 to 1).
        Of an undirected tie `source` sorts before `target`.
    attitudes, a row a report: wave; actor, issue str; attitude float64 (-2 opposes to 2 supports, NaN unknown);
        reporter; confidence.
    asked, the actors that were asked about in each wave; empty where nothing is said of it: then all were, in all.
    """

    actors: tuple[Actor, ...]
    ties: pd.DataFrame
    attitudes: pd.DataFrame
    asked: Mapping[int, frozenset[str]]

    @cached_property
    def waves(self) -> tuple[int, ...]:
        """The waves in which anything was reported, in order."""
        waves = (table["wave"].unique().tolist() for table in (self.ties, self.attitudes))
        return tuple(sorted({*self.asked}.union(*waves)))

    def was_asked(self, wave: int) -> frozenset[str]:
        """The actors about whom somebody was asked in this wave."""
        everybody = frozenset(actor.id for actor in self.actors)
        return self.asked.get(wave, frozenset()) & everybody if self.asked else everybody

    def without(self, reporter: str) -> Reports:
        """The same without what this one reported."""
        return Reports(
            self.actors,
            self.ties[self.ties["reporter"] != reporter],
            self.attitudes[self.attitudes["reporter"] != reporter],
            self.asked,
        )

    def of_types(self, types: Collection[str]) -> Reports:
        """With ties of these types only; with all, where none is named."""
        chosen = self.ties[self.ties["type"].isin(list(types))] if types else self.ties
        return Reports(self.actors, chosen, self.attitudes, self.asked)

    @property
    def reporters(self) -> tuple[str, ...]:
        return tuple(sorted({*self.ties["reporter"].unique(), *self.attitudes["reporter"].unique()} - {""}))


def summary(ties: pd.DataFrame) -> pd.DataFrame:
    """One row for each wave, pair and type, of the reports on it.

    Each report weighs as much as its confidence; those that say "unknown" weigh nothing, and where all do the tie is
    unknown. `state` is what more weight says (present, where it is even), `sign` that of the weighted mean sign,
    `strength` the weighted mean of those who say present. `reports` counts all, `disagreement` is the share of weight
    that says otherwise: on whether there is a tie, or on its sign. `directed` is true where any report says so.
    """
    if ties.empty:
        return pd.DataFrame(columns=[*KEY, "sign", "strength", "directed", "state", "reports", "disagreement"])
    rows = ties.copy()
    rows["known"] = rows["confidence"].where(rows["state"] != UNKNOWN, 0.0)
    rows["present"] = rows["confidence"].where(rows["state"] == PRESENT, 0.0)
    rows["signed"] = rows["present"] * rows["sign"]
    rows["strong"] = rows["present"] * rows["strength"]
    for sign, name in ((-1, "against"), (0, "neither"), (1, "with")):
        rows[name] = rows["present"].where(rows["sign"] == sign, 0.0)
    summed = ["known", "present", "signed", "strong", "against", "neither", "with"]
    grouped = rows.groupby(KEY, sort=True)
    found = grouped[summed].sum()
    found["directed"] = grouped["directed"].any()
    found["reports"] = grouped.size()
    is_present = found["present"] * 2 >= found["known"]
    found["state"] = np.where(found["known"] == 0, UNKNOWN, np.where(is_present, PRESENT, ABSENT))
    found["sign"] = np.sign(found["signed"].round(12)).astype("int8")
    weight = found["present"].where(found["present"] > 0, 1.0)
    found["strength"] = found["strong"] / weight
    agreeing = np.select(
        [found["state"] == ABSENT, found["sign"] < 0, found["sign"] > 0],
        [found["known"] - found["present"], found["against"], found["with"]],
        found["neither"],
    )
    said = found["known"].where(found["known"] > 0, 1.0)
    found["disagreement"] = np.where(found["known"] > 0, 1.0 - agreeing / said, 0.0).round(12)
    columns = ["sign", "strength", "directed", "state", "reports", "disagreement"]
    return found[columns].reset_index()


def attitudes(reports: pd.DataFrame) -> pd.DataFrame:
    """One row for each wave, actor and issue: `attitude` the weighted mean of the reports that know it (NaN where none
    does), `lowest` and `highest` among them, and how many `reports` there are."""
    columns = ["wave", "actor", "issue", "attitude", "lowest", "highest", "reports"]
    if reports.empty:
        return pd.DataFrame(columns=columns)
    rows = reports.copy()
    known = rows["attitude"].notna()
    rows["weight"] = rows["confidence"].where(known, 0.0)
    rows["weighed"] = rows["weight"] * rows["attitude"].fillna(0.0)
    grouped = rows.groupby(["wave", "actor", "issue"], sort=True)
    found = grouped[["weight", "weighed"]].sum()
    found["attitude"] = found["weighed"] / found["weight"].where(found["weight"] > 0)
    found["lowest"], found["highest"] = grouped["attitude"].min(), grouped["attitude"].max()
    found["reports"] = grouped.size()
    return found.reset_index()[columns]


def empty_ties() -> pd.DataFrame:
    return _typed(
        TIE_COLUMNS,
        wave="int64",
        sign="int8",
        strength="float64",
        directed="bool",
        confidence="float64",
    )


def empty_attitudes() -> pd.DataFrame:
    return _typed(ATTITUDE_COLUMNS, wave="int64", attitude="float64", confidence="float64")


def _typed(columns: Sequence[str], **types: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=types.get(name, "object")) for name in columns})
