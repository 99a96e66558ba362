"""The demonstration's map of actors: Tamani, a country that does not exist, in three waves of interviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from gateway.actors.columns import ATTITUDES, NODES, STATEMENTS, TIES
from gateway.actors.importing import Table, import_map
from gateway.actors.names import Asked
from gateway.actors.rows import Defaults
from gateway.actors.sheets import read_sheets
from gateway.store.keys import Vault

_ACTORS = (
    ("KAR", "Karu Front", "armed group", "north", "north"),
    ("NCC", "Northern Cattle Council", "organisation", "north", "north"),
    ("ELD", "Elders of the North", "organisation", "north", "north"),
    ("GOV", "Governor's Office", "office", "lakes", "government"),
    ("LND", "Ministry of Land", "office", "lakes", "government"),
    ("LAK", "Lake Council", "organisation", "lakes", "lakes"),
    ("WOM", "Women of the Lakes", "organisation", "lakes", ""),
    ("FAR", "Highland Farmers' Union", "organisation", "highlands", "highlands"),
    ("BIS", "Bishops' Conference", "organisation", "highlands", ""),
    ("COA", "Coast Traders", "organisation", "coast", ""),
    ("YOU", "Youth Forum", "organisation", "coast", ""),
)
_NOT_ASKED = {3: {"COA"}}
"""Nobody reached the coast in the third wave."""

_TIES = """\
KAR NCC alliance 0.9 a 123
KAR GOV conflict 1.0 b 12
KAR GOV talks 0.3 b 3
KAR ELD kinship 0.6 a 123
NCC ELD talks 0.7 a 123
NCC LAK conflict 0.6 a 12
NCC LAK talks 0.4 amina 3
NCC WOM talks 0.4 amina 12
NCC WOM talks 0.7 amina 3
ELD WOM kinship 0.5 amina 23
GOV LND command 0.9 b 123
GOV LAK alliance 0.7 b 12
GOV FAR conflict 0.5 b 23
LND FAR conflict 0.7 d 123
LAK WOM kinship 0.7 amina 123
LAK COA trade 0.6 amina 12
WOM BIS talks 0.6 d 123
BIS FAR influence 0.8 d 123
BIS KAR talks 0.3 d 3
BIS GOV talks 0.5 b 123
YOU WOM talks 0.5 amina 123
YOU COA alliance 0.6 amina 12
"""
"""From, to, type, strength, reporter, and the waves in which it was reported."""

_ATTITUDES = """\
KAR land -2 -2 -1
NCC land -1 0 1
ELD land 0 1 1
GOV land 1 0 0
LND land 2 2 1
LAK land 2 1 1
WOM land 2 2 2
FAR land -2 -2 -2
BIS land 1 1 2
COA land 0 0 ?
YOU land ? 1 2
KAR disarmament -2 -2 -2
NCC disarmament 0 0 1
GOV disarmament 2 2 2
LAK disarmament 2 2 2
WOM disarmament 2 2 2
BIS disarmament 1 1 1
"""
"""Attitude to an issue in each wave, -2 opposes to 2 supports."""

_STATEMENTS = """\
1 KAR power arms 0.9 |
1 GOV power money 0.8 |
1 BIS power legitimacy 0.9 |
1 LND power veto 0.7 |
1 KAR fear - 1 |To be disarmed before the others
1 FAR fear - 1 |To lose land that was farmed for thirty years
1 NCC need - 1 |Corridors to the lakes in the dry months
1 KAR value - 1 |The honour of the herders
1 NCC value - 1 |Land for the grandchildren
1 FAR value - 1 |Land for the grandchildren
1 WOM value - 1 |Children in school
1 LAK value - 1 |Children in school
2 NCC value - 1 |Children in school
2 NCC interest - 1 |A seat in the land commission
1 FAR driver land 0.9 |Titles given twice
1 NCC driver land 0.8 |Corridors that were fenced
3 NCC driver land 0.8 |Corridors that were fenced
3 LAK driver land 0.6 |A drought, and wells that fell dry
3 KAR position - 1 |Talks about corridors before talks about arms
3 GOV power money 0.6 |
3 KAR power arms 0.8 |
"""


def tables() -> Mapping[str, str]:
    """As `baraza actors import` takes them."""
    nodes = [
        f'{ref},"{name}",{kind},{area},{camp},{wave},{"no" if ref in _NOT_ASKED.get(wave, ()) else "yes"}'
        for ref, name, kind, area, camp in _ACTORS
        for wave in (1, 2, 3)
    ]
    ties = [
        f"{wave},{one},{other},{kind},{strength},{reporter}"
        for one, other, kind, strength, reporter, waves in map(str.split, _TIES.splitlines())
        for wave in waves
    ]
    attitudes = [
        f"{wave},{actor},{issue},{'unknown' if level == '?' else level}"
        for actor, issue, *levels in map(str.split, _ATTITUDES.splitlines())
        for wave, level in enumerate(levels, start=1)
    ]
    said = []
    for line in _STATEMENTS.splitlines():
        told, _, text = line.partition("|")
        wave, actor, kind, about, strength = told.split()
        said.append(f'{wave},{actor},{kind},{about.strip("-")},{strength},"{text}"')
    return {
        NODES: "\n".join(["id,name,kind,area,camp,wave,asked", *nodes]),
        TIES: "\n".join(["wave,source,target,type,strength,reporter", *ties]),
        ATTITUDES: "\n".join(["wave,actor,issue,attitude", *attitudes]),
        STATEMENTS: "\n".join(["wave,actor,kind,about,strength,text", *said]),
    }


def bring_in(engine: sa.Engine, vault: Vault, now: datetime) -> None:
    given = [
        Table(f"{holds}.csv", holds, sheet)
        for holds, text in tables().items()
        for sheet in read_sheets(text.encode(), ".csv")
    ]
    with engine.begin() as connection:
        import_map(connection, vault, "main", given, Asked(), Defaults(), now)
