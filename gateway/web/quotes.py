"""Which answers are quoted in digests: a person reads each as it would stand there, and approves it or not."""

from __future__ import annotations

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.results import quotes
from gateway.results.quotes import QuoteError, Quoting
from gateway.results.telling import telling_of
from gateway.store.database import reading
from gateway.web.findings import title_of
from gateway.web.guard import allow
from gateway.web.pages import ERRORS, N_, say
from gateway.web.texts import language as language_of
from surveys.model import Survey
from surveys.problem import SurveyError

APPROVERS = (Role.MEDIATOR, Role.FOCAL_POINT)
REFUSED = {
    "gone": N_("Nothing was kept: this answer is no longer there, or somebody decided on it already."),
    "words": N_("Nothing was kept: leave words out if need be, but put none in."),
    "names": N_("Nothing was kept: a number, an address or a name is in it again."),
    "long": N_("Nothing was kept: a quote has {most} letters at most."),
    "empty": N_("Nothing was kept: no word is left."),
}
BROKEN = N_(
    "No answer is shown: {file} has a mistake, so that no names can be taken out. Whoever runs the gateway finds where "
    "with baraza survey check."
)


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("quotes", __name__)

    def known(name: str) -> Survey:
        return assembly.polls.named(name) or abort(404)

    def found(name: str) -> Quoting:
        survey = known(name)
        return Quoting(assembly.vault, survey, _names(assembly, survey))

    @pages.get("/dashboard/<survey>/quotes")
    @allow(*APPROVERS, survey="survey", title=N_("Quotes"), sensitive="open answers")
    def page(survey: str) -> str:
        return _page(assembly, found(survey), "")

    @pages.post("/dashboard/<survey>/quotes")
    @allow(*APPROVERS, survey="survey")
    def decide(survey: str) -> ResponseReturnValue:
        quoting, form = found(survey), request.form
        question, answer = _question(quoting.survey), form.get("answer", "")
        if not question or not answer.isdecimal() or len(answer) > 18:
            abort(404)
        try:
            with assembly.engine.begin() as connection:
                how = g.signed.name, assembly.clock()
                if form.get("decision") == "approve":
                    quoting.approve(connection, question, int(answer), form.get("text", ""), *how)
                else:
                    quoting.refuse(connection, question, int(answer), *how)
        except QuoteError as error:
            return _page(assembly, quoting, say(REFUSED[str(error)], most=quotes.MOST)), 409
        return redirect(url_for(".page", survey=survey, question=question, language=g.language.code), 303)

    @pages.post("/dashboard/<survey>/quotes/<int:row>/withdraw")
    @allow(*APPROVERS, survey="survey")
    def withdraw(survey: str, row: int) -> ResponseReturnValue:
        with assembly.engine.begin() as connection:
            Quoting(assembly.vault, known(survey), ()).withdraw(connection, row, g.signed.name, assembly.clock())
        return redirect(url_for(".page", survey=survey, language=g.language.code), 303)

    return pages


def _names(assembly: Assembly, survey: Survey) -> tuple[str, ...]:
    """What is taken out of quotes. While that can't be read, no answer is shown."""
    try:
        return telling_of(assembly.settings.config, survey).names
    except SurveyError:
        sentence = say(BROKEN, file=f"results/{survey.name}.yaml")
        words = {"title": say(ERRORS[503][0]), "sentence": sentence, "status": 503}
        abort(make_response(render_template("error.html", **words, width="narrow"), 503))


def _question(survey: Survey) -> str:
    """The open question that the request names, or the first; "" for none."""
    there = [question.id for question in survey.questions if question.type == "open"]
    named = request.values.get("question", "")
    return named if named in there else next(iter(there), "")


def _page(assembly: Assembly, quoting: Quoting, note: str) -> str:
    survey, question = quoting.survey, _question(quoting.survey)
    with reading(assembly.engine) as connection:
        waiting = quoting.candidates(connection, question) if question else []
        approved = quotes.approved(connection, quoting.vault, survey)
    return render_template(
        "quotes.html",
        title=title_of(survey),
        survey=survey.name,
        note=note,
        question=question,
        questions={
            one.id: one.text.get(g.language.code) or next(iter(one.text.values()))
            for one in survey.questions
            if one.type == "open"
        },
        waiting=[(one, language_of(one.language)) for one in waiting],
        approved=[(one, language_of(one.language)) for one in approved],
        most=quotes.MOST,
        width="reading",
    )
