"""Where a poll is written: its text, checked as it is typed; saved, submitted, and every version of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.authoring.check import Checked
from gateway.drafts import ASIDE, DRAFT, REFUSED, SUBMITTED, TAKEN, Conflict
from gateway.web.desk import LARGEST, NAME, Desk, Text
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.problem import Problem

STATUS = {
    DRAFT: N_("draft"),
    SUBMITTED: N_("submitted, waiting for an operator"),
    TAKEN: N_("taken by an operator"),
    REFUSED: N_("given back"),
    ASIDE: N_("kept aside"),
}

ORIGIN = {
    "file": N_("Nothing waits here: this is the file that polls are opened from."),
    "open": N_("Nothing waits here: this is what is open."),
    "blank": N_("This poll is new: this is a text to begin with."),
}

DONE = {
    "saved": N_("Saved. Nobody is asked before it is submitted, taken and opened."),
    "submitted": N_("Submitted. An operator looks at it before it is opened."),
}

EXCERPT = 90
"""Characters of a line that are shown with what is wrong in it."""


MOST_LINES = 4000
"""Longer texts are not compared line by line, which takes their product."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing to say of a text: where, what, and the line it is in."""

    line: int
    column: int
    message: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `limits` says that the poll's limits were not looked at."""

    errors: tuple[Said, ...]
    notes: tuple[Said, ...]
    limits: bool = False


def blueprint(desk: Desk) -> Blueprint:
    pages = Blueprint("drafting", __name__)

    @pages.get("/dashboard/<survey>/draft")
    @allow(Role.FOCAL_POINT, Role.OPERATOR, survey="survey", title=N_("Write the poll"))
    def page(survey: str) -> str:
        text = desk.text(_named(survey))
        done = DONE.get(request.args.get("done", ""))
        return _page(desk, survey, text, _verdict(desk, survey, text.source, limits=False), say(done) if done else "")

    @pages.post("/dashboard/<survey>/draft")
    @allow(Role.FOCAL_POINT, Role.OPERATOR, survey="survey", largest=LARGEST)
    def write(survey: str) -> ResponseReturnValue:
        text, source, what = desk.text(_named(survey)), _source(), request.form.get("do", "check")
        based_on = request.form.get("based_on", "0")
        if what == "check":
            return _page(desk, survey, text, _verdict(desk, survey, source), "", source, based_on)
        verdict = _verdict(desk, survey, source) if what == "submit" else None
        submit = verdict is not None and not verdict.errors
        unchanged = source == text.source and based_on == str(text.based_on)
        try:
            if submit or not unchanged:
                number = int(based_on) if based_on.isdecimal() and len(based_on) < 19 else 0
                desk.drafts.save(survey, source, g.signed.name, number, submit=submit)
        except Conflict as conflict:
            note = say(
                "{name} saved version {theirs} while you wrote. Your text is still here, and kept as version {kept}. "
                "Put both together and save again.",
                name=conflict.theirs.author,
                theirs=conflict.theirs.id,
                kept=conflict.kept,
            )
            verdict = verdict or _verdict(desk, survey, source, limits=False)
            return _page(
                desk, survey, text, verdict, note, source, str(conflict.theirs.id), conflict.theirs.source
            ), 409
        if verdict is not None and verdict.errors:
            note = say("Saved, and not submitted: mend first what is listed below.")
            return _page(desk, survey, desk.text(survey), verdict, note), 409
        to = {"preview": "rehearsing.preview", "rehearse": "rehearsing.page"}.get(what, "drafting.page")
        done = {"save": "saved", "submit": "submitted"}.get(what)
        return redirect(url_for(to, survey=survey, language=g.language.code, done=done), 303)

    @pages.post("/dashboard/<survey>/draft/check")
    @allow(Role.FOCAL_POINT, Role.OPERATOR, survey="survey", largest=LARGEST)
    def check(survey: str) -> str:
        """What is wrong with a text that is being typed, for the page to show."""
        verdict = _verdict(desk, _named(survey), _source(), limits=False)
        return render_template("draft_verdict.html", verdict=verdict)

    return pages


def _named(survey: str) -> str:
    if not NAME.fullmatch(survey):
        abort(404)
    return survey


def _source() -> str:
    """As typed. Browsers end lines as telegraphs did."""
    return request.form.get("source", "").replace("\r\n", "\n")


def _page(
    desk: Desk,
    survey: str,
    text: Text,
    verdict: Verdict,
    note: str,
    source: str | None = None,
    based_on: str = "",
    theirs: str = "",
) -> str:
    return render_template(
        "draft.html",
        survey=survey,
        title=desk.title(survey, g.language.code),
        text=text,
        source=text.source if source is None else source,
        based_on=based_on or text.based_on,
        verdict=verdict,
        note=note,
        theirs=theirs,
        lines=tuple(differences(theirs, source or "")) if theirs else (),
        status=STATUS,
        origin=ORIGIN,
        history=desk.drafts.history(survey),
        open_=desk.poll(survey) is not None,
    )


def _verdict(desk: Desk, survey: str, source: str, *, limits: bool = True) -> Verdict:
    return verdict(desk.check(survey, source, limits=limits), source, limits=limits)


def verdict(checked: Checked, source: str, *, limits: bool = True) -> Verdict:
    lines = source.splitlines()
    limited = checked.survey is not None and any(
        (checked.survey.limits.minutes, checked.survey.limits.segments, checked.survey.limits.cost)
    )
    return Verdict(
        tuple(_said(checked.errors, lines)), tuple(_said(checked.notes, lines)), limits=limited and not limits
    )


def _said(problems: tuple[Problem, ...], lines: list[str]) -> Iterator[Said]:
    for problem in problems:
        line = lines[problem.line - 1].strip() if problem.line <= len(lines) else ""
        yield Said(problem.line, problem.column, problem.message, line[:EXCERPT] + ("…" if line[EXCERPT:] else ""))


def differences(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Lines with how each is to be read: in, out, at (where), or "" for those around."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return
    kinds = {"+": "in", "-": "out", "@": "at"}
    for number, line in enumerate(unified_diff(old, new, lineterm="")):
        if number >= 2:  # below the names of the files
            yield kinds.get(line[:1], ""), line
