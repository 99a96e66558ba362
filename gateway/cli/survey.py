"""baraza survey: what is done with polls, from the first check to their closing."""

from __future__ import annotations

import click

from gateway.cli import authoring, exchange, interviews, lifecycle, rates


@click.group()
def survey() -> None:
    """Check, preview, rehearse and list polls."""


for _command in (
    *authoring.COMMANDS,
    exchange.export,
    exchange.import_,
    *lifecycle.COMMANDS,
    *interviews.COMMANDS,
    rates.rates,
):
    survey.add_command(_command)
