"""A release for other organisations: one table in the formats that they use, what its words mean, and how to read it.

    pack(digest, language) -> {file name: content}

Only what the release shows is in it: a hidden count is an empty cell with a note. No row is of a single person: rows of
people never leave, as answers in combination name somebody even where no single one does.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import aapor
from analysis.cells import harmless
from analysis.findings import FEW, Cell, Digest, Finding
from analysis.render.ground import group_name
from analysis.render.language import Language
from analysis.render.language import language as speak
from analysis.render.phrases import label, named

COLUMNS = {
    "poll": ("#meta+poll", "the poll"),
    "wave": ("#meta+wave", "which round of the poll"),
    "counted": ("#date+counted", "the day on which this was counted"),
    "question": ("#indicator+question+code", "the question's id; empty: counts of people"),
    "question_text": ("#indicator+question+name", "the question as people read it"),
    "by": ("#group+type", "what the people of this row are grouped by; empty: everybody who answered"),
    "group": ("#group+code", "the group's id"),
    "group_name": ("#group+name", "what the group is called"),
    "answer": ("#indicator+answer+code", "the option's, point's or code's id, or a stage: asked, began, finished"),
    "answer_name": ("#indicator+answer+name", "what it is called"),
    "count": ("#indicator+count+num", "how many people"),
    "n": ("#indicator+answered+num", "how many answered this question, in this group"),
    "share": ("#indicator+share+num", "count / n"),
    "value": (
        "#indicator+value+num",
        "of a scale the mean, of a number the median or a quartile; of a statement its lowest agreement or consensus",
    ),
    "low": ("#indicator+share+low+num", "where the 95 % range begins, of the share (Wilson) or of the mean (Student)"),
    "high": ("#indicator+share+high+num", "where it ends"),
    "weighted": (
        "#indicator+share+weighted+num",
        "the share, or of a scale the mean, weighted to the margins; empty: not weighted",
    ),
    "weighted_low": (
        "#indicator+share+weighted+low+num",
        "where its 95 % range begins (Wilson or Student, over the effective n)",
    ),
    "weighted_high": ("#indicator+share+weighted+high+num", "where it ends"),
    "unflagged": ("#indicator+share+unflagged+num", "the share among those whom nothing is flagged of"),
    "note": (
        "#meta+note",
        f"hidden: not shown, so that nobody can be found; few: of fewer than {FEW} answers; bound: it lies there",
    ),
}
"""Every column, its HXL tag, and what it holds."""

NUMBERS = ("count", "n", "share", "value", "low", "high", "weighted", "weighted_low", "weighted_high", "unflagged")


def pack(digest: Digest, language: str) -> dict[str, bytes]:
    words = speak(language)
    table = results(digest, words)
    codebook = pd.DataFrame(_codebook(digest, words), columns=["column", "value", "means", "hxl"])
    readme = _readme(digest, words)
    return {
        "results.csv": _csv(table, hxl=True),
        "results.xlsx": _xlsx(table, codebook, readme),
        "results.parquet": _parquet(table),
        "results.sav": _sav(table, words.text(digest.title, digest.survey)),
        "codebook.csv": _csv(codebook),
        "README.md": readme.encode(),
    }


def results(digest: Digest, words: Language) -> pd.DataFrame:
    """A row for each number that is published, and for each that is hidden."""
    frame = pd.DataFrame(list(_rows(digest, words)), columns=list(COLUMNS))
    return frame.astype({"wave": "int64", **dict.fromkeys(NUMBERS, "float64")})


def _rows(digest: Digest, words: Language) -> Iterator[dict[str, Any]]:
    about = {"poll": digest.survey, "wave": digest.wave, "counted": f"{digest.made_at:%Y-%m-%d}"}
    for row in (
        *_turnout(digest, words),
        *_questions(digest, words),
        *_tables(digest, words),
        *_statements(digest, words),
        *_outcomes(digest, words),
        *_trends(digest, words),
    ):
        yield {**about, **row}


def _turnout(digest: Digest, words: Language) -> Iterator[dict[str, Any]]:
    turnout = digest.turnout
    for stage, count in (("asked", turnout.asked), ("began", turnout.began), ("finished", turnout.finished)):
        yield {**_of(), "answer": stage, "count": count, "note": "hidden" if count is None else ""}
    grouped = {"channel": turnout.by_channel, "language": turnout.by_language, "region": turnout.by_region}
    for by, groups in grouped.items():
        for name, group in named(groups, f"by_{by}", words):
            note = "hidden" if group.began is None else ""
            where = {"by": by, "group": group.id, "group_name": name}
            yield {**_of(), **where, "answer": "began", "count": group.began, "note": note}


def _questions(digest: Digest, words: Language) -> Iterator[dict[str, Any]]:
    for question in digest.questions:
        asked = {**_asked(question, words), "n": question.n}
        for cell in question.cells:
            yield _cell(question, cell, question.n, words)
        if question.mean:
            mean, by = question.mean, question.weighted_mean
            weighted = {"weighted": by.value, "weighted_low": by.low, "weighted_high": by.high} if by else {}
            yield {**asked, "answer": "mean", "value": mean.value, "low": mean.low, "high": mean.high, **weighted}
        if question.quartiles:
            spread = question.quartiles
            yield {**asked, "answer": "median", "value": spread.median}
            yield {**asked, "answer": "lower quartile", "value": spread.lower}
            yield {**asked, "answer": "upper quartile", "value": spread.upper}


def _tables(digest: Digest, words: Language) -> Iterator[dict[str, Any]]:
    for table in digest.tables:
        question = digest.question(table.question)
        for column in table.groups:
            name = words.text(column.label, words.sentences.get(column.id, column.id))
            where = {"by": table.by, "group": column.id, "group_name": name}
            for cell in column.cells:
                yield {**_cell(question, cell, column.n, words), **where}
            if question.type == "scale":
                known = {"value": mean.value, "low": mean.low, "high": mean.high} if (mean := column.mean) else {}
                note = "few" if mean and (column.n or 0) < FEW else "" if mean else "hidden"
                yield {**_asked(question, words), **where, "answer": "mean", "n": column.n, **known, "note": note}


def _statements(digest: Digest, words: Language) -> Iterator[dict[str, Any]]:
    """Agreement with each statement in each opinion group, and the lowest of them."""
    for one in digest.ground.statements if digest.ground else ():
        about = {**_of(), "question": one.id, "question_text": words.text(one.text, one.id), "by": "opinion group"}
        for group in one.groups:
            yield {
                **about,
                "group": group.group,
                "group_name": group_name(group.group, words),
                "answer": "agree",
                "answer_name": words.say("agree"),
                "count": group.least if group.exact else None,
                "n": group.n,
                "share": round(group.least / group.n, 4) if group.exact else None,
                "low": group.low,
                "high": group.high,
                "note": "" if group.exact else f"bound: {group.least} to {group.most}",
            }
        if len(one.groups) > 1:
            bound = "" if one.exact else "bound: at least"
            lowest = {"answer": "lowest agreement", "value": one.lowest, "low": one.low, "high": one.high}
            yield {**about, **lowest, "note": bound}
            yield {**about, "answer": "group-informed consensus", "value": one.consensus, "note": bound}


def _outcomes(digest: Digest, words: Language) -> Iterator[dict[str, Any]]:
    """AAPOR's outcomes and rates of those drawn; none where people came by themselves."""
    for one in digest.outcomes:
        where = {"by": one.by, "group": one.group, "group_name": words.text(one.label, one.group)}
        for kind, count in (("drawn", one.drawn), *one.counts.items()):
            yield {**_of(), **where, "answer": kind, "count": count, "note": "hidden" if count is None else ""}
        for rate, value in one.rates.items():
            yield {**_of(), **where, "answer": rate, "value": value, "note": "hidden" if one.e is None else ""}
        yield {
            **_of(),
            **where,
            "answer": "e",
            "value": one.e,
            "note": "hidden" if one.e is None else aapor.PROPORTIONAL,
        }


