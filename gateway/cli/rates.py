"""baraza survey rates: AAPOR's outcome rates of a poll whose people were drawn."""

from __future__ import annotations

from dataclasses import asdict

import click

from gateway.cli import output
from gateway.cli.lifecycle import name, opened
from gateway.polls import load_polls
from gateway.store.database import reading

NONE = "No outcome rates of {name}: nobody was drawn for wave {wave}. People opted in; nobody knows how many heard."


@click.command()
@name
@click.option("--wave", type=click.IntRange(1), help="Without, the newest.")
@click.option("--e", "eligible", type=click.FloatRange(0, 1), help="The share of those unknown who were to be asked.")
@output.as_json
def rates(name: str, wave: int | None, eligible: float | None, *, as_json: bool) -> None:
    """Response, cooperation, refusal and contact rates of NAME, of those whom its broadcasts drew."""
    from gateway.results.rates import outcome_rates  # noqa: PLC0415 - what computes them takes seconds to load

    with opened() as here:
        poll = next(
            (each for each in load_polls(here.settings.config, here.engine).polls if each.survey.name == name), None
        )
        if poll is None:
            raise click.ClickException(f"No poll {name!r} was ever opened.")
        wave = wave or poll.wave
        with reading(here.engine) as connection:
            found = outcome_rates(connection, poll.survey, wave, eligible)
    said = "" if found else NONE.format(name=name, wave=wave)
    if as_json:
        output.data({"name": name, "wave": wave, "said": said, "outcome_rates": [asdict(one) for one in found]})
        return
    click.echo(said, nl=bool(said))
    for one in found:
        who = f", {one.by} {one.group}" if one.by else ""
        click.echo(f"{name}, wave {wave}{who} (e = {one.rates.e:.2f}, {one.rates.source})")
        output.table(
            [[rate, "-" if value is None else f"{value:.3f}"] for rate, value in one.rates.rates.items()], "  "
        )
