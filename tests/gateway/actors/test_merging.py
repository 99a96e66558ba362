"""Names that may be of one actor: a person says so, and nobody sees more than before; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.actors import merging, notes
from gateway.actors.clearance import EVERYTHING, Viewer
from gateway.actors.known import Known, known_actors
from gateway.actors.names import Asked
from gateway.actors.notes import Note
from gateway.actors.tables import tables
from tests.gateway.actors.conftest import FOCAL_POINT, MEDIATOR, Maps

NODES = """id,name,clearance
LAK,Lake Council,team
COU,Council (Lake),team
LC2,Lake Councl,team
OFF,Governor's Office,team
HID,Lake Counsel,mediators
"""
TIES = """wave,source,target,reporter,clearance
1,LAK,OFF,fatuma,team
1,LC2,OFF,otto,team
1,LAK,LC2,otto,team
1,HID,OFF,mira,team
"""


@pytest.fixture
def filled(maps: Maps) -> Maps:
    apart = Asked(apart=frozenset({"Lake Councl", "Lake Counsel"}))
    maps.take(apart, nodes=NODES, ties=TIES)
    return maps


def known(maps: Maps, who: Viewer = EVERYTHING) -> dict[str, Known]:
    with maps.engine.connect() as connection:
        return {one.profile.ref: one for one in known_actors(connection, maps.vault, who, "main").values()}


def pairs(maps: Maps, who: Viewer) -> list[tuple[str, str]]:
    with maps.engine.connect() as connection:
        found = merging.suggestions(connection, maps.vault, who, "main")
    return [tuple(sorted((pair.spelled, pair.also))) for pair in found]  # type: ignore[misc]  # two of them


def act(maps: Maps, what: Callable[..., None], who: Viewer, *given: Any) -> None:
    with maps.engine.begin() as connection:
        what(connection, maps.vault, who, "main", *given, maps.clock())


def test_alike_are_suggested_to_whoever_may_see_both(filled: Maps) -> None:
    seen = {("Lake Council", "Lake Councl"), ("Council (Lake)", "Lake Council")}
    assert seen <= {*pairs(filled, MEDIATOR)}
    assert ("Lake Council", "Lake Counsel") in pairs(filled, MEDIATOR)
    assert not any("Counsel" in name for pair in pairs(filled, FOCAL_POINT) for name in pair)


def test_merged_what_was_said_of_both_is_said_of_one(filled: Maps) -> None:
    here = known(filled)
    act(filled, merging.merge, MEDIATOR, here["LAK"].code, here["LC2"].code)
    assert "LC2" not in known(filled)
    assert set(known(filled)["LAK"].profile.aliases) == {"Lake Councl", "LC2", here["LC2"].code}
    ties = filled.read(FOCAL_POINT).ties
    assert [(row.source, row.target) for row in ties.itertuples()] == [("LAK", "OFF"), ("LAK", "OFF")]
    filled.take(ties="wave,source,target\n2,Lake Councl,OFF\n")
    assert [row.source for row in filled.read().ties.itertuples() if row.wave == 2] == ["LAK"]


def told(maps: Maps, who: Viewer) -> tuple[object, ...]:
    """All that a viewer gets of the map, but for row numbers."""
    with maps.engine.connect() as connection:
        made = tables(connection, maps.vault, who, "main")
    read = maps.read(who)
    shown = [(one.code, one.profile, one.kind) for one in known(maps, who).values()]
    return made, read.actors, read.ties.to_dict("list"), maps.words(who), shown


def test_a_merge_is_undone_as_if_it_had_never_been(filled: Maps) -> None:
    here, viewers = known(filled), (EVERYTHING, MEDIATOR, FOCAL_POINT)
    before = [told(filled, who) for who in viewers]
    for ref in ("LC2", "HID", "COU"):
        act(filled, merging.merge, MEDIATOR, here["LAK"].code, here[ref].code)
    act(filled, merging.merge, MEDIATOR, here["OFF"].code, here["LAK"].code)
    assert len(filled.read(MEDIATOR).ties) == 0
    for ref in ("LAK", "LC2", "HID", "COU"):
        act(filled, merging.part, MEDIATOR, here[ref].code)
    assert [told(filled, who) for who in viewers] == before
    with pytest.raises(merging.MergeError, match="look at the list again"):
        act(filled, merging.part, MEDIATOR, here["LAK"].code)


def test_who_is_one_with_somebody_hidden_is_to_others_as_before(filled: Maps) -> None:
    """Neither that they were merged is told, nor with whom; and nobody else's merge makes a ring of it."""
    here, before = known(filled), told(filled, FOCAL_POINT)
    act(filled, merging.merge, MEDIATOR, here["HID"].code, here["LAK"].code)
    assert told(filled, FOCAL_POINT) == before
    act(filled, merging.merge, MEDIATOR, here["LC2"].code, here["HID"].code)
    act(filled, merging.merge, FOCAL_POINT, here["LAK"].code, here["LC2"].code)
    assert {"HID", "OFF"} < {*known(filled)} | {"HID"}
    assert len(known(filled)["LC2" if "LC2" in known(filled) else "HID"].merged) == 2


