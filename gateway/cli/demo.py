"""baraza demo: see what it does, in a minute."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.demo.run import PEOPLE, DemoError, run_demo


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--people", default=PEOPLE, show_default=True, type=click.IntRange(0, 1000), help="Simulated participants."
)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep everything here.")
def demo(port: int, people: int, folder: Path | None) -> None:
    """Run a gateway with sample polls and simulated people on this machine, until Ctrl-C.

    Everything that it needs is started here and ended with it; nothing leaves this machine.
    """
    try:
        run_demo(port, folder, people=people, say=click.echo)
    except DemoError as error:
        raise click.ClickException(str(error)) from None
