"""Common ground of a poll of our own: what a digest tells of votes on statements, and what it doesn't."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from analysis import render
from analysis.digest import digest
from analysis.findings import Agreement, CommonGround, Digest
from analysis.frames import Frames
from analysis.pack import results
from analysis.releases import Released, guard, without
from analysis.render import agenda as forms
from analysis.render.language import language
from analysis.render.short import ONE
from analysis.render.words import summary
from analysis.suppression import Cell, System, exposed, hide
from surveys.model import Choice, Question, Survey

NOW = datetime(2026, 3, 4, tzinfo=UTC)
LANGUAGES = ("en", "fr", "sw", "ar")
SHARED, NORTHERN, SOUTHERN, MIXED = (
    ("wells", "school"),
    ("army", "flag", "tax"),
    ("trade", "land", "radio"),
    ("bus", "own-7"),
)


@pytest.fixture
def survey(survey: Survey) -> Survey:
    statements = (*SHARED, *NORTHERN, *SOUTHERN, "bus")
    options = tuple(Choice(name, {"en": f"More {name}", "ar": f"مزيد {name}"}) for name in statements)
    places = tuple(Question(f"views.{place}", "statement", {}, options=options) for place in range(1, 11))
    return replace(survey, questions=(*survey.questions, *places))


def voted(*camps: int, odd: int = 0, seed: int = 1) -> Frames:
    """Camps of so many people, each for its own statements and against others', the first two for those that are
    shared; `odd` more vote at random."""
    draw = random.Random(seed)
    votes: list[tuple[int, str, int]] = []
    own = (NORTHERN, SOUTHERN, MIXED)
    people = [camp for camp, size in enumerate(camps) for _ in range(size)] + [-1] * odd
    for person, camp in enumerate(people):
        for name in (*SHARED, *NORTHERN, *SOUTHERN, *MIXED):
            chance = 0.5 if camp < 0 or (name in MIXED and camp < 2) else 0.05
            if camp >= 0 and name in (*(SHARED if camp < 2 else ()), *own[camp]):
                chance = 0.95
            votes.append((person, name, 1 if draw.random() < chance else draw.choice((-1, -1, 0))))
    rows = pd.DataFrame(votes, columns=["person", "statement", "vote"])
    size = len(people)
    about = pd.DataFrame({"person": range(size), "channel": "sms", "language": "en", "region": None})
    about = about.astype({"channel": "category", "language": "category", "region": "category"})
    about["began"], about["finished"] = True, True
    answers = pd.DataFrame({"person": [], "question": [], "choice": [], "number": []}).astype(
        {"person": "int64", "question": "category", "choice": "category", "number": "float64"}
    )
    rows = rows.astype({"person": "int64", "statement": "category", "vote": "int8"})
    return Frames(about, answers, rows, statements={"own-7": {"en": "A guard from both sides"}})


def made(frames: Frames, survey: Survey, **changes: object) -> Digest:
    return digest(frames, survey, {}, now=NOW, **changes)  # type: ignore[arg-type]  # as it takes them


def ground(found: Digest) -> CommonGround:
    assert found.ground is not None
    return found.ground


@pytest.fixture
def two(survey: Survey) -> Digest:
    return made(voted(60, 45), survey)


def said(found: Digest, name: str = "en") -> list[str]:
    return [one.text for one in summary(found, language(name))["ground"]]


def test_two_camps_are_told_with_what_crosses_them(two: Digest) -> None:
    found = ground(two)
    assert (found.verdict, found.asked, found.small) == ("stable", ("views",), False)
    assert [(group.id, group.people) for group in found.groups] == [("A", 60), ("B", 45)]
    assert {one.id for one in found.stands("agreed")} == set(SHARED)
    assert {one.id for one in found.stands("divided")} == {*NORTHERN, *SOUTHERN}
    assert set(found.groups[0].apart) == set(NORTHERN)
    assert set(found.groups[1].apart) == set(SOUTHERN)
    proposed = next(one for one in found.statements if one.proposed)
    a, b = proposed.groups
    assert (proposed.id, proposed.standing, a.exact, b.exact) == ("own-7", "open", True, True)
    shares = [(one.least + 1) / (one.n + 2) for one in (a, b)]
    assert proposed.consensus == pytest.approx(shares[0] * shares[1], abs=1e-4)
    assert proposed.lowest == pytest.approx(min(shares), abs=1e-4)
    assert proposed.low < proposed.lowest < proposed.high
    assert Digest.from_dict(json.loads(json.dumps(two.to_dict()))) == two


def test_near_everybody_is_said_as_a_bound(two: Digest) -> None:
    """Of 60 all but a few agree: how many don't is in no number."""
    near = [group for one in ground(two).statements for group in one.groups if not group.exact]
    assert len(near) > 5
    assert all(group.most - group.least == 5 for group in near)
    assert all(6 <= one.least <= one.n - 6 for one in _groups(two) if one.exact)


