"""baraza survey check, preview, talk, test, schema: what is done with a poll before anybody pays for a message."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import click

from channels.adapter import Channel, Medium
from gateway.authoring import dialogues
from gateway.authoring.check import Checked, Folder, check_poll, look
from gateway.authoring.check import check as checked
from gateway.authoring.player import END, Phones, measured, phones_for, rehearsal
from gateway.authoring.preview import ANYWHERE, SCREEN
from gateway.authoring.preview import preview as previewed
from gateway.cli import output
from gateway.cli.previews import show
from gateway.polls import TESTS, poll_files
from surveys.definition import survey_schema
from surveys.model import Survey
from surveys.problem import Problem, SurveyError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def config_folder() -> Path:
    return Path(os.environ.get("BARAZA_CONFIG") or "config")


def poll_file(poll: str) -> Path:
    """The file of a poll, by its path or by its name in the configuration's folder."""
    path = Path(poll)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise click.ClickException(f"There is no file {poll}.")
        return path
    folder = config_folder() / "surveys"
    there = {file.stem: file for file in poll_files(folder)}
    if poll not in there:
        names = f"there is {', '.join(there)}" if there else "there is none"
        raise click.ClickException(f"There is no poll {poll!r} in {folder}; {names}.")
    return there[poll]


def folder_of(file: Path) -> Folder:
    """The configuration folder in which a poll lies; where it lies elsewhere, that of the environment."""
    above = file.resolve().parent
    return look(file.parent.parent if above.name == "surveys" else config_folder())


def usable(poll: str) -> tuple[Survey, Folder, Path]:
    """A poll that can be used. Raises SurveyError with everything that is wrong with it."""
    file = poll_file(poll)
    folder = folder_of(file)
    found = check_poll(file.read_bytes(), str(file), replace(folder, prices=type(folder.prices)()), ())
    if found.survey is None:
        raise SurveyError(found.errors)
    return found.survey, folder, file


