"""Drafts: versions, conflicts, what is submitted, taken and refused; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from gateway.drafts import ASIDE, DRAFT, KEPT, REFUSED, SUBMITTED, TAKEN, Conflict, Drafts, NotWaiting
from gateway.store import schema
from tests.conftest import Clock


@pytest.fixture
def drafts(engine: sa.Engine, clock: Clock) -> Drafts:
    return Drafts(engine, clock)


def writes(into: list[str], before: str | None = None) -> Callable[[str], str | None]:
    def write(source: str) -> str | None:
        into.append(source)
        return before

    return write


def audited(engine: sa.Engine) -> list[tuple[str, str, str]]:
    query = sa.select(schema.audit.c.who, schema.audit.c.what, schema.audit.c.subject).order_by(schema.audit.c.id)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_each_save_is_a_version_and_the_same_text_is_none(drafts: Drafts) -> None:
    first = drafts.save("water", "one", "amina", 0)
    assert (first.status, first.source, first.author) == (DRAFT, "one", "amina")
    assert drafts.save("water", "one", "amina", first.id).id == first.id
    second = drafts.save("water", "two", "said", first.id)
    assert drafts.newest("water") == second
    assert drafts.newest("other") is None
    assert [one.id for one in drafts.history("water")] == [second.id, first.id]
    assert drafts.version("water", first.id) == first
    assert drafts.version("other", first.id) is None
    assert {name: one.id for name, one in drafts.all_newest().items()} == {"water": second.id}


def test_who_is_overtaken_is_told_and_both_texts_are_kept(drafts: Drafts) -> None:
    base = drafts.save("water", "base", "amina", 0)
    theirs = drafts.save("water", "theirs", "said", base.id)
    with pytest.raises(Conflict) as caught:
        drafts.save("water", "mine", "amina", base.id, submit=True)
    assert caught.value.theirs == theirs
    kept = drafts.version("water", caught.value.kept)
    assert kept is not None
    assert (kept.source, kept.status) == ("mine", ASIDE)
    assert drafts.newest("water") == theirs
    joined = drafts.save("water", "both", "amina", theirs.id)
    assert drafts.newest("water") == joined
    assert {one.status for one in drafts.history("water")} == {DRAFT, ASIDE}


def test_two_first_saves_at_the_same_moment_lose_nothing(drafts: Drafts) -> None:
    at_once, conflicts = Barrier(2), []

    def save(source: str) -> None:
        at_once.wait()
        try:
            drafts.save("water", source, source, 0)
        except Conflict as conflict:
            conflicts.append(conflict)

    threads = [Thread(target=save, args=(name,)) for name in ("amina", "said")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(conflicts) == 1
    history = [drafts.version("water", one.id) for one in drafts.history("water")]
    assert {one.source for one in history if one} == {"amina", "said"}


def test_a_submitted_draft_is_taken_once(drafts: Drafts, engine: sa.Engine) -> None:
    draft = drafts.save("water", "one", "amina", 0, submit=True)
    assert draft.status == SUBMITTED
    written: list[str] = []
    drafts.take("water", draft.id, "olga", writes(written, "what stood there"))
    assert written == ["one"]
    newest = drafts.newest("water")
    assert newest is not None
    assert (newest.status, newest.decided_by) == (TAKEN, "olga")
    with pytest.raises(NotWaiting):
        drafts.take("water", draft.id, "olga", writes(written))
    with pytest.raises(NotWaiting):
        drafts.refuse("water", draft.id, "olga", "late")
    assert written == ["one"]
    aside = [drafts.version("water", one.id) for one in drafts.history("water") if one.status == ASIDE]
    assert [one.source for one in aside if one] == ["what stood there"]
    assert audited(engine) == [
        ("amina", "draft submitted", f"water version {draft.id}"),
        ("olga", "draft taken", f"water version {draft.id}"),
    ]


def test_what_can_not_be_written_goes_on_waiting(drafts: Drafts, engine: sa.Engine) -> None:
    draft = drafts.save("water", "one", "amina", 0, submit=True)

    def full(_source: str) -> str | None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        drafts.take("water", draft.id, "olga", full)
    assert drafts.newest("water") == draft
    assert [what for _, what, _ in audited(engine)] == ["draft submitted"]


def test_a_refused_draft_comes_back_with_a_word_and_can_be_submitted_again(drafts: Drafts, engine: sa.Engine) -> None:
    draft = drafts.save("water", "one", "amina", 0, submit=True)
    drafts.refuse("water", draft.id, "olga", "Ask about wells too.")
    refused = drafts.newest("water")
    assert refused is not None
    assert (refused.status, refused.note) == (REFUSED, "Ask about wells too.")
    again = drafts.save("water", "one", "amina", draft.id, submit=True)
    assert again.status == SUBMITTED
    assert again.id != draft.id
    assert audited(engine)[1] == ("olga", "draft refused", f"water version {draft.id}")


def test_a_newer_version_goes_before_one_that_waits(drafts: Drafts) -> None:
    draft = drafts.save("water", "one", "amina", 0, submit=True)
    newer = drafts.save("water", "two", "amina", draft.id)
    with pytest.raises(NotWaiting):
        drafts.take("water", draft.id, "olga", writes([]))
    assert drafts.save("water", "two", "amina", newer.id, submit=True).id == newer.id


def test_of_what_nobody_submitted_the_oldest_go(drafts: Drafts) -> None:
    submitted = drafts.save("water", "0", "amina", 0, submit=True)
    drafts.take("water", submitted.id, "olga", writes([]))
    last = submitted.id
    for number in range(KEPT + 5):
        last = drafts.save("water", f"text {number}", "amina", last).id
    history = drafts.history("water")
    assert len(history) == KEPT + 1
    assert (history[0].id, history[-1].id) == (last, submitted.id)
