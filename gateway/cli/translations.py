"""A poll's texts to translators and back: `baraza survey export POLL --po sw`, `baraza survey import POLL sw.po`."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli import output
from gateway.cli.imports import Import
from gateway.gazetteers import read_gazetteers
from gateway.polls import poll_files
from surveys import po
from surveys.translation import TranslationError, Work, entries, judge, translated


def give_out(poll: str, language: str, target: Path | None) -> None:
    """Write the texts of a poll for translators."""
    content = po.written(_work(poll_file(poll), language), datetime.now(UTC))
    if target is None:
        click.echo(content, nl=False)
    else:
        target.write_bytes(content)


def take_in(asked: Import) -> None:
    """Write translations into the author's own file. What doesn't fit is left out, each with a sentence."""
    poll, file = asked.poll, asked.file
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
    if asked.as_json:
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


def poll_file(poll: str) -> Path:
    """The file of a poll, by its name or by its path."""
    if poll.endswith((".yaml", ".yml")):
        file = Path(poll)
        if not file.is_file():
            raise click.ClickException(f"There is no file {poll}.")
        return file
    folder = Path(os.environ.get("BARAZA_CONFIG", "config")) / "surveys"
    there = {file.stem: file for file in poll_files(folder)}
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
