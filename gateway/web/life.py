"""Opening, pausing and closing a poll by an operator's word: what `baraza survey open` does, on a page."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway import lifecycle
from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.lifecycle import LifecycleError
from gateway.store.database import reading
from gateway.web.desk import Desk
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from gateway.web.polls import MEANS, STATES, compared

WAVES = {
    "panel": N_("for those who completed it before"),
    "fresh": N_("for those who never completed it"),
    "everybody": N_("for everybody"),
}

DONE = {
    "open": N_("It is open."),
    "pause": N_("It pauses."),
    "resume": N_("It is open again."),
    "close": N_("It is closed."),
}


def blueprint(assembly: Assembly, desk: Desk) -> Blueprint:
    pages = Blueprint("life", __name__)

    @pages.get("/dashboard/<survey>/life")
    @allow(Role.OPERATOR, survey="survey", title=N_("Open, pause, close"))
    def page(survey: str) -> str:
        return _life(assembly, desk, survey, say(DONE[done]) if (done := request.args.get("done")) in DONE else "")

    @pages.post("/dashboard/<survey>/life")
    @allow(Role.OPERATOR, survey="survey")
    def change(survey: str) -> ResponseReturnValue:
        what = request.form.get("do", "")
        if request.form.get("sure") != "yes":
            return _life(assembly, desk, survey, say("Nothing was done: tick first that you mean it.")), 409
        try:
            _change(assembly, desk, survey, what)
        except LifecycleError as error:
            return _life(assembly, desk, survey, "", error=str(error)), 409
        assembly.live.refresh()
        return redirect(url_for("life.page", survey=survey, language=g.language.code, done=what), 303)

    return pages


def _life(assembly: Assembly, desk: Desk, survey: str, note: str, error: str = "") -> str:
    poll, file = desk.poll(survey), desk.file(survey)
    if poll is None and file is None:
        abort(404)
    found, errors = None, 0
    if file is not None:
        source = file.read_bytes().decode("utf-8", "replace")
        checked = desk.check(survey, source)
        errors = len(checked.errors)
        found = compared(desk, survey, source, checked.survey)
    with reading(assembly.engine) as connection:
        middle = lifecycle.in_the_middle(connection, survey)
    return render_template(
        "poll_life.html",
        survey=survey,
        title=desk.title(survey, g.language.code),
        poll=poll,
        state=poll.state(assembly.clock()) if poll else "",
        status=poll.status if poll else "",
        states=STATES,
        waves=WAVES,
        means=MEANS,
        compared=found,
        errors=errors,
        middle=middle,
        note=note,
        error=error,
        width="reading",
    )


def _change(assembly: Assembly, desk: Desk, survey: str, what: str) -> None:
    """Raises LifecycleError."""
    engine, now, by = assembly.engine, assembly.clock(), g.signed.name
    try:
        match what:
            case "open":
                _open(assembly, desk, survey)
            case "pause":
                lifecycle.pause(engine, survey, now, by)
            case "resume":
                lifecycle.resume(engine, survey, now, by)
            case "close":
                lifecycle.close(engine, survey, now, by)
            case _:
                abort(400)
    except sa.exc.IntegrityError:
        raise LifecycleError(f"{survey} was opened by somebody else in this moment; look at it again.") from None


def _open(assembly: Assembly, desk: Desk, survey: str) -> None:
    file = desk.file(survey)
    if file is None:
        raise LifecycleError(f"There is no file of {survey} to open: take a submitted draft first.")
    checked = desk.check(survey, file.read_bytes().decode("utf-8", "replace"))
    if checked.errors or checked.survey is None:
        first = checked.errors[0]
        raise LifecycleError(f"Its file is refused. Line {first.line}, column {first.column}: {first.message}")
    invite = request.form.get("invite", "")
    lifecycle.open_poll(
        assembly.engine,
        checked.survey,
        assembly.clock(),
        g.signed.name,
        invite=invite if invite in WAVES else "",
    )
