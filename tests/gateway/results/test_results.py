"""From the store to a release, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from analysis import render
from analysis.coding import Coder
from analysis.frames import Frames
from gateway.results import outcomes, snapshot
from gateway.results.guarding import Waits
from gateway.results.newest import latest
from gateway.results.release import Release, count, release
from gateway.results.rows import frames
from gateway.store import schema
from gateway.store.database import reading
from gateway.store.keys import Vault
from gateway.store.poll_tables import polls
from gateway.store.statement_tables import statements
from surveys.codebook import Code, Codebook
from surveys.gazetteer import Gazetteer, Place
from surveys.model import Choice, Question, Survey

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def text(words: str) -> dict[str, str]:
    return {"en": words}


PLACES = (
    Place("north", {"": "North"}),
    Place("hill", {"": "Hill"}, parent="north"),
    Place("well", {"": "Well"}, parent="hill"),
)
QUESTIONS = (
    Question("region", "one-of", text("Where?"), "p", (Choice("north", text("North")), Choice("south", text("South")))),
    Question("needs", "many-of", text("What?"), "p", (Choice("water", text("Water")), Choice("food", text("Food")))),
    Question("age", "number", text("Age?"), "p"),
    Question("settle", "open", text("First?"), "p", codebook="themes"),
    Question("call", "phone-consent", text("Call?"), "p", version="2"),
    Question("fled", "date", text("When?"), "p"),
    Question("home", "place", text("Home?"), "p", gazetteer=Gazetteer("made", PLACES)),
    Question("order", "ranking", text("First?"), "p", (Choice("jobs", text("Jobs")), Choice("land", text("Land")))),
    Question("proof", "picture", text("Proof?"), "p"),
)
SURVEY = Survey(
    name="talks",
    hash="abc123",
    title=text("Talks"),
    languages=("en",),
    keywords={"en": ("talks",)},
    sender=text("us"),
    consent_version="1",
    consent=text("?"),
    thanks=text("!"),
    questions=QUESTIONS,
    region="region",
)
CODEBOOK = Codebook("themes", (Code("water", text("Water"), "d", {"en": ("water",)}, {"en": ()}),), ("en",))


class Store:
    """Writes rows as ingest does."""

    def __init__(self, engine: sa.Engine, vault: Vault) -> None:
        self.engine, self.vault, self.conversations = engine, vault, 0

    def person(self, number: int, *consents: bool) -> int:
        """Somebody, and what they said to being asked."""
        with self.engine.begin() as connection:
            connection.execute(sa.insert(schema.people).values(id=number, created_at=NOW, seen_at=NOW))
        for given in consents:
            self.consent(number, "1", given=given)
        return number

    def consent(self, person: int, version: str, *, given: bool) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(schema.consents).values(
                    person=person, survey="talks@abc123", version=version, given=given, channel="sms", at=NOW
                )
            )

    def conversation(
        self, person: int, status: str = "completed", hour: int = 0, wave: int = 1, **answers: object
    ) -> None:
        self.conversations += 1
        at = NOW + timedelta(hours=hour)
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(schema.conversations).values(
                    id=self.conversations,
                    person=person,
                    flow=SURVEY.id,
                    status=status,
                    channel="sms",
                    language="en",
                    sealed_state=b"-",
                    started_at=at,
                    updated_at=at + timedelta(minutes=5),
                    wave=wave,
                )
            )
        for question, value in answers.items():
            self.answer(person, question, value)

    def answer(self, person: int, question: str, value: object) -> None:
        is_open = question in ("settle", "proof")
        sealed = self.vault.seal(str(value), "answer") if is_open and value is not None else None
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(schema.answers).values(
                    conversation=self.conversations,
                    person=person,
                    survey="talks@abc123",
                    question=question,
                    value=None if is_open else value,
                    sealed_text=sealed,
                    channel="sms",
                    language="en",
                    at=NOW,
                )
            )


@pytest.fixture
def store(engine: sa.Engine, vault: Vault) -> Store:
    return Store(engine, vault)


def read(store: Store) -> Frames:
    with reading(store.engine) as connection:
        return frames(connection, store.vault, SURVEY, {"themes": Coder(CODEBOOK)})


def made(store: Store, **codebooks: Codebook) -> Release:
    return release(
        store.engine, store.vault, count(store.engine, store.vault, SURVEY, codebooks, NOW), SURVEY, codebooks, NOW
    )


def rows(store: Store, question: str) -> list[tuple[object, ...]]:
    answers = read(store).answers
    chosen = answers[answers["question"] == question]
    columns = chosen[["person", "choice", "number"]].astype(object)
    return [tuple(row) for row in columns.where(columns.notna(), None).to_numpy()]


def test_each_type_becomes_its_column(store: Store) -> None:
    store.conversation(store.person(1, True), region="north", needs=["water", "food"], age=0, settle="water")
    assert rows(store, "region") == [(0, "north", None)]
    assert rows(store, "needs") == [(0, "water", None), (0, "food", None)]
    assert rows(store, "age") == [(0, None, 0.0)]
    assert rows(store, "settle") == [(0, "water", None)]


def test_a_keyword_moves_an_answer_to_the_only_other_question_it_can_be_meant_for(store: Store) -> None:
    """Not where that was answered, nor where a theme's keyword says that it belongs where it is; people's word goes
    first, and with a third open question nobody knows which is meant."""
    wrong = Code("wrong_question", text("Wrong"), "d", {"en": ("as to hopes",)}, {"en": ()})
    codebook = replace(CODEBOOK, special=(wrong,))
    hopes = replace(next(one for one in QUESTIONS if one.id == "settle"), id="proof", text=text("Hopes?"))
    two = (*(one for one in QUESTIONS if one.id != "proof"), hopes)
    store.conversation(store.person(1, True), settle="As to hopes: a school")
    store.conversation(store.person(2, True), settle="as to hopes, none", proof="clean water")
    store.conversation(store.person(3, True), settle="water; as to hopes, none")
    store.conversation(store.person(4, True), settle="as to hopes I said it all")
    coder = Coder(codebook, {"as to hopes I said it all": ()})

    def counted(questions: tuple[Question, ...]) -> tuple[list[tuple[object, ...]], int]:
        with reading(store.engine) as connection:
            found = frames(connection, store.vault, replace(SURVEY, questions=questions), {"themes": coder})
        told = found.answers[["person", "question", "choice"]].astype(object)
        return [tuple(row) for row in told.to_numpy()], found.log["moved"]

    nothing = "~nothing"
    assert counted(two) == (
        [(2, "settle", "water"), (3, "settle", nothing), (0, "proof", nothing), (1, "proof", "water")],
        2,
    )
    assert counted((*two, replace(hopes, id="more")))[1] == 0
    assert counted(tuple(one for one in two if one.id != "proof"))[1] == 0


def test_dates_and_places_are_made_coarse_and_references_stay_where_they_are(store: Store) -> None:
    store.conversation(
        store.person(1, True), fled="2024-05-03", home="well", order=["land", "jobs"], proof="https://files.example/1"
    )
    store.conversation(store.person(2, True), fled="2023", home="gone", order=None, proof=None)
    assert rows(store, "fled") == [(0, "2024", None), (1, "2023", None)]
    assert rows(store, "home") == [(0, "north", None), (1, None, None)]
    assert rows(store, "order") == [(0, "land", None), (1, None, None)]
    assert rows(store, "proof") == [(0, "sent", None), (1, None, None)]


def test_only_those_count_whose_last_word_was_yes(store: Store) -> None:
    store.conversation(store.person(1, True, False), region="north")
    store.conversation(store.person(2, False, True), region="south")
    store.conversation(store.person(3, False), status="refused")
    assert rows(store, "region") == [(1, "south", None)]
    people = read(store).conversations
    assert people["person"].tolist() == [0, 1, 2]
    assert people["began"].tolist() == [False, True, False]


def test_a_word_on_calls_is_none_on_being_asked(store: Store) -> None:
    store.conversation(store.person(1, True), region="north", call="no")
    store.consent(1, "call/2", given=False)
    store.conversation(store.person(2, False), region="south", call="yes")
    store.consent(2, "call/2", given=True)
    assert rows(store, "region") == [(0, "north", None)]


def test_the_last_answer_counts_and_the_earlier_conversation(store: Store) -> None:
    person = store.person(1, True)
    store.conversation(person, region="north")
    store.answer(person, "region", "south")
    store.conversation(person, hour=1, region="north", age=7)
    assert rows(store, "region") == [(0, "south", None)]
    assert rows(store, "age") == []


def test_a_conversation_in_which_nothing_was_answered_gives_way(store: Store) -> None:
    person = store.person(1, False, True)
    store.conversation(person, status="refused")
    store.conversation(person, hour=1, region="north")
    assert rows(store, "region") == [(0, "north", None)]


def test_left_out_and_forgotten_leave_a_row_without_anything(store: Store) -> None:
    store.conversation(store.person(1, True), region=None, settle=None)
    assert rows(store, "region") == [(0, None, None)]
    assert rows(store, "settle") == [(0, None, None)]


def test_an_empty_store_gives_empty_frames(store: Store) -> None:
    assert made(store).digest.turnout.began == 0


def test_a_release_is_frozen_and_holds_no_words_and_no_small_cell(store: Store) -> None:
    for number in range(1, 41):
        region = "south" if number <= 3 else "north"
        store.conversation(store.person(number, True), region=region, settle="water, says canary-7761")
    with reading(store.engine) as connection:
        assert latest(connection, SURVEY.name) is None
    out = made(store, themes=CODEBOOK)
    store.conversation(store.person(99, True), region="north")
    with reading(store.engine) as connection:
        found = latest(connection, SURVEY.name)
        stored = connection.scalar(sa.select(sa.cast(schema.releases.c.findings, sa.Text)))
    assert found == out.digest
    assert found is not None
    assert found.turnout.began == 40
    assert [cell.count for cell in found.question("region").cells] == [None, None]
    assert [cell.count for cell in found.question("settle").cells] == [40]
    assert "canary" not in str(stored)
    assert "Water 100%" in render.participant(found, "en")


def test_what_was_set_aside_is_counted(store: Store) -> None:
    person = store.person(1, True)
    store.conversation(person, region="north")
    store.answer(person, "region", "south")
    store.conversation(person, hour=1, region="north")
    store.conversation(store.person(2, True, False), region="north")
    log = {"conversations": 1, "withdrew": 1, "replaced": 1, "moved": 0, "recoded": 0, "merged": 0, "redacted": 0}
    assert dict(read(store).log) == log


def test_a_snapshot_comes_back_as_it_was_and_holds_no_words(store: Store, tmp_path: Path) -> None:
    for number in range(1, 9):
        store.conversation(store.person(number, True), region="north", age=number, settle="water, says canary-7761")
    rows = count(store.engine, store.vault, SURVEY, {"themes": CODEBOOK}, NOW)
    snapshot.write(rows, tmp_path / "kept")
    back = snapshot.read(tmp_path / "kept", SURVEY)
    assert (back.hash, back.made_at, back.frames.notes, back.frames.log) == (
        rows.hash,
        NOW,
        rows.frames.notes,
        rows.frames.log,
    )
    for ours, theirs in (
        (rows.frames.conversations, back.frames.conversations),
        (rows.frames.answers, back.frames.answers),
        (rows.frames.votes, back.frames.votes),
    ):
        assert [str(kind) for kind in ours.dtypes] == [str(kind) for kind in theirs.dtypes]
        pd.testing.assert_frame_equal(ours.astype(object), theirs.astype(object))
    written = [file for file in (tmp_path / "kept").iterdir() if file.stat().st_size]
    assert len(written) == 4
    assert not any(file.stat().st_mode & 0o077 or b"canary" in file.read_bytes() for file in written)
    other = replace(SURVEY, name="other")
    with pytest.raises(snapshot.SnapshotError, match="of talks, not of other"):
        snapshot.read(tmp_path / "kept", other)
    with pytest.raises(snapshot.SnapshotError, match="holds no snapshot"):
        snapshot.read(tmp_path, SURVEY)


def test_the_last_vote_on_a_statement_counts(store: Store) -> None:
    places = tuple(Question(f"views.{place}", "statement", text("?"), "p") for place in (1, 2))
    survey = replace(SURVEY, questions=(*QUESTIONS, *places))
    store.conversation(
        store.person(1, True), region="north", **{"views.1": ["well", "agree"], "views.2": ["road", "pass"]}
    )
    store.conversation(store.person(2, True), region="north", **{"views.1": ["well", "disagree"]})
    store.answer(2, "views.2", ["well", "agree"])
    with reading(store.engine) as connection:
        votes = frames(connection, store.vault, survey, {}).votes
    assert [tuple(row) for row in votes.to_numpy()] == [(0, "road", 0), (0, "well", 1), (1, "well", 1)]


def test_votes_become_common_ground_of_a_release(store: Store) -> None:
    """Two camps, on six statements of the author and one that a moderator let out; what was withdrawn
    is not there, nor what a person wrote."""
    options = tuple(Choice(name, text(f"More {name}")) for name in ("wells", "army", "tax", "flag", "land", "trade"))
    places = tuple(Question(f"views.{place}", "statement", {}, options=options) for place in range(1, 8))
    survey = replace(SURVEY, questions=(*QUESTIONS, *places))
    with store.engine.begin() as connection:
        connection.execute(sa.insert(schema.people).values(id=99, created_at=NOW, seen_at=NOW))
        shared = {"survey": "talks", "question": "views", "language": "en", "made_at": NOW}
        sealed = store.vault.seal("canary-7761", "statement")
        for row in (
            {"id": 1, "person": 99, "sealed_text": sealed, "status": "shown", "texts": text("A guard of both")},
            {"id": 2, "person": 99, "sealed_text": sealed, "status": "waiting", "texts": None},
            {"id": 3, "statement": "trade", "status": "withdrawn", "texts": None},
        ):
            filled = {"person": None, "sealed_text": None, "statement": None, **row}
            connection.execute(sa.insert(statements).values(**shared, **filled))
    votes = (("wells", "own-1"), ("army", "tax"), ("flag", "land"))
    for number in range(1, 61):
        camp = 1 + (number > 24)
        given = {name: "agree" if at in (0, camp) else "disagree" for at, names in enumerate(votes) for name in names}
        told = [*given.items(), ("trade", "agree")]
        answers: dict[str, Any] = {f"views.{place}": list(vote) for place, vote in enumerate(told, start=1)}
        store.conversation(store.person(number, True), region="north", **answers)
    rows = count(store.engine, store.vault, survey, {}, NOW)
    found = release(store.engine, store.vault, rows, survey, {}, NOW).digest
    assert found.ground is not None
    assert (found.ground.verdict, [group.people for group in found.ground.groups]) == ("stable", [36, 24])
    assert {one.id: one.standing for one in found.ground.statements} == {
        **dict.fromkeys(("wells", "own-1"), "agreed"),
        **dict.fromkeys(("army", "tax", "flag", "land"), "divided"),
    }
    with reading(store.engine) as connection:
        assert latest(connection, "talks") == found
    html = render.page(found, "en")
    assert "A guard of both" in html
    assert not {word for word in ("canary", "More trade") if word in html}
    store.conversation(store.person(61, True), region="north", **answers)
    for number in range(62, 71):
        store.conversation(store.person(number, True), region="north")
    rows = count(store.engine, store.vault, survey, {}, NOW)
    after = release(store.engine, store.vault, rows, survey, {}, NOW).digest
    assert after.turnout.began == 70
    assert after.ground is not None
    assert (after.ground.verdict, after.ground.groups) == ("stable", ())  # one more voted: who may not be told


def test_the_next_release_waits_while_a_difference_could_name_somebody(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(
            sa.insert(polls).values(
                name="talks", status="open", hash="abc123", wave=1, invite="everybody", opened_at=NOW, by="tests"
            )
        )
    for number in range(1, 41):
        store.conversation(store.person(number, True), region="north")
    first = made(store)
    for number in range(41, 44):
        store.conversation(store.person(number, True), region="north")
    with pytest.raises(Waits, match="talks has to wait for its next release: since what is out fewer than 5 people"):
        made(store)
    with reading(store.engine) as connection:
        assert latest(connection, "talks") == first.digest
    closed = replace(count(store.engine, store.vault, SURVEY, {}, NOW), final=True)
    last = release(store.engine, store.vault, closed, SURVEY, {}, NOW).digest
    assert last.turnout.began is None
    with store.engine.begin() as connection:
        connection.execute(sa.delete(schema.releases).where(schema.releases.c.id > first.id))
    for number in range(44, 46):
        store.conversation(store.person(number, True), region="north")
    second = made(store).digest
    assert second.since is not None
    assert (second.since.began, second.turnout.began) == (40, 45)
    store.consent(45, "1", given=False)  # one less than the second, four more than the first
    with pytest.raises(Waits):
        made(store)


def test_what_came_of_it_is_told_and_taken_back(store: Store) -> None:
    agreed = ("agreed", date(2026, 3, 1), {"en": "A commission looks at land."})
    with store.engine.begin() as connection:
        for wrong, why in (
            (("done", *agreed[1:]), "status"),
            ((*agreed[:2], {"en": " ", "fr": "Oui."}), "words"),
            ((*agreed[:2], {"en": "a" * 121}), "long"),
            (("agreed", date(2026, 3, 5), agreed[2]), "future"),
        ):
            with pytest.raises(outcomes.OutcomeError, match=why):
                outcomes.tell(connection, SURVEY, *wrong, "mediator", NOW)
        outcomes.tell(connection, SURVEY, *agreed, "mediator", NOW)
        (told,) = outcomes.told(connection, "talks")
        assert told.said("en") == "March 1, 2026: agreed. A commission looks at land."
        assert told.said("fr") == "1 mars 2026\u00a0: convenu. A commission looks at land."
        assert outcomes.withdraw(connection, "talks", told.id, "mediator", NOW)
        assert not outcomes.withdraw(connection, "talks", told.id, "mediator", NOW)
        assert outcomes.told(connection, "talks") == ()


# Beyond counts ------------------------------------------------------------------------------------------------------


def test_what_looks_coordinated_is_flagged_and_nobody_is_left_out(store: Store) -> None:
    for number in range(1, 9):
        told = "the water of Bor, and the road to it" if number < 4 else f"water, says number {number} of many"
        store.conversation(store.person(number, True), region="north", settle=told, hour=number)
    with store.engine.begin() as connection:
        for number in range(1, 9):
            phone = f"+2547000{number * (1 if number > 5 else 100):05}"
            connection.execute(
                sa.insert(schema.addresses).values(
                    id=number,
                    person=number,
                    kind="tel",
                    hmac=bytes([number]),
                    sealed_address=store.vault.seal(phone, "address"),
                    channel="sms",
                )
            )
        connection.execute(sa.update(schema.conversations).where(schema.conversations.c.id == 8).values(updated_at=NOW))
    found = read(store)
    same, neighbours = 1 << 0, 1 << 4
    assert found.conversations["flags"].tolist() == [same] * 3 + [0, 0] + [neighbours] * 3
    assert found.conversations["began"].all()


def test_people_are_followed_from_wave_to_wave_and_releases_told_apart(store: Store) -> None:
    questions = (QUESTIONS[0], replace(QUESTIONS[1], type="one-of"))
    survey = replace(SURVEY, questions=questions)

    def released() -> Release:
        rows = count(store.engine, store.vault, survey, {}, NOW)
        return release(store.engine, store.vault, rows, survey, {}, NOW)

    for number in range(1, 41):
        store.conversation(store.person(number, True), needs="water" if number <= 30 else "food")
    assert released().digest.trends is None
    for number in range(11, 61):
        if number > 40:
            store.person(number, True)
        store.conversation(number, needs="water" if number <= 20 else "food", wave=2, hour=1)
    with reading(store.engine) as connection:
        rows = frames(connection, store.vault, survey, {})
    assert rows.before == {"needs": {"water": 30, "food": 10, "": 40}}
    assert len(rows.panel) == 30
    trends = released().digest.trends
    assert trends is not None
    water = next(one for one in trends.answers if one.cell == "water")
    assert (water.before, water.now, water.both, water.gained, water.lost) == (0.75, 0.2, 30, 0, 10)
    assert (water.people, water.turnover) == (-0.2, -0.35)
