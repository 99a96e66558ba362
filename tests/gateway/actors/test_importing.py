"""Tables into the map: all of it or nothing, and each mistake named by row with its mend."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from gateway.actors import sheets
from gateway.actors.columns import COLUMNS
from gateway.actors.names import Asked
from gateway.actors.rows import Defaults
from gateway.store import actor_tables
from tests.gateway.actors.conftest import Maps

NODES = """id,name,kind,area,aliases,camp
KAR,Karu Front,group,north,KF;Front of Karu,red
LAK,Lake Council,organisation,lakes,,blue
OFF,Governor's Office,office,lakes,,blue
"""
TIES = """wave,source,target,type,strength,reporter
1,KAR,LAK,talks,0.5,fp1
1,Front of Karu,Governor's Office,conflict,0.9,fp1
1,OFF,LAK,command,1,fp2
"""
ATTITUDES = """wave,actor,issue,attitude,confidence
1,KAR,land,supports,high
1,LAK,land,-1,0.5
1,OFF,land,unknown,low
"""
STATEMENTS = """wave,actor,kind,about,text
1,KAR,value,,Dignity of herders
1,KAR,power,arms,
1,OFF,driver,land,Unequal titles
"""


def test_a_map_comes_in_with_names_matched_and_types_known(maps: Maps) -> None:
    found = maps.take(nodes=NODES, ties=TIES, attitudes=ATTITUDES, statements=STATEMENTS)
    assert (found.actors, found.ties, found.attitudes, found.statements, found.waves) == (3, 3, 3, 3, (1,))
    read = maps.read()
    assert [(actor.id, actor.groups.get("camp")) for actor in read.actors] == [
        ("KAR", "red"),
        ("LAK", "blue"),
        ("OFF", "blue"),
    ]
    rows = {(row.source, row.target): row for row in read.ties.itertuples()}
    assert rows["KAR", "OFF"].sign == -1
    assert rows["OFF", "LAK"].directed
    assert not rows["KAR", "LAK"].directed
    assert dict(zip(read.attitudes["actor"], read.attitudes["attitude"].fillna(9), strict=True)) == {
        "KAR": 2.0,
        "LAK": -1.0,
        "OFF": 9.0,
    }
    assert [said.text for said in maps.words()] == ["", "Dignity of herders", "Unequal titles"]


def test_names_and_words_lie_sealed(maps: Maps) -> None:
    maps.take(nodes=NODES, statements=STATEMENTS)
    with maps.engine.connect() as connection:
        dump = [
            repr(tuple(row))
            for table in (actor_tables.actors, actor_tables.actor_statements)
            for row in connection.execute(sa.select(table))
        ]
    assert len(dump) == 6
    assert not any(word in row for row in dump for word in ("Karu", "herders", "titles"))


NODES_ONLY = {"nodes": NODES}
WRONG = {
    "a tie to nobody": (
        {"nodes": NODES, "ties": "wave,source,target\n1,KAR,XYZ\n"},
        (
            "ties.csv:2:1: 'XYZ' is no actor's name; mend it, add the actor to `nodes`, or make who is named with "
            "--new-actors"
        ),
    ),
    "a name that is close": (
        {"nodes": NODES, "ties": "wave,source,target\n1,LAK,Lake Councl\n"},
        (
            "ties.csv:2:1: 'Lake Councl' is no actor's name, and looks like LAK; say --same 'Lake Councl=LAK' if they "
            "are one, or --apart 'Lake Councl' if they are not"
        ),
    ),
    "aliases in a circle": (
        {"nodes": "id,same_as\nA,B\nB,C\nC,A\n"},
        "nodes.csv:2:1: `same_as` goes in a circle: A > B > C > A; leave one of them out",
    ),
    "contradictory signs": (
        {"nodes": NODES, "ties": "wave,source,target,sign\n1,KAR,LAK,1\n1,LAK,KAR,-1\n"},
        (
            "ties.csv:3:1: KAR and LAK are tied with another sign in row 2, by the same reporter; keep one, or say in "
            "`reporter` or `interview` who says which"
        ),
    ),
    "both ways": (
        {"nodes": NODES, "ties": "wave,source,target\n1,KAR,LAK\n1,LAK,KAR\n"},
        "ties.csv:3:1: row 2 says this already; take one out, or say --directed if these ties have a direction",
    ),
    "an unknown clearance": (
        {"nodes": NODES, "ties": "wave,source,target,clearance\n1,KAR,LAK,mediator\n"},
        "ties.csv:2:4: there is no clearance 'mediator'; did you mean 'mediators'?",
    ),
    "named without names": (
        {"nodes": NODES, "ties": "wave,source,target,clearance\n1,KAR,LAK,named\n"},
        "ties.csv:2:4: `named` and `readers` go together; name them in `readers`",
    ),
    "own of nobody": (
        {"nodes": NODES, "ties": "wave,source,target,clearance\n1,KAR,LAK,own\n"},
        "ties.csv:2:4: `own` is for whoever reported it, and nobody is named; fill in `reporter`",
    ),
    "a formula in a name": (
        {"nodes": 'id,name\nA,"=cmd()"\n'},
        "nodes.csv:2:2: '=cmd()' is a formula to a spreadsheet; write it without '='",
    ),
    "an individual without a reason": (
        {"nodes": "id,kind\nA,individual\n"},
        "nodes.csv:2:1: an individual is only mapped with a reason; write it into `reason`",
    ),
    "no wave": (
        {"nodes": NODES, "ties": "wave,source,target\nfirst,KAR,LAK\n"},
        "ties.csv:2:1: 'first' is no wave: waves are whole numbers, in the order in which they came",
    ),
    "a type that is a slip": (
        {"nodes": NODES, "ties": "wave,source,target,type\n1,KAR,LAK,allianse\n"},
        "ties.csv:2:4: there is no type of tie 'allianse'; did you mean 'alliance'?",
    ),
    "tied to itself": (
        {"nodes": NODES, "ties": "wave,source,target\n1,KAR,KF\n"},
        "ties.csv:2:1: 'KAR' and 'KF' are one actor; name the other end of the tie",
    ),
    "an attitude off the scale": (
        {"nodes": NODES, "attitudes": "wave,actor,issue,attitude\n1,KAR,land,5\n"},
        (
            "attitudes.csv:2:4: there is no attitude '5'; there is opposes, rather opposes, neutral, rather supports, "
            "supports, unknown"
        ),
    ),
    "a column that is missing": (
        {"ties": "source,target\nKAR,LAK\n"},
        (
            "ties.csv:1:1: the first row must name the columns, and `wave` is missing; add it, or say --wave 1 if all "
            "rows are of one wave"
        ),
    ),
    "a strength beyond": (
        {"nodes": NODES, "ties": "wave,source,target,strength\n1,KAR,LAK,7\n"},
        ("ties.csv:2:4: '7' is no strength: it is a number from 0 to 1; say --strongest for the largest there is"),
    ),
    "a heading that can't be seen": (
        {"nodes": "id,ca\x07mp\nA,red\n"},
        (
            "nodes.csv:1:2: 'camp' can't be the name of a column: write 60 plain letters at most, and no formula, or "
            "leave the column out"
        ),
    ),
    "a camp that changes": (
        {"nodes": "id,wave,camp\nA,1,red\nA,2,\nA,3,blue\n"},
        (
            "nodes.csv:4:1: 'A' counts to camp 'red' in row 2, and to 'blue' here; it is one over all waves: mend it, "
            "or make a column for each wave"
        ),
    ),
    "an id for two": (
        {"nodes": "id,name,wave\nA,Alpha,1\nA,Beta,2\n"},
        "nodes.csv:3:1: 'A' was 'Alpha' in row 2, and is another here; mend the id or the name",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_mistake_is_named_by_row_with_its_mend(case: tuple[dict[str, str], str], maps: Maps) -> None:
    written, expected = case
    assert expected in maps.refused(**written)
    with maps.engine.connect() as connection:
        for table in (actor_tables.actors, actor_tables.actor_statements, actor_tables.actor_maps):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_waves_come_in_their_order_and_nothing_comes_in_twice(maps: Maps) -> None:
    maps.take(nodes=NODES, ties="wave,source,target\n1,KAR,LAK\n3,KAR,LAK\n")
    assert maps.refused(ties="wave,source,target\n2,KAR,LAK\n") == [
        "ties.csv:2:1: wave 2 was never held, and wave 3 is there already: waves come in their order; mend the number"
    ]
    assert maps.refused(ties="wave,source,target\n3,LAK,KAR\n") == [
        "ties.csv:2:1: this is in the map already, by the same reporter in the same wave; take the row out"
    ]
    maps.take(ties="wave,source,target,reporter\n3,LAK,KAR,fp2\n4,LAK,KAR,fp2\n")
    assert maps.read().waves == (1, 3, 4)


def test_a_person_says_whether_two_names_are_one(maps: Maps) -> None:
    maps.take(nodes=NODES)
    later = "id,name\nGO,Governors Office\n"
    assert "looks like OFF" in maps.refused(nodes=later)[0]
    maps.take(Asked(same={"Governors Office": "OFF"}), nodes=later, ties="wave,source,target\n1,GO,KAR\n")
    assert [actor.id for actor in maps.read().actors] == ["KAR", "LAK", "OFF"]
    assert list(maps.read().ties["target"]) == ["OFF"]
    maps.take(Asked(apart=frozenset({"Lake Counsel"})), nodes="id,name\nLC,Lake Counsel\n")
    assert len(maps.read().actors) == 4


def test_other_names_lead_to_the_one_they_mean(maps: Maps) -> None:
    maps.take(
        nodes="id,name,same_as\nA,Alpha,\nB,Old Alpha,A\nC,Older Alpha,B\nD,Delta,\n",
        ties=("wave,source,target\n1,Older Alpha,D\n"),
    )
    read = maps.read()
    assert [actor.id for actor in read.actors] == ["A", "D"]
    assert list(read.ties["source"]) == ["A"]


def test_what_a_later_file_says_of_somebody_known_is_added(maps: Maps) -> None:
    maps.take(nodes=NODES)
    maps.take(nodes="id,name,camp\nKAR,United Karu,green\n", ties="wave,source,target\n1,Karu Front,LAK\n")
    known = {actor.id: actor for actor in maps.read().actors}
    assert known["KAR"].name == "United Karu"
    assert known["KAR"].groups == {"kind": "group", "area": "north", "camp": "green"}
    assert list(maps.read().ties["source"]) == ["KAR"]


def test_a_row_without_a_name_takes_none_away(maps: Maps) -> None:
    maps.take(nodes=NODES)
    maps.take(nodes="id,wave\nLAK,1\n")
    assert {actor.id: actor.name for actor in maps.read().actors}["LAK"] == "Lake Council"


def test_who_was_asked_about_in_which_wave(maps: Maps) -> None:
    nodes = "id,wave,asked\nA,1,\nB,1,\nC,1,\nA,2,\nB,2,no\nC,2,yes\n"
    maps.take(nodes=nodes, ties="wave,source,target\n1,A,B\n1,A,C\n")
    read = maps.read()
    assert read.was_asked(1) == {"A", "B", "C"}
    assert read.was_asked(2) == {"A", "C"}


def test_defaults_hold_where_a_row_says_nothing(maps: Maps) -> None:
    maps.take(
        defaults=Defaults(directed=True, strongest=5, reporter="fp9"),
        nodes=NODES,
        ties="wave,source,target,strength,directed\n1,LAK,KAR,2,\n1,OFF,KAR,,no\n",
    )
    rows = {row.reporter: row for row in maps.read().ties.itertuples()}
    assert set(rows) == {"fp9"}
    found = {(row.source, row.target): (row.directed, row.strength) for row in maps.read().ties.itertuples()}
    assert found == {("LAK", "KAR"): (True, 0.4), ("KAR", "OFF"): (False, 1.0)}


def test_a_workbook_is_read_like_files(maps: Maps) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "nodes"
    for line in (["id", "name"], ["A", "Alpha"], ["B", "=1+1"]):
        page.append(line)
    data = io.BytesIO()
    book.save(data)
    (sheet,) = sheets.read_sheets(data.getvalue(), ".xlsx")
    assert (sheet.name, [line.number for line in sheet.lines]) == ("nodes", [2, 3])
    assert sheet.lines[1].cells["name"] == "=1+1"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("big.csv", b"id\n" + b"A" * sheets.MAX_BYTES, "it has 16 MiB, and 16 are read at most"),
        ("huge.xlsx", b"\0" * (50 * 2**20), "it has 50 MiB"),
        ("map.pdf", b"%PDF", ".pdf is no table that can be read"),
        ("map.xlsx", b"no archive", "this is no .xlsx that can be read"),
        ("latin.csv", "id,name\nA,Jos\xe9\n".encode("latin-1"), "line 2 is not UTF-8"),
        ("quotes.csv", b'id,name\nA,"B"C\n', "its quotes don't fit"),
        ("twice.csv", b"id,id\nA,B\n", "column 'id' is there twice"),
        ("disguise.csv", b"PK\x03\x04rest", "this is a workbook under another name"),
        ("long.csv", b"id\n" + b"A" * 3000, "a cell of 3,000 letters"),
    ],
)
def test_a_file_that_can_not_be_read_says_why(name: str, content: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(sheets.SheetError) as raised:
        sheets.read_file(file)
    assert says in str(raised.value)


def test_the_columns_are_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs/focal-point/actor-map.md").read_text()
    missing = [column for columns in COLUMNS.values() for column in columns if f"`{column}`" not in page]
    assert sum(map(len, COLUMNS.values())) > 30
    assert not missing