def _groups(found: Digest) -> list[Agreement]:
    return [group for one in ground(found).statements for group in one.groups]


@pytest.mark.parametrize(
    ("name", "groups", "shared", "contested"),
    [
        (
            "en",
            "How many: 2 (group A 60; group B 45).",
            "More than half of every group agree: “More wells”",
            "Contested",
        ),
        ("fr", "2 (groupe A 60", "Plus de la moitié de chaque groupe", "Contesté"),
        ("sw", "Idadi ya makundi: 2 (kundi A 60; kundi B 45).", "Zaidi ya nusu ya kila kundi", "Makundi hayakubaliani"),
        ("ar", "المجموعة \u2068A\u2069 ٦٠", "يوافق أكثر من نصف كل مجموعة: «\u2068مزيد wells\u2069»", "مختلف عليه"),
    ],
)
def test_it_is_said_in_each_language(two: Digest, name: str, groups: str, shared: str, contested: str) -> None:
    first, *rest = said(two, name)
    assert groups in first
    assert any(one.startswith(shared) for one in rest)
    assert rest[-1].startswith(contested)
    assert len(rest) == 2 + 6 + 1  # agreed, three of each group, and the contested ones
    assert said(two, name)[1] in render.telegram(two, name)
    assert ONE(render.sms(two, name))


def test_the_page_and_the_sms(two: Digest) -> None:
    assert render.sms(two, "en") == 'Talks: 105 answered. Not a sample of all. All groups agree: "More wells".'
    html = render.page(two, "ar")
    number = len(two.questions) + 2
    assert f'id="source-{number}"' in html
    assert html.count(f'href="#source-{number}"') == 1 + len(said(two, "ar"))  # the table, and each sentence
    assert "توافق المجموعات" in html


def test_the_agenda_has_what_is_shared_and_proposed(two: Digest) -> None:
    shared, proposed = forms.markdown(two, "en").split("### What people propose, and how many agree")
    assert all(
        f"“More {name}” (group A" in shared.split("### What people agree on across groups")[1] for name in SHARED
    )
    assert "“A guard from both sides” (group A" in proposed


def test_other_organisations_get_it_as_rows(two: Digest) -> None:
    rows = results(two, language("en"))
    ours = rows[rows["by"] == "opinion group"]
    assert len(ours) == 4 * len(ground(two).statements)
    assert all(note for note, count in zip(ours["note"], ours["count"], strict=True) if count == 0)
    wells = ours[(ours["question"] == "wells") & (ours["group"] == "A")].iloc[0]
    assert (wells["answer"], wells["n"], wells["note"]) == ("agree", 60, "bound: 55 to 60")


def test_without_stable_groups_everybody_is_one(survey: Survey) -> None:
    found = made(voted(odd=90), survey)
    assert ground(found).verdict == "unstable"
    assert [(group.id, group.people) for group in ground(found).groups] == [("", 90)]
    first, second, *rest = said(found)
    assert first.startswith("There are no stable opinion groups")
    assert second == "Shares are of all 90 who voted on enough statements."
    assert rest[0] == "On no statement can it be said that more than half agree."
    assert "group A" not in " ".join(rest)
    assert "Don't speak of camps" in render.telegram(found, "en")


