"""Polls that come as XLSForms and go as such: `survey import form.xlsx`, `survey export NAME --xlsform`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli import output
from gateway.cli.imports import Import
from gateway.cli.translations import poll_file
from gateway.gazetteers import read_gazetteers
from surveys.gazetteer import Gazetteer
from surveys.xlsform.export import export_form
from surveys.xlsform.form import Imported, import_form
from surveys.xlsform.reading import SheetError, read_workbook
from surveys.xlsform.report import Fate, counted
from surveys.xlsform.writing import write_workbook


def take_in(asked: Import) -> None:
    """Say what became of each row of the form, and write the poll. Nothing is written where a row is refused, unless
    the author says `partial`; no poll is written over unless it is named.
    """
    if asked.poll:
        raise click.UsageError("A form makes a poll of its own: baraza survey import FORM.xlsx")
    file, target = asked.file, asked.target
    gazetteers = _gazetteers(asked.gazetteer)
    try:
        workbook = read_workbook(file.read_bytes(), file.suffix)
    except SheetError as error:
        raise click.ClickException(f"{file}: {error}") from None
    imported = import_form(workbook, file.name, gazetteer=asked.gazetteer, gazetteers=gazetteers)
    goes = asked.partial or not imported.blocked
    chosen = target or _config() / "surveys" / f"{imported.name}.yaml"
    taken = target is None and chosen.exists()
    written = goes and not taken and imported.questions > 0
    if written:
        chosen.parent.mkdir(parents=True, exist_ok=True)
        chosen.write_text(imported.yaml, encoding="utf-8")
    if asked.as_json:
        output.data(_told(imported, chosen if written else None))
    else:
        _tell(imported, file)
    if written:
        click.echo(f"Written: {chosen}", err=True)
    elif not goes:
        raise click.ClickException("Nothing is written. Mend what is refused, or add --partial to go on without it.")
    elif taken:
        raise click.ClickException(f"{chosen} is there already, and is left as it is; name another file with -o.")
    else:
        raise click.ClickException("Nothing is written: no question is left.")


def give_out(poll: str, target: Path | None, *, as_json: bool) -> None:
    """Write a poll as a form, and say what the form can't say."""
    file = poll_file(poll)
    exported = export_form(file.read_bytes(), str(file))
    chosen = target or Path(f"{file.stem}.xlsx")
    if target is None and chosen.exists():
        raise click.ClickException(f"{chosen} is there already, and is left as it is; name another file with -o.")
    chosen.write_bytes(write_workbook(exported.sheets))
    if as_json:
        output.data({"written": str(chosen), "left_out": [asdict(problem) for problem in exported.left_out]})
        return
    for problem in exported.left_out:
        click.echo(str(problem))
    rows = sum(len(rows) - 1 for rows in exported.sheets.values())
    click.echo(f"Written: {chosen}, {rows} rows; {len(exported.left_out)} things left out.", err=True)


def _told(imported: Imported, chosen: Path | None) -> dict[str, object]:
    count = counted(imported.entries)
    return {
        "poll": imported.name,
        "languages": imported.languages,
        "questions": imported.questions,
        "written": None if chosen is None else str(chosen),
        "rows": {fate.value: count[fate] for fate in Fate},
        "entries": [asdict(entry) for entry in imported.entries],
        "to_write": [asdict(problem) for problem in imported.to_write],
    }


def _tell(imported: Imported, file: Path) -> None:
    for entry in imported.entries:
        click.echo(str(entry))
    count = counted(imported.entries)
    rows = ", ".join(f"{count[fate]} {fate.value}" for fate in Fate)
    click.echo(f"\n{file}: {imported.questions} questions in {', '.join(imported.languages)}; rows: {rows}.")
    if imported.to_write:
        places = len(imported.to_write)
        click.echo(f"A form does not say everything: {places} places to write. `baraza survey check` points at each.")


def _gazetteers(name: str) -> Mapping[str, Gazetteer]:
    if not name:
        return {}
    found, problems = read_gazetteers(_config())
    if name not in found:
        wrong = "".join(f"\n{problem}" for problem in problems)
        raise click.ClickException(f"There is no gazetteer {name!r} in {_config() / 'gazetteers'}.{wrong}")
    return found


def _config() -> Path:
    return Path(os.environ.get("BARAZA_CONFIG", "config"))
