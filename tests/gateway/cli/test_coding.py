"""baraza coding: learn from a file, code another."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.coding import coding
from surveys.codebook import load_codebook


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [f"the well has no water {n},water\nour school is closed {n},school" for n in range(40)]
    (tmp_path / "train.csv").write_text("text,code\n" + "\n".join(rows), encoding="utf-8-sig")
    (tmp_path / "new.tsv").write_text("id\ttext\n1\tthe well has no water now\n2\tqqq xyz\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(coding, [str(folder / word) if "." in word else word for word in words])
    return done.stdout if done.exit_code == 0 else done.output


def test_learns_and_codes(folder: Path) -> None:
    learnt = run(folder, "train", "train.csv", "--text", "text", "--label", "code", "-o", "m.npz", "--json")
    assert json.loads(learnt)["codes"] == 2
    rows = json.loads(run(folder, "apply", "new.tsv", "--model", "m.npz", "--text", "text", "--json"))
    assert [(row["id"], row["codes"], row["sure"]) for row in rows] == [("1", "water", "yes"), ("2", "", "no")]
    printed = run(folder, "apply", "new.tsv", "--model", "m.npz", "--text", "text")
    assert [row["codes"] for row in csv.DictReader(printed.splitlines())] == ["water", ""]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x80\x04K\x01.", b"a,b\n"])
def test_no_model(folder: Path, content: bytes) -> None:
    (folder / "m.npz").write_bytes(content)
    said = run(folder, "apply", "new.tsv", "--model", "m.npz", "--text", "text")
    assert said.startswith("Error: ")
    assert "coding train" in said
    assert len(said.splitlines()) == 1


def test_too_few_to_learn_from(folder: Path) -> None:
    (folder / "train.csv").write_text("text,code\nwater,water\n")
    assert "too few" in run(folder, "train", "train.csv", "--text", "text", "--label", "code", "-o", "m.npz")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "train.csv: the file is empty"),
        (b"text,code\n", "train.csv: there is no row below the header"),
        (b"text,code\n ,water\n", "train.csv: no row has a text under 'text'"),
        (b"words,code\nwell,water\n", "train.csv has no column 'text'; it has words, code"),
        (b"text,text,code\n", "train.csv:1: there are two columns 'text'"),
        (b"text,code\nw\xe9ll,water\n", "is not UTF-8"),
        (b"text,code\nthe well, the road,water\n", "train.csv:2: more cells than the header has columns"),
        (b'text,code\nwell,water\n"the road,water\nwell,water\n', "train.csv:3: a quotation mark is opened here"),
        (b"text,code\nwell,water\n", "train.csv holds too few coded texts (10 at least)"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(folder: Path, content: bytes, says: str) -> None:
    (folder / "train.csv").write_bytes(content)
    said = run(folder, "evaluate", "--train", "train.csv", "--test", "train.csv", "--text", "text", "--label", "code")
    assert says in said
    assert len(said.splitlines()) == 1


def test_suggests_themes_and_a_codebook_to_name(folder: Path) -> None:
    rows = json.loads(run(folder, "suggest", "train.csv", "--text", "text", "--json"))
    assert {row["words"][0] for row in rows} <= {"water", "well", "no", "has", "school", "closed", "our"}
    assert sum(row["size"] for row in rows) == 80
    codebook = run(folder, "suggest", "train.csv", "--text", "text", "--yaml")
    assert len(load_codebook(codebook, "themes.yaml").codes) == len(rows)
