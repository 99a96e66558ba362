"""Places of a country, and which of them a person means: by name, by code, by a name and what lies around it, or by
where the person stands. One clear winner is taken; between two that are close the person chooses.

What a gazetteer looks like as a file: surveys/gazetteer_file.py.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import asin, cos, radians, sin, sqrt

from rapidfuzz import process
from rapidfuzz.distance import OSA

from surveys.match import allowance, normalise, without_article

MOST = 5
"""How many places a person is given to choose from."""

NEAR_KM = 30.0
"""Where the nearest place known is further away than this, nothing is said about where somebody is."""

_CLEARLY = 1.5
"""A place is clearly the nearest where no other is within this many times its distance."""
_SAME_SPOT_KM = 1.0
_ALIKE = 0.7
"""Names that share this much are offered, never taken."""
_LONGEST = 200
_DEGREE_KM = 111.2
_APART = re.compile(r"[,;/()\n،؛、፣፤]")


@dataclass(frozen=True, slots=True)
class Place:
    """`id` is what is stored. `names` are by language, and "" is the one for all others. `parent` is the id of what it
    lies in, "" at the top; `level` what kind of place it is (district). Coordinates are in degrees (WGS 84)."""

    id: str
    names: Mapping[str, str]
    alternatives: tuple[str, ...] = ()
    parent: str = ""
    level: str = ""
    code: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names[""]


Found = Place | tuple[Place, ...]
"""The place that is meant, or those that may be meant, the likeliest first, five at most; () where nothing is near."""


class _Index:
    """The names of the places of one level, as matched. `keys` says which places bear a name. `by_word` is for names
    of which a part was typed, three letters at a time for misspelt ones: to compare with each name would be slow.
    """

    def __init__(self) -> None:
        self.keys: dict[str, list[int]] = {}
        self.by_word: dict[str, set[int]] = {}
        self._names: list[str] = []
        self._by_three: dict[str, list[int]] = {}

    def add(self, name: str, place: int) -> None:
        words = _words(name)
        for word in words:
            self.by_word.setdefault(word, set()).add(place)
        straight, in_order = "".join(words), "".join(sorted(words))
        if straight and straight not in self.keys:
            for three in _threes(straight):
                self._by_three.setdefault(three, []).append(len(self._names))
            self._names.append(straight)
        for key in {straight, in_order} - {""}:
            bearers = self.keys.setdefault(key, [])
            if place not in bearers:
                bearers.append(place)

    def alike(self, typed: str) -> list[str]:
        """The names that share most of their letters with what was typed, the most alike first."""
        threes = _threes(typed)
        shared = Counter(chain.from_iterable(self._by_three.get(three, ()) for three in threes))
        needed = max(1, len(threes) - 4 * int(len(typed) * (1 - _ALIKE)))  # two letters swapped break four of them
        names = [self._names[number] for number, count in shared.items() if count >= needed]
        found = process.extract(typed, names, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=4 * MOST)
        return [name for name, _, _ in found]


class Gazetteer:
    """Places by name. Made once from places that surveys/gazetteer_file.py has checked; holds no state."""

    def __init__(self, name: str, places: Iterable[Place], source: str = "") -> None:
        """`source` is what it was read from, for those who keep it."""
        self.name = name
        self.source = source
        self._places = tuple(places)
        self._position = {place.id: position for position, place in enumerate(self._places)}
        self.levels = tuple(dict.fromkeys(place.level for place in self._places if place.level))
        self._all = _Index()
        self._levels = {level: _Index() for level in self.levels}
        for position, place in enumerate(self._places):
            for known in {*place.names.values(), *place.alternatives, place.code} - {""}:
                self._all.add(known, position)
                if place.level:
                    self._levels[place.level].add(known, position)
        self._located = sorted(
            (place.latitude, place.longitude, position)
            for position, place in enumerate(self._places)
            if place.latitude is not None and place.longitude is not None
        )
        self._latitudes = [latitude for latitude, _, _ in self._located]

    @cached_property
    def digest(self) -> str:
        """Of what it was read from: a poll's hash covers the places that it asks for."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:12]

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)

    def get(self, name: str) -> Place | None:
        """The place with this id."""
        position = self._position.get(name)
        return None if position is None else self._places[position]

    def around(self, place: Place) -> tuple[Place, ...]:
        """What the place lies in, the nearest first."""
        found = []
        while place.parent:
            place = self._places[self._position[place.parent]]
            found.append(place)
        return tuple(found)

    def labels(self, places: Sequence[Place], language: str) -> tuple[str, ...]:
        """What a person reads of each: its name and what it lies in, as much of that as tells them apart."""
        chains = [[place.name(language), *(around.name(language) for around in self.around(place))] for place in places]
        shown = [2] * len(chains)
        while True:
            labels = [", ".join(chain[:length]) for chain, length in zip(chains, shown, strict=True)]
            longer = [
                length + 1 if labels.count(label) > 1 and length < len(chain) else length
                for label, length, chain in zip(labels, shown, chains, strict=True)
            ]
            if longer == shown:
                break
            shown = longer
        return tuple(
            label if labels.count(label) == 1 else f"{label} ({place.code or place.id})"
            for label, place in zip(labels, places, strict=True)
        )

    # By name -----------------------------------------------------------------------------------------------------

    def find(self, typed: str, level: str = "") -> Found:
        """The place that is meant by what a person typed: a name, a code, or a name and what it lies in.

        Where a level is asked for, the name of a smaller place stands for the one of that level that it lies in.
        """
        index = self._all if not level else self._levels.get(level)
        parts = [words for part in _APART.split(typed[:_LONGEST]) if (words := _words(part))]
        if index is None or not parts:
            return ()
        words, *within = parts
        named = self._named(words, index, level)
        if not within:
            return self._settled(named or self._name_then_around(words, index, level)) or self._near_to(words, index)
        inside = [place for place in named if self._lies_in(place, within)]
        if inside:
            return self._settled(inside)
        slips = self._near_to(words, index, within)
        return slips or tuple(self._in_order(named))  # named so, but not known to lie there: to be confirmed

    def _named(self, words: list[str], index: _Index, level: str) -> list[int]:
        key = "".join(words)
        bearers = index.keys.get(key) or index.keys.get("".join(sorted(words)))
        if bearers or not level:
            return list(bearers or ())
        smaller = (self._at_level(position, level) for position in self._all.keys.get(key, ()))
        return list(dict.fromkeys(position for position in smaller if position is not None))

    def _at_level(self, position: int, level: str) -> int | None:
        """The place of this level that a place is, or lies in."""
        place = self._places[position]
        return next((self._position[one.id] for one in (place, *self.around(place)) if one.level == level), None)

    def _name_then_around(self, words: list[str], index: _Index, level: str) -> list[int]:
        """ "Kalma Nyala": a name, and what it lies in, with nothing between."""
        for cut in range(len(words) - 1, 0, -1):
            found = [
                place
                for place in self._named(words[:cut], index, level)
                if self._lies_in(place, [words[cut:]], slips=False)
            ]
            if found:
                return found
        return []

    def _lies_in(self, position: int, within: Sequence[Sequence[str]], *, slips: bool = True) -> bool:
        """Whether each of these names is that of something around the place."""
        known = {key for around in self.around(self._places[position]) for key in _keys(around)}
        return all(_is_known("".join(words), known, slips=slips) for words in within)

    def _near_to(self, words: list[str], index: _Index, within: Sequence[Sequence[str]] = ()) -> Found:
        """What is misspelt, or named in part. Taken only where nothing else is near it."""
        typed = "".join(words)
        slack = allowance(len(typed))
        slips: list[int] = []
        others: list[int] = []
        for name in index.alike(typed) if slack else ():
            distance = OSA.distance(typed, name)
            places = [place for place in index.keys[name] if not within or self._lies_in(place, within)]
            (slips if distance <= min(slack, allowance(len(name))) else others).extend(places)
        meant = list(dict.fromkeys(slips))
        if len(meant) == 1 or (meant and within):
            return self._settled(meant)
        parts = [place for place in self._partly(words, index) if not within or self._lies_in(place, within)]
        offered = dict.fromkeys([*meant, *parts, *others])
        return tuple(self._places[position] for position in list(offered)[:MOST])

    def _partly(self, words: list[str], index: _Index) -> list[int]:
        """Places whose name is a part of what was typed, the longest first, or which have all typed words in theirs."""
        length = len(words)
        spans = sorted(((a, b) for a in range(length) for b in range(a + 1, length + 1)), key=lambda ab: ab[0] - ab[1])
        inside = [
            place
            for start, end in spans
            if (key := "".join(words[start:end])) and len(key) > 3
            for place in index.keys.get(key, ())
        ]
        sets = [index.by_word.get(word, set()) for word in words]
        whole = set.intersection(*sets) if len("".join(words)) > 3 else set()
        return [*inside, *self._by_rank(whole)]

    def _settled(self, found: Sequence[int]) -> Found:
        return self._places[found[0]] if len(found) == 1 else self._in_order(found)

    def _in_order(self, found: Iterable[int]) -> tuple[Place, ...]:
        return tuple(self._places[position] for position in self._by_rank(found)[:MOST])

    def _by_rank(self, found: Iterable[int]) -> list[int]:
        """The larger places first, then as the file has them."""
        return sorted(found, key=lambda position: (len(self.around(self._places[position])), position))

    # By coordinates ----------------------------------------------------------------------------------------------

    def near(self, latitude: float, longitude: float, level: str = "", within_km: float = NEAR_KM) -> Found:
        """The place nearest to these coordinates, where it is clearly the nearest; else the nearest ones.

        Where a level is asked for, each place that has coordinates stands for the one of that level that it lies in.
        """
        margin = within_km / _DEGREE_KM
        low = bisect_left(self._latitudes, latitude - margin)
        high = bisect_right(self._latitudes, latitude + margin)
        nearest: dict[int, float] = {}
        for at_latitude, at_longitude, position in self._located[low:high]:
            stands_for = self._at_level(position, level) if level else position
            distance = kilometres(latitude, longitude, at_latitude, at_longitude)
            if stands_for is not None and distance <= within_km:
                nearest[stands_for] = min(distance, nearest.get(stands_for, distance))
        ranked = sorted(nearest.items(), key=lambda pair: (pair[1], pair[0]))
        if not ranked:
            return ()
        reach = max(ranked[0][1] * _CLEARLY, _SAME_SPOT_KM)
        close = [self._places[position] for position, distance in ranked if distance <= reach]
        return close[0] if len(close) == 1 else tuple(close[:MOST])


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The distance over a sphere of the earth's mean radius (the haversine formula)."""
    north, other_north = radians(latitude), radians(other_latitude)
    across = radians(other_longitude - longitude)
    half = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(across / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(min(1.0, half)))


def _words(text: str) -> list[str]:
    """The words of a name as matched: folded, and Arabic ones without their article."""
    return without_article(normalise(text)).split()


def _threes(key: str) -> set[str]:
    """Each three letters that follow one another, with a blank before and behind."""
    padded = f" {key} "
    return {padded[start : start + 3] for start in range(len(key))}


def _keys(place: Place) -> set[str]:
    known = {*place.names.values(), *place.alternatives, place.code}
    return {"".join(_words(name)) for name in known} - {""}


def _is_known(typed: str, known: set[str], *, slips: bool) -> bool:
    slack = allowance(len(typed)) if slips else 0
    return typed in known or any(OSA.distance(typed, name, score_cutoff=slack) <= slack for name in known if slack)
