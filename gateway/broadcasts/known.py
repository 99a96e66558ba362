"""What the broadcasts of a gateway may refer to, and the files in its configuration folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from channels.adapter import Channel
from gateway.broadcasts.definition import FOLDER, SUFFIX, broadcast_files, load_broadcast, load_started
from gateway.broadcasts.errors import BroadcastError
from gateway.broadcasts.model import Asked, Broadcast, Known, Shown
from gateway.polls import CLOSED, OPEN, Polls
from gateway.store.broadcast_tables import broadcasts
from gateway.store.database import reading
from surveys.problem import Problem, SurveyError


def known_by(
    polls: Polls, channels: Mapping[str, Channel], engine: sa.Engine, campaigns: Mapping[str, Shown] | None = None
) -> Known:
    """What a file may refer to now."""
    with reading(engine) as connection:
        started = frozenset(connection.scalars(sa.select(broadcasts.c.name)))
    versions: dict[str, list[str]] = {}
    for survey in (*polls.opened, *polls.earlier):
        versions.setdefault(survey.name, []).append(survey.id.removeprefix("survey:"))
    asked = {
        poll.survey.name: Asked(
            poll.survey,
            tuple(versions[poll.survey.name]),
            poll.wave,
            poll.invite,
            CLOSED if poll.status == CLOSED else OPEN,
        )
        for poll in polls.polls
    }
    return Known(asked, channels, started, campaigns or {})


def started_one(source: str, name: str, known: Known) -> Broadcast:
    """What was frozen when it was started. A poll that has ended since is no mistake of it. Raises SurveyError."""
    lenient = {poll: replace(asked, status=OPEN) for poll, asked in known.polls.items()}
    return load_started(source, name, replace(known, polls=lenient))


def read_broadcast(config: Path, name: str, known: Known) -> Broadcast:
    """The one in this file. Raises SurveyError or BroadcastError."""
    path = config / FOLDER / f"{name}{SUFFIX}"
    if not path.is_file():
        there = ", ".join(each.name.removesuffix(SUFFIX) for each in broadcast_files(config)) or "none"
        raise BroadcastError(f"There is no broadcast {name!r} in {config / FOLDER}; there is {there}.")
    return load_broadcast(path.read_bytes(), str(path), known)


def read_broadcasts(config: Path, known: Known) -> tuple[tuple[Broadcast, ...], tuple[Problem, ...]]:
    """Every file of the folder, and what is wrong with the rest."""
    found: list[Broadcast] = []
    problems: list[Problem] = []
    for path in broadcast_files(config):
        try:
            found.append(load_broadcast(path.read_bytes(), str(path), known))
        except SurveyError as error:
            problems += error.problems
    return tuple(found), tuple(problems)
