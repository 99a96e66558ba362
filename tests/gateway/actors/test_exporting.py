"""The map as files: taken back as they were, read by other programs, and holding what a viewer may see and no more."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import networkx as nx
import pytest
import sqlalchemy as sa
from PIL import Image

from analysis.actors import exchange
from analysis.actors.exchange import Stamp
from gateway.actors.clearance import EVERYTHING, Viewer
from gateway.actors.exporting import FORMS, Order, export
from gateway.actors.seeing import Look
from gateway.actors.tables import tables
from gateway.store.keys import Vault
from gateway.web.actor_texts import caption
from tests.analysis.actors.made import pair, reports
from tests.gateway.actors.conftest import FOCAL_POINT, MEDIATOR, Maps
from tests.gateway.actors.test_clearance import TABLES, VIEWERS, without_what_is_hidden
from tests.gateway.actors.test_importing import ATTITUDES, NODES, STATEMENTS, TIES


def files(maps: Maps, who: Viewer, at: datetime, *forms: str) -> dict[str, bytes]:
    look, stamp = Look(1, "land", "connects"), Stamp(who.name or "the operator", at)
    with maps.engine.connect() as connection:
        return {
            form: export(connection, maps.vault, who, "main", Order(form, look, stamp, caption(look, stamp)))
            for form in forms or FORMS
            if form != "pdf" or not forms
        }


def csvs(made: bytes) -> dict[str, str]:
    with ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("who", VIEWERS, ids=lambda who: who.name)
def test_what_is_hidden_never_existed_in_any_file(
    who: Viewer,
    postgres_engine: sa.Engine,
    sqlite_engine: sa.Engine,
    vault: Vault,
    clock: Callable[[], datetime],
) -> None:
    maps, never = (Maps(engine, vault, clock) for engine in (postgres_engine, sqlite_engine))
    maps.take(**TABLES)
    never.take(**{holds: text for holds, text in without_what_is_hidden(who).items() if text.count("\n")})
    forms = [form for form in FORMS if form != "pdf"]  # made of the SVG
    assert files(maps, who, clock(), *forms) == files(never, who, clock(), *forms)


def test_tables_are_taken_back_as_they_were(
    sqlite_engine: sa.Engine, postgres_engine: sa.Engine, vault: Vault, clock: Callable[[], datetime]
) -> None:
    maps, again = (Maps(engine, vault, clock) for engine in (sqlite_engine, postgres_engine))
    maps.take(**TABLES)
    maps.take(nodes=NODES, ties=TIES, attitudes=ATTITUDES, statements=STATEMENTS)
    with maps.engine.connect() as connection:
        made = tables(connection, vault, EVERYTHING, "main")
    assert "mira;otto" in made["nodes"]
    again.take(**made)
    with again.engine.connect() as connection:
        assert tables(connection, vault, EVERYTHING, "main") == made
    assert "karu-elders,2,group,9,elders,two wanted peace,fp1,team" in made["sessions"]
    for who in (EVERYTHING, *VIEWERS):
        assert maps.read(who).ties.equals(again.read(who).ties)
        assert maps.words(who) == again.words(who)


def test_what_a_viewer_takes_out_tells_no_source_and_comes_back(maps: Maps, clock: Callable[[], datetime]) -> None:
    maps.take(**TABLES)
    made = csvs(files(maps, MEDIATOR, clock(), "zip")["zip"])
    assert "Made by mira on" in made["about.txt"]
    assert not any(name in "".join(made.values()) for name in ("fp1", "fp2", "fatuma", "otto"))
    assert "source-1" in made["ties.csv"]
    with maps.engine.begin() as connection:
        for table in (
            "statement_readers",
            "actor_readers",
            "actor_statements",
            "actor_sources",
            "actors",
            "actor_maps",
        ):
            connection.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - names from this line
    maps.take(**{name.removesuffix(".csv"): text for name, text in made.items() if name.endswith(".csv")})
    again = csvs(files(maps, MEDIATOR, clock(), "zip")["zip"])
    assert again["ties.csv"] == made["ties.csv"]
    assert "interview-3,2,group,9,elders,two wanted peace,source-1,team" in made["sessions.csv"]
    assert again["sessions.csv"] == made["sessions.csv"]


def test_a_picture_shows_whom_the_look_is_on(maps: Maps, clock: Callable[[], datetime]) -> None:
    maps.take(nodes="id,name,kind\nA,Alpha,group\nB,Beta,office\nC,Gamma,group\n", ties="wave,source,target\n1,A,B\n")
    look, stamp = Look(1, kind="group"), Stamp("m", clock())
    order = Order("svg", look, stamp, caption(look, stamp, "ar"))
    with maps.engine.connect() as connection:
        made = export(connection, maps.vault, MEDIATOR, "main", order).decode()
    assert "Alpha" in made
    assert "Gamma" in made
    assert "Beta" not in made
    assert 'xml:lang="ar"' in made
    assert "فقط: جماعة." in made  # only: group
    assert made.count('direction="rtl"') == 2


def test_a_formula_in_a_name_is_none_in_a_file(maps: Maps) -> None:
    """Tables with one are refused; what came in by another way is made harmless."""
    from gateway.actors.known import PURPOSE  # noqa: PLC0415
    from gateway.actors.profile import Profile  # noqa: PLC0415
    from gateway.store.actor_tables import actors  # noqa: PLC0415

    maps.take(nodes="id,name\nA,Alpha\n", ties="", attitudes="wave,actor,issue,attitude\n1,A,land,-2\n")
    with maps.engine.begin() as connection:
        sealed = maps.vault.seal(Profile("A", "=HYPERLINK(1)", "+area").dumps(), PURPOSE)
        connection.execute(sa.update(actors).values(sealed_profile=sealed))
        made = tables(connection, maps.vault, FOCAL_POINT, "main")
    assert "'=HYPERLINK(1)" in made["nodes"]
    assert "'+area" in made["nodes"]
    assert ",-2," in made["attitudes"]


FOUND = reports(
    [
        pair("a", "b", type="talks", strength=0.5),
        pair("a", "b", type="talks", wave=2, sign=-1, strength=0.25),
        pair("b", "c", type="trade", wave=2),
    ],
    [{"actor": "a", "attitude": 2.0}, {"actor": "a", "attitude": -1.0, "wave": 2}],
    groups={"a": {"kind": "group"}, "b": {"area": "north"}},
    asked={1: frozenset("ab"), 2: frozenset("abc"), 4: frozenset("ab")},
)
STAMP = Stamp("mira", datetime.fromisoformat("2026-03-01T10:00:00+00:00"))


def test_networkx_reads_what_we_write_as_graphml() -> None:
    graph = nx.read_graphml(io.BytesIO(exchange.graphml(FOUND, STAMP)))
    assert graph.graph["made"].startswith("Made by mira on 2026-03-01 10:00 UTC")
    assert graph.nodes["a"] == {"name": "A", "kind": "group", "attitude land 1": 2.0, "attitude land 2": -1.0}
    assert graph.edges["a", "b"]["waves"] == "1 2"
    assert (graph.edges["a", "b"]["sign 2"], graph.edges["a", "b"]["strength 2"]) == (-1, 0.25)


def test_what_xml_can_not_hold_is_left_out() -> None:
    """Of names, of headings and of types, in both forms."""
    odd = "a\x00b\x0b\ufffec"
    found = reports([pair("a", "b", type=odd)], groups={"a": {odd: odd}})
    graph = nx.read_graphml(io.BytesIO(exchange.graphml(found, STAMP)))
    assert graph.nodes["a"]["abc"] == graph.edges["a", "b"]["type"] == "abc"
    timed = nx.read_gexf(io.BytesIO(exchange.gexf(found, STAMP)), version="1.2draft")
    assert timed.nodes["a"]["abc"] == "abc"


def test_networkx_reads_what_we_write_as_gexf_with_its_times() -> None:
    graph = nx.read_gexf(io.BytesIO(exchange.gexf(FOUND, STAMP)), version="1.2draft")
    assert graph.nodes["a"]["spells"] == [(1, 4)]
    assert graph.nodes["c"]["spells"] == [(2, 2)]
    assert graph.nodes["a"]["attitude land"] == [(2.0, 1, 1), (-1.0, 2, 2)]
    assert graph.edges["b", "c"]["spells"] == [(2, 2)]
    assert graph.edges["a", "b"]["sign"] == [(1, 1, 1), (-1, 2, 2)]
    one_way = exchange.gexf(reports([pair("a", "b", directed=True), pair("b", "c")]), STAMP)
    kinds = [edge.get("type") for edge in ET.fromstring(one_way).iter(f"{{{exchange.GEXF}}}edge")]  # noqa: S314 - ours
    assert kinds == ["directed", "undirected"]


def test_kumu_gets_elements_and_connections() -> None:
    made = json.loads(exchange.kumu(FOUND, STAMP))
    assert "Made by mira" in made["description"]
    assert made["elements"][0] == {
        "id": "a",
        "label": "A",
        "type": "group",
        "attitude land 1": 2.0,
        "attitude land 2": -1.0,
    }
    assert made["connections"][1] | {"id": ""} == {
        "id": "",
        "from": "b",
        "to": "c",
        "direction": "undirected",
        "type": "trade",
        "waves": ["2"],
        "sign 2": 1,
        "strength 2": 1.0,
    }


def test_pictures_say_who_made_them(maps: Maps, clock: Callable[[], datetime]) -> None:
    maps.take(nodes=NODES, ties=TIES, attitudes=ATTITUDES)
    made = files(maps, MEDIATOR, clock())
    root = ET.fromstring(made["svg"])  # noqa: S314 - ours
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "Made by mira on" in made["svg"].decode()
    assert made["pdf"].startswith(b"%PDF")
    picture = Image.open(io.BytesIO(made["png"]))
    assert picture.size == (2000, 1484)
    assert "Made by mira on" in picture.info["Description"]
    assert len(picture.getcolors(1 << 24) or ()) > 20  # there is something on it
