"""The map of actors, for whoever works on it: the picture, what changed, each actor, and all of it as files.

Everything on these pages starts from what the viewer may see (gateway/actors/clearance.py). What takes longer to work
out stands on pages of its own (gateway/web/actor_words.py).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from markupsafe import Markup

from analysis.actors import drawing
from analysis.actors.exchange import Stamp
from analysis.actors.network import Network
from analysis.actors.reports import PRESENT, UNKNOWN
from analysis.actors.waves import Change
from gateway.actors.clearance import viewer
from gateway.actors.exporting import FORMS, Order, export
from gateway.actors.known import Known
from gateway.actors.profile import WORDED
from gateway.actors.seeing import Look, Seen, Sight
from gateway.actors.voices import Report, voices
from gateway.assembly import Assembly
from gateway.store.database import reading
from gateway.web.actor_parts import ATTITUDES, MAP, READERS, SESSIONS_SAID, SIZES_SAID, attitude, look_of, reader, said
from gateway.web.actor_texts import caption
from gateway.web.guard import allow
from gateway.web.pages import N_, say

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
LISTED = 200
"""So many actors stand in the table unless all are asked for."""
INLINE = 1_500
"""With more ties than this the picture that needs no script is a file of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """An actor in the table under the picture."""

    code: str
    name: str
    kind: str
    area: str
    group: str
    attitude: str
    ties: int
    against: int
    size: float


def blueprint(assembly: Assembly, sight: Sight) -> Blueprint:
    pages = Blueprint("actors", __name__)
    pages.add_app_template_filter(said, "word")
    seen = reader(sight)

    @pages.get("/dashboard/actors")
    @allow(*READERS, title=N_("Map of actors"), sensitive="the map of actors")
    def page() -> str:
        found = seen()
        if not found.waves:
            return render_template("actors.html", empty=True, width="")
        look = look_of(found)
        if request.args.get("part"):
            return render_template("actors_below.html", **_below(found, look))
        waves = (look.wave, look.beside) if look.beside is not None else (look.wave,)
        return render_template(
            "actors.html",
            empty=False,
            found=found,
            sizes={name: say(label) for name, label in SIZES_SAID.items()},
            pictures=[(wave, _picture(found, replace(look, wave=wave))) for wave in waves],
            says=_says(found),
            width="",
            **_below(found, look),
        )

    @pages.get("/dashboard/actors/data")
    @allow(*READERS, sensitive="the map of actors")
    def data() -> Response:
        made = seen().compact
        if not request.accept_encodings["gzip"]:
            return Response(gzip.decompress(made), content_type="application/json")
        return Response(made, content_type="application/json", headers={"Content-Encoding": "gzip"})

    @pages.get("/dashboard/actors/sizes")
    @allow(*READERS, sensitive="the map of actors")
    def sizes() -> Response:
        found = seen()
        look = look_of(found)
        values = found.sizes(look, found.network(look.wave, look.types))
        listed = [round(values.get(actor.id, 0.0), 6) for actor in found.reports.actors]
        return Response(json.dumps(listed), content_type="application/json")

    @pages.get("/dashboard/actors/files/<filename>")
    @allow(*READERS)
    def file(filename: str) -> Response:
        form = filename.removeprefix("map.")
        if form not in FORMS:
            abort(404)
        assembly.accounts.note(g.signed, "export the map of actors", form)
        found, who = seen(), viewer(g.signed)
        look, stamp = look_of(found), Stamp(g.signed.name, assembly.clock())
        order = Order(form, look, stamp, caption(look, stamp, g.language.code))
        with reading(assembly.engine) as connection:
            made = export(connection, assembly.vault, who, MAP, order, found)
        headers = {"Content-Disposition": f'attachment; filename="actors-{stamp.at:%Y-%m-%d}.{form}"'}
        return Response(made, content_type=FORMS[form][0], headers=headers)

    @pages.get("/dashboard/actors/<code>")
    @allow(*READERS, sensitive="an actor")
    def actor(code: str) -> str:
        return _actor(assembly, seen(), code)

    return pages


def _actor(assembly: Assembly, found: Seen, code: str) -> str:
    one = next((each for each in found.known.values() if each.code == code), None)
    if one is None:
        abort(404)
    ref, ties = one.profile.ref, found.summed
    rows = {each.row: each for each in found.known.values()}
    with reading(assembly.engine) as connection:
        told, heard = voices(connection, assembly.vault, viewer(g.signed), MAP, one, rows)

    def reports(kind: str, wave: int, about: str, other: str = "", way: str = "") -> list[Report]:
        wanted, ways = (kind, wave, about, other), {"", way}
        return [each for each in told if (each.kind, each.wave, each.about, each.other) == wanted and each.way in ways]

    touching = ties[(ties["source"] == ref) | (ties["target"] == ref)]
    return render_template(
        "actor.html",
        one=one,
        ties=[
            _tie({str(name): value for name, value in row.items()}, ref, found.known)
            for row in touching.to_dict("records")
        ],
        views=found.views[found.views["actor"] == ref].to_dict("records"),
        said=[each for each in told if each.kind in WORDED],
        reports=reports,
        heard=heard,
        kinds={name: say(text) for name, text in SESSIONS_SAID.items()},
        attitude=attitude,
        width="reading",
    )


