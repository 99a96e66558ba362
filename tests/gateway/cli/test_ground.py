"""baraza ground, on files that somebody brings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from gateway.cli.ground import ground

COMMENTS = "comment-id,moderated,comment-body\n" + "".join(
    f'{at},{-1 if at == 9 else 1},"Statement {at}"\n' for at in range(10)
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """60 people in two camps of 40 and 20, ten statements of which one was taken out; one person voted on nothing."""
    random = np.random.default_rng(0)
    rows = ["participant,group-id,n-comments,n-votes,n-agree,n-disagree," + ",".join(map(str, range(10)))]
    for person in range(60):
        sides = [1 if at < 3 or (at % 2 == 0) == (person < 40) else -1 for at in range(10)]
        votes = [str(-side if random.random() < 0.1 else side) for side in sides]
        rows.append(f"{person},{int(person >= 40)},0,10,5,5,{','.join(votes)}")
    rows.append("60,,0,0,0,0" + "," * 10)
    (tmp_path / "votes.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "comments.csv").write_text(COMMENTS)
    return tmp_path


def run(files: Path, *words: str) -> Result:
    return CliRunner().invoke(
        ground, ["--votes", str(files / "votes.csv"), "--comments", str(files / "comments.csv"), *words]
    )


def found(files: Path, *words: str) -> dict[str, Any]:
    done = run(files, *words, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.output))


def test_groups_consensus_what_sets_apart_and_stability(files: Path) -> None:
    data = found(files)
    assert (data["verdict"], data["stable"]) == ("stable", True)
    assert data["said"].startswith("2 stable groups, of 40 and 20 people")
    assert (data["people"], data["voted"], data["grouped"]) == (61, 60, 60)
    assert data["left_out"] == ["9"]
    assert data["polis"]["adjusted_rand"] == 1
    assert data["stability"]["median"] > 0.95
    assert {one["id"] for one in data["statements"][:3]} == {"0", "1", "2"}
    assert data["statements"][0]["text"].startswith("Statement")
    assert {one["statement"] for one in data["groups"][0]["sets_apart"]} == {"3", "4", "5", "6", "7", "8"}
    assert data["participants"][60] == {"id": "60", "group": None, "votes": 0, "x": 0, "y": 0}


def test_given_groups_are_taken_as_they_are(files: Path) -> None:
    (files / "camps.csv").write_text("participant,group\n0,x\n1,x\n2,y\n3,y\n")
    data = found(files, "--groups", str(files / "camps.csv"))
    assert [(group["id"], group["people"]) for group in data["groups"]] == [("x", 2), ("y", 2)]
    assert data["stability"] is None
    assert [group["people"] for group in found(files, "--groups", "group-id")["groups"]] == [40, 20]


@pytest.mark.parametrize("votes", ["participant,0,9\np,,\nq,,1\n", "participant,0\n"], ids=["rows", "no row"])
def test_where_nobody_voted_that_is_the_result(files: Path, votes: str) -> None:
    (files / "votes.csv").write_text(votes)
    data = found(files)
    assert (data["verdict"], data["votes"]) == ("too-few", 0)
    assert data["said"] == "No groups: nobody voted on a statement that was not taken out."
    assert [one["group_informed_consensus"] for one in data["statements"]] == [0.5]


def test_for_people_it_is_said_in_words(files: Path) -> None:
    said = run(files).output
    assert "2 stable groups" in said
    assert "What sets group B apart (20 people)" in said
    assert "Polis has 2 groups: adjusted Rand index 1.00" in said


@pytest.mark.parametrize(
    ("change", "words", "said"),
    [
        (("votes.csv", b"participant,0\np,7\n"), (), "votes.csv:2, column 0: '7' is no vote"),
        (("votes.csv", b"participant,0\np,\xff\n"), (), "is not UTF-8"),
        (("comments.csv", b"name,body\nx,y\n"), (), "comments.csv:1: no column 'comment-id'"),
        (None, ("--groups", "camp"), "--groups camp: there is no such column or file"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    files: Path, change: tuple[str, bytes] | None, words: tuple[str, ...], said: str
) -> None:
    if change:
        (files / change[0]).write_bytes(change[1])
    done = run(files, *words)
    assert done.exit_code == 1
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1
