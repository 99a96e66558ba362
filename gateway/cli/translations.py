"""baraza survey export and import: a poll's texts to translators and back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli import output
from gateway.gazetteers import read_gazetteers
from surveys import po
from surveys.translation import TranslationError, Work, entries, judge, translated

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("poll")
@click.option("--po", "language", required=True, metavar="LANGUAGE", help="As a PO file for translators into LANGUAGE.")
@click.option("-o", "--output", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def export(poll: str, language: str, target: Path | None) -> None:
    """Write the texts of POLL (its name, or its file) for translators."""
    content = po.written(_work(poll_file(poll), language), datetime.now(UTC))
    if target is None:
        click.echo(content, nl=False)
    else:
        target.write_bytes(content)


@click.command("import")
@click.argument("what", nargs=-1, required=True, metavar="[POLL] FILE")
@output.as_json
def import_(what: tuple[str, ...], *, as_json: bool) -> None:
    """Take in FILE: translations (.po) of POLL, which is named or given as its file."""
    *poll, name = what
    file = Path(name)
    read = IMPORTS.get(file.suffix.lower())
    if len(poll) > 1:
        raise click.UsageError("Name one poll and one file.")
    if read is None:
        raise click.ClickException(f"{file}: this kind of file is not read; there is {', '.join(IMPORTS)}.")
    if not file.is_file():
        raise click.ClickException(f"There is no file {file}.")
    read(poll[0] if poll else "", file, as_json)


def import_po(poll: str, file: Path, as_json: bool) -> None:
    """Write translations into the author's own file. What doesn't fit is left out, each with a sentence."""
    if not poll:
        raise click.UsageError("Name the poll that is translated: baraza survey import POLL FILE.po")
    try:
        language, proposals = po.read_back(file.read_bytes())
    except TranslationError as error:
        raise click.ClickException(f"{file}: {error}") from None
    if not language:
        raise click.ClickException(f"{file}: it does not say its language; add `Language: sw`, or which it is, on top.")
    target = poll_file(poll)
    work = _work(target, language)
    verdict = judge(work, proposals, str(file))
    if verdict.accepted:
        _replace(target, translated(work, verdict.accepted))
    if as_json:
        told = {"refused": verdict.refused, "fuzzy": verdict.fuzzy}
        output.data(
            {"poll": work.name, "language": language, "written": len(verdict.accepted), "missing": verdict.missing}
            | {name: [{"line": each.line, "message": each.message} for each in some] for name, some in told.items()}
        )
    else:
        click.echo(f"{target}: {len(verdict.accepted)} texts in {language} written, {verdict.missing} missing.")
        for problem in (*verdict.fuzzy, *verdict.refused):
            click.echo(str(problem), err=True)
    if verdict.refused:
        raise click.exceptions.Exit(1)


IMPORTS: dict[str, Callable[[str, Path, bool], None]] = {".po": import_po}
"""How a file is taken in, by its suffix: called with the poll ("" where none is named), the file, and --json."""


def poll_file(poll: str) -> Path:
    """The file of a poll, by its name or by its path."""
    if poll.endswith((".yaml", ".yml")):
        file = Path(poll)
        if not file.is_file():
            raise click.ClickException(f"There is no file {poll}.")
        return file
    folder = Path(os.environ.get("BARAZA_CONFIG", "config")) / "surveys"
    there = {file.stem: file for file in sorted(folder.glob("*.yaml"))}
    if poll not in there:
        names = f"there is {', '.join(there)}" if there else "there is none"
        raise click.ClickException(f"There is no poll {poll!r} in {folder}; {names}.")
    return there[poll]


def _work(file: Path, language: str) -> Work:
    try:
        gazetteers, _ = read_gazetteers(file.resolve().parent.parent)
        return entries(file.read_bytes(), str(file), language, gazetteers)
    except TranslationError as error:
        raise click.ClickException(str(error)) from None


def _replace(file: Path, source: str) -> None:
    """The whole file or nothing: who looks in between sees the old one."""
    new = file.with_name(f".{file.name}.new")
    new.write_bytes(source.encode())
    shutil.copymode(file, new)
    new.replace(file)
