"""baraza agenda: a draft that somebody edits."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from analysis.render import agenda as forms
from analysis.render.paper import pdf
from gateway import settings
from gateway.cli.digest import found_poll, in_language, newest
from gateway.coordination.heard import heard
from gateway.gazetteers import read_gazetteers
from gateway.parts import meeting_places
from gateway.polls import load_polls
from gateway.store.database import reading
from gateway.store.opening import open_store


@click.command()
@click.argument("poll")
@click.option(
    "--as", "form", type=click.Choice(["markdown", "html", "docx", "pdf"]), default="markdown", show_default=True
)
@click.option("--language", help="Without, the poll's first.")
@click.option("-o", "--output", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def agenda(poll: str, form: str, language: str | None, path: Path | None) -> None:
    """Draft an agenda from a poll's newest release: issues in the order in which people raised them, and concerns."""
    here = settings.load(os.environ)
    store = open_store(here)
    survey = found_poll(load_polls(here.config, store.engine), poll)
    spoken = in_language(survey, language)
    digest = newest(store.engine, survey)
    places = meeting_places(here, lambda: read_gazetteers(here.config))
    with reading(store.engine) as connection:
        raised = heard(connection, places, datetime.now(UTC))
    if form in ("docx", "pdf") and path is None:
        raise click.UsageError(f"A {form} goes into a file: name it with -o.")
    match form:
        case "docx":
            made = forms.docx(digest, spoken, raised)
        case "pdf":
            made = pdf(forms.html(digest, spoken, raised))
        case _:
            made = {"markdown": forms.markdown, "html": forms.html}[form](digest, spoken, raised).encode()
    if path is None:
        click.echo(made.decode(), nl=False)
    else:
        path.write_bytes(made)
