"""Initiatives before those who moderate: what is to come, and calling one off."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.coordination import site
from gateway.coordination.concerns import in_language
from gateway.coordination.initiatives import Initiatives
from gateway.coordination.running import Running
from gateway.parts import pushing
from gateway.store.database import reading
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.flows.coordination.words import place_name, when

DONE = {"off": N_("It is called off. Those who joined are told.")}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("initiatives", __name__)
    zone = assembly.settings.coordination.timezone

    @pages.get("/dashboard/initiatives")
    @allow(Role.MODERATOR, title=N_("Initiatives"), everything=True)
    def page() -> str:
        with reading(assembly.engine) as connection:
            planned = site.upcoming(connection, assembly.places, assembly.clock())
        language = g.language.code
        return render_template(
            "initiatives.html",
            note=say(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
            planned=planned,
            text=lambda texts: in_language(texts, language),
            where=lambda place: place_name(assembly.places, place, language),
            when=lambda at: when(at, language, zone),
            width="reading",
        )

    @pages.post("/dashboard/initiatives/<code>/off")
    @allow(Role.MODERATOR, everything=True)
    def off(code: str) -> ResponseReturnValue:
        here = Initiatives(assembly.texts, assembly.places, zone, pushing(assembly.settings))
        with assembly.engine.begin() as connection:
            notices, now = assembly.notices, assembly.clock()
            woken = Running(here).call_off_as(connection, notices, code, g.signed.name, now)
        if woken is None:
            abort(404)
        assembly.intake.wake(woken)
        return redirect(url_for("initiatives.page", language=g.language.code, done="off"), 303)

    return pages
