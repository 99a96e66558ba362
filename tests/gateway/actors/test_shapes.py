"""Networks as other programs write them, and what comes of a small one by hand."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest
from openpyxl import Workbook

from analysis.actors.measures import measures
from gateway.actors import sheets
from gateway.actors.columns import CALLED
from gateway.actors.names import Asked
from gateway.actors.rows import Defaults
from tests.gateway.actors.conftest import Maps

NEW = Asked(new_actors=True)
SHAPES = {
    "semicolons, a BOM, a decimal comma, years": (
        "\ufeffSource;Target;Weight;Year\r\nA;B;3;1994\r\nB;C;1,5;1994\r\n",
        [(1994, "A", "B", 1.0, False), (1994, "B", "C", 0.5, False)],
    ),
    "tabs, waves as words, directions by row": (
        "to\tfrom\twave\tdirected\nB\tA\twave 1\tTRUE\nA\tB\tWave-2\tFALSE\n",
        [(1, "A", "B", 1.0, True), (2, "A", "B", 1.0, False)],
    ),
    "as Gephi writes edges": (
        "Source,Target,Type,Weight,week\nB,A,Directed,3,0\nB,C,Undirected,1.5,7\n",
        [(0, "B", "A", 1.0, True), (7, "B", "C", 0.5, False)],
    ),
    "numbers for names, whole numbers with decimals": (
        "period,ego,alter\nT1,1,2\n2.0,2,1\n",
        [(1, "1", "2", 1.0, False), (2, "1", "2", 1.0, False)],
    ),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_ties_come_in_as_other_programs_write_them(
    shape: tuple[str, list[tuple[int, str, str, float, bool]]], maps: Maps
) -> None:
    written, expected = shape
    maps.take(NEW, Defaults(strongest=3), ties=written)
    ties = maps.read().ties
    assert [(r.wave, r.source, r.target, r.strength, r.directed) for r in ties.itertuples()] == expected


def test_signs_percents_and_words_are_read(maps: Maps) -> None:
    maps.take(NEW, ties="wave,source,target,sign,strength,confidence\n1,A,B,+,weak,90%\n1,B,C,\u2212,strong,low\n")
    found = [(row.sign, row.strength, row.confidence) for row in maps.read().ties.itertuples()]
    assert found == [(1, 0.25, 0.9), (-1, 1.0, 0.3)]


def test_a_wave_for_all_and_columns_that_are_left_out(maps: Maps) -> None:
    table = "source,target,rank\nA,B,1\n"
    assert maps.refused(NEW, ties=table) == [
        (
            "ties.csv:1:1: the first row must name the columns, and `wave` is missing; add it, or say --wave 1 if all "
            "rows are of one wave"
        ),
        "ties.csv:1:3: there is no column 'rank'; say --leave-out rank",
    ]
    maps.take(NEW, Defaults(wave=4, left_out=frozenset({"rank"})), ties=table)
    assert maps.read().waves == (4,)


def test_what_other_programs_call_columns_is_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs/focal-point/actor-map.md").read_text()
    names = {name for table in CALLED.values() for several in table.values() for name in several}
    assert len(names) > 15
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def test_a_small_network_by_hand(maps: Maps) -> None:
    """Two camps, {a1, a2, a3} and {b1, b2}. In wave 1 four ties within and two across: E-I = (2 - 4) / 6. Of paths over
    two ties without one from end to end, those around the circle of a1, a2 and a3 stay in the camp (coordinator, one
    each), a1 > a2 > b1 and a2 > a3 > b2 leave it (representative), a2 > b1 > b2 enters the other (gatekeeper). In
    wave 2 a1 > a2 is gone and b2 > b1 is new: of seven ties that were there once, five were there twice."""
    nodes = "id,camp\na1,a\na2,a\na3,a\nb1,b\nb2,b\n"
    first = ["a1,a2", "a2,a3", "a3,a1", "b1,b2", "a2,b1", "a3,b2"]
    second = ["a2,a3", "a3,a1", "b1,b2", "a2,b1", "a3,b2", "b2,b1"]
    rows = [f"{wave},{tie}" for wave, ties in ((1, first), (2, second)) for tie in ties]
    maps.take(defaults=Defaults(directed=True), nodes=nodes, ties="\n".join(["wave,source,target", *rows, ""]))
    waves, (change,) = measures(maps.read(), ())
    by_camp = waves[0].by["camp"]
    assert (by_camp.outside.internal, by_camp.outside.external) == (4, 2)
    assert by_camp.outside.index == pytest.approx(-1 / 3)
    roles = {
        actor: {role: count for role, count in asdict(roles).items() if count}
        for actor, roles in by_camp.brokerage.items()
    }
    assert {actor: found for actor, found in roles.items() if found} == {
        "a1": {"coordinator": 1},
        "a2": {"coordinator": 1, "representative": 1},
        "a3": {"coordinator": 1, "representative": 1},
        "b1": {"gatekeeper": 1},
    }
    assert (change.kept, len(change.appeared), len(change.vanished), change.hamming) == (5, 1, 1, 2)
    assert change.jaccard == pytest.approx(5 / 7)


# Hostile workbooks ---------------------------------------------------------------------------------------------------


def workbook() -> bytes:
    book, data = Workbook(), io.BytesIO()
    book.active.append(["id", "name"])  # type: ignore[union-attr]
    book.save(data)
    return data.getvalue()


def claiming(data: bytes, size: int) -> bytes:
    """The archive with this size in its directory for every part."""
    made = bytearray(data)
    at = made.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", made, at + 24, size)
        at = made.find(b"PK\x01\x02", at + 4)
    return bytes(made)


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked() -> None:
    with pytest.raises(sheets.SheetError, match="unpacks to more than a map can be"):
        sheets.read_sheets(claiming(workbook(), 2**31), ".xlsx")


def test_what_all_cells_share_is_bounded_by_itself() -> None:
    """It is held at once, as sheets are not; what is packed well need not be small."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as before, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            shared = part == "xl/theme/theme1.xml"
            after.writestr(part, b" " * (sheets.MAX_SHARED + 1) if shared else before.read(part))
    assert len(data.getvalue()) < 100_000
    with pytest.raises(sheets.SheetError, match="unpacks to more than a map can be"):
        sheets.read_sheets(data.getvalue(), ".xlsx")