def _trends(digest: Digest, words: Language) -> Iterator[dict[str, Any]]:
    """How shares differ from the wave before: among all (change), and among those who answered both times (panel)."""
    if digest.trends is None:
        return
    for one in digest.trends.answers:
        about = {**_asked(digest.question(one.question), words), "by": "wave", "group": str(digest.trends.wave)}
        name = words.text(one.label, one.cell)
        for kind, moved, n in (("change", one.change, None), ("panel change", one.panel, one.both)):
            if moved:
                told = {"answer": f"{one.cell}: {kind}", "answer_name": name, "n": n}
                yield {**about, **told, "value": moved.value, "low": moved.low, "high": moved.high}


def _of() -> dict[str, Any]:
    """A row of which nothing is said yet."""
    return {name: None if name in NUMBERS else "" for name in COLUMNS if name not in ("poll", "wave", "counted")}


def _asked(question: Finding, words: Language) -> dict[str, Any]:
    return {**_of(), "question": question.id, "question_text": words.text(question.text, question.id)}


def _cell(question: Finding, cell: Cell, n: int | None, words: Language) -> dict[str, Any]:
    return {
        **_asked(question, words),
        "answer": cell.id,
        "answer_name": label(cell, words),
        "count": cell.count,
        "n": n,
        "share": cell.share,
        "low": cell.low,
        "high": cell.high,
        **(
            {"weighted": weighted.share, "weighted_low": weighted.low, "weighted_high": weighted.high}
            if (weighted := cell.weighted)
            else {}
        ),
        "unflagged": cell.unflagged.share if cell.unflagged else None,
        "note": "hidden" if cell.count is None else "few" if n is not None and n < FEW else "",
    }


