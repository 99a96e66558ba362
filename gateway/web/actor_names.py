"""Names on the map that may be of one actor: a mediator says whether they are. Nothing is merged without that."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.actors import merging
from gateway.actors.clearance import viewer
from gateway.actors.known import known_actors
from gateway.assembly import Assembly
from gateway.store.database import reading
from gateway.web.actor_parts import MAP
from gateway.web.guard import allow
from gateway.web.pages import N_


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("actor_names", __name__)
    vault = assembly.vault

    @pages.get("/dashboard/actors/names")
    @allow(Role.MEDIATOR, title=N_("Map of actors: names"), sensitive="names of actors")
    def page() -> str:
        return _page(assembly, "")

    @pages.post("/dashboard/actors/names/merge")
    @allow(Role.MEDIATOR, sensitive="names of actors")
    def merge() -> ResponseReturnValue:
        keep, gone = request.form.get("keep", ""), request.form.get("gone", "")
        return done(lambda on: merging.merge(on, vault, viewer(g.signed), MAP, keep, gone, assembly.clock()))

    @pages.post("/dashboard/actors/names/part")
    @allow(Role.MEDIATOR, sensitive="names of actors")
    def part() -> ResponseReturnValue:
        code = request.form.get("code", "")
        return done(lambda on: merging.part(on, vault, viewer(g.signed), MAP, code, assembly.clock()))

    @pages.post("/dashboard/actors/names/apart")
    @allow(Role.MEDIATOR, sensitive="names of actors")
    def apart() -> ResponseReturnValue:
        codes = request.form.getlist("code")
        return done(lambda on: merging.keep_apart(on, vault, viewer(g.signed), MAP, codes, assembly.clock()))

    @pages.post("/dashboard/actors/names/alias")
    @allow(Role.MEDIATOR, sensitive="names of actors")
    def alias() -> ResponseReturnValue:
        code, name = request.form.get("code", ""), request.form.get("alias", "")
        return done(lambda on: merging.call(on, vault, viewer(g.signed), MAP, code, name, assembly.clock()))

    def done(what: Callable[[sa.Connection], None]) -> ResponseReturnValue:
        try:
            with assembly.engine.begin() as connection:
                what(connection)
        except merging.MergeError as error:
            return _page(assembly, str(error)), 409
        return redirect(url_for(".page", language=g.language.code), 303)

    return pages


def _page(assembly: Assembly, note: str) -> str:
    who = viewer(g.signed)
    with reading(assembly.engine) as connection:
        pairs = merging.suggestions(connection, assembly.vault, who, MAP)
        merged = merging.merged(connection, assembly.vault, who, MAP)
        known = known_actors(connection, assembly.vault, who, MAP)
    names = sorted(((one.profile.name, one.code) for one in known.values()), key=lambda pair: pair[0].casefold())
    return render_template("actor_names.html", note=note, pairs=pairs, merged=merged, names=names, width="reading")
