"""A release in the formats of other organisations, each read back by its own library."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from openpyxl import load_workbook

from analysis.digest import digest
from analysis.findings import Digest
from analysis.frames import Frames
from analysis.pack import COLUMNS, pack
from surveys.codebook import Codebook
from surveys.model import Survey


@pytest.fixture
def found(survey: Survey, codebook: Codebook, many: Frames) -> Digest:
    risky = dict.fromkeys(("en", "ar"), '=HYPERLINK("http://x.example","Talks")')
    survey = replace(survey, questions=(replace(survey.questions[0], text=risky), *survey.questions[1:]))
    return digest(many, survey, {"themes": codebook}, now=datetime(2026, 3, 4, tzinfo=UTC))


def test_the_formats_hold_the_same_and_only_what_is_shown(found: Digest, tmp_path: Path) -> None:
    files = pack(found, "en")
    assert set(files) == {
        "results.csv",
        "results.xlsx",
        "results.parquet",
        "results.sav",
        "codebook.csv",
        "README.md",
    }
    parquet = pd.read_parquet(io.BytesIO(files["results.parquet"]))
    assert list(parquet.columns) == list(COLUMNS)
    assert len(parquet) > 40
    hidden = parquet["note"] == "hidden"
    assert hidden.sum() == 2
    assert parquet.loc[hidden, ["count", "share", "low", "high"]].isna().all(axis=None)
    assert not ((parquet["count"] > 0) & (parquet["count"] < 5)).any()
    (tmp_path / "results.sav").write_bytes(files["results.sav"])
    spss, about = pyreadstat.read_sav(tmp_path / "results.sav")
    assert spss["count"].fillna(-1).tolist() == parquet["count"].fillna(-1).tolist()
    assert about.column_labels[0] == "the poll"
    names, tags, *rows = csv.reader(io.StringIO(files["results.csv"].decode()))
    assert names == list(COLUMNS)
    assert all(tag.startswith("#") for tag in tags)
    assert [row[10] for row in rows] == ["" if pd.isna(count) else str(int(count)) for count in parquet["count"]]
    book = load_workbook(io.BytesIO(files["results.xlsx"]))
    assert book.sheetnames == ["results", "codebook", "README"]
    assert book["results"].max_row == len(parquet) + 2


def test_no_cell_is_a_formula(found: Digest) -> None:
    files = pack(found, "en")
    texts = [cell for row in csv.reader(io.StringIO(files["results.csv"].decode())) for cell in row]
    assert any("HYPERLINK" in text for text in texts)
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    cells = [cell for row in load_workbook(io.BytesIO(files["results.xlsx"]))["results"].iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert "f" not in {cell.data_type for cell in cells}


def test_it_says_how_to_read_it(found: Digest) -> None:
    readme = pack(found, "en")["README.md"].decode()
    assert "no row is of a single person" in readme
    assert "They don't stand for everybody" in readme