def _codebook(digest: Digest, words: Language) -> Iterator[tuple[str, str, str, str]]:
    for column, (tag, means) in COLUMNS.items():
        yield column, "", means, tag
    for question in digest.questions:
        yield "question", question.id, words.text(question.text, question.id), ""
        for cell in question.cells:
            yield question.id, cell.id, label(cell, words), ""


def _weights(digest: Digest) -> str:
    weights = digest.weights
    if weights is None or not weights.by:
        return "Unweighted."
    source = f" ({weights.source})" if weights.source else ""
    return (
        f"`weighted` is raked to the margins{source} by {', '.join(weights.by)}, from this release alone; "
        f"effective sample size {weights.effective:g}, design effect {weights.deff:g}."
    )


def _sampled(digest: Digest) -> str:
    if not digest.outcomes:
        return "No outcome rates: people came by themselves, so nobody knows how many heard of the poll."
    return (
        "Outcome rates are AAPOR's (Standard Definitions, 10th edition), of those drawn; e is estimated in proportion."
    )


def _flags(digest: Digest) -> str:
    if digest.flags is None:
        return ""
    return "Answers that look coordinated or hasty are counted; `unflagged` is the share without them. Nobody is named."


def _readme(digest: Digest, words: Language) -> str:
    counted = f"wave {digest.wave}, counted on {digest.made_at:%Y-%m-%d %H:%M} UTC by {digest.program or 'Baraza'}"
    lines = [
        f"# {words.text(digest.title, digest.survey)}",
        words.say("simulated") if digest.simulated else "",
        f"Poll {digest.survey}, version {digest.hash[:12]}, {counted}.",
        "The same table is in results.csv, results.xlsx, results.parquet and results.sav (SPSS).",
        "Its second row in CSV and XLSX holds HXL tags (hxlstandard.org). codebook.csv says what columns and ids mean.",
        "## What may be said of it",
        words.say("trust_sample"),
        words.say("trust_range"),
        _weights(digest),
        _sampled(digest),
        _flags(digest),
        f"Shares are of those who answered the question (n); of fewer than {FEW} they are marked `few`.",
        "## What is not here",
        f"Counts under {digest.minimum_cell} people, and what would give them away, are empty and marked `hidden`.",
        "Nobody's words are here, and no row is of a single person.",
        f"## What it is meant to inform\n\n{words.text(digest.decision)}" if digest.decision else "",
    ]
    return "\n\n".join(filter(None, lines)) + "\n"


# Formats ------------------------------------------------------------------------------------------------------------


def _csv(table: pd.DataFrame, *, hxl: bool = False) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.columns)
    if hxl:
        writer.writerow(COLUMNS[name][0] for name in table.columns)
    writer.writerows([_written(value) for value in row] for row in table.itertuples(index=False))
    return out.getvalue().encode()


def _written(value: Any) -> Any:
    plain = _plain(value)
    return harmless(plain) if isinstance(plain, str) else plain


def _plain(value: Any) -> Any:
    """Whole numbers without a point, and nothing where there is none."""
    if isinstance(value, float):
        return "" if isnan(value) else int(value) if value.is_integer() else value
    return value


def _xlsx(table: pd.DataFrame, codebook: pd.DataFrame, readme: str) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - only whoever exports waits for it

    book = Workbook()
    sheet = book.active
    sheet.title = "results"
    rows = [list(table.columns), [COLUMNS[name][0] for name in table.columns], *table.itertuples(index=False)]
    for name, content in (
        ("results", rows),
        ("codebook", [list(codebook.columns), *codebook.itertuples(index=False)]),
        ("README", [[line] for line in readme.splitlines()]),
    ):
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        for number, row in enumerate(content, start=1):
            for place, value in enumerate(row, start=1):
                written = _plain(value)
                if written == "":
                    continue
                cell = sheet.cell(number, place, written)
                if isinstance(written, str):
                    cell.data_type = "s"  # a text, whatever it begins with
        sheet.freeze_panes = "A3" if name == "results" else "A2" if name == "codebook" else None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _parquet(table: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    table.to_parquet(out, index=False)
    return out.getvalue()


def _sav(table: pd.DataFrame, title: str) -> bytes:
    import pyreadstat  # noqa: PLC0415 - only whoever exports waits for it

    labels: list[str | None] = [means for _, means in COLUMNS.values()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.sav"
        pyreadstat.write_sav(table, path, file_label=title[:60], column_labels=labels)
        return path.read_bytes()
