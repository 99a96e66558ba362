"""baraza tally, on files that somebody brings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.tally import tally
from surveys.problem import SurveyError

MARGINS = """\
source: Census 2019
margins:
  region: {north: 40%, south: 40%, east: 20%}
  gender: {female: 51, male: 49}
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Two waves of 60 and 100 people; who is from the south says no, and few of them answer."""
    rows = ["person,wave,channel,region,gender,agree,needs,years"]
    rows += [f"{person},1,sms,north,male,yes,water,{person}" for person in range(60)]
    for person in range(100):
        region = "north" if person < 71 else "south" if person < 95 else "east"
        agree = "no" if region == "south" else "yes"
        rows.append(
            f"{person},2,{'sms' if person % 2 else 'ussd'},{region},{'male' if person % 3 else 'female'},{agree},"
            f"{'water;food' if person % 2 else 'roads'},{'' if person % 5 == 0 else person}"
        )
    (tmp_path / "answers.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "margins.yaml").write_text(MARGINS)
    return tmp_path


def run(files: Path, *words: str, margins: bool = True) -> Result:
    more = ["--margins", str(files / "margins.yaml")] if margins else []
    return CliRunner().invoke(tally, ["--answers", str(files / "answers.csv"), *more, *words])


def found(files: Path, *words: str, margins: bool = True) -> dict[str, Any]:
    done = run(files, *words, "--json", margins=margins)
    assert done.exit_code == 0, (done.output, done.exception)
    return dict(json.loads(done.output))


def test_weighted_and_unweighted_side_by_side_and_who_is_missing(files: Path) -> None:
    data = found(files, "--several", ";")
    assert (data["people"], data["wave"], data["waves"]) == (100, "2", ["1", "2"])
    agree = next(one for one in data["questions"] if one["question"] == "agree")
    no = next(answer for answer in agree["answers"] if answer["answer"] == "no")
    assert (no["count"], no["unweighted"]["share"]) == (24, 0.24)
    assert no["weighted"]["share"] == pytest.approx(0.4)
    assert data["weights"]["source"] == "Census 2019"
    assert data["weights"]["met"]
    assert 1 < data["weights"]["deff"] == pytest.approx(100 / data["weights"]["effective"])
    assert [(one["question"], one["category"]) for one in data["missing"]] == [
        ("gender", "female"),
        ("region", "south"),
        ("region", "east"),
    ]
    assert data["said"][0].startswith("People chose to answer.")
    assert data["said"][1] == "gender female is 51% of the population, and 34% of those who answered (34 people)."
    needs = next(one for one in data["questions"] if one["question"] == "needs")
    assert {answer["answer"]: answer["count"] for answer in needs["answers"]} == {"water": 50, "food": 50, "roads": 50}
    years = next(one for one in data["questions"] if one["question"] == "years")
    assert (years["n"], years["answers"], years["average"]["mean"]) == (80, [], 50)


def test_by_group_by_channel_and_between_waves(files: Path) -> None:
    data = found(files, "--by", "region", "--by", "channel", margins=False)
    assert data["weights"] is None
    table = next(one for one in data["crosstabs"] if (one["question"], one["by"]) == ("agree", "region"))
    assert [(name, one["n"]) for name, one in table["groups"]] == [("north", 71), ("south", 24), ("east", 5)]
    assert table["groups"][1][1]["few"]
    assert [one["group"] for one in data["response"]] == ["", "sms", "ussd"]
    assert data["response"][0]["questions"][-1]["left"] == 20
    change = next(one for one in data["changes"] if (one["question"], one["answer"]) == ("agree", "yes"))
    assert change["shares"] == [1, 0.76]
    assert change["people"] == 0
    assert change["turnover"] == pytest.approx(-0.24)


def test_rows_of_answers_say_the_same_as_rows_of_people(files: Path) -> None:
    (files / "answers.csv").write_text(
        "person,question,answer\n1,agree,yes\n1,needs,water\n1,needs,food\n2,agree,no\n2,needs,\n3,agree,yes\n"
    )
    data = found(files, margins=False)
    assert [(one["question"], one["n"]) for one in data["questions"]] == [("agree", 3), ("needs", 1)]
    assert [(one["answer"], one["count"]) for one in data["questions"][1]["answers"]] == [("food", 1), ("water", 1)]


def test_rates_where_there_was_a_sample_and_plainly_none_where_there_was_not(files: Path) -> None:
    codes = ["1.1"] * 4 + ["partial"] * 2 + ["refused", "2.2", "2.3", "3.1", "3.2", "4.1"]
    rows = [f"{at},sms,{code},{'yes' if at < 6 else ''}" for at, code in enumerate(codes)]
    (files / "answers.csv").write_text("\n".join(["person,channel,disposition,agree", *rows]) + "\n")
    data = found(files, "--sample", "random", "--e", "0.9", margins=False)
    everybody, by_channel = data["outcome_rates"]
    assert everybody["rates"]["rates"] == by_channel["rates"]["rates"]
    assert (by_channel["by"], by_channel["group"]) == ("channel", "sms")
    assert round(everybody["rates"]["rates"]["RR3"], 3) == 0.370
    assert (everybody["rates"]["e"], everybody["rates"]["source"]) == (0.9, "given")
    data = found(files, margins=False)
    assert data["outcome_rates"] == []
    assert "No outcome rates: people opted in, so nobody knows how many heard of the poll." in data["said"]


def test_for_people_it_is_said_in_words(files: Path) -> None:
    said = run(files, "--several", ";").output
    assert said.startswith("People chose to answer.")
    assert "agree (n = 100)" in said
    assert "weighted 40%" in said


@pytest.mark.parametrize(
    ("answers", "words", "said"),
    [
        ("person,agree\n1,yes\n1,no\n", (), "answers.csv:3: '1' has a row already, in line 2"),
        ("person,agree\n1,yes,no\n", (), "answers.csv:2: more cells than the header has columns"),
        ("person,agree,agree\n", (), "answers.csv:1: there are two columns 'agree'"),
        ("person\n1\n", (), "answers.csv:1: no column is a question"),
        ("person,agree\n", (), "answers.csv: there is no row below the header"),
        ("person,weight,agree\n1,-2,yes\n", (), "answers.csv:2: '-2' is no weight"),
        ("question,answer\na,b\n", (), "answers.csv:1: no column 'person'"),
        ("person,agree\n1,yes\n", ("--by", "region"), "--by region: "),
    ],
)
def test_answers_that_cannot_be_used_are_one_sentence(
    files: Path, answers: str, words: tuple[str, ...], said: str
) -> None:
    (files / "answers.csv").write_text(answers)
    done = run(files, *words, margins=False)
    assert done.exit_code == 1
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("margins", "said"),
    [
        (
            "margins: {regoin: {north: 1, south: 1}}\n",
            "margins.yaml:1:11: nobody was asked `regoin`; did you mean 'region'?",
        ),
        ("margins:\n  region: {north: 40%, south: 40%}\n", "margins.yaml:2:11: the shares of `region` add up to 80%"),
        ("margins:\n  region: {north: none, south: 1}\n", "margins.yaml:2:19: 'none' is no share"),
        ("margins:\n  region: {north: 0, south: 1}\n", "margins.yaml:2:19: '0' is no share"),
        ("margins:\n  region: {north: 1}\n", "margins.yaml:2:11: `region` has fewer than two answers"),
        ("margins:\n  region: [north]\n", "margins.yaml:2:11: here must be a share for each answer"),
        ("margins: {}\n", "margins.yaml:1:10: there is no margin"),
        ("cap: 1\nmargins: {region: {north: 1, south: 1}}\n", "margins.yaml:1:6: '1' is too low"),
        ("sample: quota\nmargins: {region: {north: 1, south: 1}}\n", "margins.yaml:1:9: `sample` must be one of"),
        ("source: x\n", "margins.yaml:1:1: `margins` is missing"),
    ],
)
def test_margins_that_cannot_be_used_say_where_and_how_to_mend(files: Path, margins: str, said: str) -> None:
    (files / "margins.yaml").write_text(margins)
    done = run(files)
    assert isinstance(done.exception, SurveyError)
    assert said in str(done.exception)
