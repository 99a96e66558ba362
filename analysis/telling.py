"""How one poll's results are told, as people write it beside the poll, in YAML:

    source: Census 2019           # what is known of the population: as `baraza tally --margins` reads it
    margins:
      region: {north: 42%, south: 38%, east: 20%}
      gender: {woman: 51, man: 49}
    names: [Amina, Haji Omar]     # taken out of quotes
    noise: 1                      # epsilon of what RESULTS tells; without it, no noise
    budget: 10                    # epsilon of all that it tells of a wave; without it, ten times `noise`

It is no part of the poll: it may change while the poll is open, and each release says what it was made with.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from math import inf
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator

from analysis.crossing import GROUPING
from analysis.margins import MarginsDefinition, Part, Population, check, population, positive, shares
from analysis.noise import DRAWS, Noise
from surveys.model import Survey
from surveys.problem import SurveyError, did_you_mean
from surveys.reader import read
from surveys.validate import Findings, validate


def _noise(text: object) -> float | None:
    if text is None:
        return None
    try:
        epsilon = float(str(text))
    except ValueError:
        epsilon = 0.0
    if not 0 < epsilon < inf:
        raise ValueError(f"{str(text)[:40]!r} promises nothing; write an epsilon above 0, such as 1")
    if find_spec("opendp") is None:
        raise ValueError("noise needs opendp, which is not installed: pip install 'baraza[privacy]'")
    return epsilon


def _budget(text: object) -> float | None:
    return None if text is None else positive(text)


class TellingDefinition(MarginsDefinition):
    margins: dict[str, Annotated[dict[str, Part], BeforeValidator(shares)]] = Field(
        {}, description="by question, the share of each answer in the population"
    )
    noise: Annotated[float | None, PlainValidator(_noise)] = Field(
        None, description="epsilon: how much noise is on what anybody may see; less is more noise"
    )
    budget: Annotated[float | None, PlainValidator(_budget)] = Field(
        None, description="epsilon of a wave's noise in all; without it ten times `noise`"
    )
    names: list[str] = Field([], description="names of people and places that are taken out of quotes")


@dataclass(frozen=True, slots=True)
class Telling:
    population: Population
    names: tuple[str, ...] = ()
    noise: Noise | None = None

    @property
    def by(self) -> tuple[str, ...]:
        """The questions of the margins."""
        return tuple(margin.question for margin in self.population.margins)


UNTOLD = Telling(Population(()))
"""Nothing is written beside the poll."""


def load_telling(source: str | bytes, filename: str, survey: Survey) -> Telling:
    """What is written in `source` beside this poll. `filename` only goes into problems. Raises SurveyError."""
    findings = Findings(read(source, filename))
    definition = validate(TellingDefinition, findings)
    if definition is not None:
        check(definition, findings, [question.id for question in survey.questions])
        _answers(definition, findings, survey)
        _spending(definition, findings)
    if definition is None or findings.problems:
        raise SurveyError(findings.problems)
    noise = definition.noise and Noise(definition.noise, definition.budget or DRAWS * definition.noise)
    return Telling(population(definition), tuple(definition.names), noise or None)


def _spending(definition: TellingDefinition, findings: Findings) -> None:
    noise, budget = definition.noise, definition.budget
    if budget is not None and noise is None:
        findings.add(("budget",), "there is nothing to spend it on; write `noise`, or take `budget` out", key=True)
    elif budget is not None and noise is not None and budget < noise:
        findings.add(("budget",), f"{budget:g} is less than one release spends; write {noise:g} or more")


def _answers(definition: TellingDefinition, findings: Findings, survey: Survey) -> None:
    """People are weighted by what they chose of a few answers about themselves, which everybody was asked for."""
    known = {question.id: question for question in survey.questions}
    for name, parts in definition.margins.items():
        question = known.get(name)
        if question is None:
            continue
        if not question.profile or question.type not in GROUPING or question.when is not None:
            message = (
                f"nobody can be weighted by `{name}`; take a question of type one-of or yes-no with `profile: yes` "
                "and without `when`"
            )
            findings.add(("margins", name), message, key=True)
            continue
        there = [option.id for option in question.options] or ["yes", "no"]
        for answer in parts:
            if answer not in there:
                message = f"`{answer}` is no answer to `{name}`{did_you_mean(answer, there)}"
                findings.add(("margins", name, answer), message, key=True)
