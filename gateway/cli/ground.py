"""baraza ground: common ground and opinion groups in a conversation that was exported from Polis, or written alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import click
import numpy as np

from analysis.ground import polis
from analysis.ground.clusters import LEAST, MOST
from analysis.ground.common import Found, common_ground
from analysis.ground.compare import Agreement, agreement
from analysis.ground.findings import Ground, Statement, Verdict
from analysis.ground.stability import LEAST_ALIKE
from analysis.tables import TableError
from gateway.cli import output

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOWN = 10
Read = TypeVar("Read")


@click.command()
@click.option("--votes", "votes_file", required=True, type=FILE, help="participants-votes.csv, or votes.csv.")
@click.option("--comments", type=FILE, help="comments.csv: the statements, and which were taken out.")
@click.option(
    "--groups",
    metavar="COLUMN|FILE",
    help="Take groups as they are: from this column of the votes, or from a CSV with participant and group.",
)
@click.option("--most", type=click.IntRange(1, 26), default=MOST, show_default=True, help="Groups at most.")
@output.as_json
def ground(votes_file: Path, comments: Path | None, groups: str | None, most: int, *, as_json: bool) -> None:
    """Find what crosses opinion groups, and what sets them apart."""
    began = perf_counter()
    known = polis.Statements({}, frozenset())
    if comments:
        known = _read(comments, polis.statements)
    column = groups if groups and not Path(groups).is_file() else ""
    with output.working(f"Reading {votes_file}"):
        export = _read(votes_file, lambda lines, name: polis.votes(lines, name, known.texts, column))
    votes = export.votes
    left_out = [name for name in votes.statements if name in known.out]
    kept = [place for place, name in enumerate(votes.statements) if name not in known.out]
    votes = votes.on(np.array(kept, np.intp))
    given = _given(groups, export, votes.people) if groups else None
    with output.working(f"Looking for groups in {len(votes.vote):,} votes, and whether they come again"):
        found = common_ground(votes, known.texts, given=given, most=most)
    theirs = agreement(found, export.groups) if any(export.groups) and not groups else None
    if as_json:
        output.data(
            {
                "said": said(found.ground),
                "stable": found.ground.stable,
                **asdict(found.ground),
                "left_out": left_out,
                "ignored_columns": export.columns,
                "polis": asdict(theirs) if theirs else None,
                "participants": _participants(found, votes.people, votes.by_person),
                "seconds": round(perf_counter() - began, 2),
            }
        )
    else:
        _print(found.ground, theirs, left_out)
        if export.columns:
            click.echo(f"\nColumns that were taken for no statement: {', '.join(export.columns)}.")


def _read(file: Path, reader: Callable[[Iterable[str], str], Read]) -> Read:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return reader(lines, str(file))
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8; save the file as UTF-8.") from None
    except TableError as error:
        raise click.ClickException(str(error)) from None


def _given(groups: str, export: polis.Export, people: Sequence[str]) -> Sequence[str]:
    """Everybody's group as it was given, "" for none."""
    if Path(groups).is_file():
        named = _read(Path(groups), polis.groups)
        given = tuple(named.get(name, "") for name in people)
    else:
        given = export.groups
    if not any(given):
        raise click.ClickException(f"--groups {groups}: there is no such column or file, or nobody has a group in it.")
    return given


def said(found: Ground) -> str:
    """The result in a sentence."""
    counts = [f"{group.people:,}" for group in found.groups]
    sizes = " and ".join([*filter(None, [", ".join(counts[:-1])]), *counts[-1:]])
    again = found.stability
    match found.verdict:
        case Verdict.GIVEN:
            return f"{len(found.groups)} groups as they were given, of {sizes} people."
        case Verdict.TOO_FEW if not found.votes:
            return "No groups: nobody voted on a statement that was not taken out."
        case Verdict.TOO_FEW:
            return f"No groups: only {found.grouped} people voted on enough statements to be compared."
        case Verdict.ALIKE:
            return f"No groups: no {LEAST} people stand apart from the others by their votes."
        case Verdict.UNSTABLE if again and again.by_chance and again.median >= LEAST_ALIKE:
            return "No stable groups: votes dealt anew by chance part people as well. Don't read those below as camps."
        case Verdict.UNSTABLE:
            return (
                f"No stable groups: when a fifth of the people is left out, others are found (adjusted Rand index "
                f"{again.median if again else 0:.2f}). Don't read those below as camps."
            )
    return (
        f"{len(found.groups)} stable groups, of {sizes} people (adjusted Rand index {again.median if again else 0:.2f} "
        "when a fifth is left out)."
    )


def _participants(found: Found, people: Sequence[str], given: Iterable[int]) -> list[dict[str, Any]]:
    return [
        {"id": name, "group": label or None, "votes": int(votes), "x": round(float(x), 4), "y": round(float(y), 4)}
        for name, label, votes, (x, y) in zip(people, found.labels, given, found.places, strict=True)
    ]


def _print(found: Ground, theirs: Agreement | None, left_out: Sequence[str]) -> None:
    texts = {one.id: one.text for one in found.statements}
    click.echo(said(found))
    click.echo(
        f"{found.votes:,} votes by {found.voted:,} people on {len(found.statements)} statements; "
        f"{found.grouped:,} people voted on enough to be grouped; {len(left_out)} statements were taken out."
    )
    if theirs:
        click.echo(
            f"Polis has {theirs.groups} groups: adjusted Rand index {theirs.adjusted_rand:.2f} over "
            f"{theirs.people:,} people; its silhouette here is {theirs.silhouette:.2f}."
        )
    click.echo("\nAgreed across groups (group-informed consensus, lowest agreement of a group with its interval)")
    output.table((_line(one) for one in found.statements[:SHOWN]), indent="  ")
    for group in found.groups:
        if group.sets_apart:
            click.echo(f"\nWhat sets group {group.id} apart ({group.people:,} people)")
            output.table(
                (
                    (f"{one.vote}s {one.share:.0%}, others {one.others:.0%}", one.statement, texts[one.statement])
                    for one in group.sets_apart[:SHOWN]
                ),
                indent="  ",
            )


def _line(one: Statement) -> tuple[str, ...]:
    least = one.lowest_agreement
    interval = f"{least.value:.2f} ({least.low:.2f}-{least.high:.2f}) in {least.group}"
    return f"{one.group_informed_consensus:.2f}", interval, one.standing, one.id, one.text.replace("\n", " ")
