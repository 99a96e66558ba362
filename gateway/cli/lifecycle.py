"""baraza survey open, pause, resume, close, list: the life of a poll, by the operator's word."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click
import sqlalchemy as sa

from gateway import lifecycle, settings
from gateway.catalogues import load_catalogues
from gateway.cli import output
from gateway.polls import CLOSED, OPEN, PAUSED, Poll, load_polls, read_polls
from gateway.settings import Settings
from gateway.store import dispositions
from gateway.store.database import reading
from gateway.store.opening import open_store
from surveys.clashes import clashes
from surveys.disposition import DISPOSITIONS
from surveys.model import Survey
from surveys.problem import SurveyError

SAYS = {
    "first": "{name} is open.",
    "wave": "{name} is open for wave {wave}.",
    "version": "{name} is version {version} now. Those in the middle of an earlier one ({middle}) finish theirs.",
    "again": "{name} is version {version} again. Those in the middle of another one ({middle}) finish theirs.",
    "fix": "The words of {name} are mended: version {version} still. Those in the middle ({middle}) go on with them.",
    "settings": "{name} has new settings ({settings}), and the same words.",
}
"""What opening came to, by `lifecycle.Opened.how`."""

name = click.argument("name")


@dataclass(frozen=True, slots=True)
class Here:
    """This gateway and the time."""

    settings: Settings
    engine: sa.Engine
    now: datetime
    by: str


@contextmanager
def opened() -> Iterator[Here]:
    here = settings.load(os.environ)
    store = open_store(here)
    try:
        yield Here(here, store.engine, datetime.now(UTC), f"command line ({getpass.getuser()})"[:64])
    finally:
        store.engine.dispose()


@click.command("open")
@name
@click.option(
    "--wave",
    type=click.Choice(["panel", "fresh", "everybody"]),
    help="Open a closed poll again: for those who completed it before, those who never did, or everybody.",
)
@output.as_json
def open_(name: str, wave: str | None, *, as_json: bool) -> None:
    """Open the poll NAME as its file stands now, mend its words, or begin its next version or wave."""
    with opened() as here:
        survey = _draft(here, name)
        done = lifecycle.open_poll(here.engine, survey, here.now, here.by, invite=wave or "")
    if as_json:
        output.data(asdict(done))
        return
    click.echo(SAYS[done.how].format(**{**asdict(done), "settings": ", ".join(done.settings)}))
    if done.status != OPEN:
        click.echo(f"It is {done.status}: `baraza survey resume {done.name}` lets people in.")
    if done.how in ("first", "wave") and survey.schedule.opens and survey.schedule.opens > here.now:
        click.echo(f"People get in from {survey.schedule.opens:%Y-%m-%d %H:%M %Z}.")
    if done.how == "fix" and done.settings:
        click.echo(f"Changed besides: {', '.join(done.settings)}.")
    for change in done.changes if done.how != "first" else ():
        click.echo(f"  {change.where} ({change.language}): {change.before!r} -> {change.after!r}")


@click.command()
@name
@output.as_json
def pause(name: str, *, as_json: bool) -> None:
    """Let nobody into NAME for a while; those in the middle are told to come back."""
    with opened() as here:
        lifecycle.pause(here.engine, name, here.now, here.by)
    _said({"name": name, "status": PAUSED}, f"{name} pauses.", as_json=as_json)


@click.command()
@name
@output.as_json
def resume(name: str, *, as_json: bool) -> None:
    """Let people into NAME again after a pause."""
    with opened() as here:
        lifecycle.resume(here.engine, name, here.now, here.by)
    _said({"name": name, "status": OPEN}, f"{name} is open again.", as_json=as_json)


@click.command()
@name
@output.as_json
def close(name: str, *, as_json: bool) -> None:
    """End NAME: nobody gets in or on, and nothing more is sent for it. What was answered stays."""
    with opened() as here:
        cancelled = lifecycle.close(here.engine, name, here.now, here.by)
    said = f"{name} is closed. {cancelled} messages that waited for it are cancelled."
    _said({"name": name, "status": CLOSED, "cancelled": cancelled}, said, as_json=as_json)


@click.command("list")
@output.as_json
def list_(*, as_json: bool) -> None:
    """List the polls: drafts and opened ones, with what became of the people asked."""
    with opened() as here:
        polls = load_polls(here.settings.config, here.engine)
        drafts, _, problems = read_polls(here.settings.config)
        with reading(here.engine) as connection:
            counts = dispositions.counts(connection)
            contents = lifecycle.contents(connection)
        now = here.now
    for problem in problems:
        click.echo(str(problem), err=True)
    files = {survey.name: survey for survey in drafts}
    known = {poll.survey.name: poll for poll in polls.polls}
    rows = [
        _row(name, known.get(name), files.get(name), contents.get(name), counts, now)
        for name in sorted({*files, *known})
    ]
    if as_json:
        output.data(rows)
    else:
        output.table(map(_line, rows))


Counts = dict[tuple[str, int], dict[str, int]]


def _row(
    name: str, poll: Poll | None, draft: Survey | None, content: str | None, counts: Counts, now: datetime
) -> dict[str, Any]:
    """One poll: what is open of it, or, of a draft, what its file says."""
    survey = poll.survey if poll is not None else draft
    assert survey is not None
    found = counts.get((name, poll.wave), {}) if poll is not None else {}
    return {
        "name": name,
        "status": poll.state(now) if poll is not None else "draft",
        "version": poll.version if poll is not None else 0,
        "wave": poll.wave if poll is not None else 0,
        "invite": poll.invite if poll is not None else survey.invite,
        "opens": poll.opens_at if poll is not None else survey.schedule.opens,
        "closes": poll.closes_at if poll is not None else survey.schedule.closes,
        "opened": poll.opened_at if poll is not None else None,
        "closed": poll.closed_at if poll is not None else None,
        "by": poll.by if poll is not None else "",
        "changed": poll is not None and draft is not None and draft.hash != content,
        "hash": survey.hash,
        "title": dict(survey.title),
        "questions": len(survey.questions),
        "languages": survey.languages,
        "keywords": {language: list(words) for language, words in survey.keywords.items()},
        "dispositions": {each: found[each] for each in DISPOSITIONS if each in found},
    }


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    moments = [f"{word} {row[word]:%Y-%m-%d %H:%M} UTC" for word in ("opens", "closes") if row[word]]
    counted = ", ".join(f"{number} {name}" for name, number in row["dispositions"].items())
    return (
        row["name"],
        row["status"] + (" (its file has changed since)" if row["changed"] else ""),
        f"version {row['version']}, wave {row['wave']}" if row["version"] else "",
        ", ".join(moments),
        counted,
    )


def _draft(here: Here, name: str) -> Survey:
    """The poll of this name in config/surveys, if nothing is wrong with it."""
    drafts, _, problems = read_polls(here.settings.config)
    survey = next((each for each in drafts if each.name == name), None)
    if survey is None:
        mine = [problem for problem in problems if _is_of(problem.file, name)]
        if mine:
            raise SurveyError(mine)
        there = ", ".join(each.name for each in drafts) or "none"
        raise click.ClickException(
            f"There is no poll {name!r} in {here.settings.config / 'surveys'}; there is {there}."
        )
    others = [each for each in load_polls(here.settings.config, here.engine).open if each.name != name]
    clashing = clashes(survey, name, others, load_catalogues(here.settings.config))
    if clashing:
        raise SurveyError(clashing)
    return survey


def _is_of(file: str, name: str) -> bool:
    """Whether a file that can't be read is the one of this poll, by its name or by what it says its name is."""
    try:
        with open(file, encoding="utf-8") as lines:  # noqa: PTH123 - a line at a time
            return file.endswith(f"/{name}.yaml") or any(
                line.split("#")[0].strip() == f"name: {name}" for line in lines
            )
    except (OSError, ValueError):
        return file.endswith(f"/{name}.yaml")


def _said(data: dict[str, Any], says: str, *, as_json: bool) -> None:
    if as_json:
        output.data(data)
    else:
        click.echo(says)


COMMANDS = (open_, pause, resume, close, list_)
