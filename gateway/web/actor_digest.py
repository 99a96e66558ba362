"""What the map says in the digests that mediators open or print; it goes into no mail, no message, no RESULTS."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.actors import section
from gateway.assembly import Assembly
from gateway.store.database import reading
from gateway.web.actor_parts import MAP, attitude
from gateway.web.guard import allow
from gateway.web.texts import LANGUAGES
from gateway.web.texts import language as language_of

More = Callable[[str, str], str]
"""What else stands in the digest of a poll, in a language, for whoever asks: a part of a page, or nothing."""


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("actor_digest", __name__)

    @pages.post("/dashboard/actors/digest")
    @allow(Role.MEDIATOR, sensitive="the map of actors for the digest")
    def freeze() -> ResponseReturnValue:
        with assembly.engine.begin() as connection:
            section.freeze(connection, assembly.vault, MAP, g.signed.name, assembly.clock())
        return redirect(url_for("actor_words.page", language=g.language.code, frozen=1), 303)

    return pages


def more(assembly: Assembly) -> More:
    def told(survey: str, language: str) -> str:
        if not g.signed.may(Role.MEDIATOR, survey):
            return ""
        with reading(assembly.engine) as connection:
            found = section.newest(connection, assembly.vault, MAP)
        if found is None:
            return ""
        assembly.accounts.note(g.signed, "view the map in a digest", survey)
        page, g.language = g.language, language_of(language if language in LANGUAGES else LANGUAGES[0])
        try:
            return render_template("actor_section.html", frozen=found, map=found.section, attitude=attitude)
        finally:
            g.language = page

    return told
