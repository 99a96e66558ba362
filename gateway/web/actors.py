"""The map of actors, for whoever works on it: the picture, what it comes to in words and numbers, and each actor.

Everything on these pages starts from what the viewer may see (gateway/actors/clearance.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from markupsafe import Markup

from analysis.actors import drawing
from analysis.actors.exchange import Stamp
from analysis.actors.measures import Measures
from analysis.actors.network import Network
from analysis.actors.reports import PRESENT, UNKNOWN
from analysis.actors.waves import Change
from gateway.accounts.roles import Role
from gateway.actors.clearance import viewer
from gateway.actors.exporting import FORMS, export
from gateway.actors.reading import Known
from gateway.actors.seeing import Look, Seen, Sight
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
FILES = {
    "zip": "CSV",
    "graphml": "GraphML",
    "gexf": "GEXF",
    "json": "Kumu",
    "svg": "SVG",
    "png": "PNG",
    "pdf": "PDF",
}
"""What the map is taken away as, by the ending of its name."""
FIRST = 5
"""So many are named where those who come first are."""


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

    sight = Sight(assembly.engine, assembly.vault)

    def seen() -> Seen:
        return sight.of(viewer(g.signed), MAP)

    @pages.get("/dashboard/actors")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, title=N_("Map of actors"), sensitive="the map of actors")
    def page() -> str:
        found = seen()
        if not found.waves:
            return render_template("actors.html", empty=True, width="")
        look = look_of(found)
        shown = found.network(look.wave, look.types)
        measured = found.measured(look.wave, look.types)
        issue = found.attitudes(look.wave, look.issue)
        place = found.waves.index(look.wave)
        return render_template(
            "actors.html",
            empty=False,
            chosen=look,
            waves=found.waves,
            issues=found.issues,
            types=found.types,
            sizes={name: say(label) for name, label in SIZES.items()},
            files={f"map.{form}": title for form, title in FILES.items()},
            picture=_picture(found, look, shown, issue),
            rows=_rows(shown, found.known, measured, issue if look.issue else None),
            measured=measured,
            first={
                "connects": _named(found.known, measured.betweenness_share),
                "standing": _named(found.known, measured.pagerank),
                "shifts": [
                    (found.known[one.actor].profile.name, one) for one in measured.shifts[:FIRST] if one.most > 0
                ],
            },
            change=_told(found.changed(found.waves[place - 1], look.wave), found.known) if place else None,
            unknown=_unknown(found, look),
            width="",
        )

    @pages.get("/dashboard/actors/files/<filename>")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT)
    def file(filename: str) -> Response:
        form = filename.removeprefix("map.")
        if form not in FORMS:
            abort(404)
        assembly.accounts.note(g.signed, "export the map of actors", form)
        found, who = seen(), viewer(g.signed)
        stamp = Stamp(g.signed.name, assembly.clock())
        with reading(assembly.engine) as connection:
            made = export(connection, assembly.vault, who, MAP, form, look_of(found), stamp, found)
        headers = {"Content-Disposition": f'attachment; filename="actors-{stamp.at:%Y-%m-%d}.{form}"'}
        return Response(made, content_type=FORMS[form][0], headers=headers)

    @pages.get("/dashboard/actors/<code>")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, sensitive="an actor")
    def actor(code: str) -> str:
        found = seen()
        one = next((each for each in found.known.values() if each.code == code), None)
        if one is None:
            abort(404)
        ref = one.profile.ref
        ties = found.summed
        return render_template(
            "actor.html",
            one=one,
            ties=[
                _tie({str(name): value for name, value in row.items()}, ref, found.known)
                for row in ties[(ties["source"] == ref) | (ties["target"] == ref)].to_dict("records")
            ],
            views=found.views[found.views["actor"] == ref].to_dict("records"),
            said=[each for each in found.said if each.actor == ref],
            attitude=_attitude,
            width="reading",
        )

    return pages


def look_of(found: Seen) -> Look:
    """How the address asks to look at it; what can't be is left out."""
    asked = request.args
    wave = asked.get("wave", "")
    issue = asked.get("issue", "")
    size = asked.get("size", "connects")
    types = tuple(sorted({*found.types} & {*asked.getlist("type")}))
    return Look(
        int(wave) if wave.isdecimal() and int(wave) in found.waves else max(found.waves, default=0),
        issue if issue in found.issues else "",
        size if size in SIZES else "connects",
        types if len(types) < len(found.types) else (),
    )


def _picture(found: Seen, look: Look, shown: Network, issue: Mapping[str, float | None]) -> Markup:
    return drawing.draw(
        shown,
        found.places,
        {ref: one.profile.name for ref, one in found.known.items()},
        title=say("Map of actors, wave {wave}", wave=look.wave),
        says=say("Actors: {n}. The table below says the same.", n=len(shown.ids)),
        link=lambda ref: url_for("actors.actor", code=found.known[ref].code, language=g.language.code),
        sizes=found.sizes(look, shown),
        attitudes=issue if look.issue else None,
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


def _unknown(found: Seen, look: Look) -> dict[str, Any]:
    """What nobody knows in this wave: it is no "no"."""
    silent = sorted({*found.known} - found.reports.was_asked(look.wave))
    rows = found.summed[found.summed["wave"] == look.wave]
    answered = [level for level in found.attitudes(look.wave, look.issue).values() if level is not None]
    return {
        "actors": [found.known[ref].profile.name for ref in silent],
        "ties": int((rows["state"] == UNKNOWN).sum()),
        "disputed": int((rows["disagreement"] > 0).sum()),
        "attitudes": len(found.known) - len(answered) if look.issue else 0,
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
