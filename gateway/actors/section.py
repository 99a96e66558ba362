"""What the map says in a digest: what changed, who to talk to about whom, what is not known.

It is frozen as a release is, by a mediator, from what every mediator may see: nothing that is for named people or for
its reporter alone gets in, whoever freezes it. It holds names, so it lies sealed, and goes to mediators only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from pydantic import TypeAdapter

from analysis.actors.moving import MOVED
from analysis.actors.reaching import reach
from gateway.actors.clearance import Viewer
from gateway.actors.seeing import Seen, see
from gateway.store.keys import Vault
from gateway.store.note_tables import map_digests

PURPOSE = "map digest"
EVERY_MEDIATOR = Viewer("", team=True, mediator=True)
MOST = 8
"""So many ties, moves and ways are named; the rest is counted."""

Tie = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """An actor who is against an issue, and who is tied to them and thinks better of it."""

    issue: str
    actor: str
    through: str


@dataclass(frozen=True, slots=True)
class Section:
    """Names as they were. The lists hold MOST at most, `counts` how many there are: appeared, vanished, turned,
    not_asked, moved. `silent`: actors of whom nobody was asked; `disputed`: ties on which reports disagree."""

    wave: int
    before: int | None
    counts: dict[str, int]
    appeared: tuple[Tie, ...]
    vanished: tuple[Tie, ...]
    turned: tuple[tuple[str, str, str, int], ...]
    moved: tuple[tuple[str, str, float, float], ...]
    ways: tuple[Way, ...]
    silent: tuple[str, ...]
    disputed: int


@dataclass(frozen=True, slots=True)
class Frozen:
    section: Section
    author: str
    made_at: datetime


_sections = TypeAdapter(Section)


def freeze(connection: sa.Connection, vault: Vault, of_map: str, author: str, now: datetime) -> None:
    """Put the newest wave into mediators' digests. Does nothing where there is none."""
    seen = see(connection, vault, EVERY_MEDIATOR, of_map)
    if not seen.waves:
        return
    sealed = vault.seal(_sections.dump_json(section(seen)).decode(), PURPOSE)
    values = {"map": of_map, "sealed_section": sealed, "author": author, "made_at": now}
    connection.execute(sa.insert(map_digests), values)


def newest(connection: sa.Connection, vault: Vault, of_map: str) -> Frozen | None:
    chosen = sa.select(map_digests).where(map_digests.c.map == of_map).order_by(map_digests.c.id.desc()).limit(1)
    row = connection.execute(chosen).first()
    if row is None:
        return None
    return Frozen(_sections.validate_json(vault.open_text(row.sealed_section, PURPOSE)), row.author, row.made_at)


def section(seen: Seen) -> Section:
    """Of the newest wave, against the one before."""
    wave = seen.waves[-1]
    before = seen.waves[-2] if len(seen.waves) > 1 else None
    name = {ref: one.profile.name for ref, one in seen.known.items()}
    change = seen.changed(before, wave) if before is not None else None

    def ties(found: tuple[Tie, ...]) -> tuple[Tie, ...]:
        return tuple((name[one], name[other], kind) for one, other, kind in found[:MOST])

    moved = _moved(seen, before, wave) if before is not None else []
    network = seen.network(wave)
    ways = [
        Way(issue, name[way.actor], name[way.through])
        for issue in seen.issues
        for way in reach(network, seen.attitudes(wave, issue), 3)
    ]
    rows = seen.summed[seen.summed["wave"] == wave]
    lists = asdict(change) if change else {}
    kinds = ("appeared", "vanished", "turned", "not_asked")
    return Section(
        wave,
        before,
        {**{kind: len(lists.get(kind, ())) for kind in kinds}, "moved": len(moved)},
        ties(change.appeared) if change else (),
        ties(change.vanished) if change else (),
        tuple((name[t.source], name[t.target], t.type, t.after) for t in change.turned[:MOST]) if change else (),
        tuple((name[actor], issue, was, now) for actor, issue, was, now in moved[:MOST]),
        tuple(ways[:MOST]),
        tuple(name[ref] for ref in sorted({*seen.known} - seen.reports.was_asked(wave))),
        int((rows["disagreement"] > 0).sum()),
    )


def _moved(seen: Seen, before: int, after: int) -> list[tuple[str, str, float, float]]:
    """Those who moved farthest first."""
    found = []
    for issue in seen.issues:
        was, now = seen.attitudes(before, issue), seen.attitudes(after, issue)
        for actor, level in was.items():
            other = now.get(actor)
            if level is not None and other is not None and abs(other - level) >= MOVED:
                found.append((actor, issue, level, other))
    return sorted(found, key=lambda each: (-abs(each[3] - each[2]), each[0], each[1]))
