"""Notes and views beside the map: sealed, seen by those they are for and nobody else, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.actors import merging, notes
from gateway.actors.clearance import Viewer
from gateway.actors.known import Known, known_actors
from gateway.actors.notes import MOST, Note, NoteError
from gateway.store.note_tables import actor_notes
from tests.gateway.actors.conftest import FOCAL_POINT, MEDIATOR, OUTSIDER, Maps
from tests.gateway.actors.test_clearance import TABLES

OTHER = Viewer("moses", team=True, mediator=True)


def listed(maps: Maps, who: Viewer) -> list[str]:
    with maps.engine.connect() as connection:
        return [note.text for note in notes.notes(connection, maps.vault, who, "main")]


def test_who_sees_which_note(maps: Maps) -> None:
    maps.take(**TABLES)
    hidden = next(one.code for one in _known(maps, MEDIATOR) if one.profile.name == "Hidden hand")
    written = [
        Note("", "for me", None, "", "own", "", maps.clock()),
        Note("", "for mediators", None, "", "mediators", "", maps.clock() + timedelta(seconds=1)),
        Note("", "for all", {"wave": 2, "type": ["tie"]}, "", "team", "", maps.clock() + timedelta(seconds=2)),
        Note("", "of the hidden one", None, hidden, "team", "", maps.clock() + timedelta(seconds=3)),
    ]
    with maps.engine.begin() as connection:
        for note in written:
            notes.add(connection, maps.vault, MEDIATOR, "main", note)
        kept = notes.notes(connection, maps.vault, MEDIATOR, "main")
        sealed = b"".join(
            row.sealed_text + (row.sealed_look or b"") for row in connection.execute(sa.select(actor_notes))
        )
    assert [note.text for note in kept] == ["of the hidden one", "for all", "for mediators", "for me"]
    assert (kept[1].look, kept[0].actor) == ({"wave": 2, "type": ["tie"]}, hidden)
    assert b"hidden" not in sealed
    assert b"wave" not in sealed
    assert listed(maps, OTHER) == ["of the hidden one", "for all", "for mediators"]
    assert listed(maps, FOCAL_POINT) == ["for all"]
    assert listed(maps, OUTSIDER) == []

    with maps.engine.begin() as connection:
        assert not notes.remove(connection, maps.vault, OTHER, "main", kept[1].code)
        assert notes.remove(connection, maps.vault, MEDIATOR, "main", kept[1].code)
    assert listed(maps, FOCAL_POINT) == []


def test_what_can_not_be_kept(maps: Maps) -> None:
    maps.take(**TABLES)
    hidden = next(one.code for one in _known(maps, MEDIATOR) if one.profile.name == "Hidden hand")
    plain = Note("", "x", None, "", "team", "", maps.clock())
    wrong = [
        (plain, {"text": "  "}, "words"),
        (plain, {"text": "x" * (MOST + 1)}, "long"),
        (plain, {"clearance": "mediators"}, "whom"),  # by a focal point
        (plain, {"clearance": "everybody"}, "whom"),
        (plain, {"actor": hidden}, "actor"),  # as if it never existed
        (plain, {"actor": "ZZZZZ"}, "actor"),
    ]
    with maps.engine.begin() as connection:
        for note, change, what in wrong:
            with pytest.raises(NoteError, match=what):
                notes.add(connection, maps.vault, FOCAL_POINT, "main", replace(note, **change))
    assert listed(maps, FOCAL_POINT) == []


def test_notes_follow_an_actor_who_is_one_with_another_and_are_seen_by_no_more_people(maps: Maps) -> None:
    maps.take(**TABLES)
    code = {one.profile.name: one.code for one in _known(maps, MEDIATOR)}
    with maps.engine.begin() as connection:
        for name in ("Gamma", "Hidden hand"):
            note = Note("", f"of {name}", None, code[name], "team", "", maps.clock())
            notes.add(connection, maps.vault, MEDIATOR, "main", note)
        for gone in ("Gamma", "Hidden hand"):
            merging.merge(connection, maps.vault, MEDIATOR, "main", code["Alpha"], code[gone], maps.clock())
    assert sorted(listed(maps, MEDIATOR)) == ["of Gamma", "of Hidden hand"]
    assert listed(maps, FOCAL_POINT) == ["of Gamma"]


def _known(maps: Maps, who: Viewer) -> list[Known]:
    with maps.engine.connect() as connection:
        return list(known_actors(connection, maps.vault, who, "main").values())
