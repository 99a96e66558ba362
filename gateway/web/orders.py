"""Digests to whoever is signed in: by mail, or over the channel on which they sent LINK."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analysis.render.language import languages
from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.results import orders
from gateway.store.database import reading
from gateway.web.findings import title_of
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from gateway.web.texts import language as language_of
from surveys.model import Survey

READERS = (Role.MEDIATOR, Role.FOCAL_POINT)
EVERY = {
    "release": N_("With each release"),
    "daily": N_("Every day"),
    "weekly": N_("Every week"),
    "closing": N_("Once, when the poll has closed"),
}
REFUSED = {
    "every": N_("Nothing was ordered: choose how often."),
    "mail": N_("Nothing was ordered: that is no mail address."),
    "code": N_("Nothing was ordered: the code is wrong, used or too old. Send LINK again, and enter the new one here."),
    "tries": N_("Nothing was ordered: too many codes were entered. Wait an hour, then try again."),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("orders", __name__)

    def found(name: str) -> Survey:
        survey = assembly.polls.named(name)
        if survey is None:
            abort(404)
        return survey

    @pages.get("/dashboard/<survey>/orders")
    @allow(*READERS, survey="survey", title=N_("Digests to me"))
    def page(survey: str) -> str:
        return _page(assembly, found(survey), "")

    @pages.post("/dashboard/<survey>/orders")
    @allow(*READERS, survey="survey")
    def place(survey: str) -> ResponseReturnValue:
        poll, told = found(survey), request.form.get("told", "")
        spoken = told if told in languages() else g.language.code
        how = (g.signed.user, poll.name, request.form.get("every", ""), spoken)
        mail, code, now = request.form.get("mail", "").strip(), request.form.get("code", ""), assembly.clock()
        try:
            if mail:
                orders.by_mail(assembly.engine, assembly.vault, *how, mail, now)
            else:
                orders.by_code(assembly.engine, assembly.vault, *how, code, now)
        except orders.OrderError as error:
            return _page(assembly, poll, say(REFUSED[str(error)])), 409
        return redirect(url_for(".page", survey=survey, language=g.language.code), 303)

    @pages.post("/dashboard/<survey>/orders/<int:row>/cancel")
    @allow(*READERS, survey="survey")
    def cancel(survey: str, row: int) -> ResponseReturnValue:
        with assembly.engine.begin() as connection:
            orders.cancel(connection, g.signed.user, row, assembly.clock())
        return redirect(url_for(".page", survey=survey, language=g.language.code), 303)

    return pages


def _page(assembly: Assembly, survey: Survey, note: str) -> str:
    with reading(assembly.engine) as connection:
        mine = list(orders.standing(connection, survey.name, g.signed.user))
    return render_template(
        "orders.html",
        title=title_of(survey),
        survey=survey.name,
        note=note,
        every=EVERY,
        orders=[(one.id, one.channel, EVERY[one.every], language_of(one.language).name) for one in mine],
        by_mail=bool(assembly.settings.mail.host),
        told_in=[language_of(code) for code in languages()],
        width="reading",
    )
