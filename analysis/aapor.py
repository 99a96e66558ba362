"""AAPOR's outcome rates of a poll that had a sample: response, cooperation, refusal and contact.

The American Association for Public Opinion Research, Standard Definitions, 10th edition (2023). With I complete and P
partial interviews, R refusals and break-offs, NC non-contacts, O others, UH and UO those of whom nobody knows whether
they were to be asked at all, NE those who were not, and e the share of the unknown who were:

    RR1 = I / ((I+P) + (R+NC+O) + (UH+UO))     RR3 = I / ((I+P) + (R+NC+O) + e(UH+UO))     RR5 = I / ((I+P) + (R+NC+O))
    RR2, RR4, RR6 count I+P
    COOP1 = I / ((I+P) + R + O)                COOP3 = I / ((I+P) + R)                     COOP2, COOP4 count I+P
    REF1, REF2, REF3 = R over what RR1, RR3, RR5 are over
    CON1, CON2, CON3 = ((I+P) + R + O) over the same

A rate without anybody under it is None. Where people opted in, nobody knows who heard of the poll: there is no rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

RATES = (
    *(f"RR{number}" for number in range(1, 7)),
    *(f"COOP{number}" for number in range(1, 5)),
    *(f"REF{number}" for number in range(1, 4)),
    *(f"CON{number}" for number in range(1, 4)),
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many people came to which end, under AAPOR's names."""

    I: int = 0  # noqa: E741 - AAPOR's names
    P: int = 0
    R: int = 0
    NC: int = 0
    O: int = 0  # noqa: E741 - AAPOR's names
    UH: int = 0
    UO: int = 0
    NE: int = 0


@dataclass(frozen=True, slots=True)
class Rates:
    """`rates` by name (RATES), None where nobody is under one. `source` says where e is from."""

    outcomes: Outcomes
    e: float
    source: str
    rates: Mapping[str, float | None]


CODES = (
    ("1.1", "I"),
    ("1.2", "P"),
    ("2.1", "R"),
    ("2.2", "NC"),
    ("2.3", "O"),
    ("3.1", "UH"),
    ("3.2", "UO"),
    ("3.3", "UO"),
    ("3.9", "UO"),
    ("4", "NE"),
)
"""The beginnings of final disposition codes, and what they count as."""

PROPORTIONAL = "proportional: as many of the unknown as of the known were to be asked"
GIVEN = "given"


def outcomes(codes: Mapping[str, int]) -> Outcomes:
    """How many have each final disposition code, as outcomes. Raises ValueError at a code that AAPOR has not."""
    found = dict.fromkeys((field.name for field in fields(Outcomes)), 0)
    for code, number in codes.items():
        name = next((name for beginning, name in CODES if code.startswith(beginning)), None)
        if name is None:
            raise ValueError(f"{code!r} is no final disposition code of AAPOR's: 1.1, 1.2, 2.11 ... 4.90.")
        found[name] += number
    return Outcomes(**found)


def rates(of: Outcomes, e: float | None = None, source: str = GIVEN) -> Rates:
    """Without `e` it is estimated: the share of those known who were to be asked (all, where nobody is known)."""
    told = of.I + of.P + of.R + of.NC + of.O
    if e is None:
        e, source = (told / (told + of.NE) if told + of.NE else 1.0), PROPORTIONAL
    unknown, answered, reached = of.UH + of.UO, of.I + of.P, of.I + of.P + of.R + of.O
    bases = (told + unknown, told + e * unknown, told)
    found: dict[str, float | None] = {}
    for place, base in enumerate(bases):
        found[f"RR{2 * place + 1}"] = _share(of.I, base)
        found[f"RR{2 * place + 2}"] = _share(answered, base)
        found[f"REF{place + 1}"] = _share(of.R, base)
        found[f"CON{place + 1}"] = _share(reached, base)
    for place, base in enumerate((reached, answered + of.R)):
        found[f"COOP{2 * place + 1}"] = _share(of.I, base)
        found[f"COOP{2 * place + 2}"] = _share(answered, base)
    return Rates(of, e, source, {name: found[name] for name in RATES})


def _share(part: float, base: float) -> float | None:
    return part / base if base else None