def test_groups_of_a_few_people_are_left_out(survey: Survey) -> None:
    few = made(voted(60, 45, 12), survey, minimum_cell=16)
    assert ground(few).small
    assert [group.people for group in ground(few).groups] == [58, 44]
    assert "Groups of fewer than 16 people are left out of this." in said(few)
    assert not any("group C" in one for one in said(few))
    alone = ground(made(voted(60, 12), survey, minimum_cell=15))
    assert (alone.verdict, alone.small) == ("too-few", False)
    assert [(group.id, group.people) for group in alone.groups] == [("", 72)]


@pytest.mark.parametrize("people", [0, 1, 4, 11])
def test_hardly_anybody_voted(survey: Survey, people: int) -> None:
    found = made(voted(people), survey)
    assert ground(found).verdict in ("too-few", "alike")
    assert all(said(found, name) for name in LANGUAGES)
    assert all(one.people >= 5 for one in ground(found).groups)
    assert render.page(found, "fr")


def test_no_statements_no_common_ground(survey: Survey) -> None:
    plain = replace(survey, questions=tuple(one for one in survey.questions if one.type != "statement"))
    found = made(voted(60, 45), plain)
    assert found.ground is None
    assert "ground" not in summary(found, language("en"))


def test_a_statement_without_a_text_is_not_told(survey: Survey) -> None:
    """Nobody let it out, or two questions give its id to different statements."""
    frames = replace(voted(60, 45), statements={})
    other = Question("more.1", "statement", {}, options=(Choice("wells", {"en": "Other wells"}),))
    found = made(frames, replace(survey, questions=(*survey.questions, other)))
    told = {one.id for one in ground(found).statements}
    assert "school" in told
    assert not told & {"own-7", "wells"}


@pytest.mark.parametrize("camps", [(60, 45), (14, 11), (200, 30, 20), (40, 9)])
def test_no_small_count_can_be_worked_out(survey: Survey, camps: tuple[int, ...]) -> None:
    systems: list[tuple[System, frozenset[Cell]]] = []

    def hiding(system: System, minimum: int) -> frozenset[Cell]:
        systems.append((system, hide(system, minimum)))
        return systems[-1][1]

    found = made(voted(*camps), survey, hiding=hiding)
    ((system, hidden),) = systems
    small = {cell for cell in system.cells if cell[0] == "ground" and 0 < system.cells[cell] < 5}
    assert small <= hidden
    assert not small & exposed(system, hidden, 5)
    assert all(group.n >= 5 for group in _groups(found))


def test_a_next_release_gives_nobody_away(survey: Survey) -> None:
    """One more votes: with the groups' numbers of before, and the new ones, that vote would lie open."""
    systems: list[System] = []

    def hiding(system: System, minimum: int) -> frozenset[Cell]:
        systems.append(system)
        return hide(system, minimum)

    frames = voted(60, 45)
    made(frames, survey, hiding=hiding)
    votes, people = frames.votes, frames.conversations
    fewer = replace(frames, votes=votes[votes["person"] > 0], conversations=people[people["person"] > 0])
    made(fewer, survey, hiding=hiding)
    now, before = systems
    out = Released(before, hide(before, 5))
    guarded = guard(now, [out], 5)
    assert guarded.wait
    assert any(cell[0] == "ground" for cell in guarded.hidden - guarded.alone)
    assert not any(cell[0] == "ground" for cell in without(now).cells)
    found = made(frames, survey, hiding=lambda system, _: frozenset(system.cells))
    assert ground(found).verdict == "stable"
    assert not ground(found).groups
    assert "not shown this time" in " ".join(said(found))


def test_what_changed_little_is_hidden_and_the_rest_told(survey: Survey) -> None:
    """Forty more vote: a group's size and a statement may not be told beside what is out, the others may."""
    systems: list[System] = []

    def hiding(system: System, minimum: int) -> frozenset[Cell]:
        out = [Released(one, hide(one, minimum)) for one in systems]
        systems.append(system)
        return guard(system, out, minimum).hidden

    before = ground(made(voted(60, 45), survey, hiding=hiding))
    after = made(voted(80, 65, seed=2), survey, hiding=hiding)
    assert None in [group.people for group in ground(after).groups]
    assert 4 < len(ground(after).statements) < len(before.statements)
    assert "not shown" in said(after)[0]
    assert all(render.page(after, name) for name in LANGUAGES)
