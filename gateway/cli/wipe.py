"""baraza wipe: destroy the keys, so that nobody can open what people sent."""

from __future__ import annotations

import os

import click

from gateway import settings
from gateway.cli import output
from gateway.cli.errors import SPEAKING
from gateway.store.keys import load_key_file, parse_wrapping_keys
from gateway.store.wiping import wipe as wipe_all

WORD = "wipe"
LEFT = (
    "Processes on this host end within seconds; stop what starts them again.",
    "Destroy BARAZA_KEYS, and every back-up and copy of the key file.",
    "Choices and numbers lie in the database as values, under pseudonyms: delete it and its back-ups if they must go.",
    "Providers keep numbers and messages of their own: close or purge their accounts.",
)
"""What a wipe can't do."""


@click.command()
@click.option("--yes", is_flag=True, help="Don't ask whether you mean it.")
@output.as_json
def wipe(*, yes: bool, as_json: bool) -> None:
    """Destroy the key file. Addresses and words in the database, its back-ups and the spool open never again, running
    processes end, and nothing more is sent. It can't be undone."""
    key_file, url = settings.key_file_of(os.environ), settings.database_url_of(os.environ)
    if not yes:
        click.echo(
            f"This destroys {key_file}. Nobody can open what people sent again, from no back-up either.", err=True
        )
        if click.prompt(f"Type {WORD} to go on", default="", show_default=False, err=True).strip() != WORD:
            raise click.ClickException("Nothing was wiped.")
    try:
        vault = load_key_file(key_file, parse_wrapping_keys(os.environ.get("BARAZA_KEYS", "")))
    except SPEAKING:
        vault = None  # it is to be destroyed, not opened
    done = wipe_all(key_file, url, vault)
    left = list(LEFT)
    if not done.told:
        left.insert(0, "The database could not be told: on other hosts stop the processes and run `baraza wipe` there.")
    elif not done.signed:
        left.insert(
            0, "The key file could not be opened first: processes of other hosts end, but wipe those hosts too."
        )
    if as_json:
        output.data({"key_file": str(key_file), "destroyed": done.keys, "database_told": done.told, "left": left})
        return
    click.echo(f"{key_file} is destroyed." if done.keys else f"There was no {key_file}: it was destroyed before.")
    click.echo("What is left to do:")
    for one in left:
        click.echo(f"- {one}")
