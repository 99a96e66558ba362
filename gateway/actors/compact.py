"""What a viewer sees of all waves in few bytes, for the picture that can be moved.

Ties are columns, not rows, and one letter tells what became of a tie in a wave, so that 20,000 ties of six waves are
some 200 kB on the way.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.actors.drawing import SIGNS, attitude_class
from analysis.actors.reports import ABSENT, PRESENT, UNKNOWN

if TYPE_CHECKING:
    from gateway.actors.seeing import Seen

KEY = ["source", "target", "type"]
NONE, NOT_KNOWN = ord("."), ord("?")
PRESENT_AS = {1: ord("+"), -1: ord("-"), 0: ord("0")}


def compact(seen: Seen) -> bytes:
    """JSON, gzipped and the same each time.

    actors: code, name, kind, area, x and y of each. ties: places of their ends (`from`, `to`), of their type (`type`),
    whether they have a direction (`way`, 0 or 1 each), and by wave what is known (`state`: + - 0 there, with that sign;
    . not there; ? not known) and how strong (`strength`, 0 to 9). attitudes: by issue and wave a sign an actor, a
    blank where nobody was asked. asked: by wave 1 or 0 an actor. groups: by attribute what each actor counts to.
    """
    refs = [actor.id for actor in seen.reports.actors]
    number = {ref: place for place, ref in enumerate(refs)}
    asked = np.array([[ref in those for ref in refs] for those in map(seen.reports.was_asked, seen.waves)], dtype=bool)
    asked = asked.reshape(len(seen.waves), len(refs))  # of an empty map, too
    known = [seen.known[ref] for ref in refs]
    found = {
        "waves": seen.waves,
        "issues": seen.issues,
        "types": seen.types,
        "actors": [
            [one.code, one.profile.name, one.kind, one.profile.area, seen.places[ref].x, seen.places[ref].y]
            for ref, one in zip(refs, known, strict=True)
        ],
        "ties": _ties(seen, number, asked),
        "attitudes": {issue: [_signs(seen, wave, issue, refs) for wave in seen.waves] for issue in seen.issues},
        "asked": ["".join("1" if each else "0" for each in wave) for wave in asked],
        "groups": _groups(seen),
    }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), 5, mtime=0)


def _ties(seen: Seen, number: Mapping[str, int], asked: np.ndarray[Any, Any]) -> dict[str, Any]:
    rows = seen.summed
    waves = {wave: place for place, wave in enumerate(seen.waves)}
    place = rows.groupby(KEY, sort=True).ngroup().to_numpy(dtype=int)
    pairs = rows[KEY].drop_duplicates().sort_values(KEY)
    source, target = (pairs[end].map(number).to_numpy(dtype=int) for end in KEY[:2])
    # Of whom both ends were asked about, what nobody reported is not there; else nobody knows.
    state = np.where(asked[:, source] & asked[:, target], NONE, NOT_KNOWN).astype(np.uint8)
    strength = np.full(state.shape, ord("0"), dtype=np.uint8)
    told = rows["sign"].astype(int).map(PRESENT_AS).to_numpy()
    told = np.select([rows["state"] == ABSENT, rows["state"] == UNKNOWN], [NONE, NOT_KNOWN], told)
    at = rows["wave"].map(waves).to_numpy(dtype=int)
    state[at, place] = told
    tenths = np.minimum(rows["strength"].to_numpy(dtype=float) * 10, 9).astype(int)
    strength[at, place] = np.where(rows["state"] == PRESENT, tenths, 0) + ord("0")
    directed = np.zeros(len(pairs), dtype=bool)
    np.logical_or.at(directed, place, rows["directed"].to_numpy(dtype=bool))
    types = {kind: place for place, kind in enumerate(seen.types)}
    return {
        "from": source.tolist(),
        "to": target.tolist(),
        "type": [types[kind] for kind in pairs["type"]],
        "way": "".join("1" if each else "0" for each in directed),
        "state": [wave.tobytes().decode() for wave in state],
        "strength": [wave.tobytes().decode() for wave in strength],
    }


def _signs(seen: Seen, wave: int, issue: str, refs: list[str]) -> str:
    views = seen.attitudes(wave, issue)
    return "".join(SIGNS[attitude_class(views[ref])] if ref in views else " " for ref in refs)


def _groups(seen: Seen) -> dict[str, list[str]]:
    names = sorted({name for actor in seen.reports.actors for name in actor.groups})
    return {name: [actor.groups.get(name, "") for actor in seen.reports.actors] for name in names}
