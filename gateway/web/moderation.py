"""Participants' own statements before a moderator: read, let out in words that give nobody away, refuse, take back."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.statements.moderation import Moderation, ModerationError
from gateway.web.findings import title_of
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.model import Survey
from surveys.types.statements import MOST

DONE = {
    "shown": N_("Others are shown it now."),
    "refused": N_("It was refused. Nobody is shown it."),
    "withdrawn": N_("It was taken back. Its votes stay."),
}

REFUSED = {
    "words": N_("Nothing was done: write its words in one of the poll's languages."),
    "long": N_("Nothing was done: a statement has {most} letters at most."),
    "decided": N_("Nothing was done: it was decided on already, or its person was forgotten."),
    "none": N_("Nothing was done: there is no such statement to take back."),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("moderation", __name__)
    moderation = Moderation(assembly.engine, assembly.vault, assembly.clock)

    def found(name: str) -> Survey:
        survey = assembly.polls.named(name)
        if survey is None:
            abort(404)
        return survey

    @pages.get("/dashboard/<survey>/statements")
    @allow(Role.MODERATOR, survey="survey", title=N_("Statements"), sensitive="statements read")
    def page(survey: str) -> str:
        done = DONE.get(request.args.get("done", ""))
        return _page(moderation, found(survey), say(done) if done else "")

    @pages.post("/dashboard/<survey>/statements/<int:row>")
    @allow(Role.MODERATOR, survey="survey")
    def decide(survey: str, row: int) -> ResponseReturnValue:
        poll = found(survey)
        texts = {language: request.form.get(f"text-{language}", "") for language in poll.languages}
        try:
            if request.form.get("decision") == "show":
                moderation.let_out(poll, row, texts, g.signed.name)
                return _back(survey, "shown")
            moderation.refuse(poll, row, g.signed.name)
        except ModerationError as error:
            return _page(moderation, poll, say(REFUSED[str(error)], most=MOST)), 409
        return _back(survey, "refused")

    @pages.post("/dashboard/<survey>/statements/withdraw")
    @allow(Role.MODERATOR, survey="survey")
    def withdraw(survey: str) -> ResponseReturnValue:
        poll = found(survey)
        try:
            moderation.withdraw(poll, request.form.get("statement", ""), g.signed.name)
        except ModerationError as error:
            return _page(moderation, poll, say(REFUSED[str(error)], most=MOST)), 409
        return _back(survey, "withdrawn")

    return pages


def _back(survey: str, done: str) -> ResponseReturnValue:
    return redirect(url_for("moderation.page", survey=survey, language=g.language.code, done=done), 303)


def _page(moderation: Moderation, survey: Survey, note: str) -> str:
    own = g.language.code if g.language.code in survey.languages else survey.languages[0]
    return render_template(
        "statements.html",
        title=title_of(survey),
        survey=survey,
        own=own,
        note=note,
        waiting=moderation.waiting(survey),
        standing=moderation.standing(survey),
        width="reading",
    )
