"""The pages of interviews: whom a guide is there for, what is brought in, and names that a mediator decides on."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.accounts.roles import Grant, Role
from gateway.actors.clearance import EVERYTHING
from gateway.actors.known import known_actors
from gateway.actors.names import Asked
from gateway.actors.reading import reports
from gateway.assembly import Assembly
from gateway.lifecycle import open_poll
from gateway.store import actor_tables, schema
from gateway.store.guide_tables import actor_sources
from gateway.web.app import create_app
from surveys.load import load_survey
from tests.gateway.actors.conftest import Maps
from tests.gateway.actors.guides import GUIDE
from tests.web.accounts import client_of, hidden, someone, token_in
from tests.web.conftest import Make

NODES = "id,name,clearance,reporter\nLAK,Lake Council,team,\nKAR,Karu Front,team,\nHID,Hidden hand,mediators,mira\n"
IMPORT = "/dashboard/actors/import"


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    made = make_assembly()
    open_poll(made.engine, load_survey(GUIDE, "guide.yaml"), made.clock(), "tests")
    made.live.refresh()
    return made


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


@pytest.fixture
def fatuma(app: Flask, assembly: Assembly) -> FlaskClient:
    return client_of(app, someone(assembly, "fatuma", Grant(Role.FOCAL_POINT, "lake_actors")))


@pytest.fixture
def mira(app: Flask, assembly: Assembly) -> FlaskClient:
    return client_of(app, someone(assembly, "mira", Grant(Role.MEDIATOR)))


def post(client: FlaskClient, page: str, to: str = "", **fields: object) -> tuple[int, str]:
    token = token_in(client.get(page).text)
    answer = client.post(to or page, data={"csrf_token": token, **fields}, follow_redirects=True)
    return answer.status_code, answer.text


def file(text: str, name: str = "nodes.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode()), name


def fill(client: FlaskClient, *said: str) -> str:
    """Walk the web form of the guide; gives its last page."""
    page = client.get("/s/lake_actors").text
    page = client.post("/s/lake_actors", data={"nonce": hidden(page, "nonce"), "begin": "en"}).text
    for text in said:
        page = client.post("/s/lake_actors", data={"nonce": hidden(page, "nonce"), "text": text}).text
    return page


def test_a_guide_is_there_for_nobody_else(app: Flask, assembly: Assembly, mira: FlaskClient) -> None:
    other = client_of(app, someone(assembly, "otto", Grant(Role.FOCAL_POINT, "priorities")))
    for client in (client_of(app), mira, other):
        there, missing = client.get("/s/lake_actors"), client.get("/s/no_such_poll")
        assert (there.status_code, there.data) == (missing.status_code, missing.data.replace(b"no_such_poll", b""))
        assert "lake_actors" not in client.get("/app/polls").text
    assert "lake_actors" not in other.get("/dashboard/interviews").text


def test_an_interview_on_the_web_form_is_in_the_map(assembly: Assembly, fatuma: FlaskClient, mira: FlaskClient) -> None:
    assert "Nothing came in" not in post(mira, IMPORT, file=file(NODES), holds="nodes")[1]
    said = ("yes", "1", "lake council", "karu", "1", "No more", "2", "3", "1", "6", "6", "SKIP")
    page = fill(fatuma, *said)
    assert "Thank you. It is in the map." in page
    with assembly.engine.connect() as connection:
        ties = reports(connection, assembly.vault, EVERYTHING, "main").ties
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.answers)) == 0
    assert [(row.type, row.reporter, row.wave) for row in ties.itertuples()] == [("conflict", "fatuma", 2)]


def test_what_is_due_and_the_codes_are_those_of_the_reader(
    assembly: Assembly, fatuma: FlaskClient, mira: FlaskClient
) -> None:
    post(mira, IMPORT, file=file(NODES), holds="nodes")
    ties = "wave,source,target\n1,LAK,KAR\n"
    assert "1 ties" in post(fatuma, IMPORT, file=file(ties, "ties.csv"), holds="ties")[1]
    page = fatuma.get("/dashboard/interviews").text
    assert re.findall(r'<li dir="auto">([^<]+)', page) == ["Karu Front", "Lake Council"]
    assert len(re.findall(r'<td dir="ltr">[A-Z]{5}</td>', page)) == 2
    assert "Hidden hand" not in page
    fill(fatuma, "yes", "1", "lake council", "No more", "1", "6", "SKIP")


@pytest.mark.parametrize("level", ["mediators,otto,", "own,otto,", "named,otto,otto"])
def test_pages_are_those_of_a_map_where_what_is_hidden_never_was(
    level: str, app: Flask, assembly: Assembly, fatuma: FlaskClient, mira: FlaskClient
) -> None:
    """For who is not cleared: a focal point, and a mediator. The hidden name is close to a known one."""
    otto = client_of(app, someone(assembly, "otto", Grant(Role.FOCAL_POINT, "lake_actors")))
    maps = Maps(assembly.engine, assembly.vault, lambda: datetime(2026, 3, 1, tzinfo=UTC))
    addresses = (
        "/dashboard/interviews",
        "/dashboard/actors/names",
        IMPORT,
        "/dashboard/actors?find=karu&size=standing",
    )

    def told(client: FlaskClient) -> list[str]:
        return [re.sub(r'name="csrf_token" value="[^"]+"', "", client.get(one).text) for one in addresses]

    known = "id,name,clearance,reporter,readers\nLAK,Lake Council,team,,\nKAR,Karu Front,team,,\n"
    ties = "wave,source,target,clearance,reporter,readers\n1,LAK,KAR,team,fatuma,\n"
    maps.take(
        Asked(apart=frozenset({"Karu Frontt"})),
        nodes=f"{known}HID,Karu Frontt,{level}\n",
        ties=f"{ties}1,HID,KAR,{level}\n",
    )
    seen = {name: told(client) for name, client in (("fatuma", fatuma), ("mira", mira), ("otto", otto))}
    cleared = {"otto", *(["mira"] if level.startswith("mediators") else [])}
    assert {name for name, pages in seen.items() if "Karu Frontt" in "".join(pages)} == cleared
    with assembly.engine.begin() as connection:
        for table in (
            actor_tables.statement_readers,
            actor_tables.actor_readers,
            actor_tables.actor_statements,
            actor_tables.actors,
        ):
            connection.execute(sa.delete(table))
    maps.take(nodes=known, ties=ties)
    for name, client in (("fatuma", fatuma), ("mira", mira)):
        assert (told(client) == seen[name]) is (name not in cleared)


def test_mistakes_are_shown_by_row_and_nothing_comes_in(assembly: Assembly, fatuma: FlaskClient) -> None:
    status, page = post(fatuma, IMPORT, file=file("wave,source,target\n1,A,B\nx,A,C\n", "t.csv"), holds="ties")
    assert status == 400
    assert "<td>3</td>" in page
    assert "&#39;x&#39; is no wave" in page
    status, page = post(fatuma, IMPORT, file=file("wave,source,target\n1,A,B\n", "t.csv"), holds="ties")
    assert "tick “new actors”" in page
    with assembly.engine.connect() as connection:
        assert known_actors(connection, assembly.vault, EVERYTHING, "main") == {}
    status, page = post(
        fatuma, IMPORT, file=file("wave,source,target\n1,A,B\n", "t.csv"), holds="ties", new_actors="on"
    )
    assert (status, "2 new actors, 1 ties" in page) == (200, True)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (("map.pdf", "%PDF"), ".pdf is no table"),
        (("map.csv", "id,name\nA,=cmd()\n"), "is a formula to a spreadsheet"),
        (("map.csv", "id,name,reporter\nA,Alpha,mira\n"), "here you bring your own reports"),
        (("map.csv", "id,name,clearance\nA,Alpha,everybody\n"), "there is no clearance"),
    ],
)
def test_a_file_that_does_not_fit_says_why(fatuma: FlaskClient, sent: tuple[str, str], says: str) -> None:
    status, page = post(fatuma, IMPORT, file=file(sent[1], sent[0]), holds="nodes")
    assert (status, says in page) == (400, True)


def test_a_spreadsheet_of_50_mb_is_refused_before_it_is_read(fatuma: FlaskClient) -> None:
    token = token_in(fatuma.get(IMPORT).text)
    sent = {"csrf_token": token, "file": (io.BytesIO(b"\0" * (50 * 2**20)), "map.xlsx"), "holds": "workbook"}
    assert fatuma.post(IMPORT, data=sent).status_code == 413


def test_names_close_to_hidden_ones_are_close_to_nobody(
    assembly: Assembly, fatuma: FlaskClient, mira: FlaskClient
) -> None:
    post(mira, IMPORT, file=file(NODES), holds="nodes")
    status, page = post(fatuma, IMPORT, file=file("id,name\nHID,Hiden hand\nLC,Lake Councl\n"), holds="nodes")
    assert (status, "Hidden" in page, "looks like LAK" in page) == (400, False, True)
    assert "only mediators change" in post(fatuma, IMPORT, file=file("id,name\nLAK,Mine\n"), holds="nodes")[1]
    fields = {"holds": "nodes", "apart": "Lake Councl"}
    assert post(fatuma, IMPORT, file=file("id,name\nHID,Hiden hand\nLC,Lake Councl\n"), **fields)[0] == 200
    page = mira.get("/dashboard/actors/names").text
    assert "Hiden hand" in page
    codes = dict(re.findall(r'name="gone" value="(\w+)">\s*<button class="plain" name="keep" value="(\w+)"', page))
    gone, keep = next(iter(codes.items()))
    to = "/dashboard/actors/names/merge"
    assert post(mira, "/dashboard/actors/names", to, keep=keep, gone=gone)[0] == 200
    assert post(mira, "/dashboard/actors/names", to, keep=keep, gone=gone)[0] == 409
    again = re.findall(r'name="code" value="(\w+)" aria-label="They are two', mira.get("/dashboard/actors/names").text)
    assert again == [gone]
    status, page = post(mira, "/dashboard/actors/names", "/dashboard/actors/names/part", code=gone)
    assert (status, "Said to be one" in page, f'value="{gone}"' in page) == (200, False, True)


def test_a_session_is_written_down_on_the_page(assembly: Assembly, fatuma: FlaskClient) -> None:
    fields = {"interview": "karu-elders", "wave": "2", "kind": "netmap", "size": "9", "dissent": "Two of them"}
    status, page = post(fatuma, IMPORT, "/dashboard/actors/sessions", clearance="mediators", **fields)
    assert (status, "1 sessions" in page) == (200, True)
    assert "described already" in post(fatuma, IMPORT, "/dashboard/actors/sessions", **fields)[1]
    with assembly.engine.connect() as connection:
        row = connection.execute(sa.select(actor_sources)).one()
    assert (row.kind, row.size, row.reporter, row.clearance) == ("netmap", 9, "fatuma", "mediators")
    other = client_of(fatuma.application, someone(assembly, "otto", Grant(Role.FOCAL_POINT, "priorities")))
    assert ["Two of them" in client.get(IMPORT).text for client in (fatuma, other)] == [True, False]


def test_a_chat_is_linked_by_a_code(assembly: Assembly, fatuma: FlaskClient) -> None:
    status, page = post(fatuma, "/dashboard/interviews", "/dashboard/interviews/link", code="123456")
    assert (status, "the code is wrong" in page) == (409, True)


def test_the_page_shows_the_guide_and_dialogues_that_are_tested() -> None:
    page = (Path(__file__).parents[2] / "docs" / "focal-point" / "interviewing-actors.md").read_text(encoding="utf-8")
    assert GUIDE.strip() in page
    dialogues = (Path(__file__).parents[1] / "dialogues" / "guides" / "lake_actors.yaml").read_text(encoding="utf-8")
    shown = [line.strip() for line in page.splitlines() if line.startswith("      ")]
    assert len(shown) > 30
    assert [line for line in shown if line not in dialogues] == []