# check --------------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("files", nargs=-1, type=FILE)
@output.as_json
def check(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Say everything that is wrong with FILES, and where; without FILES with all polls, their tests, gazetteers,
    codebooks and prices. Exit status 1 where something must be mended."""
    folder = folder_of(files[0]) if files else look(config_folder())
    report = checked(folder, files)
    if not report.files and not report.folder:
        raise click.ClickException(f"There is no poll in {folder.config / 'surveys'}.")
    if as_json:
        told = [(problem, True) for problem in report.errors] + [(problem, False) for problem in report.notes]
        problems = [{**asdict(problem), "refused": refused} for problem, refused in sorted(told)]
        output.data({"files": len(report.files), "problems": problems})
    else:
        _say(report.files)
        for problem in report.notes:
            click.echo(f"{problem} (a note)")
        for problem in report.errors:
            click.echo(str(problem), err=True)
    if report.errors:
        raise click.exceptions.Exit(1)


def _say(files: Iterable[Checked]) -> None:
    for one in files:
        if one.errors:
            continue
        if one.survey is None:
            click.echo(f"{one.file}: dialogues")
        else:
            languages = ", ".join(one.survey.languages)
            click.echo(f"{one.file}: {one.survey.name}, {len(one.survey.questions)} questions, in {languages}")


@click.command()
def schema() -> None:
    """Print the JSON schema of a poll, for editors."""
    click.echo(json.dumps(survey_schema(), ensure_ascii=False, indent=2))


# preview ------------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("poll")
@click.option("--language", help="One language only.")
@click.option("--channel", help="The costs of one channel of channels.yaml only.")
@click.option("--screen", type=int, help="GSM-7 characters of a USSD screen; without, as channels.yaml says.")
@output.as_json
def preview(poll: str, language: str | None, channel: str | None, screen: int | None, *, as_json: bool) -> None:
    """Show each message of POLL (its name, or its file) as each medium shows it, and what an interview costs."""
    survey, folder, _ = usable(poll)
    if folder.problems:
        raise SurveyError(folder.problems)
    channels = _chosen(folder.channels or ANYWHERE, channel)
    if screen is not None:
        if screen < 60:
            raise click.UsageError("A screen takes 60 characters or more.")
        channels = [replace(one, screen=screen) for one in channels]
        if not any(one.medium is Medium.USSD for one in channels):
            channels.append(replace(ANYWHERE[1], screen=screen))
    spoken = [_spoken(survey, language)] if language else ()
    found = previewed(survey, folder.texts, channels, folder.prices, spoken)
    if as_json:
        output.data(asdict(found))
    else:
        show(found)


def _chosen(channels: Iterable[Channel], name: str | None) -> list[Channel]:
    found = [channel for channel in channels if name in (None, channel.name)]
    if not found:
        names = ", ".join(channel.name for channel in channels)
        raise click.ClickException(f"There is no enabled channel {name!r} in channels.yaml; there is {names}.")
    return found


def _spoken(survey: Survey, language: str) -> str:
    if language not in survey.languages:
        raise click.ClickException(f"{survey.name} is not in {language!r}; it is in {', '.join(survey.languages)}.")
    return language


# talk ---------------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("poll")
@click.option("--medium", type=click.Choice(["sms", "ussd", "chat"]), default="sms", show_default=True)
@click.option("--language", default="", help="Begin in this language; without, as people would.")
@click.option("--screen", default=SCREEN, show_default=True, help="GSM-7 characters of a USSD screen.")
def talk(poll: str, medium: str, language: str, screen: int) -> None:
    """Rehearse POLL (its name, or its file): answer as a participant would, with keywords, STOP and HELP too.

    `:press region:1` presses a button, `:at 1.5 30` shares a place, `:attach picture` a picture. An empty line or the
    end of input leaves.
    """
    survey, folder, _ = usable(poll)
    channels = phones_for(survey, screen)
    if language:
        channels = {name: replace(one, language=_spoken(survey, language)) for name, one in channels.items()}
    keyword = survey.keywords[language or survey.languages[0]][0]
    click.echo(f"{survey.title[survey.languages[0]]}, as {medium}.\n", err=True)
    with rehearsal([survey], folder.texts, channels) as phones:
        typed = "" if medium == "ussd" else keyword
        while True:
            got = _done(phones, medium, typed)
            click.echo(got)
            if note := measured(channels[medium], got):
                click.secho(f"  {note}", dim=True, err=True)
            outcome = phones.outcomes()[0]
            if got.endswith(END) or outcome not in ("active", "parked") or not (typed := _typed()):
                break
        left = "left before the end" if outcome in ("active", "parked") else outcome
        click.echo(f"Ended: {left}. Recorded:", err=True)
        for record in phones.recorded():
            value = ", ".join(map(str, record.value)) if isinstance(record.value, list) else record.value
            click.echo(f"  {record.question}: {'(skipped)' if value is None else value}", err=True)


def _done(phones: Phones, medium: str, typed: str) -> str:
    does, value = "in", typed
    if typed.startswith(":") and " " in typed:
        does, value = typed[1:].split(maxsplit=1)
    try:
        (dialogue,) = dialogues.read_dialogues(
            json.dumps([{"dialogue": "-", "channel": medium, "lines": [{does: value}]}]), "this line"
        )
    except SurveyError as error:
        return error.problems[0].message
    return dialogues.do(phones, dialogue.lines[0], "anna")


def _typed() -> str:
    try:
        return input("> ").strip()
    except EOFError:
        return ""


# test ---------------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("polls", nargs=-1)
@click.option("--write", is_flag=True, help="Fill in what the poll says now, for reading.")
@output.as_json
def test(polls: tuple[str, ...], *, write: bool, as_json: bool) -> None:
    """Play the dialogues that test POLLS (names, or files), or all: config/surveys/<name>.test.yaml. Exit status 1
    where something else is shown than they expect."""
    files = [poll_file(poll) for poll in polls] or poll_files(config_folder() / "surveys")
    tested = [(file, file.with_name(file.stem + TESTS)) for file in files]
    lacking = [beside for _, beside in tested if not beside.is_file()]
    if lacking and (polls or len(lacking) == len(tested)):
        raise click.ClickException(f"There is no {lacking[0]}: write the dialogues that test the poll there.")
    results = []
    for file, beside in tested:
        if beside.is_file():
            survey, folder, _ = usable(str(file))
            source = beside.read_text(encoding="utf-8")
            read = dialogues.read_dialogues(source, str(beside))
            if write:
                with rehearsal([survey], folder.texts) as phones:
                    _replace(beside, dialogues.filled(phones, read, source))
                click.echo(f"{beside}: written, now read it")
            else:
                results.append(dialogues.played(survey, folder.texts, read, str(beside)))
    if as_json:
        output.data([asdict(result) for result in results])
    else:
        for result in results:
            _tell(result)
    if any(result.failures for result in results):
        raise click.exceptions.Exit(1)


def _tell(result: dialogues.Played) -> None:
    for failure in result.failures:
        problem = Problem(failure.file, failure.line, 1, f"{failure.dialogue}: after `{failure.did}`")
        click.echo(f"{problem}\n  expected\n{_indented(failure.expected)}\n  got\n{_indented(failure.got)}", err=True)
    said = f"{result.dialogues} dialogues, {result.checked} messages checked, {len(result.failures)} differ"
    click.echo(f"{result.file}: {said}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in (text or "(nothing)").splitlines())


def _replace(file: Path, content: str) -> None:
    """The whole file or nothing."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(content, encoding="utf-8")
    shutil.copymode(file, new)
    new.replace(file)


COMMANDS = (check, preview, talk, test, schema)
