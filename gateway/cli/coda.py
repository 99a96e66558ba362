"""baraza coding import: a code scheme of Coda as a codebook."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli import output
from surveys.coda import import_scheme
from surveys.xlsform.report import Fate

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--language", default="en", show_default=True, help="The language of its names and keywords.")
@click.option("-o", "--output", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@output.as_json
def import_(file: Path, language: str, target: Path | None, *, as_json: bool) -> None:
    """Make a codebook of FILE, a code scheme of Coda (JSON), and say what became of each code."""
    scheme = import_scheme(file.read_bytes(), str(file), language)
    folder = Path(os.environ.get("BARAZA_CONFIG", "config")) / "codebooks"
    chosen = target or folder / f"{scheme.name}.yaml"
    if target is None and chosen.exists():
        raise click.ClickException(f"{chosen} is there already, and is left as it is; name another file with -o.")
    chosen.parent.mkdir(parents=True, exist_ok=True)
    chosen.write_text(scheme.yaml, encoding="utf-8")
    if as_json:
        entries = [asdict(entry) for entry in scheme.entries]
        output.data({"codebook": scheme.name, "codes": scheme.codes, "written": str(chosen), "entries": entries})
        return
    for entry in scheme.entries:
        click.echo(str(entry))
    refused = sum(entry.fate is Fate.REFUSED for entry in scheme.entries)
    click.echo(f"\n{file}: {scheme.codes} of {len(scheme.entries)} codes, {refused} refused. Write their definitions.")
    click.echo(f"Written: {chosen}", err=True)
