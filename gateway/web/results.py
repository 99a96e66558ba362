"""What a poll has found, for those who are signed in: its newest release, as shares and as a digest."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template
from markupsafe import Markup

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.web.findings import Latest, digest_page, results_of, title_of
from gateway.web.guard import allow
from gateway.web.pages import N_
from surveys.model import Survey


def blueprint(assembly: Assembly, latest: Latest) -> Blueprint:
    results = Blueprint("results", __name__)

    def found(name: str) -> Survey:
        survey = assembly.polls.named(name)
        if survey is None:
            abort(404)
        return survey

    @results.get("/dashboard/<survey>/results")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, survey="survey", title=N_("Results"))
    def page(survey: str) -> str:
        poll = found(survey)
        release = latest(poll)
        shown = results_of(poll, release, assembly.settings.minimum_cell, everything=True)
        return render_template(
            "poll_results.html",
            title=title_of(poll),
            results=Markup(shown),  # noqa: S704 - rendered by Jinja, which escapes
            digest=release and survey,
            width="reading",
        )

    @results.get("/dashboard/<survey>/digest")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, survey="survey")
    def digest(survey: str) -> Response:
        release = latest(found(survey))
        if release is None:
            abort(404)
        return digest_page(release)

    return results
