"""The pages of the map: what each viewer sees, to the byte, and that they work as pages do."""

from __future__ import annotations

import re
from collections.abc import Callable

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
)


def everything(client: FlaskClient) -> list[str]:
    """The pages of the map, and of every actor that they lead to."""
    pages = [client.get(address).get_data(as_text=True) for address in ADDRESSES]
    codes = sorted({code for page in pages for code in re.findall(r"/dashboard/actors/([A-Z]+)\?", page)})
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
