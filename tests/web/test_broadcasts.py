"""Broadcasts on a page: planned, started, paused and cancelled by an operator, without scripts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.store.schema import addresses, audit, broadcasts, memberships, people
from gateway.web.app import create_app
from tests.web.accounts import client_of, someone, token_in
from tests.web.conftest import Make
from tests.web.test_campaigns import publish

PAGE = "/dashboard/broadcasts"
FILES = {
    "invite": "name: invite\npoll: priorities\nportions: [1]\n",
    "wrong": "name: wrong\npol: priorities\n",
}


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    made = make_assembly(BARAZA_DEMO="1")
    folder = made.settings.config / "broadcasts"
    folder.mkdir(exist_ok=True)
    for name, source in FILES.items():
        (folder / f"{name}.yaml").write_text(source, encoding="utf-8")
    return made


@pytest.fixture
def operator(assembly: Assembly) -> FlaskClient:
    return client_of(create_app(assembly), someone(assembly, "ada", Grant(Role.OPERATOR)))


def people_of(assembly: Assembly, many: int) -> None:
    now = assembly.clock()
    with assembly.engine.begin() as connection:
        for number in range(1, many + 1):
            row = {"id": number, "language": "en", "stopped": False, "created_at": now, "seen_at": now}
            connection.execute(sa.insert(people), row)
            way = {"id": number, "person": number, "kind": "tel", "hmac": bytes([number]), "channel": "phone-sms"}
            sealed = assembly.vault.seal(f"+25471100000{number}", "address")
            connection.execute(sa.insert(addresses), way | {"sealed_address": sealed})


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def does(operator: FlaskClient, what: str, sure: str = "yes") -> tuple[int, str]:
    token = token_in(operator.get(f"{PAGE}/invite?plan=yes").text)
    answer = operator.post(f"{PAGE}/invite", data={"do": what, "sure": sure, "csrf_token": token})
    return answer.status_code, text_of(operator.get(answer.location or f"{PAGE}/invite").text)


def test_a_piece_of_a_campaign_goes_in_its_words_to_its_topic(assembly: Assembly, operator: FlaskClient) -> None:
    source = "name: closed\ncampaign: bridge\npiece: closed\n"
    (assembly.settings.config / "broadcasts" / "closed.yaml").write_text(source, encoding="utf-8")
    people_of(assembly, 3)
    assert "no campaign" in operator.get(f"{PAGE}/closed?plan=yes").text
    publish(assembly)
    with assembly.engine.begin() as connection:
        member = {"person": 2, "name": "bridgenews", "joined_at": assembly.clock()}
        connection.execute(sa.insert(memberships), member)
    plan = text_of(operator.get(f"{PAGE}/closed?plan=yes").text)
    assert "People 1" in plan
    assert "Tamani Civil Forum: The Duswari bridge has been closed for two years." in plan
    assert "Write to your representative: WRITE To leave, send only STOP BRIDGENEWS." in plan


def test_from_a_file_to_the_last_portion(assembly: Assembly, operator: FlaskClient) -> None:
    people_of(assembly, 3)
    assert "invite" in operator.get(PAGE).text
    plan = text_of(operator.get(f"{PAGE}/invite?plan=yes").text)
    assert "People 3" in plan
    assert "Tamani Peace Forum asks what the talks must settle" in plan
    assert "by example prices" in plan
    assert does(operator, "start", sure="")[0] == 409
    status, page = does(operator, "start")
    assert (status, "It is started." in page) == (303, True)
    replace(assembly.broadcasts, quiet=None).sending(lambda _: None).run()  # at whatever hour this runs
    page = text_of(operator.get(f"{PAGE}/invite").text)
    assert "a portion is out, and it waits for your word" in page
    assert "waits to be sent 1" in page
    assert "Send the next portion" in page
    assert "waits for your word" in text_of(operator.get(f"{PAGE}/invite/progress").text)
    assert "It goes on." in does(operator, "resume")[1]
    assert "It pauses" in does(operator, "pause")[1]
    with assembly.engine.begin() as connection:
        connection.execute(sa.update(broadcasts).values(source="name: invite\npoll: gone\n"))
    page = text_of(operator.get(f"{PAGE}/invite").text)
    assert "It can&#39;t be read any more" in page
    assert "no poll &#39;gone&#39; was ever opened" in page
    assert "It is cancelled." in does(operator, "cancel")[1]
    with assembly.engine.connect() as connection:
        what = connection.scalars(sa.select(audit.c.what).where(audit.c.who == "ada")).all()
    assert list(what) == ["broadcast start", "broadcast running", "broadcast paused", "broadcast cancelled"]


def test_a_file_with_mistakes_shows_them_with_their_lines(operator: FlaskClient) -> None:
    page = text_of(operator.get(f"{PAGE}/wrong").text)
    assert "2:1: there is no `pol` here; did you mean &#39;poll&#39;?" in page
    assert "Start it" not in page
    assert operator.get(f"{PAGE}/none").status_code == 404
