"""Margins as people write them: what is known of a population, in YAML.

    source: Census 2019
    sample: self-selected        # or random; without it, self-selected
    cap: 5                       # no weight above so many times the mean
    margins:
      region: {north: 42%, south: 38%, east: 20%}
      gender: {female: 51, male: 49}

Shares may be percentages, fractions or counts: those of one margin are taken as parts of their sum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from analysis.estimates import CHOSE, INTERVALS
from analysis.raking import CAP, Margin
from surveys.problem import SurveyError, did_you_mean
from surveys.reader import read
from surveys.validate import Findings, validate


def positive(text: object) -> float:
    plain = str(text).strip().removesuffix("%").strip().replace("_", "").replace(" ", "")
    try:
        number = float(plain) if isinstance(text, str) else float("nan")
    except ValueError:
        number = float("nan")
    if not 0 < number < float("inf"):
        raise ValueError(f"{str(text)[:40]!r} is no share; write a number above 0, such as 42 or 42%")
    return number


def _above_one(text: object) -> float:
    number = positive(text)
    if number <= 1:
        raise ValueError(f"{str(text)[:40]!r} is too low: weights have a mean of 1; write a number above it, such as 5")
    return number


def _sample(text: object) -> str:
    if text not in INTERVALS:
        raise ValueError(f"`sample` must be one of {', '.join(INTERVALS)}")
    return str(text)


def shares(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError("here must be a share for each answer: `north: 42%`, one a line")  # noqa: TRY004 - pydantic's
    return value


Part = Annotated[float, PlainValidator(positive)]


class MarginsDefinition(BaseModel):
    model_config = ConfigDict(extra="forbid")

    margins: dict[str, Annotated[dict[str, Part], BeforeValidator(shares)]] = Field(
        description="by question, the share of each answer", examples=[{}]
    )
    source: str = Field("", description="where the numbers are from")
    sample: Annotated[str, PlainValidator(_sample)] = Field(CHOSE, description="how people came to answer")
    cap: Annotated[float, PlainValidator(_above_one)] = Field(CAP, description="the largest weight")


@dataclass(frozen=True, slots=True)
class Population:
    margins: tuple[Margin, ...]
    source: str = ""
    sample: str = CHOSE
    cap: float = CAP


def load_margins(source: str | bytes, filename: str, questions: Collection[str]) -> Population:
    """The margins written in `source`, of these questions. `filename` only goes into problems.

    Raises SurveyError with all of them.
    """
    findings = Findings(read(source, filename))
    definition = validate(MarginsDefinition, findings)
    if definition is not None:
        check(definition, findings, questions)
        if not definition.margins:
            findings.add(("margins",), "there is no margin; write a question with the share of each answer")
    if definition is None or findings.problems:
        raise SurveyError(findings.problems)
    return population(definition)


def check(definition: MarginsDefinition, findings: Findings, questions: Collection[str]) -> None:
    """Add what is wrong with the margins to `findings`."""
    for question, shares in definition.margins.items():
        path = ("margins", question)
        total = sum(shares.values())
        if question not in questions:
            findings.add(path, f"nobody was asked `{question}`{did_you_mean(question, questions)}", key=True)
        if len(shares) < 2:
            findings.add(path, f"`{question}` has fewer than two answers; write each with its share")
        elif all(text.strip().endswith("%") for text in findings.document.at(path).values()) and abs(total - 100) > 1:
            findings.add(path, f"the shares of `{question}` add up to {total:g}%, not to 100%")


def population(definition: MarginsDefinition) -> Population:
    return Population(
        tuple(Margin(question, _parts(shares)) for question, shares in definition.margins.items()),
        definition.source,
        definition.sample,
        definition.cap,
    )


def _parts(shares: Mapping[str, float]) -> dict[str, float]:
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}
