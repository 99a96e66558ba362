"""A snapshot: the rows of a poll at one moment, in a folder of typed Parquet files, to count from again and again.

    people.parquet, answers.parquet, votes.parquet, panel.parquet    the columns of analysis.frames.Frames

It holds no words (but statements that moderators let out) and no pseudonym, but rows of single people: it is for the
operator, and leaves nowhere. Texts are written once and named by numbers (dictionary columns), which is what the digest
then counts.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.findings import CodingNote
from analysis.frames import Frames
from analysis.telling import UNTOLD, Telling
from surveys.model import Survey

FILES = ("people", "answers", "votes", "panel")
ABOUT = b"baraza"
FORMAT = 2
ROWS = 2**17
"""How many are written at a time."""
RISING = {"person": "DELTA_BINARY_PACKED"}
"""Columns that are written as the steps from row to row."""


class SnapshotError(ValueError):
    """There is no snapshot, or one of something else. Its text is one sentence."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was counted at `made_at` of one version of a poll.

    `final`: it is closed, nobody more will answer. `after`: the release that one made of this is to follow, 0 for none
    at all; None: whichever is the newest. `telling`: what is written beside the poll when the release is made.
    """

    survey: str
    hash: str
    made_at: datetime
    frames: Frames
    final: bool = False
    after: int | None = None
    telling: Telling = UNTOLD


def write(snapshot: Snapshot, folder: Path) -> None:
    """Write the folder, readable by its owner alone. What was there under these names is replaced."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    frames = snapshot.frames
    about = {
        "format": FORMAT,
        "survey": snapshot.survey,
        "hash": snapshot.hash,
        "made_at": snapshot.made_at.isoformat(),
        "log": dict(frames.log),
        "wave": frames.wave,
        "statements": dict(frames.statements),
        "before": frames.before,
        "drawn": [[by, group, counts] for (by, group), counts in frames.drawn.items()],
        "notes": {question: asdict(note) for question, note in frames.notes.items()},
    }
    for name, frame in zip(FILES, (frames.conversations, frames.answers, frames.votes, frames.panel), strict=True):
        schema = pa.Schema.from_pandas(frame, preserve_index=False)
        schema = schema.with_metadata({**schema.metadata, ABOUT: json.dumps(about, ensure_ascii=False).encode()})
        others = [column for column in schema.names if column not in RISING]
        beside = folder / f".{name}.parquet"
        with (
            os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file,
            pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=others, column_encoding=RISING) as writer,
        ):
            for start in range(0, max(len(frame), 1), ROWS):
                writer.write_table(pa.Table.from_pandas(frame.iloc[start : start + ROWS], schema))
        beside.replace(folder / f"{name}.parquet")


def read(folder: Path, survey: Survey) -> Snapshot:
    """The snapshot of this poll in that folder. Raises SnapshotError."""
    try:
        tables = [pq.read_table(folder / f"{name}.parquet") for name in FILES]
        about = json.loads(tables[0].schema.metadata[ABOUT])
    except (OSError, KeyError, TypeError, pa.ArrowInvalid):
        raise SnapshotError(
            f"{folder} holds no snapshot: `baraza digest {survey.name} --keep {folder}` writes one."
        ) from None
    if (about["survey"], about["format"]) != (survey.name, FORMAT):
        raise SnapshotError(f"{folder} holds a snapshot of {about['survey']}, not of {survey.name}.")
    people, answers, votes, panel = (_frame(table) for table in tables)
    known = {field.name for field in fields(CodingNote)}
    notes = {
        question: CodingNote(**{name: value for name, value in note.items() if name in known})
        for question, note in about["notes"].items()
    }
    frames = Frames(people, answers, votes, notes, about["log"], about["wave"], about["statements"], panel)
    frames = replace(
        frames, before=about["before"], drawn={(by, group): counts for by, group, counts in about["drawn"]}
    )
    return Snapshot(about["survey"], about["hash"], datetime.fromisoformat(about["made_at"]), frames)


def _frame(table: pa.Table) -> pd.DataFrame:
    """Dictionary columns become categories, also where they are empty."""
    categories = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    frame: pd.DataFrame = table.to_pandas(split_blocks=True)
    return frame.astype({name: "category" for name in categories if frame[name].dtype != "category"})
