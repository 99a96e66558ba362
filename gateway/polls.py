"""The polls of a configuration folder, and the versions of them that people may still be in the middle of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import structlog

from gateway.catalogues import load_catalogues
from gateway.store.database import insert_ignoring, reading
from gateway.store.schema import surveys
from surveys.clashes import clashes
from surveys.codebook import Codebook, load_codebook
from surveys.load import load_survey
from surveys.model import Survey
from surveys.problem import Problem, SurveyError

log = structlog.get_logger(__name__)

TESTS = ".test.yaml"
"""What the name of a file with dialogues ends in."""


@dataclass(frozen=True, slots=True)
class Polls:
    """`open` can be started, `earlier` only finished: opened before, and changed since. `problems` is what is wrong
    with the files that could not be read; they are left out, and the others go on."""

    open: tuple[Survey, ...]
    earlier: tuple[Survey, ...]
    codebooks: tuple[Codebook, ...]
    problems: tuple[Problem, ...]

    def named(self, name: str) -> Survey | None:
        return next((survey for survey in self.open if survey.name == name), None)


def load_polls(config: Path, engine: sa.Engine, now: datetime) -> Polls:
    """Read config/surveys and config/codebooks; write down every version that is opened."""
    opened, codebooks, problems = read_polls(config)
    with reading(engine) as connection:
        stored = connection.execute(sa.select(surveys.c.name, surveys.c.hash, surveys.c.source)).all()
    known = {(row.name, row.hash) for row in stored}
    new = [survey for survey in opened if (survey.name, survey.hash) not in known]
    if new:
        rows = [{"name": one.name, "hash": one.hash, "source": one.source, "opened_at": now} for one in new]
        with engine.begin() as connection:
            connection.execute(insert_ignoring(engine.dialect.name, surveys), rows)
    current = {(survey.name, survey.hash) for survey in opened}
    earlier = [load_survey(row.source, row.name) for row in stored if (row.name, row.hash) not in current]
    for problem in problems:
        log.warning("poll left out", problem=str(problem))
    return Polls(opened, tuple(earlier), codebooks, problems)


def poll_files(folder: Path) -> list[Path]:
    """The polls in a folder. Beside each may lie the dialogues that test it: <name>.test.yaml."""
    return sorted(path for path in folder.glob("*.yaml") if not path.name.endswith(TESTS))


def read_polls(config: Path) -> tuple[tuple[Survey, ...], tuple[Codebook, ...], tuple[Problem, ...]]:
    """Every poll and codebook of the folder, and what is wrong with the rest. Of two polls whose keywords clash, the
    one whose file comes later is left out."""
    texts = load_catalogues(config)
    opened: dict[str, Survey] = {}
    codebooks: list[Codebook] = []
    problems: list[Problem] = []
    for path in poll_files(config / "surveys"):
        try:
            survey = load_survey(path.read_bytes(), str(path))
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
    for path in sorted((config / "codebooks").glob("*.yaml")):
        try:
            codebooks.append(load_codebook(path.read_bytes(), str(path)))
        except SurveyError as error:
            problems += error.problems
    return tuple(opened.values()), tuple(codebooks), tuple(problems)
