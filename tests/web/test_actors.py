"""The pages of the map: what each viewer sees, to the byte, and that they work as pages do."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from analysis.findings import Cell, Column, Digest, Finding, Table, Turnout
from gateway.accounts.roles import Grant, Role
from gateway.actors import notes, section
from gateway.actors.clearance import EVERYTHING, Viewer
from gateway.actors.exporting import FORMS
from gateway.actors.known import known_actors
from gateway.actors.notes import Note
from gateway.assembly import Assembly
from gateway.store import actor_tables, guide_tables, note_tables, schema
from gateway.web.app import create_app
from tests.conftest import Clock
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
    "/dashboard/actors/notes",
    "/dashboard/actors/voices?issue=land&poll=priorities",
    "/dashboard/actors/data",
    "/dashboard/actors/sizes?size=standing&wave=1",
    "/dashboard/actors/import",
)
MEDIATORS_OWN = ("/dashboard/actors/names", "/dashboard/priorities/digest?told=en")
BY_NAME = {"/dashboard/actors/<code>", "/dashboard/actors/files/<filename>"}


FILES = [form for form in FORMS if form != "pdf"]
"""A PDF is made of the SVG."""


def taken(client: FlaskClient, form: str) -> str:
    """A file's text; of an archive, that of all that is in it."""
    answer = client.get(f"/dashboard/actors/files/map.{form}?wave=1")
    assert answer.status_code == 200
    if form != "zip":
        return answer.get_data().decode("latin-1" if form == "png" else "utf-8")
    with ZipFile(io.BytesIO(answer.get_data())) as archive:
        return "".join(f"{name}\n{archive.read(name).decode()}" for name in archive.namelist())


def everything(client: FlaskClient, *more: str) -> list[str]:
    """The pages of the map, and of every actor that they lead to."""
    pages = [client.get(address).get_data(as_text=True) for address in (*ADDRESSES, *more)]
    codes = sorted({code for page in pages for code in re.findall(r"/dashboard/actors/([A-Z]+)\?", page)})
    assert all(page for page in pages)
    files = [taken(client, form) for form in FILES]
    return (
        [re.sub(r'name="csrf_token" value="[^"]+"', "", page) for page in pages]
        + files
        + [
            re.sub(
                r'name="csrf_token" value="[^"]+"', "", client.get(f"/dashboard/actors/{code}").get_data(as_text=True)
            )
            for code in codes
        ]
    )


@pytest.mark.parametrize(("name", "role"), [("fatuma", Role.FOCAL_POINT), ("mira", Role.MEDIATOR)])
def test_what_is_hidden_never_existed_on_any_page(name: str, role: Role, make_assembly: Make, clock: Clock) -> None:
    assembly = replace(make_assembly(), clock=clock)  # it stands still: a file says when it was made
    grant = Grant(role, "priorities") if role is Role.FOCAL_POINT else Grant(role)
    client = client_of(create_app(assembly), someone(assembly, name, grant))
    maps = Maps(assembly.engine, assembly.vault, assembly.clock)
    more = MEDIATORS_OWN if role is Role.MEDIATOR else ()
    maps.take(**TABLES)
    keep_notes(assembly)
    put_into_digests(assembly)
    seen = everything(client, *more)
    assert len(seen) > 5
    assert "kept for the team" in "".join(seen)
    assert "kept for the author" not in "".join(seen)
    assert "Alpha" in seen[0]
    assert "two wanted peace" in "".join(seen[len(ADDRESSES) + len(more) + len(FILES) :])
    assert ("The map of actors" in "".join(seen)) is (role is Role.MEDIATOR)
    assert ("a trader" in "".join(seen)) is (role is Role.MEDIATOR)
    assert "officers" not in "".join(seen)
    with assembly.engine.begin() as connection:
        for table in (
            schema.actor_notes,
            note_tables.map_digests,
            schema.releases,
            actor_tables.statement_readers,
            actor_tables.actor_readers,
            actor_tables.actor_statements,
            guide_tables.actor_sources,
            actor_tables.actors,
            actor_tables.actor_maps,
        ):
            connection.execute(sa.delete(table))
    maps.take(**without_what_is_hidden({"fatuma": FOCAL_POINT, "mira": MEDIATOR}[name]))
    with assembly.engine.begin() as connection:
        notes.add(connection, assembly.vault, MOSES, "main", note(assembly, "kept for the team"))
    put_into_digests(assembly)
    assert everything(client, *more) == seen


def put_into_digests(assembly: Assembly) -> None:
    """What every mediator may see, in the digest of a poll."""
    with assembly.engine.begin() as connection:
        values = {"survey": "priorities", "made_at": assembly.clock(), "findings": released(assembly).to_dict()}
        connection.execute(sa.insert(schema.releases), values)
        section.freeze(connection, assembly.vault, "main", "moses", assembly.clock())


