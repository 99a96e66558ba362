"""Coding by hand, on SQLite and on PostgreSQL: who is shown what, what holds, and what is counted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from analysis.coding import Coder
from analysis.render.page import page
from analysis.shares import LEAST
from gateway.coding import hand as hands
from gateway.coding.coded import by_hand
from gateway.coding.desk import CodingError, Desk
from gateway.coding.export import rows
from gateway.coding.teacher import Teacher
from gateway.results.release import count, release
from gateway.results.rows import frames
from gateway.store import schema
from gateway.store.database import reading
from gateway.store.keys import Vault
from surveys.codebook import Code, Codebook
from surveys.model import Question, Survey

NOW = datetime(2026, 3, 4, tzinfo=UTC)
SAID = ("no water in {}", "our land in {} was taken", "the school of {} is closed")
CODES = ("water", "land", "school")


def text(words: str) -> dict[str, str]:
    return {"en": words}


def code(name: str, definition: str = "d") -> Code:
    return Code(name, text(name.title()), definition, {"en": (name,)}, {"en": ()})


THEMES = Codebook("themes", tuple(map(code, CODES)), ("en",))
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
    questions=tuple(Question(name, "open", text(f"{name}?"), "p", codebook="themes") for name in ("first", "then")),
)


def truth(answer: int) -> str:
    return CODES[answer % 3]


class Poll:
    """Answers as ingest writes them; the answer's number is its person's."""

    def __init__(self, engine: sa.Engine, vault: Vault, many: int) -> None:
        self.engine = engine
        people = range(1, many + 1)
        with engine.begin() as connection:
            connection.execute(
                sa.insert(schema.people), [{"id": one, "created_at": NOW, "seen_at": NOW} for one in people]
            )
            consent = {"survey": "talks@abc123", "version": "1", "given": True, "channel": "sms", "at": NOW}
            connection.execute(sa.insert(schema.consents), [{"person": one, **consent} for one in people])
            fixed = {"flow": SURVEY.id, "status": "completed", "channel": "sms", "language": "en", "sealed_state": b"-"}
            times = {"started_at": NOW, "updated_at": NOW}
            connection.execute(
                sa.insert(schema.conversations), [{"id": one, "person": one, **fixed, **times} for one in people]
            )
            row = {"survey": "talks@abc123", "channel": "sms", "language": "en", "at": NOW, "question": "first"}
            connection.execute(
                sa.insert(schema.answers),
                [
                    {
                        **row,
                        "id": one,
                        "conversation": one,
                        "person": one,
                        "sealed_text": vault.seal(SAID[one % 3].format(f"village {one}"), "answer"),
                    }
                    for one in people
                ],
            )


@pytest.fixture
def desk(engine: sa.Engine, vault: Vault) -> Desk:
    Poll(engine, vault, 90)
    return Desk(engine, vault, lambda: NOW, Teacher(at_once=True))


def code_some(desk: Desk, coder: str, many: int) -> list[tuple[int, str]]:
    """What they were shown, and why."""
    shown = []
    for _ in range(many):
        task = desk.next(SURVEY, "first", THEMES, coder)
        assert task is not None
        shown.append((task.answer, task.why))
        desk.code(SURVEY, "first", THEMES, task.answer, [truth(task.answer)], coder)
    return shown


def counted(desk: Desk) -> dict[str, dict[str, int]]:
    with reading(desk.engine) as connection:
        hand = by_hand(connection, desk.vault, SURVEY, {"themes": THEMES})
        found = frames(connection, desk.vault, SURVEY, {"themes": Coder(THEMES, hand.texts.get("themes"))}, hand)
    rows = found.answers
    return {
        name: {code: many for code, many in rows[rows["question"] == name]["choice"].value_counts().items() if many}
        for name in ("first", "then")
    }


def test_one_in_three_is_drawn_and_the_others_teach(desk: Desk) -> None:
    shown = code_some(desk, "ann", 60)
    assert len({answer for answer, _ in shown}) == 60
    assert {why for _, why in shown[:40]} == {"random"}, "before there is a model all are drawn"
    assert [why for _, why in shown[42:48]] == ["random", "teaches", "teaches"] * 2
    state = desk.state(SURVEY, "first", THEMES)
    in_order = sorted(range(1, 91), key=hands.draw)
    with reading(desk.engine) as connection:
        part = hands.random_part(range(1, 91), hands.read(connection, "talks", "first"))
    assert part == in_order[: len(part)]
    assert state.random == len(part) >= 40
    assert (state.answers, state.coded, state.by_coder) == (90, 60, (("ann", 60),))


def test_a_share_is_coded_twice_and_neither_sees_the_other(desk: Desk) -> None:
    code_some(desk, "ann", 60)
    twice = [answer for answer, why in code_some(desk, "bob", 20) if why == "second"]
    assert twice
    assert all(hands.doubled(answer) for answer in twice)
    state = desk.state(SURVEY, "first", THEMES)
    assert (state.twice, state.disputed, state.alpha) == (len(twice), 0, 1.0)

    desk.code(SURVEY, "first", THEMES, twice[0], ["school", "land"], "bob")  # bob thinks again
    (dispute,) = desk.disputes(SURVEY, "first", THEMES)
    assert {one.coder: one.codes for one in dispute.given} == {
        "ann": (truth(twice[0]),),
        "bob": ("school", "land"),
    }
    agreed = desk.state(SURVEY, "first", THEMES)
    assert agreed.alpha is not None
    assert agreed.alpha < 1
    desk.code(SURVEY, "first", THEMES, twice[0], ["school"], "eve", settles=True)
    assert desk.disputes(SURVEY, "first", THEMES) == []
    with reading(desk.engine) as connection:
        final = hands.read(connection, "talks", "first").final(twice[0])
        log = connection.execute(sa.select(schema.audit.c.what, schema.audit.c.subject)).all()
    assert final is not None
    assert (final.codes, final.coder) == (("school",), "eve")
    assert ("settle a coding", f"talks/first/{twice[0]}") in [tuple(row) for row in log]


def test_the_wrong_question_moves_the_answer_and_keeps_it(desk: Desk) -> None:
    before = counted(desk)
    assert before == {"first": {"water": 30, "land": 30, "school": 30}, "then": {}}
    desk.code(SURVEY, "first", THEMES, 3, ["wrong_question"], "ann", "then")
    after = counted(desk)
    assert after["first"]["water"] == 29
    assert after["then"] == {"water": 1}
    task = desk.next(SURVEY, "then", THEMES, "ann")
    assert task is not None
    assert (task.answer, task.asked, task.before) == (3, "first", ())
    desk.code(SURVEY, "then", THEMES, 3, ["land"], "ann")
    assert counted(desk)["then"] == {"land": 1}
    with reading(desk.engine) as connection:
        row = connection.execute(sa.select(schema.answers).where(schema.answers.c.id == 3)).one()
    assert row.question == "first"


def test_what_a_new_codebook_changes_is_shown_again(desk: Desk) -> None:
    for answer in (1, 2, 3):
        desk.code(SURVEY, "first", THEMES, answer, [truth(answer)], "ann")
    worded = Codebook("themes", (code("water"), code("land", "soil only"), code("school")), ("en",))
    assert worded.version != THEMES.version
    task = desk.next(SURVEY, "first", worded, "ann")
    assert task is not None
    assert (truth(task.answer), task.why, task.before) == ("land", "again", ("land",))
    desk.code(SURVEY, "first", worded, task.answer, ["land"], "ann")
    assert desk.state(SURVEY, "first", worded).outdated == 0
    more = Codebook("themes", (*worded.codes, code("health")), ("en",))
    assert desk.state(SURVEY, "first", more).outdated == 3, "where a theme was added, it may be meant anywhere"
    reworded = Codebook("themes", tuple(Code(one.id, text("-"), "d", {}, {}) for one in THEMES.codes), ("en",))
    assert desk.state(SURVEY, "first", reworded).outdated == 1, "names and keywords are not what belongs under a code"


@pytest.mark.parametrize(
    ("codes", "moved_to", "why"),
    [
        (["gone"], "", "codes"),
        (["noise", "water"], "", "codes"),
        (["wrong_question"], "", "question"),
        (["wrong_question"], "first", "question"),
        (["wrong_question"], "nowhere", "question"),
        (["water"], "then", "question"),
    ],
)
def test_what_cannot_be_meant(desk: Desk, codes: list[str], moved_to: str, why: str) -> None:
    with pytest.raises(CodingError, match=why):
        desk.code(SURVEY, "first", THEMES, 1, codes, "ann", moved_to)


def test_nobody_codes_words_that_are_gone(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        connection.execute(sa.update(schema.answers).where(schema.answers.c.id == 1).values(sealed_text=None))
        refusal = {"survey": "talks@abc123", "version": "1", "given": False, "channel": "sms", "at": NOW}
        connection.execute(sa.insert(schema.consents).values(person=2, **refusal))
    for answer in (1, 2, 91):
        with pytest.raises(CodingError, match="gone"):
            desk.code(SURVEY, "first", THEMES, answer, ["water"], "ann")
    assert desk.state(SURVEY, "first", THEMES).answers == 88


def test_meta_codes_stand_beside_themes_and_count_as_none(desk: Desk) -> None:
    desk.code(SURVEY, "first", THEMES, 1, ["greeting", "water"], "ann")
    desk.code(SURVEY, "first", THEMES, 2, ["noise"], "ann")
    with reading(desk.engine) as connection:
        hand = by_hand(connection, desk.vault, SURVEY, {"themes": THEMES})
    assert sorted(hand.texts["themes"].values()) == [(), ("water",)]


def test_a_release_corrects_shares_by_what_was_drawn_at_random(desk: Desk) -> None:
    code_some(desk, "ann", 60)
    snapshot = count(desk.engine, desk.vault, SURVEY, {"themes": THEMES}, NOW)
    note = snapshot.frames.notes["first"]
    assert note.drawn >= LEAST
    for share, low, high in note.shares.values():
        assert low < 1 / 3 < high
        assert low < share < high
    made = release(desk.engine, desk.vault, snapshot, SURVEY, {"themes": THEMES}, NOW)
    first = made.digest.questions[0]
    assert first.coding is not None
    assert first.coding.shares == {}, "of what is hidden, too, nothing is left"
    assert {cell.id: cell.share for cell in first.cells} == {code: round(note.shares[code][0], 4) for code in CODES}
    assert f"{note.drawn} answers drawn at random" in page(made.digest, "en")


def test_what_is_exported(desk: Desk) -> None:
    desk.code(SURVEY, "first", THEMES, 1, ["greeting", "land"], "ann")
    desk.code(SURVEY, "first", THEMES, 3, ["wrong_question"], "ann", "then")
    with reading(desk.engine) as connection:
        plain = list(rows(connection, desk.vault, SURVEY, {"themes": THEMES}))
        told = list(rows(connection, desk.vault, SURVEY, {"themes": THEMES}, text=True))
    assert len(plain) == 90
    by_answer = {row["answer"]: row for row in plain}
    assert (by_answer[1]["codes"], by_answer[1]["by"], by_answer[1]["coders"]) == ("greeting;land", "people", "ann")
    assert (by_answer[2]["codes"], by_answer[2]["by"]) == ("school", "keywords")
    assert (by_answer[3]["question"], by_answer[3]["asked"]) == ("then", "first")
    assert "text" not in plain[0]
    assert {row["answer"]: row["text"] for row in told}[3] == "no water in village 3"
