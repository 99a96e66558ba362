"""The map in a digest: frozen, sealed, and of what every mediator may see."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.actors import section
from gateway.actors.section import Way
from gateway.store.note_tables import map_digests
from tests.gateway.actors.conftest import Maps
from tests.gateway.actors.test_clearance import TABLES

NODES = "id,name,wave,asked\nA,Alpha,1,\nB,Beta,1,\nC,Gamma,1,\nA,Alpha,2,\nB,Beta,2,\nC,Gamma,2,no\n"
TIES = "wave,source,target,type,sign\n1,A,B,trade,1\n1,B,C,talks,1\n2,A,B,trade,-1\n2,A,B,talks,1\n"
ATTITUDES = """wave,actor,issue,attitude,clearance,reporter
1,A,land,neutral,team,
2,A,land,opposes,team,
2,B,land,supports,team,
2,B,water,opposes,own,fatuma
"""


def test_what_changed_whom_to_talk_to_and_what_is_not_known(maps: Maps) -> None:
    maps.take(nodes=NODES, ties=TIES, attitudes=ATTITUDES)
    with maps.engine.begin() as connection:
        assert section.newest(connection, maps.vault, "main") is None
        section.freeze(connection, maps.vault, "main", "mira", maps.clock())
        sealed = connection.scalar(sa.select(map_digests.c.sealed_section)) or b""
    assert b"Alpha" not in sealed
    maps.take(ties="wave,source,target\n3,A,B\n")  # what comes later is not in it
    with maps.engine.begin() as connection:
        frozen = section.newest(connection, maps.vault, "main")
    assert frozen is not None
    found = frozen.section
    assert (frozen.author, frozen.made_at, found.wave, found.before) == ("mira", maps.clock(), 2, 1)
    assert found.counts == {"appeared": 1, "vanished": 0, "turned": 1, "not_asked": 1, "moved": 1}
    assert found.appeared == (("Alpha", "Beta", "talks"),)
    assert found.turned == (("Alpha", "Beta", "trade", -1),)
    assert found.moved == (("Alpha", "land", 0.0, -2.0),)
    assert found.ways == (Way("land", "Alpha", "Beta"),)
    assert found.silent == ("Gamma",)


def test_nothing_of_named_people_or_of_one_reporter_gets_in(maps: Maps) -> None:
    maps.take(**TABLES)
    with maps.engine.begin() as connection:
        section.freeze(connection, maps.vault, "main", "otto", maps.clock())  # who is named in some
        frozen = section.newest(connection, maps.vault, "main")
    assert frozen is not None
    assert "Go between" not in str(frozen)
    assert "Hidden hand" in str(frozen)
