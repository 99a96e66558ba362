"""What the gateway answers the polling app: polls by grant, interviews by receipt, files by version."""

from __future__ import annotations

import json
import re
import uuid
from base64 import b64decode, b64encode
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway import lifecycle
from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.store import schema
from gateway.store.interview_tables import interviews
from gateway.web.app import create_app
from surveys.load import load_survey
from surveys.portable_survey import portable
from tests.gateway.ingest.sealing import sealed_to
from tests.web.accounts import client_of, someone
from tests.web.conftest import Make


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    return make_assembly()


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


@pytest.fixture
def client(app: Flask, assembly: Assembly) -> FlaskClient:
    return client_of(app, someone(assembly, "amina", Grant(Role.FOCAL_POINT, "ussd_pulse")))


def send(client: FlaskClient, *sent: object, token: str = "") -> Any:
    token = token or client.get("/app/polls").headers["X-CSRFToken"]
    return client.post("/app/interviews", json={"interviews": sent}, headers={"X-CSRFToken": token})


def envelope(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    polls = client.get("/app/polls").json
    assert polls is not None
    survey, name = polls["polls"][0]["survey"], str(uuid.uuid4())
    content = {
        "format": 1,
        "id": name,
        "survey": survey["name"],
        "hash": survey["hash"],
        "wave": polls["polls"][0]["wave"],
        "language": "en",
        "seed": 1,
        "consent": "no",
        "given": [],
        "end": "",
        "interviewer": polls["user"],
        **changes,
    }
    made = sealed_to((polls["key"]["number"], b64decode(polls["key"]["point"])), name, content)
    return {"id": name, "key": made.key, "sealed": b64encode(made.sealed).decode()}


def test_polls_are_those_that_the_focal_point_may_ask(client: FlaskClient, assembly: Assembly) -> None:
    given = client.get("/app/polls")
    assert given.json is not None
    assert given.headers["Cache-Control"] == "no-store"
    survey = next(one for one in assembly.polls.open if one.name == "ussd_pulse")
    assert [one["survey"] for one in given.json["polls"]] == [json.loads(json.dumps(portable(survey, assembly.texts)))]
    assert given.json["user"] == "amina"
    assert len(b64decode(given.json["key"]["point"])) == 65
    assert client.get("/app/polls").json == given.json


def test_polls_that_did_not_change_are_not_sent_again(client: FlaskClient, assembly: Assembly) -> None:
    tag = client.get("/app/polls").headers["ETag"]
    again = client.get("/app/polls", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-CSRFToken"]
    lifecycle.pause(assembly.engine, "ussd_pulse", assembly.clock(), "tests")
    assembly.live.refresh()
    changed = client.get("/app/polls", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.json is not None
    assert changed.json["polls"] == []


def test_a_receipt_for_each_and_the_same_one_again(client: FlaskClient, assembly: Assembly) -> None:
    one, two = envelope(client), envelope(client, seed="none")
    receipts = {"receipts": [{"id": one["id"], "status": "taken"}, {"id": two["id"], "status": "aside"}]}
    assert send(client, one, two).json == receipts
    assert send(client, one, two).json == receipts
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(interviews)) == 2
        audited = list(connection.scalars(sa.select(schema.audit.c.what).where(schema.audit.c.who == "amina")))
    assert audited == ["send interviews"] * 2


@pytest.mark.parametrize(
    "sent", ["words", {"id": "x"}, {"id": "", "key": 1, "sealed": ""}, {"id": "x", "key": 1, "sealed": "?"}]
)
def test_what_is_no_envelope_is_refused(client: FlaskClient, sent: object) -> None:
    assert send(client, sent).status_code == 400
    assert send(client, *[{}] * 51).status_code == 400


def test_nothing_is_taken_without_the_token_of_the_session(client: FlaskClient, app: Flask, assembly: Assembly) -> None:
    one = envelope(client)
    assert send(client, one, token="another").status_code == 400
    assert send(client_of(app), one, token="x").status_code == 401
    mediator = client_of(app, someone(assembly, "musa", Grant(Role.MEDIATOR)))
    assert send(mediator, one, token="x").status_code == 403
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(interviews)) == 0


def test_a_long_interview_is_taken_and_an_endless_one_is_not(client: FlaskClient) -> None:
    words = [["x", "y" * 10_000]] * 100
    assert send(client, envelope(client, given=words)).status_code == 200
    assert send(client, {"id": "x", "key": 1, "sealed": "A" * 6_000_000}).status_code == 413


def test_the_worker_keeps_every_file_of_the_page(client: FlaskClient, app: Flask) -> None:
    worker = client.get("/app/sw.js")
    assert worker.mimetype == "text/javascript"
    shell = json.loads(re.search(r"const SHELL = (\[.*\]);", worker.text)[1])  # type: ignore[index]  # it is there
    assert len(shell) > 20
    pages = {path: client.get(path) for path in shell}
    assert {page.status_code for page in pages.values()} == {200}
    needed = {
        path
        for page in pages.values()
        if page.mimetype in ("text/html", "text/javascript")
        for path in re.findall(r'(?:href|src)="(/[^"?]+)"|from "\./([\w.]+)"', page.text)
        for path in path
        if path
    }
    kept = {path.partition("?")[0] for path in shell} | {path.rpartition("/")[2] for path in shell}
    assert needed - kept == set()
    assert "walk.js" in needed
    versions = {
        re.search(r'"version": "(\w+)"', page.text)[1] for page in pages.values() if page.mimetype == "text/html"
    }  # type: ignore[index]  # as above
    assert versions == {re.search(r'const VERSION = "(\w+)"', worker.text)[1]}  # type: ignore[index]  # as above


def test_the_page_names_nobody_and_no_poll(client: FlaskClient) -> None:
    page = client.get("/app/?language=en")
    assert "manifest-src 'self'" in page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    for word in ("amina", "ussd_pulse", "csrf"):
        assert word not in page.text


WELLS = """
name: wells
languages: [en]
title: Wells
sender: Forum
keywords: [WELLS]
consent: {version: "1", text: Join?}
thanks: Thank you
questions:
  - id: views
    type: statements
    show: 2
    own: no
    text: Agree?
    purpose: p
    statements: [{id: x, text: X}, {id: y, text: Y}, {id: z, text: Z}]
"""


def test_a_statement_that_was_withdrawn_goes_to_no_phone(app: Flask, assembly: Assembly) -> None:
    lifecycle.open_poll(assembly.engine, load_survey(WELLS, "wells.yaml"), assembly.clock(), "tests")
    assembly.live.refresh()
    client = client_of(app, someone(assembly, "bakari", Grant(Role.FOCAL_POINT, "wells")))

    def shown() -> list[list[str]]:
        polls = client.get("/app/polls").json
        assert polls is not None
        return [[one["id"] for one in question["options"]] for question in polls["polls"][0]["survey"]["questions"]]

    assert shown() == [["x", "y", "z"]] * 2
    row = {"survey": "wells", "question": "views", "statement": "y", "language": "en", "status": "withdrawn"}
    with assembly.engine.begin() as connection:
        connection.execute(sa.insert(schema.statements), {**row, "made_at": assembly.clock()})
    assert shown() == [["x", "z"]] * 2
