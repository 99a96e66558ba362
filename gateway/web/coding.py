"""Open answers before a coder: one at a time, by keyboard or by touch; and what two coders saw differently.

No code is ticked beforehand, unless somebody gave it before: what is there already is easily left there, and then
neither the part drawn at random nor the agreement of two coders would say how good the codes are.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.coding.beginning import sheet
from gateway.coding.desk import CodingError, Desk, coded_questions
from gateway.coding.raising import RAISED
from gateway.web.findings import title_of
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.codebook import WRONG_QUESTION, Code, Codebook
from surveys.model import Question, Survey

ALONE = {
    "no_answer": N_("No answer was given"),
    "not_codable": N_("Can't be understood"),
    "noise": N_("Letters without a meaning"),
    "stop": N_("A wish to leave"),
}
BESIDE = {
    "greeting": N_("A greeting"),
    "question_back": N_("A question to us"),
    "escalate": N_("Somebody must act on it"),
}

WHY = {
    "again": N_("The codebook has changed since you coded this one: is it still right?"),
    "second": N_("Somebody else codes this one too. You are not shown what they gave."),
    "random": N_("Drawn at random: from these it is reckoned how often codes are right."),
    "teaches": N_("The model is unsure of this one."),
}

REFUSED = {
    "codes": N_("Nothing was kept: tick themes, or one of the codes that stand alone, or that none fits."),
    "question": N_("Nothing was kept: choose the question that it answers, and tick nothing else."),
    "gone": N_("Nothing was kept: this answer is no longer there."),
}

DONE = {"coded": N_("Kept. Here is the next."), "settled": N_("Settled.")}


@dataclass(frozen=True, slots=True)
class Choice:
    """A code as a coder ticks it; `key` is what to press."""

    id: str
    name: str
    key: str
    code: Code | None = None


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("coding", __name__)
    desk = Desk(assembly.engine, assembly.vault, assembly.clock)

    def found(name: str) -> Survey:
        survey = assembly.polls.named(name)
        if survey is None:
            abort(404)
        return survey

    @pages.get("/dashboard/<survey>/coding")
    @allow(Role.CODER, survey="survey", title=N_("Code open answers"), sensitive="open answers")
    def page(survey: str) -> str:
        return _page(assembly, desk, found(survey), _done())

    @pages.post("/dashboard/<survey>/coding")
    @allow(Role.CODER, survey="survey")
    def code(survey: str) -> ResponseReturnValue:
        poll = found(survey)
        settles = request.form.get("settles") == "yes"
        try:
            _keep(assembly, desk, poll, settles=settles)
        except CodingError as error:
            return (_disputes if settles else _page)(assembly, desk, poll, say(REFUSED[str(error)])), 409
        to = "coding.disputes" if settles else "coding.page"
        return redirect(
            url_for(
                to,
                survey=survey,
                question=request.form.get("question", ""),
                language=g.language.code,
                done="settled" if settles else "coded",
            ),
            303,
        )

    @pages.get("/dashboard/<survey>/coding/disputes")
    @allow(Role.CODER, survey="survey", sensitive="open answers")
    def disputes(survey: str) -> str:
        return _disputes(assembly, desk, found(survey), _done())

    @pages.get("/dashboard/<survey>/coding/raised")
    @allow(Role.CODER, Role.FOCAL_POINT, survey="survey", title=N_("Answers to be looked at"), sensitive="open answers")
    def raised(survey: str) -> str:
        return _raised(assembly, desk, found(survey))

    @pages.get("/dashboard/<survey>/coding/themes")
    @allow(Role.CODER, survey="survey", sensitive="open answers")
    def themes(survey: str) -> str:
        return _themes(assembly, desk, found(survey))

    return pages


def _done() -> str:
    done = DONE.get(request.args.get("done", ""))
    return say(done) if done else ""


def _asked(assembly: Assembly, survey: Survey) -> tuple[dict[str, tuple[Question, Codebook]], str]:
    """The questions that there are to code, and the one that the request names, or the first; "" for none."""
    questions = coded_questions(survey, assembly.polls.codebooks)
    named = request.values.get("question", "")
    return questions, named if named in questions else next(iter(questions), "")


def _keep(assembly: Assembly, desk: Desk, survey: Survey, *, settles: bool) -> None:
    """Raises CodingError."""
    questions, question = _asked(assembly, survey)
    if not question:
        abort(404)
    answer = request.form.get("answer", "")
    codes, moved_to = request.form.getlist("code"), request.form.get("moved_to", "")
    if not answer.isdecimal() or len(answer) > 18:
        raise CodingError("gone")
    if moved_to:
        codes.append(WRONG_QUESTION)
    if bool(codes) is (request.form.get("none") == "yes"):
        raise CodingError("codes")
    _, codebook = questions[question]
    desk.code(survey, question, codebook, int(answer), codes, g.signed.name, moved_to, settles=settles)


def _page(assembly: Assembly, desk: Desk, survey: Survey, note: str) -> str:
    questions, question = _asked(assembly, survey)
    task = state = None
    if question:
        _, codebook = questions[question]
        task, state = desk.both(survey, question, codebook, g.signed.name)
    return render_template(
        "coding.html",
        **_shared(survey, questions, question, note),
        task=task,
        state=state,
        why=WHY,
        asked=_text(survey, task.asked) if task else "",
    )


def _disputes(assembly: Assembly, desk: Desk, survey: Survey, note: str) -> str:
    questions, question = _asked(assembly, survey)
    found = desk.disputes(survey, question, questions[question][1]) if question else []
    return render_template("coding_disputes.html", **_shared(survey, questions, question, note), disputes=found)


def _raised(assembly: Assembly, desk: Desk, survey: Survey) -> str:
    """Of all questions: whoever must act looks in one place."""
    questions, question = _asked(assembly, survey)
    found = {
        code: [one for name in questions for one in desk.raised(survey, name, code)] for code in RAISED if questions
    }
    return render_template("coding_raised.html", **_shared(survey, questions, question, ""), raised=found)


def _themes(assembly: Assembly, desk: Desk, survey: Survey) -> str:
    questions, question = _asked(assembly, survey)
    found = desk.groups(survey, question) if question else []
    made = sheet(f"{survey.name}_{question}"[:40].lower(), found, survey.languages) if found else ""
    return render_template("coding_themes.html", **_shared(survey, questions, question, ""), groups=found, sheet=made)


def _shared(
    survey: Survey, questions: dict[str, tuple[Question, Codebook]], question: str, note: str
) -> dict[str, object]:
    codebook = questions[question][1] if question else None
    themes = [
        Choice(code.id, _name(code), str(place) if place < 10 else "", code)
        for place, code in enumerate(codebook.codes if codebook else (), start=1)
    ]
    written = {code.id: code for code in codebook.special} if codebook else {}
    names = {choice.id: choice.name for choice in themes}
    names |= {code: say(name) for code, name in {**ALONE, **BESIDE}.items()}
    return {
        "title": title_of(survey),
        "survey": survey,
        "questions": {name: _text(survey, name) for name in questions},
        "question": question,
        "themes": themes,
        "beside": [Choice(code, say(name), "", written.get(code)) for code, name in BESIDE.items()],
        "alone": [Choice(code, say(name), "", written.get(code)) for code, name in ALONE.items()],
        "elsewhere": {
            one.id: _text(survey, one.id) for one in survey.questions if one.type == "open" and one.id != question
        },
        "names": names,
        "note": note,
        "width": "reading",
    }


def _name(code: Code) -> str:
    return code.names.get(g.language.code) or next(iter(code.names.values()), code.id)


def _text(survey: Survey, question: str) -> str:
    texts = survey.question(question).text
    return texts.get(g.language.code) or next(iter(texts.values()))
