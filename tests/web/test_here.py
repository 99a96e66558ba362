"""The public pages of coordination, and keyword flows on a page, as a browser without scripts and cookies uses them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.store.coordination_tables import concerns, initiatives, participations, tasks
from gateway.store.keys import Vault
from gateway.store.moderation_tables import codes, submissions
from gateway.web.app import create_app
from gateway.web.do import AN_HOUR
from tests.web.accounts import client_of, someone, token_in
from tests.web.conftest import Make
from tests.web.test_form import Page


def furnish(connection: sa.Connection, vault: Vault, now: object) -> None:
    """A concern, what is planned for it, and what is over."""
    assert hasattr(now, "astimezone")
    for code, kind, subject in (
        ("4821", "concern", 1),
        ("5304", "concern", 2),
        ("7210", "initiative", 3),
        ("1509", "initiative", 4),
    ):
        connection.execute(sa.insert(codes).values(code=code, kind=kind, subject=subject))
    said = {"place": "", "status": "public", "source": "", "made_at": now, "public_at": now}
    connection.execute(
        sa.insert(concerns).values(id=1, code="4821", texts={"en": "The bridge at Tunza is closed"}, **said)
    )
    connection.execute(sa.insert(concerns).values(id=2, code="5304", texts={"en": "Bridge closed at Tunza!"}, **said))
    planned = {
        "language": "en",
        "languages": ["en"],
        "gathering": True,
        "named": False,
        "status": "public",
        "made_at": now,
    }
    connection.execute(
        sa.insert(initiatives).values(
            id=3,
            code="7210",
            texts={"en": "Mend the bridge"},
            place="rusenda",
            starts_at=now + timedelta(days=3),  # type: ignore[operator]  # a datetime
            concern=1,
            capacity=0,
            sealed_where=vault.seal("At the big tree", "where"),
            **planned,
        )
    )
    connection.execute(
        sa.insert(initiatives).values(
            id=4,
            code="1509",
            texts={"en": "A meal for both sides"},
            place="gebi",
            starts_at=now - timedelta(days=3),  # type: ignore[operator]  # a datetime
            attended=40,
            **planned,
        )
    )
    connection.execute(sa.insert(tasks).values(initiative=3, texts={"en": "shovels"}, wanted=5))


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    made = make_assembly()
    with made.engine.begin() as connection:
        furnish(connection, made.vault, made.clock())
    return made


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert "Set-Cookie" not in answer.headers, path
    assert "<script" not in answer.text, path
    return Page(client, path, answer.text, answer.status_code).text


def test_what_happens_near_a_place(client: FlaskClient) -> None:
    assert "Mend the bridge" in text(client, "/here")
    assert "meal" not in text(client, "/here")
    assert "Mend the bridge" in text(client, "/here?place=rusende")  # misspelt
    assert "Nothing is planned" in text(client, "/here?place=gebi")
    assert "Kisima, Garuna" in text(client, "/here?place=Kisima")  # there are two
    assert "do not know this place" in text(client, "/here?place=xqzzt")


def test_one_initiative_shows_no_exact_place_and_nobody_who_joined(client: FlaskClient) -> None:
    shown = text(client, "/here/7210")
    assert "shovels (5)" in shown
    assert "JOIN 7210" in shown
    assert "big tree" not in shown
    over = text(client, "/here/1509")
    assert "counted 40 people" in over
    assert "JOIN" not in over
    assert client.get("/here/9999").status_code == 404


def test_concerns_by_support_and_what_is_planned_for_them(client: FlaskClient) -> None:
    assert "fewer than 10" in text(client, "/here/concerns")
    one = text(client, "/here/4821")
    assert "Mend the bridge" in one
    assert "SUPPORT 4821" in one


def test_a_flow_is_walked_on_pages_and_its_exact_place_stays_unsaid(client: FlaskClient, assembly: Assembly) -> None:
    answer = client.get("/s/do/join?code=7210&language=en")
    begun = Page(client, "/s/do/join", answer.text, answer.status_code).send(("begin", "en"), ("code", "7210"))
    assert "Mend the bridge" in begun.text
    assert "you would wait" in begun.text
    assert "waiting list" in begun.press("1").text
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(participations.c.state)) == "waiting"


def test_support_does_not_count_from_pages_whose_cookies_anybody_forgets(client: FlaskClient) -> None:
    answer = client.get("/s/do/support?code=4821")
    begun = Page(client, "/s/do/support", answer.text, answer.status_code).send(("begin", "en"), ("code", "4821"))
    assert "from a phone" in begun.text


def test_a_proposal_from_a_page_waits_for_two_and_one_address_sends_so_much(
    client: FlaskClient, assembly: Assembly
) -> None:
    answer = client.get("/s/do/propose")
    page = Page(client, "/s/do/propose", answer.text, answer.status_code).send(("begin", "en"))
    said = ("Mend the road together", "tomorrow", "14:00", "Rusenda", "At the tree", "SKIP", "SKIP", "no", "yes")
    for one in said:
        page = page.write(one)
    assert "Moderators" in page.text
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(submissions.c.needed)) == 2
    for _ in range(AN_HOUR):
        page = page.write("MENU")
    assert page.status == 429


def test_a_page_without_its_cookie_or_with_another_nonce_does_nothing(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/s/do/join")
    page = Page(app.test_client(), "/s/do/join", answer.text, answer.status_code)
    assert page.send(("begin", "en")).status == 400
    client.get("/s/do/join")
    assert client.post("/s/do/join", data={"nonce": "x" * 40, "begin": "en"}).status_code == 400
    assert client.get("/s/do/nothing").status_code == 404
    again = client.get("/s/do/join")
    page = Page(client, "/s/do/join", again.text, again.status_code)
    assert "Which number?" in page.send(("begin", "no-such-language")).text


def test_moderators_let_out_merge_and_lift(app: Flask, assembly: Assembly, client: FlaskClient) -> None:
    answer = client.get("/s/do/concern")
    page = Page(client, "/s/do/concern", answer.text, answer.status_code).send(("begin", "en"))
    page.write("Teachers <b>are</b> not paid").write("SKIP")
    desk = client_of(app, someone(assembly, "amina", Grant(Role.MODERATOR)))
    waits = desk.get("/dashboard/moderation").text
    assert "Teachers &lt;b&gt;are&lt;/b&gt; not paid" in waits
    row = waits.partition("/dashboard/moderation/")[2].partition("?")[0]
    send = {"csrf_token": token_in(waits), "decision": "refuse", "reason": ""}
    assert "write a reason" in desk.post(f"/dashboard/moderation/{row}", data=send).text
    page = Page(client, "/s/do/group", client.get("/s/do/group").text, 200).send(("begin", "en"))
    for one in ("Elders of Rusenda", "6", "Rusenda", "SKIP", "2", "yes"):
        page = page.write(one)
    registering = desk.get("/dashboard/moderation").text
    for shown in ("Elders of Rusenda", ">Other</dd>", ">Secretary</dd>", ">Rusenda</dd>"):
        assert shown in registering, shown
    too_long = send | {"reason": "x" * 101}
    assert "100 letters at most" in desk.post(f"/dashboard/moderation/{row}", data=too_long).text
    send |= {"decision": "approve", "word-text": "Teachers are not paid"}
    assert (
        desk.post(f"/dashboard/moderation/{row}", data=send, follow_redirects=True).text.count("Others can see it now")
        == 1
    )
    assert "decided on already" in desk.post(f"/dashboard/moderation/{row}", data=send).text
    assert "Teachers are not paid" in text(client, "/here/concerns")

    shown = desk.get("/dashboard/concerns").text
    assert "Make them one, with the words of 4821" in shown
    both = {"csrf_token": token_in(shown), "gone": "5304", "stays": "4821"}
    assert desk.post("/dashboard/concerns/merge", data=both).status_code == 303
    assert "Bridge closed" not in text(client, "/here/concerns")
    assert "The bridge at Tunza" in text(client, "/here/5304")
    came = {"csrf_token": token_in(shown), "text": "It is open again."}
    assert desk.post("/dashboard/concerns/4821/outcome", data=came).status_code == 303
    assert "It is open again." in text(client, "/here/4821")
    planned = desk.get("/dashboard/initiatives").text
    assert "Call 7210 off" in planned
    off = {"csrf_token": token_in(planned)}
    told = desk.post("/dashboard/initiatives/7210/off", data=off, follow_redirects=True).text
    assert ("It is called off" in told, "7210" in told) == (True, False)
    assert desk.post("/dashboard/initiatives/7210/off", data=off).status_code == 404
    assert "This was called off" in text(client, "/here/7210")
    group = {"csrf_token": token_in(shown), "name": "Lake Youth", "kind": "youth", "profile": "We play football."}
    for place, status, says in (
        ("Kisima", 409, "Kisima, Garuna; Kisima, Pwani Juu"),
        ("Xqzzt", 409, "We do not know this place"),
        ("Rusenda", 303, ""),
        ("Rusenda", 409, "a group of that name already"),
    ):
        answer = desk.post("/dashboard/groups", data=group | {"place": place})
        assert (answer.status_code, says in answer.text) == (status, True), place
    listed_groups = text(client, "/here/groups")
    assert ("We play football." in listed_groups, "By phone, send: GROUP" in listed_groups) == (True, True)
    lifted = {"csrf_token": token_in(shown), "text": "No clinic has medicine", "spoken": "en", "question": "why"}
    assert desk.post("/dashboard/priorities/concerns", data=lifted).status_code == 303
    assert "No clinic has medicine" in text(client, "/here/concerns")
