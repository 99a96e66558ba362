"""How one poll's results are told, as people write it beside the poll, in YAML:

    source: Census 2019           # what is known of the population: as `baraza tally --margins` reads it
    margins:
      region: {north: 42%, south: 38%, east: 20%}
      gender: {woman: 51, man: 49}
    names: [Amina, Haji Omar]     # taken out of quotes

It is no part of the poll: it may change while the poll is open, and each release says what it was made with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from analysis.crossing import GROUPING
from analysis.margins import MarginsDefinition, Part, Population, check, population, shares
from surveys.model import Survey
from surveys.problem import SurveyError, did_you_mean
from surveys.reader import read
from surveys.validate import Findings, validate


class TellingDefinition(MarginsDefinition):
    margins: dict[str, Annotated[dict[str, Part], BeforeValidator(shares)]] = Field(
        {}, description="by question, the share of each answer in the population"
    )
    names: list[str] = Field([], description="names of people and places that are taken out of quotes")


@dataclass(frozen=True, slots=True)
class Telling:
    population: Population
    names: tuple[str, ...] = ()

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
    if definition is None or findings.problems:
        raise SurveyError(findings.problems)
    return Telling(population(definition), tuple(definition.names))


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
