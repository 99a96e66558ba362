"""Exports as Polis writes them, older and newer, and as people write them by hand."""

from __future__ import annotations

import pytest

from analysis.ground import polis
from analysis.ground.polis import Export
from analysis.tables import TableError


def read(text: str, known: tuple[str, ...] = (), grouped_by: str = "") -> Export:
    return polis.votes(text.splitlines(keepends=True), "votes.csv", known, grouped_by)


def cells(export: Export) -> dict[tuple[str, str], int]:
    votes = export.votes
    return {
        (votes.people[person], votes.statements[statement]): vote
        for person, statement, vote in zip(
            votes.person.tolist(), votes.statement.tolist(), votes.vote.tolist(), strict=True
        )
    }


EXPECTED = {("p", "0"): 1, ("p", "2"): -1, ("q", "2"): 0}

HEADER = "participant,group-id,n-comments,n-votes,n-agree,n-disagree,0,2\n"


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "p,1,0,2,1,1,1,-1\nq,,0,1,0,0,,0\n",
        "\ufeff" + HEADER.replace("group-id", "xid,group-id") + "p,x,1,0,2,1,1,1,-1\r\n\r\nq,,,0,1,0,0,,0\r\n",
        "Participant;Group_ID;0;2\np;1;1,0;-1\n".replace("1,0", "1.0") + "q;;;0.0\n",
        "participant\tgroup id\t0\t2\np\t1\tagree\tdisagree\nq\t\t\tPass\n",
        "0,2,participant,group-id\n1,-1,p,1.0\n,0,q\n",  # a row that breaks off
        HEADER + 'p,1,0,2,1,1," 1 ",-1\nq,NaN,0,1,0,0,nan,0\n,,,,,,,\n',
        HEADER + "p,1,0,2,1,1,-1,\np,1,0,2,1,1,1,-1\nq,,0,1,0,0,,0\n",  # the later row's votes count
    ],
    ids=["as exported", "with xid and CRLF", "semicolons", "tabs and words", "another order", "blanks", "twice"],
)
def test_a_row_a_person(text: str) -> None:
    export = read(text)
    assert cells(export) == EXPECTED
    assert export.groups == ("1", "")


def test_a_row_a_vote_of_which_the_latest_counts() -> None:
    export = read(
        "timestamp,datetime,comment-id,voter-id,vote\n"
        "300,Tue,0,p,1\n100,Mon,0,p,-1\n200,Mon,2,p,-1\n5,Mon,2,q,1\n6,Mon,2,q,0\n"
    )
    assert cells(export) == EXPECTED
    assert export.groups == ()
    iso = read("created,tid,pid,vote\n2026-03-05,0,p,1\n2026-03-04T10:00:00,0,p,-1\n")
    assert cells(iso) == {("p", "0"): 1}


def test_a_person_without_votes_is_there() -> None:
    assert read(HEADER + "p,,0,0,0,0,,\n").votes.people == ("p",)


def test_statements_are_what_the_comments_name_and_numbers() -> None:
    text = "participant,group-id,s1,s2,7,remark\np,0,1,-1,0,hello\n"
    export = read(text, ("s1", "s2"))
    assert export.votes.statements == ("s1", "s2", "7")
    assert export.columns == ("remark",)
    assert read("participant,s1,s2\np,1,-1\n").votes.statements == ("s1", "s2")


def test_groups_from_another_column_or_file() -> None:
    text = "participant,group-id,camp,0\np,0,north,1\nq,1,south,-1\n"
    assert read(text, grouped_by="camp").groups == ("north", "south")
    assert read(text).groups == ("0", "1")
    assert polis.groups(["participant,group\n", "p,a\n", "q,\n"], "g.csv") == {"p": "a", "q": ""}


def test_comments_and_which_were_taken_out() -> None:
    found = polis.statements(
        [
            "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n",
            '1,Mon,0,9,1,0,1,"Water, first"\n',
            '2,Mon,1,9,0,0,-1,"two\n',
            'lines"\n',
            "3,Mon,2,9,0,0,0,Peace\n",
        ],
        "comments.csv",
    )
    assert found.texts == {"0": "Water, first", "1": "two\nlines", "2": "Peace"}
    assert found.out == {"1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "votes.csv: the file is empty"),
        ("participant,group-id\np,1\n", "votes.csv:1: no column is a statement"),
        (HEADER + "p,1,0,2,1,1,1,-1\nq,1,0,2,1,1,5,\n", "votes.csv:3, column 0: '5' is no vote; write 1"),
        (HEADER + ",1,0,2,1,1,1,-1\n", "votes.csv:2: votes without a participant"),
        ("comment-id,vote\n0,1\n", "votes.csv:1: no column 'voter-id'"),
        ("timestamp,comment-id,voter-id,vote\nnoon,0,p,1\n", "votes.csv:2, column timestamp: 'noon' is no time"),
        (HEADER + '"p' + "x" * 200_000 + '",1\n', "votes.csv:2: this is no CSV"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(TableError) as caught:
        read(text)
    assert str(caught.value).startswith(said)
