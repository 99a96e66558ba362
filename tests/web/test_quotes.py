"""Quotes: redacted, approved by a person, shown only then, and gone when their person is."""

from __future__ import annotations

import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.results.release import count, release
from gateway.store import schema
from gateway.store.erasing import erase
from gateway.web import live
from gateway.web.app import create_app
from tests.web.accounts import client_of, someone, token_in
from tests.web.answers import answered
from tests.web.conftest import Make

PAGE = "/dashboard/priorities/quotes"
SAID = [
    ("Call Haji on +254 712 345 678: the well of our village is dry since the war came to us", "en"),
    *((f"the school of my children is closed, {number} of them stay at home", "en") for number in "abcdefg"),
]


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    made = make_assembly()
    survey = made.polls.named("priorities")
    assert survey is not None
    answered(made, survey, next(one.id for one in survey.questions if one.codebook), SAID)
    codebooks = {one.name: one for one in made.polls.codebooks}
    now = made.clock()
    release(made.engine, made.vault, count(made.engine, made.vault, survey, codebooks, now), survey, codebooks, now)
    return made


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


def waiting(page: str) -> dict[str, str]:
    """What is shown, with its answer's number."""
    found = re.findall(r'<textarea id="text-(\d+)"[^>]*>([^<]*)</textarea>', page)
    return {unescape(text): answer for answer, text in found}


def test_a_quote_is_redacted_approved_shown_and_forgotten(app: Flask, assembly: Assembly) -> None:
    client = client_of(app, someone(assembly, "ann", Grant(Role.MEDIATOR, "priorities")))
    page = client.get(f"{PAGE}?language=en").text
    texts = waiting(page)
    (redacted,) = (text for text in texts if "well" in text)
    assert "[number]" in redacted
    assert "712" not in page
    about = {"csrf_token": token_in(page), "answer": texts[redacted], "decision": "approve"}
    for wrong, why in (
        ("Call Haji on 0712 345 678: the well", "a number, an address or a name"),
        ("The government poisoned the well", "put none in"),
        ("", "no word is left"),
    ):
        refused = client.post(f"{PAGE}?language=en", data={**about, "text": wrong})
        assert refused.status_code == 409
        assert why in refused.text
    digest = "/dashboard/priorities/digest?language=en"
    assert "the well of our village" not in client.get(digest).text
    quote = "… the well of our village is dry since the war came"
    assert client.post(f"{PAGE}?language=en", data={**about, "text": quote}).status_code == 303
    assert quote in client.get(digest).text
    assert "Approved by ann" in client.get(f"{PAGE}?language=en").text
    assert client.post(f"{PAGE}?language=en", data={**about, "text": quote}).status_code == 409  # decided already
    held = live.latest(assembly)
    survey = assembly.polls.named("priorities")
    assert survey is not None
    shown = held(survey)
    assert shown is not None
    assert [one.text for one in shown.quotes] == [quote]
    with assembly.engine.begin() as connection:
        assert quote.encode() not in connection.scalar(sa.select(schema.quotes.c.sealed_text))
        assert "well" not in str(connection.scalar(sa.select(schema.releases.c.findings)))
        person = connection.scalar(
            sa.select(schema.answers.c.person).where(schema.answers.c.id == int(about["answer"]))
        )
        erase(connection, assembly.vault, int(person), assembly.clock())
    assert quote not in client.get(digest).text


def test_what_nobody_approved_is_quoted_nowhere_and_a_quote_is_taken_back(app: Flask, assembly: Assembly) -> None:
    client = client_of(app, someone(assembly, "ben", Grant(Role.FOCAL_POINT, "priorities")))
    page = client.get(f"{PAGE}?language=en").text
    (first, answer), (_, second), *_ = waiting(page).items()
    about = {"csrf_token": token_in(page)}
    client.post(PAGE, data={**about, "answer": answer, "text": first, "decision": "approve"})
    client.post(PAGE, data={**about, "answer": second, "decision": "refuse"})
    left = client.get(f"{PAGE}?language=en").text
    assert not {answer, second} & set(waiting(left).values())
    (row,) = re.findall(r"quotes/(\d+)/withdraw", left)
    client.post(f"{PAGE}/{row}/withdraw", data=about)
    assert first not in unescape(client.get("/dashboard/priorities/digest?language=en").text)
    with assembly.engine.connect() as connection:
        assert set(connection.scalars(sa.select(schema.quotes.c.sealed_text))) == {None}


def test_no_answer_is_shown_while_the_list_of_names_cannot_be_read(app: Flask, assembly: Assembly) -> None:
    """A quote can be taken back all the same."""
    client = client_of(app, someone(assembly, "ann", Grant(Role.MEDIATOR, "priorities")))
    page = client.get(f"{PAGE}?language=en").text
    text, answer = next(iter(waiting(page).items()))
    about = {"csrf_token": token_in(page)}
    client.post(PAGE, data={**about, "answer": answer, "text": text, "decision": "approve"})
    (row,) = re.findall(r"quotes/(\d+)/withdraw", client.get(PAGE).text)
    file = assembly.settings.config / "results" / "priorities.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text("names: [Amina\n", encoding="utf-8")
    refused = client.get(f"{PAGE}?language=en")
    assert refused.status_code == 503
    assert "results/priorities.yaml has a mistake" in refused.text
    assert not waiting(refused.text)
    assert client.post(PAGE, data={**about, "answer": answer, "text": text, "decision": "approve"}).status_code == 503
    assert client.post(f"{PAGE}/{row}/withdraw", data=about).status_code == 303
    with assembly.engine.connect() as connection:
        assert set(connection.scalars(sa.select(schema.quotes.c.status))) == {"withdrawn"}
