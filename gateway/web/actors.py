"""The map of actors, for whoever works on it: the picture, what it comes to in words and numbers, and each actor.

Everything on these pages starts from what the viewer may see (gateway/actors/clearance.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from flask import Blueprint, abort, g, render_template, request, url_for
from markupsafe import Markup

from analysis.actors import drawing
from analysis.actors.layout import layout
from analysis.actors.measures import Measures, of_wave
from analysis.actors.network import Network, network
from analysis.actors.reports import PRESENT, UNKNOWN, Reports, attitudes, summary
from analysis.actors.waves import Change, change
from gateway.accounts.roles import Role
from gateway.actors.clearance import viewer
from gateway.actors.reading import Known, Said, known_actors, reports, words
from gateway.assembly import Assembly
from gateway.store.database import reading
from gateway.web.guard import allow
from gateway.web.pages import N_, say

MAP = "main"
SIZES = {
    "connects": N_("how often between others"),
    "standing": N_("standing"),
    "power": N_("power, as reported"),
    "": N_("all alike"),
}
FIRST = 5
"""So many are named where those who come first are."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of the map is looked at, as the address says it: what can't be is left out."""

    wave: int
    issue: str
    size: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An actor in the table under the picture."""

    code: str
    name: str
    kind: str
    area: str
    attitude: str
    ties: int
    against: int
    between: float
    standing: float


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("actors", __name__)

    def seen() -> tuple[Reports, Mapping[str, Known], tuple[Said, ...]]:
        who = viewer(g.signed)
        with reading(assembly.engine) as connection:
            known = known_actors(connection, assembly.vault, who, MAP)
            said = words(connection, assembly.vault, who, MAP)
            return reports(connection, assembly.vault, who, MAP), {k.profile.ref: k for k in known.values()}, said

    @pages.get("/dashboard/actors")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, title=N_("Map of actors"), sensitive="the map of actors")
    def page() -> str:
        found, known, said = seen()
        if not found.waves:
            return render_template("actors.html", empty=True, width="")
        chosen = _chosen(found)
        shown = network(found, chosen.wave, chosen.types)
        measured = of_wave(found, chosen.wave, shown)
        issue = _attitudes(found, chosen)
        place = found.waves.index(chosen.wave)
        return render_template(
            "actors.html",
            empty=False,
            chosen=chosen,
            waves=found.waves,
            issues=sorted({*found.attitudes["issue"]}),
            types=sorted({*found.ties["type"]}),
            sizes={name: say(label) for name, label in SIZES.items()},
            picture=_picture(found, known, chosen, shown, measured, issue, said),
            rows=_rows(shown, known, measured, issue if chosen.issue else None),
            measured=measured,
            first={
                "connects": _named(known, measured.betweenness_share),
                "standing": _named(known, measured.pagerank),
                "shifts": [(known[one.actor].profile.name, one) for one in measured.shifts[:FIRST] if one.most > 0],
            },
            change=_told(change(found, found.waves[place - 1], chosen.wave), known) if place else None,
            unknown=_unknown(found, chosen, known),
            width="",
        )

    @pages.get("/dashboard/actors/<code>")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, sensitive="an actor")
    def actor(code: str) -> str:
        found, known, said = seen()
        one = next((each for each in known.values() if each.code == code), None)
        if one is None:
            abort(404)
        ref = one.profile.ref
        ties = summary(found.ties[(found.ties["source"] == ref) | (found.ties["target"] == ref)])
        views = attitudes(found.attitudes[found.attitudes["actor"] == ref])
        return render_template(
            "actor.html",
            one=one,
            ties=[
                _tie({str(name): value for name, value in row.items()}, ref, known) for row in ties.to_dict("records")
            ],
            views=views.to_dict("records"),
            said=[each for each in said if each.actor == ref],
            attitude=_attitude,
            width="reading",
        )

    return pages


def _chosen(found: Reports) -> Chosen:
    asked = request.args
    wave = asked.get("wave", "")
    issue = asked.get("issue", "")
    size = asked.get("size", "connects")
    types = {*found.ties["type"]}
    return Chosen(
        int(wave) if wave.isdecimal() and int(wave) in found.waves else found.waves[-1],
        issue if issue in {*found.attitudes["issue"]} else "",
        size if size in SIZES else "connects",
        tuple(sorted(types & {*asked.getlist("type")})) if asked.getlist("type") else (),
    )


def _attitudes(found: Reports, chosen: Chosen) -> dict[str, float | None]:
    """What each actor thinks of the chosen issue in the chosen wave; nothing where it is not known."""
    rows = found.attitudes
    views = attitudes(rows[(rows["wave"] == chosen.wave) & (rows["issue"] == chosen.issue)])
    return {
        str(actor): None if pd.isna(value) else float(value)
        for actor, value in zip(views["actor"], views["attitude"], strict=True)
    }


def _picture(
    found: Reports,
    known: Mapping[str, Known],
    chosen: Chosen,
    shown: Network,
    measured: Measures,
    issue: Mapping[str, float | None],
    said: Sequence[Said],
) -> Markup:
    power: dict[str, float] = {}
    for one in said:
        if one.kind == "power" and one.wave == chosen.wave:
            power[one.actor] = power.get(one.actor, 0.0) + one.strength
    sizes = {"connects": measured.betweenness, "standing": measured.pagerank, "power": power}
    return drawing.draw(
        shown,
        layout(found),
        {ref: one.profile.name for ref, one in known.items()},
        title=say("Map of actors, wave {wave}", wave=chosen.wave),
        says=say("Actors: {n}. The table below says the same.", n=measured.actors),
        link=lambda ref: url_for("actors.actor", code=known[ref].code, language=g.language.code),
        sizes=sizes.get(chosen.size),
        attitudes=issue if chosen.issue else None,
    )


def _rows(
    shown: Network, known: Mapping[str, Known], measured: Measures, issue: Mapping[str, float | None] | None
) -> list[Row]:
    def of(ref: str, place: int) -> Row:
        touching = (shown.source == place) | (shown.target == place)
        one = known[ref]
        return Row(
            one.code,
            one.profile.name,
            one.kind,
            one.profile.area,
            _attitude(issue.get(ref)) if issue is not None else "",
            int(touching.sum()),
            int((shown.sign[touching] < 0).sum()),
            measured.betweenness_share.get(ref, 0.0),
            measured.pagerank.get(ref, 0.0),
        )

    rows = [of(ref, place) for place, ref in enumerate(shown.ids)]
    return sorted(rows, key=lambda row: (-row.between, -row.standing, row.name))


ATTITUDES = {
    "supports": N_("supports"),
    "opposes": N_("opposes"),
    "neutral": N_("neutral"),
    "unknown": N_("not known"),
}


def _attitude(value: float | None) -> str:
    return say(ATTITUDES[drawing.attitude_class(value)])


def _named(known: Mapping[str, Known], values: Mapping[str, float]) -> list[tuple[str, float]]:
    order = sorted(values.items(), key=lambda each: (-each[1], each[0]))
    return [(known[ref].profile.name, value) for ref, value in order[:FIRST] if value > 0]


def _told(found: Change, known: Mapping[str, Known]) -> dict[str, Any]:
    def pairs(ties: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        return [(known[one].profile.name, known[other].profile.name, kind) for one, other, kind in ties]

    return {
        "before": found.before,
        "kept": found.kept,
        "jaccard": found.jaccard,
        "appeared": pairs(found.appeared),
        "vanished": pairs(found.vanished),
        "not_asked": pairs(found.not_asked),
        "turned": [
            (known[one.source].profile.name, known[one.target].profile.name, one.type, one.after)
            for one in found.turned
        ],
    }


def _unknown(found: Reports, chosen: Chosen, known: Mapping[str, Known]) -> dict[str, Any]:
    """What nobody knows in this wave: it is no "no"."""
    silent = sorted({*known} - found.was_asked(chosen.wave))
    rows = summary(found.ties[found.ties["wave"] == chosen.wave])
    views = found.attitudes[(found.attitudes["wave"] == chosen.wave) & (found.attitudes["issue"] == chosen.issue)]
    answered = {*views.loc[views["attitude"].notna(), "actor"]}
    return {
        "actors": [known[ref].profile.name for ref in silent],
        "ties": int((rows["state"] == UNKNOWN).sum()) if len(rows) else 0,
        "disputed": int((rows["disagreement"] > 0).sum()) if len(rows) else 0,
        "attitudes": len(known) - len(answered) if chosen.issue else 0,
    }


def _tie(row: Mapping[str, Any], ref: str, known: Mapping[str, Known]) -> dict[str, Any]:
    other = row["target"] if row["source"] == ref else row["source"]
    return {
        **row,
        "other": known[other].profile.name,
        "code": known[other].code,
        "way": "" if not row["directed"] else "to" if row["source"] == ref else "from",
        "present": row["state"] == PRESENT,
        "unknown": row["state"] == UNKNOWN,
    }