def _below(found: Seen, look: Look) -> dict[str, Any]:
    """What stands under the picture, and is renewed with it."""
    place = found.waves.index(look.wave)
    shown = found.network(look.wave, look.types)
    rows = _rows(found, look, shown)
    return {
        "chosen": look,
        "address": address(look),
        "files": {f"map.{form}": title for form, title in FILES.items()},
        "change": told(found.changed(found.waves[place - 1], look.wave), found.known) if place else None,
        "unknown": _unknown(found, look),
        "size": say(SIZES_SAID[look.size]),
        "rows": rows if request.args.get("all") else rows[:LISTED],
        "more": 0 if request.args.get("all") else max(0, len(rows) - LISTED),
    }


def address(look: Look) -> dict[str, Any]:
    """The look as an address says it."""
    asked = {
        "wave": look.wave,
        "issue": look.issue,
        "size": look.size,
        "type": list(look.types),
        "kind": look.kind,
        "area": look.area,
        "find": look.find,
        "group": look.group,
        "beside": look.beside,
    }
    return {name: value for name, value in asked.items() if value not in ("", None, [])}


def _says(found: Seen) -> str:
    """What the script says, as JSON."""
    groups = {group for actor in found.reports.actors for group in actor.groups.values()}
    return json.dumps(
        {
            "wave": say("Wave {wave}"),
            "with": say("with each other"),
            "against": say("against each other"),
            "neither": say("neither"),
            "open": say("Open this actor"),
            "nothing": say("No ties that are shown."),
            "found": say("{n} found"),
            "attitudes": {name: say(text) for name, text in ATTITUDES.items()},
            "words": {each: said(each) for each in sorted({*found.types, *found.kinds, *groups}) if said(each) != each},
        },
        ensure_ascii=False,
    )


def _picture(found: Seen, look: Look) -> Markup | None:
    """Nothing where there is too much for a page."""
    shown = found.network(look.wave, look.types)
    if len(shown.source) > INLINE:
        return None
    shown = shown.of(found.chosen(look, shown))
    return drawing.draw(
        shown,
        found.places,
        {ref: one.profile.name for ref, one in found.known.items()},
        about=drawing.About(
            say("Map of actors, wave {wave}", wave=look.wave),
            say("Actors: {n}. The table below says the same.", n=len(shown.ids)),
            f"map-{look.wave}",
        ),
        link=lambda ref: url_for("actors.actor", code=found.known[ref].code, language=g.language.code),
        sizes=found.sizes(look, shown),
        attitudes=found.attitudes(look.wave, look.issue) if look.issue else None,
    )


def _rows(found: Seen, look: Look, shown: Network) -> list[Row]:
    """The actors who are looked at, the largest first."""
    ties, against = (dict.fromkeys(shown.ids, 0) for _ in range(2))
    for source, target, sign in zip(shown.source.tolist(), shown.target.tolist(), shown.sign.tolist(), strict=True):
        for end in (shown.ids[source], shown.ids[target]):
            ties[end] += 1
            against[end] += sign < 0
    views = found.attitudes(look.wave, look.issue)
    sizes = found.sizes(look, shown)
    groups = {actor.id: actor.groups for actor in found.reports.actors}
    rows = [
        Row(
            one.code,
            one.profile.name,
            one.kind,
            one.profile.area,
            groups[ref].get(look.group, ""),
            attitude(views.get(ref)) if look.issue else "",
            ties[ref],
            against[ref],
            sizes.get(ref, 0.0),
        )
        for ref, one in ((ref, found.known[ref]) for ref in sorted(found.chosen(look, shown)))
    ]
    return sorted(rows, key=lambda row: (-row.size, row.name))


def told(found: Change, known: Mapping[str, Known]) -> dict[str, Any]:
    """A change with names."""

    def pairs(ties: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        return [(known[one].profile.name, known[other].profile.name, kind) for one, other, kind in ties]

    return {
        "before": found.before,
        "kept": found.kept,
        "jaccard": found.jaccard,
        "hamming": found.hamming,
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
        "ref": other,
        "code": known[other].code,
        "way": "" if not row["directed"] else "to" if row["source"] == ref else "from",
        "present": row["state"] == PRESENT,
        "unknown": row["state"] == UNKNOWN,
    }
