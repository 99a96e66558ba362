"""What came of what people said, as mediators and operators tell it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.results import outcomes
from gateway.store.database import reading
from gateway.web.findings import title_of
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from gateway.web.texts import language as language_of
from surveys.model import Survey

STATUSES = {
    "taken_up": N_("Taken up"),
    "discussed": N_("In discussion"),
    "agreed": N_("Agreed"),
    "refused": N_("Not taken up"),
}
REFUSED = {
    "status": N_("Nothing was told: choose what came of it."),
    "words": N_("Nothing was told: write a sentence in one of the poll's languages."),
    "long": N_("Nothing was told: a sentence has {most} letters at most."),
    "future": N_("Nothing was told: the day lies ahead, or is none."),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("outcomes", __name__)

    def found(name: str) -> Survey:
        survey = assembly.polls.named(name)
        if survey is None:
            abort(404)
        return survey

    @pages.get("/dashboard/<survey>/outcomes")
    @allow(Role.MEDIATOR, Role.OPERATOR, survey="survey", title=N_("What came of it"))
    def page(survey: str) -> str:
        return _outcomes(assembly, found(survey), "")

    @pages.post("/dashboard/<survey>/outcomes")
    @allow(Role.MEDIATOR, Role.OPERATOR, survey="survey")
    def tell(survey: str) -> ResponseReturnValue:
        poll, now = found(survey), assembly.clock()
        texts = {language: request.form.get(f"text-{language}", "") for language in poll.languages}
        try:
            day = date.fromisoformat(request.form.get("day", ""))
            with assembly.engine.begin() as connection:
                outcomes.tell(connection, poll, request.form.get("status", ""), day, texts, g.signed.name, now)
        except outcomes.OutcomeError as error:
            return _outcomes(assembly, poll, say(REFUSED[str(error)], most=outcomes.MOST)), 409
        except ValueError:
            return _outcomes(assembly, poll, say(REFUSED["future"])), 409
        return redirect(url_for(".page", survey=survey, language=g.language.code), 303)

    @pages.post("/dashboard/<survey>/outcomes/<int:row>/withdraw")
    @allow(Role.MEDIATOR, Role.OPERATOR, survey="survey")
    def withdraw(survey: str, row: int) -> ResponseReturnValue:
        with assembly.engine.begin() as connection:
            outcomes.withdraw(connection, found(survey).name, row, g.signed.name, assembly.clock())
        return redirect(url_for(".page", survey=survey, language=g.language.code), 303)

    return pages


def _outcomes(assembly: Assembly, survey: Survey, note: str) -> str:
    with reading(assembly.engine) as connection:
        there = outcomes.told(connection, survey.name)
    return render_template(
        "outcomes.html",
        title=title_of(survey),
        survey=survey,
        note=note,
        statuses=STATUSES,
        spoken=[(code, language_of(code).name) for code in survey.languages],
        told=[(one.id, one.said(g.language.code)) for one in there],
        today=assembly.clock().date().isoformat(),
        most=outcomes.MOST,
        width="reading",
    )
