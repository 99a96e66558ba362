"""Names of a form as ids of a poll: small letters, digits and _, 40 at most, each once."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from surveys.expressions import RESERVED
from surveys.items import TAKEN

ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def as_id(name: str, prefix: str) -> str:
    """The nearest id. `prefix` stands before what does not begin with a letter."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"[^a-z0-9]+", "_", plain).rstrip("_")
    if not re.match("[a-z]", plain):
        plain = prefix + plain
    return plain[:40].rstrip("_")


class Names:
    """Gives each name an id of its own. Names that mean something to the poll itself get `prefix` before them."""

    def __init__(self, prefix: str, meant: frozenset[str] = RESERVED | TAKEN) -> None:
        self._prefix = prefix
        self._meant = meant
        self._taken: set[str] = set()

    def take(self, name: str, near: str = "") -> str:
        """The name itself where it is an id that nobody has, else one near to it, or to what stands in for a name in
        another script.
        """
        wanted = name if ID.fullmatch(name) else as_id(name, self._prefix)
        if wanted == self._prefix.rstrip("_"):
            wanted = as_id(near, self._prefix)
        if wanted == self._prefix.rstrip("_"):
            wanted = f"{self._prefix}{len(self._taken) + 1}"
        if wanted in self._meant:
            wanted = f"{self._prefix}{wanted}"
        free, number = wanted, 1
        while free in self._taken:
            number += 1
            free = f"{wanted[: 39 - len(str(number))]}_{number}"
        self._taken.add(free)
        return free
