"""Roles, and who holds them. A grant gives a role for one survey, or for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class AccountError(Exception):
    """An account can't be made or changed so. Its text is one sentence for whoever asked."""


class Role(StrEnum):
    OPERATOR = "operator"
    FOCAL_POINT = "focal-point"
    CODER = "coder"
    MODERATOR = "moderator"
    MEDIATOR = "mediator"


SURVEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role, for one survey or ("") for all. No role includes another."""

    role: Role
    survey: str = ""

    def __str__(self) -> str:
        return f"{self.role} for {self.survey}" if self.survey else str(self.role)


def grants(role: Role, surveys: Iterable[str]) -> tuple[Grant, ...]:
    """The grants of a role for these surveys, or for all where none is named. Raises AccountError.

    A focal point has named surveys only; an operator runs the gateway, not one survey.
    """
    named = tuple(dict.fromkeys(surveys))
    if role is Role.FOCAL_POINT and not named:
        raise AccountError("A focal point is one for given surveys: name each with --survey.")
    if role is Role.OPERATOR and named:
        raise AccountError("An operator is one for the whole gateway: leave --survey out.")
    if wrong := next((name for name in named if not SURVEY.fullmatch(name)), None):
        raise AccountError(f"{wrong[:64]!r} can't be a survey's name: these are lower-case letters, digits and _.")
    return tuple(Grant(role, name) for name in named) or (Grant(role),)


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in: the session, the user, and what was granted at this moment."""

    session: int
    user: int
    name: str
    grants: frozenset[Grant]

    def has(self, role: Role) -> bool:
        """Whether they hold the role for any survey. A page that shows several filters them by `may`."""
        return any(grant.role is role for grant in self.grants)

    def may(self, role: Role, survey: str) -> bool:
        """Whether they hold the role for this survey."""
        return not self.grants.isdisjoint((Grant(role), Grant(role, survey)))


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a page is for. Without roles: everybody who is signed in."""

    roles: tuple[Role, ...] = ()
    by_survey: bool = False

    def admits(self, signed: Signed, survey: str = "") -> bool:
        """Whether this page is for them; `survey` is the one that it is about, where it is about one."""
        if not self.roles:
            return True
        return any(signed.may(role, survey) if self.by_survey else signed.has(role) for role in self.roles)
