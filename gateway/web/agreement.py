"""The agreement: its provisions in public, with what carries them out; taken in and marked by mediators."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.coordination import provisions
from gateway.coordination.concerns import in_language
from gateway.store.database import reading
from gateway.web.guard import allow
from gateway.web.pages import N_
from surveys.problem import SurveyError

STATUSES = {"not-begun": N_("not begun"), "begun": N_("begun"), "done": N_("done")}
LARGEST = 512 * 1024


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("agreement", __name__)

    def shown(template: str, **values: object) -> str:
        with reading(assembly.engine) as connection:
            held = provisions.progress(connection)
        text = lambda texts: in_language(texts, g.language.code)  # noqa: E731 - a filter of the template
        return render_template(template, held=held, statuses=STATUSES, text=text, width="reading", **values)

    @pages.get("/here/agreement")
    def everybody() -> str:
        return shown("here_agreement.html")

    @pages.get("/dashboard/agreement")
    @allow(Role.MEDIATOR, title=N_("Agreement"), everything=True)
    def page() -> str:
        return shown("agreement.html", problems=())

    @pages.post("/dashboard/agreement")
    @allow(Role.MEDIATOR, everything=True, largest=LARGEST)
    def take_in() -> ResponseReturnValue:
        file = request.files.get("file")
        if file is None or not file.filename:
            abort(400)
        try:
            found = provisions.read_provisions(file.read(), file.filename[-80:])
        except SurveyError as error:
            return shown("agreement.html", problems=error.problems[:20]), 400
        with assembly.engine.begin() as connection:
            provisions.take_in(connection, found, g.signed.name, assembly.clock())
        return redirect(url_for("agreement.page", language=g.language.code), 303)

    @pages.post("/dashboard/agreement/<number>")
    @allow(Role.MEDIATOR, everything=True)
    def change(number: str) -> ResponseReturnValue:
        code = "".join(letter for letter in request.form.get("code", "") if letter.isdigit())
        status = request.form.get("status", "")
        by, now = g.signed.name, assembly.clock()
        with assembly.engine.begin() as connection:
            if code and not provisions.attach(connection, number, code, by, now):
                abort(404)
            if status and not provisions.mark(connection, number, status, by, now):
                abort(404)
        return redirect(url_for("agreement.page", language=g.language.code), 303)

    return pages
