"""baraza keys: what seals the things that people send."""

from __future__ import annotations

import os

import click

from gateway import settings
from gateway.cli import output
from gateway.store import keys as vault

ROTATIONS = {
    "data": "Add the key that seals from now on; what the others sealed still opens.",
    "addresses": "Add the key that finds addresses from now on; they are still found under the others.",
    "wrapping": "Wrap the key file by the first key of BARAZA_KEYS alone; the others can go then.",
}


@click.group()
def keys() -> None:
    """Make and rotate the keys that seal what people send."""


@keys.command()
@output.as_json
def create(*, as_json: bool) -> None:
    """Print a new key for BARAZA_KEYS. Keep a copy in a safe place: without it nothing sealed can be opened."""
    key = vault.generate_wrapping_key()
    if as_json:
        output.data({"BARAZA_KEYS": key})
    else:
        click.echo(f"BARAZA_KEYS={key}")


@keys.command(epilog="\n\n".join(f"{name}: {what}" for name, what in ROTATIONS.items()))
@click.argument("what", type=click.Choice(list(ROTATIONS)))
@output.as_json
def rotate(what: str, *, as_json: bool) -> None:
    """Rotate one kind of key in the key file. Restart every process afterwards: each reads the file once."""
    here = settings.load(os.environ)
    wrapping = vault.parse_wrapping_keys(here.wrapping_keys)
    number = None
    if what == "data":
        number = vault.add_data_key(here.key_file, wrapping)
    elif what == "addresses":
        number = vault.add_hmac_key(here.key_file, wrapping)
    else:
        vault.rewrap(here.key_file, wrapping)
    if as_json:
        output.data({"rotated": what, "key": number, "key_file": str(here.key_file)})
    elif number is None:
        click.echo(f"{here.key_file} is wrapped by the first key of BARAZA_KEYS alone. Restart every process.")
    else:
        click.echo(f"{here.key_file} has a new key for {what}, number {number}. Restart every process.")
