"""A viewer by the name of a user."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.accounts.roles import Role
from gateway.actors.clearance import Viewer
from gateway.store.schema import grants, users


class NoSuchUser(LookupError):
    """Nobody has this name. Its text is one sentence."""


def named(connection: sa.Connection, name: str) -> Viewer:
    """Raises NoSuchUser."""
    row = connection.execute(sa.select(users.c.id).where(users.c.name == name, users.c.disabled_at.is_(None))).first()
    if row is None:
        raise NoSuchUser(f"There is no user {name[:32]!r}: `baraza users list` shows who there is.")
    roles = set(connection.scalars(sa.select(grants.c.role).where(grants.c.user == row.id)))
    mediator = Role.MEDIATOR.value in roles
    return Viewer(name, team=mediator or Role.FOCAL_POINT.value in roles, mediator=mediator)
