"""How a preview looks in a terminal: every message, then a table of what interviews cost. Plain in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal

import click
from rich.console import Console
from rich.table import Table

from channels.adapter import Medium
from gateway.authoring.costs import Interview
from gateway.authoring.preview import Message, Preview
from gateway.cli import output

HEAD = ("channel", "language", "way", "sent", "received", "minutes", "costs", "participant", "")
UNITS = {Medium.SMS: "segments", Medium.USSD: "screens", Medium.CHAT: "messages", Medium.WEB: "pages"}


def show(preview: Preview) -> None:
    for message in preview.messages:
        _message(message)
    click.secho("A finished interview", bold=True)
    rows = list(_rows(preview))
    if sys.stdout.isatty():
        table = Table(*HEAD)
        for row in rows:
            table.add_row(*row)
        Console().print(table)
    else:
        output.table([HEAD, *rows])
    click.echo()
    click.echo("typical: the median of 101 interviews with answers drawn evenly. Minutes are estimated.")
    if not all(row.exact for row in preview.interviews):
        click.echo("about: the poll has too many ways to try them all; the least and the most that were seen.")
    if any(row.example for row in preview.interviews):
        click.echo("example: the amount is made up; write your prices into prices.yaml.")


def _message(message: Message) -> None:
    sms = message.sms
    click.secho(f"{message.language}  {message.name}", bold=True)
    because = f", because of {', '.join(sms.culprits)}" if sms.culprits else ""
    click.echo(
        f"  SMS   {sms.encoding}, {sms.units} units, {_counted(sms.segments, 'segment')}, {sms.left} left{because}"
    )
    click.echo(_indented(sms.text))
    for ussd in message.ussd:
        click.echo(f"  USSD  {_counted(len(ussd.screens), 'screen')} of {ussd.room} characters ({ussd.encoding})")
        for number, page in enumerate(ussd.screens, start=1):
            click.echo(_indented(page, f"   {number}| "))
    click.echo(f"  chat  {_counted(len(message.chat), 'message')}")
    for each in message.chat:
        click.echo(_indented(each.text))
        for row in each.buttons:
            click.echo("      " + " ".join(f"[{button.label}]" for button in row))
    click.echo()


def _rows(preview: Preview) -> Iterator[tuple[str, ...]]:
    for row in preview.interviews:
        yield (
            row.channel + (f" {row.country}" if row.country else ""),
            row.language,
            row.way if row.exact or row.way == "typical" else f"{row.way} (about)",
            f"{row.sent} {UNITS[row.medium]}",
            str(row.received),
            str(-(-row.seconds // 60)),
            _money(row.gateway, row) if row.gateway is not None else "no price",
            "free" if row.free else _money(row.person, row),
            "example" if row.example else "",
        )


def _money(amount: Decimal | None, row: Interview) -> str:
    return "not known" if amount is None else f"{amount} {row.currency}"


def _indented(text: str, before: str = "      ") -> str:
    return "\n".join(before + line for line in text.splitlines())


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