def test_a_table_keeps_who_may_see_what_was_said_of_somebody_hidden(filled: Maps) -> None:
    """They stand in it by themselves; and it comes back."""
    here = known(filled)
    for ref in ("LC2", "HID"):
        act(filled, merging.merge, MEDIATOR, here["LAK"].code, here[ref].code)
    with filled.engine.connect() as connection:
        made = tables(connection, filled.vault, EVERYTHING, "main")
    assert [line.split(",")[0] for line in made["nodes"].splitlines()[1:]] == ["COU", "HID", "LAK", "OFF"]
    assert "Lake Counsel" not in made["nodes"].partition("LAK,")[2].partition("\n")[0]
    filled.take(nodes=made["nodes"])  # says nothing new
    filled.take(nodes="id,name,wave\nLC2,Lake Councl,2\n")
    assert filled.read(FOCAL_POINT).was_asked(2) == {"LAK"}


def test_what_is_told_apart_is_not_asked_again(filled: Maps) -> None:
    here = known(filled)
    for _ in range(2):
        act(filled, merging.keep_apart, MEDIATOR, [here["LAK"].code, here["LC2"].code])
    assert ("Lake Council", "Lake Councl") not in pairs(filled, MEDIATOR)


def test_merging_shows_nobody_more_than_before(filled: Maps) -> None:
    """The hidden one's tie stays with mediators, though it was for the team, and so does its name."""
    before = filled.read(FOCAL_POINT)
    here = known(filled)
    act(filled, merging.merge, MEDIATOR, here["LAK"].code, here["HID"].code)
    after = filled.read(FOCAL_POINT)
    assert after.ties.equals(before.ties)
    assert "Lake Counsel" not in str(known(filled, FOCAL_POINT))
    assert len(filled.read(MEDIATOR).ties) == 4


def test_notes_go_to_the_one_that_stays_and_are_read_by_nobody_more(filled: Maps) -> None:
    here = known(filled)
    with filled.engine.begin() as connection:
        for ref in ("LC2", "HID"):
            note = Note("", f"of {ref}", None, here[ref].code, "team", "", filled.clock())
            notes.add(connection, filled.vault, MEDIATOR, "main", note)
    for ref in ("LC2", "HID"):
        act(filled, merging.merge, MEDIATOR, here["LAK"].code, here[ref].code)

    def read(who: Viewer) -> set[tuple[str, str]]:
        with filled.engine.connect() as connection:
            return {(note.text, note.actor) for note in notes.notes(connection, filled.vault, who, "main")}

    kept = here["LAK"].code
    assert read(MEDIATOR) == {("of LC2", kept), ("of HID", kept)}
    assert read(FOCAL_POINT) == {("of LC2", kept)}


@pytest.mark.parametrize(
    ("alias", "says"),
    [
        ("Lake Councl", "Lake Councl is Lake Councl already"),
        ("  governor's OFFICE", "governor's OFFICE is Governor's Office already"),
        ("", "write another name"),
    ],
)
def test_names_that_would_lead_in_a_circle_are_refused(filled: Maps, alias: str, says: str) -> None:
    with pytest.raises(merging.MergeError, match=says):
        act(filled, merging.call, MEDIATOR, known(filled)["LAK"].code, alias)


def test_another_name_is_added(filled: Maps) -> None:
    act(filled, merging.call, MEDIATOR, known(filled)["OFF"].code, "The  Palace")
    assert known(filled)["OFF"].profile.aliases == ("The Palace",)


def test_whom_somebody_does_not_see_they_can_not_merge(filled: Maps) -> None:
    here = known(filled)
    for codes in ((here["LAK"].code, here["HID"].code), (here["LAK"].code, "ZZZZZ")):
        with pytest.raises(merging.MergeError, match="look at the list again"):
            act(filled, merging.merge, FOCAL_POINT, *codes)
