"""The page for coders as a plain form: without a script, one answer after the other."""

from __future__ import annotations

from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.store import schema
from gateway.web.app import create_app
from tests.web.accounts import client_of, hidden, someone, token_in
from tests.web.answers import answered
from tests.web.conftest import Make

PAGE = "/dashboard/priorities/coding"
SAID = [("<b>Clean</b> water for us", "en"), ("أوقفوا الحرب أولا", "ar"), ("Turudi nyumbani", "sw")]


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    made = make_assembly()
    survey = made.polls.named("priorities")
    assert survey is not None
    question = next(one.id for one in survey.questions if one.codebook)
    answered(made, survey, question, SAID)
    return made


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


def sent(page: str, **fields: object) -> dict[str, object]:
    return {
        "csrf_token": token_in(page),
        "question": hidden(page, "question"),
        "answer": hidden(page, "answer"),
        **fields,
    }


def test_one_answer_after_the_other(app: Flask, assembly: Assembly) -> None:
    client = client_of(app, someone(assembly, "ann", Grant(Role.CODER, "priorities")))
    shown = set()
    for _ in SAID:
        page = client.get(f"{PAGE}?language=en").text
        shown |= {text for text, _ in SAID if text in unescape(page)}
        assert "<b>" not in page
        assert client.post(PAGE, data=sent(page, code=["services", "escalate"])).status_code == 303
    assert shown == {text for text, _ in SAID}
    assert "Nothing waits for you here" in client.get(f"{PAGE}?language=en").text
    raised = unescape(client.get(f"{PAGE}/raised?language=en").text)
    assert "Somebody must act on it: 3" in raised
    assert "A question to us: 0" in raised
    with assembly.engine.begin() as connection:
        rows = connection.execute(sa.select(schema.codings.c.coder, schema.codings.c.codes)).all()
        seen = list(connection.scalars(sa.select(schema.audit.c.what).where(schema.audit.c.who == "ann")))
    assert [(row.coder, row.codes) for row in rows] == [("ann", ["services", "escalate"])] * 3
    assert seen.count("view open answers") == 5
    assert seen.count("code an answer") == 3


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Nothing was kept: tick themes"),
        ({"code": ["services"], "none": "yes"}, "Nothing was kept: tick themes"),
        ({"code": ["noise", "services"]}, "Nothing was kept: tick themes"),
        ({"none": "yes", "moved_to": "nowhere"}, "Nothing was kept: tick themes"),
        ({"moved_to": "nowhere"}, "Nothing was kept: choose the question"),
        ({"none": "yes", "answer": "9" * 18}, "Nothing was kept: this answer is no longer there"),
        ({"none": "yes", "answer": "x"}, "Nothing was kept: this answer is no longer there"),
    ],
)
def test_what_cannot_be_meant_is_said(app: Flask, assembly: Assembly, fields: dict[str, object], why: str) -> None:
    client = client_of(app, someone(assembly, "ann", Grant(Role.CODER)))
    page = client.get(f"{PAGE}?language=en").text
    refused = client.post(f"{PAGE}?language=en", data=sent(page, **fields))
    assert refused.status_code == 409
    assert why in unescape(refused.text)


def test_two_coders_and_what_they_settle(app: Flask, assembly: Assembly) -> None:
    client = client_of(app, someone(assembly, "ann", Grant(Role.CODER)))
    other = client_of(app, someone(assembly, "bob", Grant(Role.CODER)))
    page = client.get(PAGE).text
    one = sent(page, code=["services"])
    client.post(PAGE, data=one)
    theirs = {**one, "csrf_token": token_in(other.get(PAGE).text), "code": ["security"]}
    other.post(PAGE, data=theirs)
    disputes = other.get(f"{PAGE}/disputes?language=en").text
    assert "ann" in disputes
    assert "bob" in disputes
    settled = other.post(PAGE, data={**theirs, "settles": "yes", "code": ["land"]})
    assert settled.headers["Location"].startswith(f"{PAGE}/disputes")
    assert "saw nothing differently" in other.get(f"{PAGE}/disputes?language=en").text


def test_a_poll_without_open_questions_says_so(app: Flask, assembly: Assembly) -> None:
    client = client_of(app, someone(assembly, "ann", Grant(Role.CODER)))
    said = client.get("/dashboard/ussd_pulse/coding?language=en")
    assert said.status_code == 200
    assert "has a codebook" in said.text
    assert client.get("/dashboard/nothing/coding").status_code == 404


def test_what_the_answers_speak_of(make_assembly: Make) -> None:
    assembly = make_assembly()
    survey = assembly.polls.named("priorities")
    assert survey is not None
    said = [(f"{one} in village {place}", "sw") for place in range(8) for one in ("clean water", "land was taken")]
    answered(assembly, survey, "settle", said)
    client = client_of(create_app(assembly), someone(assembly, "ann", Grant(Role.CODER)))
    page = client.get(f"{PAGE}/themes?language=en").text
    assert "8 answers, in en" in page, "in the language that they are in, not the one that was chosen"
    assert "theme_1" in page
