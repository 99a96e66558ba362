"""baraza tally: answers that somebody brings, counted with and without weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from analysis.brought import Brought, read_answers
from analysis.estimates import INTERVALS, Estimate
from analysis.margins import Population, load_margins
from analysis.tables import TableError
from analysis.tallies import Tallies, tallies
from gateway.cli import output

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--answers", required=True, type=FILE, help="CSV: a row a person and a column a question, or a row an answer."
)
@click.option("--margins", type=FILE, help="YAML: what is known of the population, by question and answer.")
@click.option(
    "--by", multiple=True, metavar="QUESTION", help="Count every question within the groups of this one, too."
)
@click.option("--several", metavar="SEP", help="What stands between several options in one cell.")
@click.option(
    "--sample", type=click.Choice(list(INTERVALS)), help="How people came to answer; without, as the margins say."
)
@click.option("--e", "eligible", type=click.FloatRange(0, 1), help="The share of those unknown who were to be asked.")
@output.as_json
def tally(
    answers: Path,
    margins: Path | None,
    by: Sequence[str],
    several: str | None,
    sample: str | None,
    eligible: float | None,
    *,
    as_json: bool,
) -> None:
    """Count answers with and without weights, say who is missing, and what changed between waves."""
    brought = _read(answers, several)
    questions = [*map(str, brought.answers.columns)]
    for name in by:
        if name not in (*questions, *brought.about.columns):
            raise click.ClickException(f"--by {name}: {answers} has no such column; it has {', '.join(questions)}.")
    population = load_margins(margins.read_bytes(), str(margins), questions) if margins else Population(())
    found = tallies(brought, population, by=by, sample=sample or population.sample, e=eligible)
    if as_json:
        output.data(asdict(found))
    else:
        _print(found)


def _read(file: Path, several: str | None) -> Brought:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return read_answers(lines, str(file), several)
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8; save the file as UTF-8.") from None
    except TableError as error:
        raise click.ClickException(str(error)) from None


def _print(found: Tallies) -> None:
    for sentence in found.said:
        click.echo(sentence)
    if found.weights:
        weights = found.weights
        click.echo(
            f"\nWeights: {found.people:,} people tell as much as {weights.effective:,.0f} of equal weight "
            f"(design effect {weights.deff:.2f}); "
            f"from {weights.smallest:.2f} to {weights.largest:.2f}, {weights.trimmed:,} cut."
        )
    for one in found.questions:
        _question(one)
    for table in found.crosstabs:
        for name, one in table.groups:
            _question(one, f" where {table.by} is {name}")
    for change in found.changes:
        if change.change.low > 0 or change.change.high < 0:
            click.echo(
                f"\n{change.question}, {change.answer}: {change.shares[0]:.0%} in wave {change.waves[0]}, "
                f"{change.shares[1]:.0%} in wave {change.waves[1]}"
                + ("" if change.people is None else f"; people changed {change.people:+.0%}, the rest is turnover")
            )
    for rates in found.outcome_rates:
        who = f", {rates.by} {rates.group}" if rates.by else ""
        click.echo(f"\nOutcome rates{who} (e = {rates.rates.e:.2f}, {rates.rates.source})")
        output.table([[name, "-" if rate is None else f"{rate:.3f}"] for name, rate in rates.rates.rates.items()], "  ")


def _question(one: Estimate, where: str = "") -> None:
    click.echo(f"\n{one.question}{where} (n = {one.n:,}{', few' if one.few else ''})")
    rows: list[Sequence[Any]] = [
        (
            answer.answer,
            f"{answer.count:,}",
            f"{answer.unweighted.share:.0%} ({answer.unweighted.low:.0%}-{answer.unweighted.high:.0%})",
            f"weighted {answer.weighted.share:.0%} ({answer.weighted.low:.0%}-{answer.weighted.high:.0%})",
        )
        for answer in one.answers
    ]
    if one.average and one.weighted_average:
        rows.append(("mean", "", f"{one.average.mean:.2f}", f"weighted {one.weighted_average.mean:.2f}"))
    output.table(rows, "  ")
