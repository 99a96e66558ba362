"""The polls: drafts in a configuration folder, and those that were opened, with every version of them.

What is opened is frozen in the database; gateway/lifecycle.py does the opening.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from gateway.catalogues import load_catalogues
from gateway.gazetteers import read_gazetteers
from gateway.store.database import reading
from gateway.store.poll_tables import gazetteers, polls, surveys
from surveys.clashes import clashes
from surveys.codebook import Codebook, load_codebook
from surveys.gazetteer import Gazetteer
from surveys.gazetteer_file import load_gazetteer
from surveys.load import load_survey
from surveys.model import Survey
from surveys.problem import Problem, SurveyError

log = structlog.get_logger(__name__)

TESTS = ".test.yaml"
"""What the name of a file with dialogues ends in."""

OPEN, PAUSED, CLOSED, SOON = "open", "paused", "closed", "soon"


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll that was opened. `survey` is what newcomers get: a version by its hash, in the words of its newest fix.

    `version` counts the versions from 1. `invite` is whom this wave is for.
    """

    survey: Survey
    version: int
    status: str
    wave: int
    invite: str
    opens_at: datetime | None
    closes_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    by: str

    def state(self, now: datetime) -> str:
        """OPEN, PAUSED, CLOSED or SOON: by what the operator said, and by the clock, whichever ends it earlier."""
        if self.status == CLOSED or (self.closes_at is not None and now >= self.closes_at):
            return CLOSED
        if self.status == PAUSED:
            return PAUSED
        return SOON if self.opens_at is not None and now < self.opens_at else OPEN


@dataclass(frozen=True, slots=True)
class Polls:
    """What was opened, as a running process knows it. `earlier` versions can only be finished; of each the newest
    words. `problems` is what is wrong with what could not be read; that is left out, and the others go on. `seen` is
    what the database said, to be held against what it says later."""

    polls: tuple[Poll, ...] = ()
    earlier: tuple[Survey, ...] = ()
    codebooks: tuple[Codebook, ...] = ()
    problems: tuple[Problem, ...] = ()
    seen: object = None

    @property
    def open(self) -> tuple[Survey, ...]:
        """The polls that were opened and not closed. What the clock says, `Poll.state` knows."""
        return tuple(poll.survey for poll in self.polls if poll.status != CLOSED and not poll.survey.guide)

    @property
    def opened(self) -> tuple[Survey, ...]:
        """Every poll that was ever opened, closed ones last."""
        return tuple(survey for survey in self._by_status if not survey.guide)

    @property
    def guides(self) -> tuple[Survey, ...]:
        """The interview guides, which are no polls: they have no results, and are there for nobody else."""
        return tuple(survey for survey in self._by_status if survey.guide)

    @property
    def _by_status(self) -> tuple[Survey, ...]:
        return tuple(poll.survey for poll in sorted(self.polls, key=lambda poll: poll.status == CLOSED))

    def named(self, name: str) -> Survey | None:
        """A poll that was opened, whatever became of it."""
        return next((poll.survey for poll in self.polls if poll.survey.name == name), None)


_SEEN = sa.select(
    polls.c.name,
    polls.c.status,
    polls.c.hash,
    polls.c.wave,
    polls.c.invite,
    polls.c.opens_at,
    polls.c.closes_at,
    polls.c.opened_at,
    polls.c.closed_at,
    polls.c.by,
).order_by(polls.c.name)


def seen(connection: sa.Connection) -> object:
    """What the database says now of its polls: equal to `Polls.seen` as long as nothing changed. One small read."""
    return [tuple(row) for row in connection.execute(_SEEN)]


def load_polls(config: Path, engine: sa.Engine) -> Polls:
    """Every poll that was opened, from the database: config/surveys holds drafts, and is not looked at."""
    with reading(engine) as connection:
        opened = connection.execute(_SEEN).all()
        contents = connection.execute(sa.select(surveys).order_by(surveys.c.opened_at, surveys.c.hash)).all()
        places = frozen(connection)
    codebooks, problems = _codebooks(config)
    found, earlier = [], []
    for row in opened:
        versions: dict[str, Any] = {}
        for content in (one for one in contents if one.name == row.name):
            of = content.fixes or content.hash
            known = versions.setdefault(of, content)
            if content.hash == row.hash or (known.hash != row.hash and _worded(content) > _worded(known)):
                versions[of] = content
        for number, (version, content) in enumerate(versions.items(), start=1):
            is_current = row.hash == content.hash
            try:
                survey = replace(load_survey(content.source, row.name, places(content)), hash=version)
            except SurveyError as error:  # written for an earlier Baraza
                problems += error.problems
                continue
            if is_current:
                how = (row.status, row.wave, row.invite, row.opens_at, row.closes_at, row.opened_at, row.closed_at)
                found.append(Poll(survey, number, *how, row.by))
            else:
                earlier.append(survey)
    for problem in problems:
        log.warning("poll left out", problem=str(problem))
    return Polls(tuple(found), tuple(earlier), codebooks, tuple(problems), [tuple(row) for row in opened])


def frozen(connection: sa.Connection) -> Callable[[Any], Mapping[str, Gazetteer]]:
    """Gives the gazetteers of a stored content, as they were when it was opened."""
    sources = {row.digest: row.source for row in connection.execute(sa.select(gazetteers))}

    def of(content: Any) -> Mapping[str, Gazetteer]:
        named = content.gazetteers or {}
        return {name: _places(name, sources[digest]) for name, digest in named.items()}

    return of


@lru_cache(maxsize=32)
def _places(name: str, source: str) -> Gazetteer:
    """Made once: to index a large one takes seconds, and polls are read again whenever one is opened."""
    return load_gazetteer(source, name, name)


def _worded(content: Any) -> datetime:
    """When the words of this content were last taken up."""
    moment: datetime = content.worded_at or content.opened_at
    return moment


def poll_files(folder: Path) -> list[Path]:
    """The polls in a folder. Beside each may lie the dialogues that test it: <name>.test.yaml."""
    return sorted(path for path in folder.glob("*.yaml") if not path.name.endswith(TESTS))


def read_polls(config: Path) -> tuple[tuple[Survey, ...], tuple[Codebook, ...], tuple[Problem, ...]]:
    """Every poll and codebook of the folder, and what is wrong with the rest. Of two polls whose keywords clash, the
    one whose file comes later is left out."""
    texts = load_catalogues(config)
    known, missing = read_gazetteers(config)
    opened: dict[str, Survey] = {}
    problems = list(missing)
    for path in poll_files(config / "surveys"):
        try:
            survey = load_survey(path.read_bytes(), str(path), known)
        except SurveyError as error:
            problems += error.problems
            continue
        if survey.name in opened:
            problems.append(
                Problem(str(path), 1, 1, f"another poll is named {survey.name} too; give this one its own name")
            )
        elif clashing := clashes(survey, str(path), tuple(opened.values()), texts):
            problems += clashing
        else:
            opened[survey.name] = survey
    codebooks, wrong = _codebooks(config)
    return tuple(opened.values()), codebooks, (*problems, *wrong)


def _codebooks(config: Path) -> tuple[tuple[Codebook, ...], list[Problem]]:
    found: list[Codebook] = []
    problems: list[Problem] = []
    for path in sorted((config / "codebooks").glob("*.yaml")):
        try:
            found.append(load_codebook(path.read_bytes(), str(path)))
        except SurveyError as error:
            problems += error.problems
    return tuple(found), problems
