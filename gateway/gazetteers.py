"""The gazetteers of a configuration folder: config/gazetteers/<name>.csv."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from surveys.gazetteer import Gazetteer
from surveys.gazetteer_file import load_gazetteer
from surveys.problem import Problem, SurveyError


def read_gazetteers(config: Path) -> tuple[Mapping[str, Gazetteer], tuple[Problem, ...]]:
    """Every gazetteer by its name, and what is wrong with those that can't be read."""
    found: dict[str, Gazetteer] = {}
    problems: list[Problem] = []
    for path in sorted((config / "gazetteers").glob("*.csv")):
        try:
            found[path.stem] = load_gazetteer(path.read_bytes(), str(path), path.stem)
        except SurveyError as error:
            problems += error.problems
    return found, tuple(problems)
