"""Every route, with every role and signed out, against what it declares; and that no route declares nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask, Request
from werkzeug.routing import Rule
from werkzeug.test import EnvironBuilder

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.settings import SettingsFile
from gateway.store import schema
from gateway.web import guard
from gateway.web.app import create_app
from gateway.web.guard import PUBLIC, UndeclaredError, allow, declared, signed_in
from tests.web.accounts import client_of, someone
from tests.web.conftest import Make

SURVEY = "priorities"
ARGUMENTS = {"survey": SURVEY, "filename": "baraza.css", "token": "nothing"}

USERS: dict[str, tuple[Grant, ...]] = {
    "nobodys": (),
    **{f"{role}-all": (Grant(role),) for role in Role if role is not Role.FOCAL_POINT},
    **{f"{role}-own": (Grant(role, SURVEY),) for role in Role if role is not Role.OPERATOR},
    **{f"{role}-other": (Grant(role, "another"),) for role in Role if role is not Role.OPERATOR},
}
"""Who tries every route: signed in without a role, and with each role for all, for this survey, and for another."""


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    return make_assembly(BARAZA_DEMO="1")


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    """Every page that there is, the demonstration's too, and some that only these tests have."""
    app = create_app(assembly)
    sample = Blueprint("sample", __name__)

    @sample.get("/sample/<survey>")
    @allow(Role.FOCAL_POINT, Role.CODER, survey="survey", sensitive="open answers")
    def of_a_survey(survey: str) -> str:
        return survey

    @sample.post("/sample/<survey>")
    @allow(Role.FOCAL_POINT, survey="survey")
    def change(survey: str) -> str:
        return survey

    @sample.get("/sample")
    @allow(Role.OPERATOR, Role.MEDIATOR)
    def of_none() -> str:
        return "seen"

    app.register_blueprint(sample)
    guard.check(app)
    return app


def routes(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Each route, each of its methods, and an address of it."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        address = adapter.build(rule.endpoint, {name: ARGUMENTS.get(name, "1") for name in rule.arguments})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, address


def expected(app: Flask, endpoint: str, grants: tuple[Grant, ...] | None) -> bool:
    """Whether the page is for somebody with these grants (None: signed out), worked out from the declaration alone."""
    if endpoint in PUBLIC:
        return True
    says = declared(app, endpoint)
    assert says is not None
    if grants is None:
        return False
    wanted = {SURVEY, ""} if says.survey else {""} if says.access.by_survey else {SURVEY, "", "another"}
    return not says.access.roles or any(one.role in says.access.roles and one.survey in wanted for one in grants)


def test_every_route_with_every_role(app: Flask, assembly: Assembly) -> None:
    clients = {name: (grants, client_of(app, someone(assembly, name, *grants))) for name, grants in USERS.items()}
    everybody = {"signed-out": (None, client_of(app)), **clients}
    tried = let_in = 0
    for rule, method, address in routes(app):  # without the token of a form nobody's session is ended
        for name, (grants, client) in everybody.items():
            answer = client.open(address, method=method)
            shut = answer.status_code in (401, 403) or "/signin?" in answer.headers.get("Location", "")
            assert shut is not expected(app, rule.endpoint, grants), f"{method} {address} for {name}: {answer.status}"
            tried += 1
            let_in += not shut
    assert tried >= len(USERS) * 20
    assert min(let_in, tried - let_in) >= 40


def test_a_route_that_declares_nothing_stops_the_start(app: Flask, assembly: Assembly) -> None:
    fresh = create_app(assembly)
    fresh.add_url_rule("/open", "open", lambda: "everything")
    with pytest.raises(UndeclaredError, match="/open"):
        guard.check(fresh)
    assert client_of(fresh).get("/open").status_code == 403  # and if it had started, it would be shut
    assert client_of(fresh, someone(assembly, "operator", Grant(Role.OPERATOR))).get("/open").status_code == 403


def test_a_public_route_that_declares_roles_stops_the_start(app: Flask, assembly: Assembly) -> None:
    fresh = create_app(assembly)
    fresh.view_functions["probes.healthz"] = signed_in(lambda: "well")
    with pytest.raises(UndeclaredError, match="healthz"):
        guard.check(fresh)


@pytest.mark.parametrize("survey", ["", "poll"])
def test_a_route_about_a_survey_that_forgets_it_stops_the_start(assembly: Assembly, survey: str) -> None:
    fresh = create_app(assembly)
    view = allow(Role.FOCAL_POINT, survey=survey)(lambda survey: survey)
    fresh.add_url_rule("/of/<survey>", "of", view)
    with pytest.raises(UndeclaredError, match="about a survey"):
        guard.check(fresh)


def test_the_public_ones_exist_and_no_other_is(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules() if declared(app, rule.endpoint) is None} == PUBLIC


def test_what_is_posted_bears_a_token(app: Flask, assembly: Assembly) -> None:
    """But for the phones and the web form, which prove themselves otherwise."""
    client = client_of(app, someone(assembly, "everything", *(Grant(role) for role in Role)))
    refused = [
        rule.endpoint
        for rule, method, address in routes(app)
        if method != "GET" and client.open(address, method=method, data={"nonce": "x"}).status_code == 400
    ]
    posts = {rule.endpoint for rule, method, _ in routes(app) if method != "GET"}
    assert {name for name in posts if name.partition(".")[0] not in guard.OWN_PROOF} <= set(refused)
    assert len(posts) >= 9


def test_what_is_sensitive_is_written_down_before_it_is_seen(app: Flask, assembly: Assembly) -> None:
    own = client_of(app, someone(assembly, "amina", Grant(Role.FOCAL_POINT, SURVEY)))
    assert own.get(f"/sample/{SURVEY}").text == SURVEY
    assert own.get("/sample/another").status_code == 403
    assert own.get("/dashboard").status_code == 200
    query = sa.select(schema.audit.c.who, schema.audit.c.what, schema.audit.c.subject)
    with assembly.engine.connect() as connection:
        rows = connection.execute(query.where(schema.audit.c.what.startswith("view"))).all()
    assert [tuple(row) for row in rows] == [("amina", "view open answers", SURVEY)]


def test_who_is_sent_to_sign_in_comes_back(app: Flask) -> None:
    answer = client_of(app).get(f"/sample/{SURVEY}?language=ar&secret=x")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/signin?to=/sample/{SURVEY}&language=ar"
    assert "sign" in client_of(app).post(f"/sample/{SURVEY}").text.lower()


PROXIES = SettingsFile(languages=("en",), country="KE", proxies=["127.0.0.1", "10.0.0.0/8"]).proxies


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),  # nobody whose word counts
        ("127.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9"),  # the first was written by who asks
        ("127.0.0.1", "203.0.113.5, 198.51.100.9, 10.2.3.4", "198.51.100.9"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "<nonsense>", "<nonsense>"),  # counted as one address
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_where_a_request_comes_from(remote: str, forwarded: str, found: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    environ = EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": remote}).get_environ()
    assert guard.peer(Request(environ), PROXIES) == found
