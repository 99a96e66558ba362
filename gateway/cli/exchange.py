"""baraza survey import and export: polls and their texts as files of other programs, by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click

from gateway.cli import output
from gateway.cli.imports import Import

TARGET = click.Path(dir_okay=False, path_type=Path)


IMPORTS = {
    ".po": "gateway.cli.translations",
    ".xlsx": "gateway.cli.xlsform",
    ".xlsm": "gateway.cli.xlsform",
    ".xls": "gateway.cli.xlsform",
    ".csv": "gateway.cli.xlsform",
}
"""The module that takes in a file, by its suffix: its `take_in` is called with an Import. Loaded only then."""


@click.command("import")
@click.argument("what", nargs=-1, required=True, metavar="[POLL] FILE")
@click.option("-o", "--output", "target", type=TARGET, help="Of a form: write the poll to this file.")
@click.option("--gazetteer", default="", metavar="NAME", help="Of a form: where its places are looked up.")
@click.option("--partial", is_flag=True, help="Of a form: write the poll even where rows are refused.")
@output.as_json
def import_(what: tuple[str, ...], target: Path | None, gazetteer: str, *, partial: bool, as_json: bool) -> None:
    """Take in FILE: a form as Kobo and ODK have it (.xlsx, .xls, .csv), or translations (.po) of POLL."""
    *poll, name = what
    file = Path(name)
    module = IMPORTS.get(file.suffix.lower())
    if len(poll) > 1:
        raise click.UsageError("Name one poll and one file.")
    if module is None:
        raise click.ClickException(f"{file}: this kind of file is not read; there is {', '.join(IMPORTS)}.")
    if not file.is_file():
        raise click.ClickException(f"There is no file {file}.")
    take_in: Callable[[Import], None] = import_module(module).take_in
    take_in(Import(poll[0] if poll else "", file, target, gazetteer, partial, as_json))


@click.command()
@click.argument("poll")
@click.option("--po", "language", metavar="LANGUAGE", help="As a PO file for translators into LANGUAGE.")
@click.option("--xlsform", is_flag=True, help="As a form for Kobo and ODK.")
@click.option("-o", "--output", "target", type=TARGET, help="Write to this file.")
@output.as_json
def export(poll: str, language: str | None, target: Path | None, *, xlsform: bool, as_json: bool) -> None:
    """Write POLL (its name, or its file) as a form (--xlsform), or its texts for translators (--po)."""
    if xlsform is (language is not None):
        raise click.UsageError("Say what to write: --xlsform, or --po with a language.")
    if xlsform:
        import_module("gateway.cli.xlsform").give_out(poll, target, as_json=as_json)
    else:
        import_module("gateway.cli.translations").give_out(poll, language, target)
