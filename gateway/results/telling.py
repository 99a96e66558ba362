"""What is written beside a poll of how its results are told: config/results/<poll>.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from analysis.telling import UNTOLD, Telling, load_telling
from surveys.model import Survey
from surveys.problem import Problem, SurveyError, did_you_mean

FOLDER = "results"


def telling_of(config: Path, survey: Survey) -> Telling:
    """Raises SurveyError: margins with a mistake are mended, rather than left out of a release without a word."""
    file = config / FOLDER / f"{survey.name}.yaml"
    return load_telling(file.read_bytes(), str(file), survey) if file.is_file() else UNTOLD


def wrong(config: Path, surveys: Iterable[Survey]) -> Iterator[Problem]:
    """What is wrong with the files beside these polls, and with those that lie beside none."""
    known = {survey.name: survey for survey in surveys}
    for path in sorted((config / FOLDER).glob("*.yaml")):
        survey = known.get(path.stem)
        if survey is None:
            message = f"no poll is named {path.stem}; name the file as its poll{did_you_mean(path.stem, known)}"
            yield Problem(str(path), 1, 1, message)
            continue
        try:
            load_telling(path.read_bytes(), str(path), survey)
        except SurveyError as error:
            yield from error.problems
