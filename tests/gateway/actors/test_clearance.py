"""What somebody may not see is to them as if it never existed: the same bytes, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

import pytest
import sqlalchemy as sa

from analysis.actors.measures import measures
from gateway.actors.clearance import Viewer
from gateway.store.keys import Vault
from tests.gateway.actors.conftest import FOCAL_POINT, MEDIATOR, OUTSIDER, Maps

NODES = """id,name,kind,clearance,reporter,readers,wave
A,Alpha,group,team,,,
B,Beta,group,team,,,
C,Gamma,group,team,,,
D,Delta,office,team,,,
X,Hidden hand,group,mediators,fp1,,
Y,Go between,group,named,fp1,otto;mira,
A,Alpha,group,team,,,2
X,Hidden hand,group,mediators,fp1,,2
"""
TIES = """wave,source,target,sign,reporter,clearance,readers
1,A,B,1,fp1,team,
1,B,C,1,fatuma,own,
1,C,D,-1,fp1,mediators,
1,A,X,1,fp1,team,
1,X,D,1,fp2,team,
1,B,Y,1,fp2,team,
2,A,B,-1,fp1,team,
2,C,D,1,fp2,named,otto
3,C,D,1,fp2,mediators,
"""
ATTITUDES = """wave,actor,issue,attitude,clearance,reporter,readers
1,A,land,supports,team,,
1,D,land,opposes,mediators,,
1,X,land,opposes,team,,
"""
STATEMENTS = """wave,actor,kind,about,text,clearance,reporter,readers,interview
1,A,value,,Dignity,team,,,
1,X,value,,Dignity,team,,,
1,B,fear,,To be left out,own,fatuma,,
2,A,need,,Water,team,fp1,,karu-elders
2,A,need,,Grazing,team,fp2,,a-first-one
2,X,need,,Arms,team,fp2,,b-hidden
"""
SESSIONS = """interview,wave,kind,size,composition,dissent,reporter,clearance
karu-elders,2,group,9,elders,two wanted peace,fp1,team
a-first-one,2,interview,1,a trader,,fp2,mediators
b-hidden,2,netmap,4,officers,,fp2,own
"""
TABLES = {"nodes": NODES, "ties": TIES, "attitudes": ATTITUDES, "statements": STATEMENTS, "sessions": SESSIONS}
VIEWERS = [FOCAL_POINT, MEDIATOR, OUTSIDER, Viewer("fp1"), Viewer("fp2", team=True)]


def cleared(who: Viewer, row: dict[str, str]) -> bool:
    """The rule, written apart from the code."""
    level = row.get("clearance") or "team"
    readers = (row.get("readers") or "").split(";")
    return (
        (level == "team" and who.team)
        or (level == "mediators" and who.mediator)
        or (bool(row.get("reporter")) and row["reporter"] == who.name)
        or (level == "named" and who.name in readers)
    )


def without_what_is_hidden(who: Viewer) -> dict[str, str]:
    """The tables as they would be had nothing of what this viewer may not see ever been written."""
    rows = {}
    for holds, text in TABLES.items():
        header, *lines = [line.split(",") for line in text.splitlines()]
        rows[holds] = (header, [dict(zip(header, line, strict=True)) for line in lines])
    actors = {row["id"] for row in rows["nodes"][1] if cleared(who, row)}
    kept = {}
    for holds, (header, all_rows) in rows.items():
        seen = [
            row
            for row in all_rows
            if cleared(who, row) and {row[end] for end in ("id", "source", "target", "actor") if end in row} <= actors
        ]
        kept[holds] = "\n".join([",".join(header), *(",".join(row.values()) for row in seen)])
    return kept


def all_that_is_told(maps: Maps, who: Viewer) -> str:
    waves, changes = measures(maps.read(who))
    told = [asdict(wave) for wave in waves], [asdict(change) for change in changes]
    words = [asdict(said) for said in maps.words(who)]
    read = maps.read(who)
    return json.dumps([told, words, read.ties.to_dict("list"), read.attitudes.to_dict("list"), read.waves], default=str)


@pytest.mark.parametrize("who", VIEWERS, ids=lambda who: who.name)
def test_what_is_hidden_never_existed(
    who: Viewer,
    postgres_engine: sa.Engine,
    sqlite_engine: sa.Engine,
    vault: Vault,
    clock: Callable[[], datetime],
) -> None:
    maps, never = (Maps(engine, vault, clock) for engine in (postgres_engine, sqlite_engine))
    maps.take(**TABLES)
    shown = without_what_is_hidden(who)
    never.take(**{holds: text for holds, text in shown.items() if text.count("\n")})
    assert all_that_is_told(maps, who) == all_that_is_told(never, who)


def test_each_viewer_sees_something_else(maps: Maps) -> None:
    maps.take(**TABLES)
    assert len({all_that_is_told(maps, who) for who in VIEWERS}) == len(VIEWERS)
    assert [actor.id for actor in maps.read(OUTSIDER).actors] == ["Y"]
    assert len(maps.read(MEDIATOR).ties) == 7


def test_who_said_it_is_not_told(maps: Maps) -> None:
    maps.take(**TABLES)
    told = all_that_is_told(maps, MEDIATOR)
    assert "source 1" in told
    assert not any(name in told for name in ("fp1", "fp2", "fatuma"))
