"""What the pages of the map share: how the address asks to look at it, and how things are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import g, request
from werkzeug.datastructures import MultiDict

from analysis.actors.drawing import attitude_class
from gateway.accounts.roles import Role
from gateway.actors.clearance import viewer
from gateway.actors.known import Known
from gateway.actors.seeing import SIZES, Look, Seen, Sight
from gateway.web.actor_texts import word
from gateway.web.pages import N_, say

MAP = "main"
READERS = (Role.MEDIATOR, Role.FOCAL_POINT)
FIRST = 5
"""So many are named where those who come first are."""

Read = Callable[[], Seen]

SIZES_SAID = {
    "ties": N_("how many ties"),
    "connects": N_("how often between others"),
    "standing": N_("standing"),
    "power": N_("power, as reported"),
}
SESSIONS_SAID = {
    "interview": N_("an interview with one person"),
    "group": N_("a group discussion"),
    "netmap": N_("a Net-Map session"),
}
LEVELS = {
    2: N_("supports"),
    1: N_("rather supports"),
    0: N_("neutral"),
    -1: N_("rather opposes"),
    -2: N_("opposes"),
}
ATTITUDES = {
    "supports": N_("supports"),
    "opposes": N_("opposes"),
    "neutral": N_("neutral"),
    "unknown": N_("not known"),
}


def reader(sight: Sight) -> Read:
    """Reads the map for whoever asks."""
    return lambda: sight.of(viewer(g.signed), MAP)


def look_of(found: Seen, asked: MultiDict[str, str] | None = None) -> Look:
    """How the address, or what was kept of one, asks to look at it; what can't be is left out."""
    given = request.args if asked is None else asked
    wave, beside = given.get("wave", ""), given.get("beside", "")
    types = {*found.types} & {*given.getlist("type")}

    def one_of(name: str, known: tuple[str, ...], usual: str = "") -> str:
        value = given.get(name, "")
        return value if value in known else usual

    look = Look(
        int(wave) if wave.isdecimal() and int(wave) in found.waves else max(found.waves, default=0),
        one_of("issue", found.issues),
        one_of("size", SIZES, SIZES[0]),
        tuple(sorted(types)) if len(types) < len(found.types) else (),
        one_of("kind", found.kinds),
        one_of("area", found.areas),
        given.get("find", "")[:60],
        one_of("group", found.groups),
    )
    other = int(beside) if beside.isdecimal() and int(beside) in found.waves else None
    return replace(look, beside=other)


def attitude(value: float | None) -> str:
    """As near as words come to it; drawn are only three classes (analysis.actors.drawing)."""
    known = attitude_class(value) != "unknown"
    return say(LEVELS[round(value or 0.0)] if known else ATTITUDES["unknown"])


def said(of: object) -> str:
    """A word of the map in the page's language: the type of a tie, the kind of an actor or a statement."""
    return word(of, g.language.code)


def named(known: Mapping[str, Known], values: Mapping[str, float], most: int = FIRST) -> list[tuple[str, float]]:
    """Those who come first, by name; who has nothing is left out."""
    order = sorted(values.items(), key=lambda each: (-each[1], each[0]))
    return [(known[ref].profile.name, value) for ref, value in order[:most] if value > 0]
