"""The panic wipe: the keys are destroyed, and nothing that is sealed opens any more, in the database, its back-ups, or
the spool. Processes that run hold the keys in memory: each looks now and then whether it has to end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gateway.store.database import DatabaseUrlError, connect, reading
from gateway.store.keys import Vault, destroy
from gateway.store.schema import meta

KEY_FILE = "key file"
"""The entry of `meta` that says which key file the database was written with, and once it was wiped, that it was."""
WIPED = "wiped"

_known = sa.select(meta.c.value).where(meta.c.name == KEY_FILE)


@dataclass(frozen=True, slots=True)
class Wiped:
    """`keys`: whether there was a key file here. `told`: whether the database says it to the other hosts. `signed`:
    whether these destroy theirs too."""

    keys: bool
    told: bool
    signed: bool


def wipe(key_file: Path, database_url: str, vault: Vault | None) -> Wiped:
    """Destroy the key file, and tell the processes of all hosts through the database. What fails is said, not raised:
    the first is done whatever becomes of the second. Without a `vault` nobody can know that it was an operator's word:
    the others end then, and keep their copies of the key file."""
    keys = destroy(key_file)
    mark = f"{WIPED} {_signature(vault)}" if vault else WIPED
    try:
        with connect(database_url).begin() as connection:
            told = connection.execute(sa.update(meta).where(meta.c.name == KEY_FILE).values(value=mark)).rowcount
    except (sa.exc.SQLAlchemyError, DatabaseUrlError):
        told = 0
    return Wiped(keys, bool(told), bool(told and vault))


def is_wiped(known: str | None) -> bool:
    return known is not None and known.split(" ")[0] == WIPED


class Watch:
    """Whether this gateway was wiped while this process runs; then what this host has of the keys goes too."""

    def __init__(self, engine: sa.Engine, vault: Vault, key_file: Path) -> None:
        self._engine = engine
        self._vault = vault
        self._key_file = key_file

    def wiped(self) -> bool:
        """Raises what the database raises."""
        if not self._key_file.exists():
            return True
        with reading(self._engine) as connection:
            known = connection.scalar(_known)
        if known == f"{WIPED} {_signature(self._vault)}":
            destroy(self._key_file)
        return is_wiped(known)


def _signature(vault: Vault) -> str:
    """Only who has the keys can say it: whoever can write into the database alone must not have them destroyed."""
    return vault.fingerprint(WIPED, vault.file).hex()
