"""Concerns before those who moderate: which say the same, what polls' open answers bring up, what came of them."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.coordination import concerns, site
from gateway.coordination.lifting import answers_to_lift
from gateway.moderation.desk import LONGEST
from gateway.store.database import reading
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.flows.coordination.effects import BAND

DONE = {
    "merged": N_("They are one now, with the support of both. Both numbers lead to it."),
    "lifted": N_("It is a concern now, and others can support it."),
    "outcome": N_("What came of it is public now."),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("concerns", __name__)

    @pages.get("/dashboard/concerns")
    @allow(Role.MODERATOR, title=N_("Concerns"), everything=True)
    def page() -> str:
        with reading(assembly.engine) as connection:
            raised = site.concerns_shown(connection)
            pairs = concerns.suggested(connection)
        known = {one.code: one for one in raised}
        return render_template(
            "concerns.html",
            note=say(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
            raised=raised,
            pairs=[
                (known[pair.one], known[pair.other], pair.alike)
                for pair in pairs
                if {pair.one, pair.other} <= known.keys()
            ],
            text=lambda texts: concerns.in_language(texts, g.language.code),
            polls=[poll.survey for poll in assembly.polls.polls],
            band=BAND,
            width="reading",
        )

    @pages.post("/dashboard/concerns/merge")
    @allow(Role.MODERATOR, everything=True)
    def merge() -> ResponseReturnValue:
        gone, stays = request.form.get("gone", ""), request.form.get("stays", "")
        with assembly.engine.begin() as connection:
            if not concerns.merge(connection, gone, stays, g.signed.name, assembly.clock()):
                abort(404)
        return _back("merged")

    @pages.post("/dashboard/concerns/<code>/outcome")
    @allow(Role.MODERATOR, everything=True)
    def outcome(code: str) -> ResponseReturnValue:
        text = " ".join(request.form.get("text", "").split())[:LONGEST]
        with assembly.engine.begin() as connection:
            if not text or not concerns.came_of(
                connection, code, {g.language.code: text}, g.signed.name, assembly.clock()
            ):
                abort(404)
        return _back("outcome")

    @pages.get("/dashboard/<survey>/concerns")
    @allow(Role.MODERATOR, survey="survey", sensitive="open answers")
    def lift_page(survey: str) -> str:
        poll = assembly.polls.named(survey)
        if poll is None:
            abort(404)
        with reading(assembly.engine) as connection:
            found = answers_to_lift(connection, assembly.vault, survey)
        return render_template("concerns_lift.html", survey=poll, answers=found, longest=LONGEST, width="reading")

    @pages.post("/dashboard/<survey>/concerns")
    @allow(Role.MODERATOR, survey="survey")
    def lift(survey: str) -> ResponseReturnValue:
        text = " ".join(request.form.get("text", "").split())[:LONGEST]
        language = request.form.get("spoken", "")
        if not text or language not in assembly.texts.languages or assembly.polls.named(survey) is None:
            abort(400)
        source = f"{survey}/{request.form.get('question', '')}"[:160]
        with assembly.engine.begin() as connection:
            concerns.lift(connection, text, language, source, g.signed.name, assembly.clock())
        return redirect(url_for("concerns.lift_page", survey=survey, language=g.language.code), 303)

    return pages


def _back(done: str) -> ResponseReturnValue:
    return redirect(url_for("concerns.page", language=g.language.code, done=done), 303)
