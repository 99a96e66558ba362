"""How commands print: a table for people, or JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def data(value: Any) -> None:
    """One JSON document on stdout, with what people wrote as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@contextmanager
def working(what: str) -> Iterator[None]:
    """Says on a terminal that long work is under way; nothing in a pipe."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(what):
            yield
    else:
        yield


def table(rows: Iterable[Sequence[object]], indent: str = "") -> None:
    """Columns as wide as their widest cell; the last one as it is."""
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        *firsts, last = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(indent + "  ".join((*firsts, last)).rstrip())
