"""What a mediation team keeps beside the map: notes, and ways to look at it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from gateway.actors import notes
from gateway.actors.clearance import MEDIATORS, OWN, TEAM, viewer
from gateway.actors.notes import Note, NoteError
from gateway.actors.seeing import Seen, Sight
from gateway.assembly import Assembly
from gateway.store.database import reading
from gateway.web.actor_parts import MAP, READERS, look_of, reader
from gateway.web.actors import address
from gateway.web.guard import allow
from gateway.web.pages import N_, say

AUDIENCES = {OWN: N_("only me"), MEDIATORS: N_("mediators"), TEAM: N_("the team: mediators and focal points")}
REFUSED = {
    "words": N_("Nothing was kept: write something."),
    "long": N_("Nothing was kept: {most} letters are the most."),
    "whom": N_("Nothing was kept: choose who may see it."),
    "actor": N_("Nothing was kept: there is no such actor."),
}


def blueprint(assembly: Assembly, sight: Sight) -> Blueprint:
    pages = Blueprint("actor_notes", __name__)
    seen = reader(sight)

    def drawn(refused: str = "") -> str:
        found, who = seen(), viewer(g.signed)
        with reading(assembly.engine) as connection:
            kept = notes.notes(connection, assembly.vault, who, MAP)
        names = {one.code: one.profile.name for one in found.known.values()}
        return render_template(
            "actor_notes.html",
            address=address(look_of(found)),
            views=[(one, _address(one, found)) for one in kept if one.look is not None],
            notes=[one for one in kept if one.look is None],
            names=dict(sorted(names.items(), key=lambda each: each[1])),
            audiences={level: say(label) for level, label in AUDIENCES.items() if level != MEDIATORS or who.mediator},
            refused=refused,
            most=notes.MOST,
            width="reading",
        )

    @pages.get("/dashboard/actors/notes")
    @allow(*READERS, sensitive="notes on the map")
    def page() -> str:
        return drawn()

    @pages.post("/dashboard/actors/notes")
    @allow(*READERS, sensitive="notes on the map")
    def keep() -> ResponseReturnValue:
        given, found, who = request.form, seen(), viewer(g.signed)
        look = address(look_of(found)) if given.get("view") else None
        note = Note(
            "",
            given.get("text", ""),
            look,
            given.get("actor", ""),
            given.get("clearance", ""),
            who.name,
            assembly.clock(),
        )
        try:
            with assembly.engine.begin() as connection:
                notes.add(connection, assembly.vault, who, MAP, note)
        except NoteError as error:
            return drawn(say(REFUSED[str(error)], most=notes.MOST)), 409
        return redirect(url_for(".page", language=g.language.code), 303)

    @pages.post("/dashboard/actors/notes/<code>/remove")
    @allow(*READERS, sensitive="notes on the map")
    def remove(code: str) -> ResponseReturnValue:
        with assembly.engine.begin() as connection:
            if not notes.remove(connection, assembly.vault, viewer(g.signed), MAP, code):
                abort(404)
        return redirect(url_for(".page", language=g.language.code), 303)

    return pages


def _address(view: Note, found: Seen) -> dict[str, Any]:
    """Where a view leads for this viewer: what they may not see is no part of it."""
    given: MultiDict[str, str] = MultiDict()
    for name, value in (view.look or {}).items():
        given.setlist(name, [str(each) for each in value] if isinstance(value, list) else [str(value)])
    return address(look_of(found, given))