def test_of_strength_nothing_is_no_tie_and_na_is_not_known(maps: Maps) -> None:
    rows = ["A,B,0,,", "A,C,NA,,", "A,D,0.4,NA,", "B,C,0,,present", "B,D,n/a,1,"]
    maps.take(
        Asked(new_actors=True), ties="source,target,weight,sign,state,wave\n" + "".join(f"{row},1\n" for row in rows)
    )
    states = {(row.source, row.target): row.state for row in maps.read().ties.itertuples()}
    assert states == {
        ("A", "B"): "absent",
        ("A", "C"): "unknown",
        ("A", "D"): "unknown",
        ("B", "C"): "present",
        ("B", "D"): "unknown",
    }


@pytest.mark.parametrize(
    "data",
    [claiming(workbook(), 10), workbook()[:-400], workbook().replace(b"PK\x03\x04", b"PK\x03\x05", 3)],
    ids=["sizes that lie", "cut off", "parts that are none"],
)
def test_a_workbook_that_lies_is_refused(data: bytes) -> None:
    with pytest.raises(sheets.SheetError, match=r"no \.xlsx that can be read"):
        sheets.read_sheets(data, ".xlsx")


def test_entities_are_not_expanded() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    bomb += b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as before, zipfile.ZipFile(data, "w") as after:
        for part in before.namelist():
            content = before.read(part)
            if part.endswith("sheet1.xml"):
                row = b"<row><c t='inlineStr'><is><t>&j;</t></is></c></row>"
                content = bomb + b"]><worksheet><sheetData>" + row + b"</sheetData></worksheet>"
            after.writestr(part, content)
    with pytest.raises(sheets.SheetError):
        sheets.read_sheets(data.getvalue(), ".xlsx")
