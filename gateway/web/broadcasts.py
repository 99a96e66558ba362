"""Broadcasts on a page: what `baraza broadcast` does, for operators. Works without scripts; with them, progress renews
itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.authoring.prices import read_prices
from gateway.broadcasts import life
from gateway.broadcasts.definition import broadcast_files
from gateway.broadcasts.errors import BroadcastError
from gateway.broadcasts.life import Progress
from gateway.broadcasts.plan import Plan
from gateway.store.database import reading
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.problem import SurveyError

STATES = {
    "": N_("not started yet"),
    "running": N_("is being sent"),
    "waiting": N_("a portion is out, and it waits for your word"),
    "paused": N_("paused"),
    "cancelled": N_("cancelled"),
    "done": N_("all is sent"),
}

LEFT_OUT = {
    "stopped": N_("sent STOP"),
    "unreachable": N_("can't be reached by a push"),
    "asked": N_("were asked already"),
}

DONE = {
    "start": N_("It is started."),
    "pause": N_("It pauses: nothing more of it goes out."),
    "resume": N_("It goes on."),
    "cancel": N_("It is cancelled."),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("broadcasts", __name__)

    @pages.get("/dashboard/broadcasts")
    @allow(Role.OPERATOR, title=N_("Broadcasts"))
    def page() -> str:
        with reading(assembly.engine) as connection:
            started = life.progress(connection)
        known = {each.name for each in started}
        files = [path.stem for path in broadcast_files(assembly.settings.config) if path.stem not in known]
        return render_template("broadcasts.html", started=started, files=files, states=STATES, width="reading")

    @pages.get("/dashboard/broadcasts/<name>")
    @allow(Role.OPERATOR)
    def one(name: str) -> str:
        done = DONE.get(request.args.get("done", ""))
        return _one(assembly, name, say(done) if done else "", planned=request.args.get("plan") == "yes")

    @pages.get("/dashboard/broadcasts/<name>/progress")
    @allow(Role.OPERATOR)
    def progress(name: str) -> str:
        return render_template("broadcast_progress.html", now=_standing(assembly, name) or abort(404), states=STATES)

    @pages.post("/dashboard/broadcasts/<name>")
    @allow(Role.OPERATOR)
    def change(name: str) -> ResponseReturnValue:
        what = request.form.get("do", "")
        if request.form.get("sure") != "yes":
            return _one(assembly, name, say("Nothing was done: tick first that you mean it.")), 409
        try:
            _change(assembly, name, what)
        except (BroadcastError, SurveyError) as error:
            return _one(assembly, name, "", error=str(error)), 409
        return redirect(url_for("broadcasts.one", name=name, language=g.language.code, done=what), 303)

    return pages


def _standing(assembly: Assembly, name: str) -> Progress | None:
    with reading(assembly.engine) as connection:
        return next(iter(life.progress(connection, name)), None)


def _one(assembly: Assembly, name: str, note: str, *, planned: bool = False, error: str = "") -> str:
    now = _standing(assembly, name)
    found: dict[str, Any] = {"plan": None, "problems": ()}
    if now is None:
        if name not in {path.stem for path in broadcast_files(assembly.settings.config)}:
            abort(404)
        try:
            broadcast = assembly.broadcasts.read(name)
            if planned:
                found["plan"] = _plan(assembly, name)
                found["problems"] = assembly.broadcasts.notes(broadcast)
        except SurveyError as refused:
            found["problems"] = refused.problems
            found["refused"] = True
        except BroadcastError as refused:
            error = str(refused)
            found["refused"] = True
    elif problems := assembly.broadcasts.unread(now):
        error = error or "It can't be read any more: nothing more of it is queued until this is mended."
        found["problems"] = problems
    return render_template(
        "broadcast.html",
        name=name,
        now=now,
        note=note,
        error=error,
        states=STATES,
        left_out=LEFT_OUT,
        speaks=assembly.texts.name,
        width="reading",
        **found,
    )


def _plan(assembly: Assembly, name: str) -> Plan:
    office = assembly.broadcasts
    return office.plan(office.read(name), read_prices(assembly.settings.config).of)


def _change(assembly: Assembly, name: str, what: str) -> None:
    """Raises BroadcastError or SurveyError."""
    engine, now, by = assembly.engine, assembly.clock(), g.signed.name
    match what:
        case "start":
            office = assembly.broadcasts
            office.start(office.read(name), by)
        case "pause":
            life.pause(engine, name, now, by)
        case "resume":
            life.resume(engine, name, now, by)
        case "cancel":
            life.cancel(engine, name, now, by)
        case _:
            abort(400)
