"""The numbers by which people name what others put up: JOIN 4821.

Digits alone: every keypad has them, every script has them, and none looks like another. They are drawn, so that nobody
counts by them how much there is; whoever knows one may look at what everybody may see, and no more.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from gateway.store.database import insert_once
from gateway.store.moderation_tables import codes

SHORTEST = 4
TRIES = 3
"""Draws of one length before a longer one is tried: by then a good part of the short ones is taken."""


def draw(connection: sa.Connection, kind: str, subject: int) -> str:
    """A code that nothing else has, for the row `subject` of this kind."""
    length, tries = SHORTEST, 0
    while True:
        code = str(10 ** (length - 1) + secrets.randbelow(9 * 10 ** (length - 1)))
        if insert_once(connection, codes, code=code, kind=kind, subject=subject):
            return code
        tries += 1
        length = SHORTEST + tries // TRIES


def find(connection: sa.Connection, kind: str, code: str) -> int | None:
    """What a code names; None where it names nothing of this kind."""
    found = sa.select(codes.c.subject).where(codes.c.code == code, codes.c.kind == kind)
    return connection.scalar(found)
