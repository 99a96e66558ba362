"""baraza survey: what a focal point does before anybody pays for a message."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from channels import render
from channels.text import measure
from gateway.catalogues import load_catalogues
from gateway.cli import exchange, lifecycle, output
from gateway.gazetteers import gazetteers_beside
from surveys.engine import SurveyFlow
from surveys.flow import Ask, Conversation, Record, Resume, Say, Start, Text, step
from surveys.load import SurveyError, load_survey, untranslated
from surveys.model import Survey
from surveys.prompt import Prompt, Reply
from surveys.texts import Texts
from surveys.translation import without_catalogue
from surveys.xlsform.marks import to_write

SCREEN = 160
"""Septets of a USSD screen where nothing else is said: the smallest that operators give."""

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""Rehearsals don't depend on the hour."""


@click.group()
def survey() -> None:
    """Check, preview, rehearse and list polls."""


survey.add_command(exchange.export)
survey.add_command(exchange.import_)


for _command in lifecycle.COMMANDS:
    survey.add_command(_command)


@survey.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@output.as_json
def check(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Say everything that is wrong with FILES, and where. Exit status 1 where one can't be used."""
    problems: list[dict[str, Any]] = []
    for file in files:
        marked = to_write(file.read_text(encoding="utf-8", errors="replace"), str(file))
        problems += [{**asdict(problem), "refused": True} for problem in marked]
        try:
            gazetteers, unread = gazetteers_beside(file)
            loaded = load_survey(file.read_bytes(), str(file), gazetteers)
        except SurveyError as error:
            problems += [{**asdict(problem), "refused": True} for problem in (*error.problems, *unread)]
            continue
        lacking = (*untranslated(loaded, str(file)), *without_catalogue(loaded, load_catalogues(), str(file)))
        problems += [{**asdict(problem), "refused": False} for problem in lacking]
        if not as_json:
            languages = ", ".join(loaded.languages)
            click.echo(f"{file}: {loaded.name}, {len(loaded.questions)} questions, in {languages}")
    if as_json:
        output.data({"files": len(files), "problems": problems})
    else:
        for problem in problems:
            click.echo("{file}:{line}:{column}: {message}".format_map(problem), err=problem["refused"])
    if any(problem["refused"] for problem in problems):
        raise click.exceptions.Exit(1)


@survey.command()
@click.argument("file", type=FILE)
@click.option("--language", help="One language only.")
@click.option("--screen", default=SCREEN, show_default=True, help="GSM-7 characters of a USSD screen.")
@output.as_json
def preview(file: Path, language: str | None, screen: int, *, as_json: bool) -> None:
    """Show each message of FILE as SMS, USSD and chat show it, and what it costs."""
    loaded, texts = _load(file), load_catalogues()
    flow = SurveyFlow(loaded, texts)
    messages = [
        _rendered(name, prompt, texts, screen)
        for spoken in ([_spoken(loaded, language)] if language else loaded.languages)
        for name, prompt in flow.messages(spoken)
    ]
    if as_json:
        output.data(messages)
        return
    for message in messages:
        sms = message["sms"]
        click.secho(f"{message['language']}  {message['name']}", bold=True)
        click.echo(f"  SMS   {sms['encoding']}, {sms['units']} units, {_counted(sms['segments'], 'segment')}")
        click.echo(_indented(sms["text"]))
        click.echo(f"  USSD  {_counted(len(message['ussd']), 'screen')}")
        for number, page in enumerate(message["ussd"], start=1):
            click.echo(_indented(page, f"   {number}| "))
        click.echo(f"  chat  {_counted(len(message['chat']), 'message')}")
        for each in message["chat"]:
            click.echo(_indented(each["text"]))
            for row in each["buttons"]:
                click.echo("      " + " ".join(f"[{label}]" for label in row))
        click.echo()


@survey.command()
@click.argument("file", type=FILE)
@click.option("--medium", type=click.Choice(["sms", "ussd", "chat"]), default="sms", show_default=True)
@click.option("--language", default="", help="Begin in this language; without, the poll asks.")
@click.option("--screen", default=SCREEN, show_default=True, help="GSM-7 characters of a USSD screen.")
def talk(file: Path, medium: str, language: str, screen: int) -> None:
    """Rehearse FILE: answer as a participant would. An empty line or the end of input leaves."""
    loaded, texts = _load(file), load_catalogues()
    rehearsal = Rehearsal(SurveyFlow(loaded, texts), texts, medium, screen)
    click.echo(
        f"{loaded.title[loaded.languages[0]]}, as {medium}. Type :language sw to change the language.\n", err=True
    )
    rehearsal.feed(Start(_spoken(loaded, language) if language else ""))
    typed = _typed()
    while typed and not rehearsal.conversation.outcome:
        if typed.startswith(":language "):
            rehearsal.feed(Resume(_spoken(loaded, typed.split(maxsplit=1)[1])))
        elif not rehearsal.turned(typed):
            rehearsal.feed(Text(typed))
        if not rehearsal.conversation.outcome:
            typed = _typed()
    click.echo(f"Ended: {rehearsal.conversation.outcome or 'left before the end'}. Recorded:", err=True)
    for record in rehearsal.records:
        shown = "(skipped)" if record.value is None else record.value
        click.echo(f"  {record.question}: {', '.join(shown) if isinstance(shown, list) else shown}", err=True)


class Rehearsal:
    """One conversation in the terminal. On USSD, `pages` are the screens of the last reply, the one shown first."""

    def __init__(self, flow: SurveyFlow, texts: Texts, medium: str, screen: int) -> None:
        self.flow, self.texts, self.medium, self.screen = flow, texts, medium, screen
        self.conversation = Conversation(flow.id)
        self.records: list[Record] = []
        self._pages: tuple[str, ...] = ()
        self._page = 0

    def feed(self, event: Start | Text | Resume) -> None:
        self.conversation, effects = step(self.flow, self.conversation, event, NOW, {})
        self.records += [effect for effect in effects if isinstance(effect, Record)]
        self._show(tuple(effect.prompt for effect in effects if isinstance(effect, (Say, Ask))))

    def turned(self, typed: str) -> bool:
        """Turn a USSD page, where there is one to turn to."""
        page = self._page + {render.MORE: 1, render.BACK: -1}.get(typed.strip(), 0)
        if page == self._page or not 0 <= page < len(self._pages):
            return False
        self._page = page
        self._print(self._pages[page], f"screen {page + 1} of {len(self._pages)}")
        return True

    def _show(self, reply: Reply) -> None:
        if not reply:
            return
        if self.medium == "ussd":
            language = reply[-1].language
            more, back = self.texts.say("more", language), self.texts.say("back", language)
            self._pages, self._page = render.screens(reply, self.screen, more, back), 0
            self._print(self._pages[0], f"screen 1 of {len(self._pages)}")
        elif self.medium == "sms":
            text = render.sms(reply)
            cost = measure(text)
            self._print(text, f"{cost.encoding}, {cost.units} units, {_counted(cost.segments, 'segment')}")
        else:
            for message in render.chat(reply):
                buttons = "\n".join(" ".join(f"[{button.label}]" for button in row) for row in message.buttons)
                self._print("\n".join(filter(None, (message.text, buttons))), "")

    @staticmethod
    def _print(text: str, note: str) -> None:
        click.echo(text)
        click.secho(f"  {note}" if note else "", dim=True, err=True)


def _typed() -> str:
    try:
        line = input("> ")
    except EOFError:
        return ""
    return line.strip()


def _load(file: Path) -> Survey:
    return load_survey(file.read_bytes(), str(file), gazetteers_beside(file)[0])


def _spoken(loaded: Survey, language: str) -> str:
    if language not in loaded.languages:
        raise click.ClickException(f"{loaded.name} is not in {language!r}; it is in {', '.join(loaded.languages)}.")
    return language


def _rendered(name: str, prompt: Prompt, texts: Texts, screen: int) -> dict[str, Any]:
    reply, language = (prompt,), prompt.language
    text = render.sms(reply)
    cost = measure(text)
    more, back = texts.say("more", language), texts.say("back", language)
    return {
        "name": name,
        "language": language,
        "sms": {"text": text, "encoding": str(cost.encoding), "units": cost.units, "segments": cost.segments},
        "ussd": list(render.screens(reply, screen, more, back)),
        "chat": [
            {"text": each.text, "buttons": [[button.label for button in row] for row in each.buttons]}
            for each in render.chat(reply)
        ],
    }


def _indented(text: str, before: str = "      ") -> str:
    return "\n".join(before + line for line in text.splitlines())


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
