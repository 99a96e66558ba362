"""What a digest says beyond its counts: who was drawn, with and without the flagged, from wave to wave."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from analysis import drawn, flagged, render, waves
from analysis.digest import digest
from analysis.findings import Digest
from analysis.frames import Frames
from analysis.integrity import Flag
from analysis.pack import results
from analysis.releases import Released, guard
from analysis.render.language import language
from analysis.render.words import summary
from analysis.suppression import Cell, System, exposed, hide
from surveys.codebook import Codebook
from surveys.model import Survey

NOW = datetime(2026, 3, 4, tzinfo=UTC)
LANGUAGES = ("en", "fr", "sw", "ar")
AAPOR = {"I": 40, "P": 20, "R": 10, "NC": 10, "O": 10, "UH": 10, "UO": 10, "NE": 10}


def part(counts: dict[str, int], of: int, parts: int) -> dict[str, int]:
    return {kind: (count + of) // parts for kind, count in counts.items()}


def sample(counts: dict[str, int], **groups: dict[str, int]) -> dict[tuple[str, str], dict[str, int]]:
    return {("", ""): counts, **{("channel", name): group for name, group in groups.items()}}


def read(found: Digest, *names: str) -> None:
    """It is JSON and back, and says something sound in every language."""
    assert Digest.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    for one in names or LANGUAGES:
        page = render.page(found, one)
        assert "None" not in page
        assert "{" not in render.telegram(found, one)


def given_away(system: System, hidden: frozenset[Cell]) -> list[Cell]:
    """What is computed from shown numbers alone may be large, or nobody."""
    return [cell for cell in exposed(system, hidden, 5) if 0 < system.cells[cell] < 5]


@pytest.fixture
def held(survey: Survey, codebook: Codebook) -> Callable[[Frames], tuple[Digest, System, frozenset[Cell]]]:
    """A digest, with the system that was hidden in."""

    def make(frames: Frames) -> tuple[Digest, System, frozenset[Cell]]:
        seen: list[tuple[System, frozenset[Cell]]] = []

        def hiding(system: System, minimum: int) -> frozenset[Cell]:
            seen.append((system, hide(system, minimum)))
            return seen[-1][1]

        return digest(frames, survey, {"themes": codebook}, now=NOW, hiding=hiding), *seen[-1]

    return make


Held = Callable[[Frames], tuple[Digest, System, frozenset[Cell]]]


# Who was drawn ------------------------------------------------------------------------------------------------------


def test_rates_of_those_drawn(held: Held, many: Frames) -> None:
    groups = {"sms": part(AAPOR, 0, 2), "ussd": part(AAPOR, 1, 2)}
    found, _, _ = held(replace(many, drawn=sample(AAPOR, **groups)))
    everybody, sms, _ = found.outcomes
    assert (everybody.drawn, everybody.e) == (120, 0.9)
    assert [everybody.rates[f"RR{one}"] for one in range(1, 7)] == [0.3636, 0.5455, 0.3704, 0.5556, 0.4444, 0.6667]
    assert (sms.by, sms.group, sms.counts["I"]) == ("channel", "sms", 20)
    who = [one.text for one in summary(found, language("en"))["who"]]
    assert any(text.startswith("120 people were drawn. Of all of them 36% came to the end") for text in who)
    rows = results(found, language("en"))
    assert rows[(rows["answer"] == "COOP4") & (rows["by"] == "")]["value"].item() == pytest.approx(0.8571, abs=1e-4)
    read(found)


def test_a_small_outcome_is_hidden_with_the_rates_that_would_give_it_away(held: Held, many: Frames) -> None:
    few = {"sms": {**part(AAPOR, 0, 2), "R": 3}, "ussd": {**part(AAPOR, 1, 2), "R": 7}}
    found, system, hidden = held(replace(many, drawn=sample(AAPOR, **few)))
    everybody, sms, ussd = found.outcomes
    assert everybody.rates["REF1"] is not None
    assert (sms.counts["R"], ussd.counts["R"]) == (None, None)
    assert set(sms.rates.values()) == set(ussd.rates.values()) == {None}
    assert given_away(system, hidden) == []
    read(found, "en")


def test_who_finished_and_was_not_drawn_is_a_cell() -> None:
    """Of 42 who finished 40 were drawn: both numbers would give two people away."""
    system = drawn.system(sample(AAPOR), 42)
    whole = System({**system.cells, ("finished",): 42}, system.relations)
    hidden = hide(whole, 5)
    assert ("finished",) in hidden or (drawn.DRAWN, "", "", "I") in hidden


def test_where_people_came_by_themselves_there_are_no_rates(held: Held, many: Frames) -> None:
    found, _, _ = held(many)
    assert found.outcomes == ()
    assert "There are no response rates" in render.page(found, "en")


# Flags --------------------------------------------------------------------------------------------------------------


def with_flags(frames: Frames, people: list[int], flag: Flag = Flag.BURST) -> Frames:
    flags = np.zeros(len(frames.conversations), np.int8)
    flags[people] = 1 << list(Flag).index(flag)
    return replace(frames, conversations=frames.conversations.assign(flags=flags))


def test_results_with_and_without_the_flagged(held: Held, many: Frames) -> None:
    """Twelve who want water, and eight who want land."""
    water = [number for number in range(60) if number % 5 >= 2][:12]
    land = [number for number in range(60) if number % 5 < 2][:8]
    found, system, hidden = held(with_flags(many, water + land))
    shares = {cell.id: (cell.share, cell.unflagged) for cell in found.question("settle").cells}
    assert shares["water"][0] == 0.6
    assert shares["water"][1] is not None
    assert shares["water"][1].share == 0.6  # 24 of 40
    assert found.flags is not None
    assert found.flags.people == (10, 49)
    assert found.flags.kinds == {"burst": (10, 49)}
    assert given_away(system, hidden) == []
    told = " ".join(one.text for one in summary(found, language("en"))["trust"])
    assert "hasty are of 10–49 people (many at once 10–49)" in told
    assert "Without them, to “settle?”: Water 60% (with them 60%)" in told
    read(found)


def test_few_flagged_are_told_as_hidden(held: Held, many: Frames) -> None:
    found, system, hidden = held(with_flags(many, [1, 2, 3]))
    assert found.flags is not None
    assert (found.flags.people, found.flags.kinds) == (None, {})
    assert not any(cell.unflagged for one in found.questions for cell in one.cells)
    assert given_away(system, hidden) == []
    read(found, "en")


def test_nobody_flagged_is_said(held: Held, many: Frames) -> None:
    found, _, _ = held(with_flags(many, []))
    assert "No answers look coordinated" in render.page(found, "en")
    assert [flagged.band(count) for count in (0, 1, 49, 50, 10_000)] == [
        (0, 0),
        (1, 9),
        (10, 49),
        (50, 99),
        (10_000, None),
    ]


# Waves --------------------------------------------------------------------------------------------------------------


def panel(frames: Frames, now: dict[int, str], then: dict[int, str], others: dict[str, int]) -> Frames:
    """`now` and `then` are answers to hope, by person; `others` were in the wave before and are not now."""
    rows = frames.answers[frames.answers["question"] != "hope"]
    hope = pd.DataFrame({"person": list(now), "question": "hope", "choice": list(now.values()), "number": np.nan})
    answers = pd.concat([rows.astype({"question": "str", "choice": "str"}), hope], ignore_index=True)
    answers["choice"] = answers["choice"].where(answers["choice"] != "nan", None)
    answers = answers.astype({"question": "category", "choice": "category"})
    before = {
        "": len(then) + sum(others.values()),
        **{answer: sum(one == answer for one in then.values()) + others.get(answer, 0) for answer in ("yes", "no")},
    }
    held = pd.DataFrame({"person": list(then), "question": "hope", "choice": list(then.values())})
    held = held.astype({"question": "category", "choice": "category"})
    return replace(frames, answers=answers, panel=held, before={"hope": before}, wave=2)


def test_people_who_changed_are_told_from_others_who_answered(held: Held, many: Frames) -> None:
    """Of 40 who answered both times ten took hope up, and none left it; 20 others came, all with hope."""
    now = {number: "yes" if number < 20 or number >= 40 else "no" for number in range(60)}
    then = {number: "yes" if number < 10 else "no" for number in range(40)}
    found, system, hidden = held(panel(many, now, then, {"no": 20}))
    earlier, _, _ = held(many)
    cells = (replace(earlier.question("hope").cells[0], count=10), replace(earlier.question("hope").cells[1], count=50))
    earlier = replace(
        earlier,
        questions=tuple(one.with_(cells=cells) if one.id == "hope" else one for one in earlier.questions),
    )
    (hope,) = found.panel
    assert (hope.n, hope.ways["yes"]) == (40, (10, 10, 0))
    told = waves.trends(earlier, found)
    yes = next(one for one in told.answers if (one.question, one.cell) == ("hope", "yes"))
    assert (yes.before, yes.now, yes.both, yes.gained, yes.lost) == (0.1667, 0.6667, 40, 10, 0)
    assert yes.people == pytest.approx(10 / 60, abs=1e-4)
    assert yes.turnover == pytest.approx(0.5 - 10 / 60, abs=2e-4)
    assert given_away(system, hidden) == []
    found = replace(found, trends=told)
    first, *_ = [one.text for one in summary(found, language("en"))["changed"]]
    assert first.startswith("Since wave 1 (March 4, 2026): to “hope?”, “")
    assert "people’s own part of the change is -17 points, that others answered is -33." in first
    read(found)


def test_few_who_changed_are_hidden(held: Held, many: Frames) -> None:
    now = {number: "yes" if number < 32 else "no" for number in range(60)}
    then = {number: "yes" if number < 30 else "no" for number in range(60)}
    found, system, hidden = held(panel(many, now, then, {}))
    (hope,) = found.panel
    assert hope.ways["yes"][1] is None  # two took it up
    assert given_away(system, hidden) == []
    read(found, "en")


def test_a_next_release_hides_what_is_beyond_counts_rather_than_wait(held: Held, many: Frames) -> None:
    _, first, hidden = held(replace(many, drawn=sample(AAPOR)))
    more = {**AAPOR, "R": AAPOR["R"] + 2, "UO": AAPOR["UO"] - 2}
    _, second, _ = held(replace(many, drawn=sample(more)))
    found = guard(second, [Released(first, hidden)], 5)
    assert found.wait
    assert {cell[0] for cell in found.hidden - found.alone} == {"drawn"}