MOSES = Viewer("moses", team=True, mediator=True)


def note(assembly: Assembly, text: str, actor: str = "", clearance: str = "team") -> Note:
    return Note("", text, None, actor, clearance, "moses", assembly.clock())


def keep_notes(assembly: Assembly) -> None:
    """One that the team may see, one that nobody may but who wrote it, and one about an actor whom only he may see."""
    with assembly.engine.begin() as connection:
        known = known_actors(connection, assembly.vault, EVERYTHING, "main").values()
        between = next(one.code for one in known if one.profile.name == "Go between")
        notes.add(connection, assembly.vault, MOSES, "main", note(assembly, "kept for the author", clearance="own"))
        notes.add(connection, assembly.vault, MOSES, "main", note(assembly, "kept for the team"))
        wrote = replace(MOSES, everything=True)
        notes.add(connection, assembly.vault, wrote, "main", note(assembly, "of the go between", between, "own"))


ALPHA = "id,name,wave\nA,Alpha,1\n"
BETA = f"{ALPHA}B,Beta,1\n"
BARE: dict[str, dict[str, str]] = {
    "nothing": {},
    "one actor": {"nodes": ALPHA},
    "no wave": {"nodes": "id,name\nA,Alpha\n"},
    "no ties": {
        "nodes": f"{BETA}A,Alpha,2\nB,Beta,2\n",
        "attitudes": "wave,actor,issue,attitude\n1,A,land,supports\n",
    },
    "one wave": {"nodes": BETA, "ties": "wave,source,target\n1,A,B\n"},
    "nothing known": {"nodes": BETA, "ties": "wave,source,target,state\n1,A,B,unknown\n"},
}


@pytest.mark.parametrize("tables", BARE.values(), ids=BARE)
def test_a_map_with_next_to_nothing_on_it_is_one(tables: dict[str, str], make_assembly: Make) -> None:
    assembly = make_assembly()
    app = create_app(assembly)
    app.config["WTF_CSRF_ENABLED"] = False
    client = client_of(app, someone(assembly, "mira", Grant(Role.MEDIATOR)))
    if tables:
        Maps(assembly.engine, assembly.vault, assembly.clock).take(**tables)
    files = [f"/dashboard/actors/files/map.{form}" for form in FORMS if form != "pdf"]
    for address in (
        *ADDRESSES,
        "/dashboard/actors/names",
        "/dashboard/actors?part=1",
        *files,
    ):
        assert client.get(address).status_code == 200, address
    assert client.post("/dashboard/actors/digest").status_code == 303
    page = client.get("/dashboard/actors?all=1").get_data(as_text=True)
    for code in re.findall(r"/dashboard/actors/([A-Z]{5})\?", page):
        assert client.get(f"/dashboard/actors/{code}").status_code == 200


def test_a_team_keeps_views_and_notes(make_assembly: Make) -> None:
    assembly = make_assembly()
    app = create_app(assembly)
    app.config["WTF_CSRF_ENABLED"] = False
    Maps(assembly.engine, assembly.vault, assembly.clock).take(**TABLES)
    mira = client_of(app, someone(assembly, "mira", Grant(Role.MEDIATOR)))
    fatuma = client_of(app, someone(assembly, "fatuma", Grant(Role.FOCAL_POINT, "priorities")))
    kept = {"view": "1", "text": "Land in wave 1", "clearance": "team"}
    assert mira.post("/dashboard/actors/notes?wave=1&issue=land&kind=office", data=kept).status_code == 303
    about = re.findall(r'option value="([A-Z]{5})">Alpha', mira.get("/dashboard/actors/notes").get_data(as_text=True))
    told = {"text": "Asked <b>twice</b>", "actor": about[0], "clearance": "mediators"}
    assert mira.post("/dashboard/actors/notes", data=told).status_code == 303
    assert mira.post("/dashboard/actors/notes", data={**told, "text": " "}).status_code == 409
    hers = mira.get("/dashboard/actors/notes").get_data(as_text=True)
    assert "Asked &lt;b&gt;twice&lt;/b&gt;" in hers
    theirs = fatuma.get("/dashboard/actors/notes").get_data(as_text=True)
    assert "wave=1&amp;issue=land" in theirs
    assert "twice" not in theirs
    code = re.findall(r"/notes/([0-9a-f]{16})/remove", hers)[0]
    assert fatuma.post(f"/dashboard/actors/notes/{code}/remove").status_code == 404
    assert mira.post(f"/dashboard/actors/notes/{code}/remove").status_code == 303


