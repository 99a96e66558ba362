"""/dashboard: what somebody who is signed in may open. A page that declares a title is listed by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, current_app, g, render_template, url_for

from gateway.accounts.roles import Grant, Role, Signed
from gateway.assembly import Assembly
from gateway.web import guard
from gateway.web.findings import title_of
from gateway.web.pages import N_, say

ROLES = {
    Role.OPERATOR: N_("Operator"),
    Role.FOCAL_POINT: N_("Focal point"),
    Role.CODER: N_("Coder"),
    Role.MODERATOR: N_("Moderator"),
    Role.MEDIATOR: N_("Mediator"),
}


@dataclass(frozen=True, slots=True)
class Link:
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Group:
    """Links under the title of a survey, or ("") those about none."""

    title: str
    links: tuple[Link, ...]


def blueprint(assembly: Assembly) -> Blueprint:
    dashboard = Blueprint("dashboard", __name__)

    @dashboard.get("/dashboard")
    @guard.signed_in
    def page() -> str:
        titles = {survey.name: title_of(survey) for survey in assembly.polls.opened}
        return render_template(
            "dashboard.html",
            groups=tuple(_groups(current_app, g.signed, titles)),
            roles=[_role(grant, titles) for grant in sorted(g.signed.grants)],
            width="reading",
        )

    return dashboard


def _groups(app: Flask, signed: Signed, surveys: dict[str, str]) -> Iterator[Group]:
    for name, title in {"": "", **surveys}.items():
        links = tuple(_links(app, signed, name))
        if links:
            yield Group(title, links)


def _links(app: Flask, signed: Signed, survey: str) -> Iterator[Link]:
    """The listed pages about this survey, or about none, that are for them."""
    for endpoint in app.view_functions:
        says = guard.declared(app, endpoint)
        if says and says.title and bool(survey) is bool(says.survey) and says.access.admits(signed, survey):
            named: dict[str, Any] = {says.survey: survey} if survey else {}
            yield Link(say(says.title), url_for(endpoint, language=g.language.code, **named))


def _role(grant: Grant, titles: dict[str, str]) -> str:
    role = say(ROLES[grant.role])
    return say("{role}: {survey}", role=role, survey=titles.get(grant.survey, grant.survey)) if grant.survey else role
