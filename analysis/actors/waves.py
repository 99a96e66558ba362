"""What changed between two waves, with what was not asked again kept apart from what is not there any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from analysis.actors.reports import ABSENT, PRESENT, UNKNOWN, Reports, summary

PAIR = ["source", "target", "type"]


@dataclass(frozen=True, slots=True)
class Turned:
    """A tie that is there in both waves, with another sign."""

    source: str
    target: str
    type: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Change:
    """Ties in an earlier and a later wave. A tie is compared where both waves know of it; `not_asked` were there in
    the earlier one, and in the later one nobody knows.

    `jaccard` = kept / (kept + appeared + vanished), None where there is none of them; `hamming` = appeared + vanished;
    with signs, a tie that turned counts as a difference too: `hamming_signed` = hamming + turned, `jaccard_signed` =
    (kept - turned) / (kept + appeared + vanished).
    """

    before: int
    after: int
    kept: int
    appeared: tuple[tuple[str, str, str], ...]
    vanished: tuple[tuple[str, str, str], ...]
    turned: tuple[Turned, ...]
    not_asked: tuple[tuple[str, str, str], ...]

    @property
    def hamming(self) -> int:
        return len(self.appeared) + len(self.vanished)

    @property
    def hamming_signed(self) -> int:
        return self.hamming + len(self.turned)

    @property
    def jaccard(self) -> float | None:
        compared = self.kept + self.hamming
        return self.kept / compared if compared else None

    @property
    def jaccard_signed(self) -> float | None:
        compared = self.kept + self.hamming
        return (self.kept - len(self.turned)) / compared if compared else None


def changes(reports: Reports, summed: pd.DataFrame | None = None) -> Iterator[Change]:
    """From each wave to the next."""
    found = summary(reports.ties) if summed is None else summed
    for before, after in pairwise(reports.waves):
        yield change(reports, before, after, found)


def change(reports: Reports, before: int, after: int, summed: pd.DataFrame | None = None) -> Change:
    """`summed` is the summary of the reports' ties, where it is at hand.

    A tie that nobody reported in a wave is absent if both of its actors were asked about, else unknown.
    """
    found = summary(reports.ties) if summed is None else summed
    first, last = (
        found[found["wave"] == wave].set_index(PAIR)[["state", "sign"]].add_suffix(f"_{side}")
        for wave, side in ((before, "before"), (after, "after"))
    )
    joined = first.join(last, how="outer").sort_index()
    states = {}
    for wave, side in ((before, "before"), (after, "after")):
        asked = reports.was_asked(wave)
        sources, targets, _ = (joined.index.get_level_values(name) for name in PAIR)
        silent = pd.Series(sources.isin(asked) & targets.isin(asked), index=joined.index)
        otherwise = silent.map({True: ABSENT, False: UNKNOWN})
        states[side] = joined[f"state_{side}"].where(joined[f"state_{side}"].notna(), otherwise)
    was, now = states["before"], states["after"]

    def those(before_is: str, after_is: str) -> tuple[tuple[str, str, str], ...]:
        return tuple(joined.index[(was == before_is) & (now == after_is)])

    both = joined[(was == PRESENT) & (now == PRESENT)]
    turned = both[both["sign_before"] != both["sign_after"]]
    return Change(
        before,
        after,
        len(both),
        appeared=those(ABSENT, PRESENT),
        vanished=those(PRESENT, ABSENT),
        turned=tuple(
            Turned(source, target, kind, int(was_sign), int(is_sign))
            for (source, target, kind), was_sign, is_sign in zip(
                turned.index, turned["sign_before"], turned["sign_after"], strict=True
            )
        ),
        not_asked=those(PRESENT, UNKNOWN),
    )