def test_the_map_stands_in_the_digest_of_mediators_and_of_nobody_else(make_assembly: Make) -> None:
    assembly = make_assembly()
    app = create_app(assembly)
    app.config["WTF_CSRF_ENABLED"] = False
    Maps(assembly.engine, assembly.vault, assembly.clock).take(**TABLES)
    mira = client_of(app, someone(assembly, "mira", Grant(Role.MEDIATOR)))
    fatuma = client_of(app, someone(assembly, "fatuma", Grant(Role.FOCAL_POINT, "priorities")))
    with assembly.engine.begin() as connection:
        values = {"survey": "priorities", "made_at": assembly.clock(), "findings": released(assembly).to_dict()}
        connection.execute(sa.insert(schema.releases), values)

    def digest(client: FlaskClient, language: str = "en") -> str:
        page = client.get(f"/dashboard/priorities/digest?told={language}")
        assert page.status_code == 200
        return page.get_data(as_text=True)

    assert "map-of-actors" not in digest(mira)
    assert fatuma.post("/dashboard/actors/digest").status_code == 403
    assert mira.post("/dashboard/actors/digest").status_code == 303
    assert "The map of actors" in digest(mira)
    assert "Hidden hand" in digest(mira)
    assert 'lang="ar" dir="rtl"' in digest(mira, "ar").partition("map-of-actors")[2]
    assert "map-of-actors" not in digest(fatuma)
    paper = [client.get("/dashboard/priorities/files/digest.pdf") for client in (mira, fatuma)]
    assert [one.mimetype for one in paper] == ["application/pdf"] * 2
    assert len(paper[0].get_data()) > len(paper[1].get_data()) + 500  # the section, and its words
    with assembly.engine.connect() as connection:
        noted = {row.what for row in connection.execute(sa.select(schema.audit))}
    assert noted >= {"use the map of actors for the digest", "view the map in a digest"}


def test_what_people_answered_stands_beside_who_speaks_for_them(make_assembly: Make) -> None:
    assembly = make_assembly()
    client = client_of(create_app(assembly), someone(assembly, "mira", Grant(Role.MEDIATOR)))
    Maps(assembly.engine, assembly.vault, assembly.clock).take(
        nodes="id,name,area\nA,Alpha,North\nB,Beta,lakes\n",
        ties="wave,source,target\n1,A,B\n",
        attitudes="wave,actor,issue,attitude\n1,A,land,opposes\n1,B,land,supports\n",
    )
    address = "/dashboard/actors/voices?issue=land&poll=priorities&answer=hope/yes"
    assert "The poll has no release yet" in client.get(address).get_data(as_text=True)
    with assembly.engine.begin() as connection:
        values = {"survey": "priorities", "made_at": assembly.clock(), "findings": released(assembly).to_dict()}
        connection.execute(sa.insert(schema.releases), values)
    page = unescape(client.get(address).get_data(as_text=True))
    rows = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)]
    assert [row.strip() for row in rows[1:]] == [
        "everybody 70% (60–80) 90",
        "North 80% (70–90) 50 Alpha : opposes differs from them",
        "Lakes not shown: too few Beta : supports",
    ]


def released(assembly: Assembly) -> Digest:
    def cells(share: float, low: float, high: float) -> tuple[Cell, ...]:
        return (Cell("yes", {"en": "Yes"}, 40, share, low, high), Cell("no", {"en": "No"}))

    hope = Finding(
        "hope", "yes-no", {"en": "Hope?"}, "", profile=False, conditional=False, n=90, cells=cells(0.7, 0.6, 0.8)
    )
    hidden = (Cell("yes", {"en": "Yes"}), Cell("no", {"en": "No"}))
    region = Finding("region", "one-of", {"en": "Where?"}, "", profile=True, conditional=False, n=None)
    groups = (
        Column("north", {"en": "North"}, 50, cells(0.8, 0.7, 0.9)),
        Column("lakes", {"en": "Lakes"}, None, hidden),
    )
    return Digest(
        "priorities", "", {"en": "Priorities"}, ("en",), assembly.clock(), 5, simulated=False,
        turnout=Turnout(None, None, None, (), (), ()), questions=(hope, region), hidden=0,
        tables=(Table("hope", "region", groups),),
    )  # fmt: skip


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
    app = create_app(assembly)
    # Every page of the map is compared above: one that is added must be, too.
    pages = {
        rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("actor") and "GET" in rule.methods
    }
    assert pages == {address.partition("?")[0] for address in (*ADDRESSES, MEDIATORS_OWN[0])} | BY_NAME
    client = client_of(app, someone(assembly, "mira", Grant(Role.MEDIATOR)))
    assert "Nothing is on the map" in client.get("/dashboard/actors").get_data(as_text=True)
    assert client.get("/dashboard/actors/BCDFG").status_code == 404
    assert client.get("/dashboard/actors/files/map.exe").status_code == 404
    assert client.get("/dashboard/actors/files/map.graphml").mimetype == "application/xml"
    with assembly.engine.connect() as connection:
        noted = [row.what for row in connection.execute(sa.select(schema.audit).order_by(schema.audit.c.id))]
    assert noted[-3:] == ["view the map of actors", "view an actor", "export the map of actors"]
