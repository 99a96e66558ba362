"""The pages of the map: what each viewer sees, to the byte, and that they work as pages do."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.store import actor_tables, schema
from gateway.web.app import create_app
from tests.gateway.actors.conftest import FOCAL_POINT, MEDIATOR, Maps
from tests.gateway.actors.test_clearance import TABLES, without_what_is_hidden
from tests.web.accounts import client_of, someone

Make = Callable[..., Assembly]
ADDRESSES = (
    "/dashboard/actors",
    "/dashboard/actors?wave=1&issue=land&size=standing",
    "/dashboard/actors?wave=2&size=power&type=tie&language=ar",
    "/dashboard/actors?find=hidden&group=kind&beside=1&size=connects",
    "/dashboard/actors/words?issue=land&group=kind",
    "/dashboard/actors/camps?group=kind&wave=1&one=group&other=office",
    "/dashboard/actors/data",
    "/dashboard/actors/sizes?size=standing&wave=1",
)


def everything(client: FlaskClient) -> list[str]:
    """The pages of the map, and of every actor that they lead to."""
    pages = [client.get(address).get_data(as_text=True) for address in ADDRESSES]
    codes = sorted({code for page in pages for code in re.findall(r"/dashboard/actors/([A-Z]+)\?", page)})
    assert all(page for page in pages)
    files = [client.get(f"/dashboard/actors/files/map.{form}?wave=1").get_data() for form in ("zip", "gexf", "svg")]
    return (
        [re.sub(r'name="csrf_token" value="[^"]+"', "", page) for page in pages]
        + [str(file) for file in files]
        + [
            re.sub(
                r'name="csrf_token" value="[^"]+"', "", client.get(f"/dashboard/actors/{code}").get_data(as_text=True)
            )
            for code in codes
        ]
    )


@pytest.mark.parametrize(("name", "role"), [("fatuma", Role.FOCAL_POINT), ("mira", Role.MEDIATOR)])
def test_what_is_hidden_never_existed_on_any_page(name: str, role: Role, make_assembly: Make) -> None:
    assembly = make_assembly()
    grant = Grant(role, "priorities") if role is Role.FOCAL_POINT else Grant(role)
    client = client_of(create_app(assembly), someone(assembly, name, grant))
    maps = Maps(assembly.engine, assembly.vault, assembly.clock)
    maps.take(**TABLES)
    seen = everything(client)
    assert len(seen) > 5
    assert "Alpha" in seen[0]
    with assembly.engine.begin() as connection:
        for table in (
            actor_tables.statement_readers,
            actor_tables.actor_readers,
            actor_tables.actor_statements,
            actor_tables.actors,
            actor_tables.actor_maps,
        ):
            connection.execute(sa.delete(table))
    maps.take(**without_what_is_hidden({"fatuma": FOCAL_POINT, "mira": MEDIATOR}[name]))
    assert everything(client) == seen


def test_the_picture_that_moves_gets_all_waves_in_few_letters(make_assembly: Make) -> None:
    assembly = make_assembly()
    client = client_of(create_app(assembly), someone(assembly, "mira", Grant(Role.MEDIATOR)))
    Maps(assembly.engine, assembly.vault, assembly.clock).take(
        nodes="id,name,wave,asked\nA,Alpha,1,\nB,Beta,1,\nC,Gamma,1,\nA,Alpha,2,\nB,Beta,2,\nC,Gamma,2,no\n",
        ties="wave,source,target,type,sign,strength,state\n1,A,B,talks,1,0.5,\n1,B,C,talks,1,1,\n2,A,B,talks,-1,0.25,\n"
        "2,A,C,command,1,1,unknown\n",
        attitudes="wave,actor,issue,attitude\n1,A,land,supports\n1,B,land,unknown\n",
    )
    plain = client.get("/dashboard/actors/data")
    packed = client.get("/dashboard/actors/data", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    found = plain.get_json()
    assert [actor[1] for actor in found["actors"]] == ["Alpha", "Beta", "Gamma"]
    assert (found["ties"]["from"], found["ties"]["to"], found["ties"]["way"]) == ([0, 0, 1], [1, 2, 2], "010")
    # A-B turned; A-C was not there and is not known; B-C was there, and of C nobody was asked again.
    assert found["ties"]["state"] == ["+.+", "-??"]
    assert found["ties"]["strength"] == ["509", "200"]
    assert (found["asked"], found["attitudes"]) == (["111", "110"], {"land": ["+? ", "   "]})
    assert client.get("/dashboard/actors/sizes?wave=1&size=ties").get_json() == [1, 2, 1]


def test_what_it_comes_to_is_said_in_words(make_assembly: Make) -> None:
    assembly = make_assembly()
    client = client_of(create_app(assembly), someone(assembly, "mira", Grant(Role.MEDIATOR)))
    maps = Maps(assembly.engine, assembly.vault, assembly.clock)
    assert "Nothing is on the map" in client.get("/dashboard/actors/words").get_data(as_text=True)
    maps.take(
        nodes="id,name,camp\nA,Alpha,red\nB,Beta,\nC,Gamma,blue\nD,Delta,blue\n",
        ties="wave,source,target,type,strength,reporter\n1,A,B,talks,0.5,x\n1,B,C,talks,0.8,y\n2,A,B,talks,0.5,x\n"
        "2,B,C,talks,0.8,y\n2,C,D,trade,1,y\n",
        attitudes="wave,actor,issue,attitude\n1,A,land,opposes\n1,B,land,neutral\n"
        "2,A,land,rather opposes\n2,B,land,supports\n",
        statements="wave,actor,kind,about,text\n1,A,value,,Dignity\n2,C,value,,Dignity\n"
        "2,B,driver,land,Unequal titles\n",
    )

    def text(address: str) -> str:
        page = client.get(address)
        assert page.status_code == 200
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", unescape(page.get_data(as_text=True))))

    words = text("/dashboard/actors/words?issue=land&group=camp")
    assert "Against land: Alpha. Tied to them, and thinks better of it: Beta (supports)" in words
    assert "2 of 2 attitudes that are known in both waves moved" in words
    assert "land: Unequal titles (Beta) new in this wave" in words
    assert "Without whom a part falls off: Beta, Gamma" in words
    assert "With one reporter left out" in words
    camps = text("/dashboard/actors/camps?group=camp&one=red&other=blue")
    assert "Alpha → Beta → Gamma 0.40" in camps
    assert "Alpha – Gamma: Dignity" in camps
    assert "land-1.0 (1)not known" in camps
    assert "Choose two camps" in text("/dashboard/actors/camps?group=camp&one=red&other=red")


def test_who_looked_is_written_down(make_assembly: Make) -> None:
    assembly = make_assembly()
    client = client_of(create_app(assembly), someone(assembly, "mira", Grant(Role.MEDIATOR)))
    assert "Nothing is on the map" in client.get("/dashboard/actors").get_data(as_text=True)
    assert client.get("/dashboard/actors/BCDFG").status_code == 404
    assert client.get("/dashboard/actors/files/map.exe").status_code == 404
    assert client.get("/dashboard/actors/files/map.graphml").mimetype == "application/xml"
    with assembly.engine.connect() as connection:
        noted = [row.what for row in connection.execute(sa.select(schema.audit).order_by(schema.audit.c.id))]
    assert noted[-3:] == ["view the map of actors", "view an actor", "export the map of actors"]
