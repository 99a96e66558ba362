"""Outcome rates, against numbers worked out from the Standard Definitions."""

from __future__ import annotations

import pytest

from analysis.aapor import PROPORTIONAL, RATES, Outcomes, outcomes, rates
from surveys.disposition import DISPOSITIONS

EXAMPLE = Outcomes(I=4, P=2, R=1, NC=1, O=1, UH=1, UO=1, NE=1)
EXPECTED = {
    "RR": [0.364, 0.545, 0.370, 0.556, 0.444, 0.667],
    "COOP": [0.500, 0.750, 0.571, 0.857],
    "REF": [0.091, 0.093, 0.111],
    "CON": [0.727, 0.741, 0.889],
}


@pytest.mark.parametrize("e", [0.9, None])  # 9 of the 10 known were to be asked, so it is estimated the same
def test_every_rate_of_an_example(e: float | None) -> None:
    found = rates(EXAMPLE, e)
    assert found.e == 0.9
    assert found.source == ("given" if e else PROPORTIONAL)
    assert list(found.rates) == list(RATES)
    for kind, values in EXPECTED.items():
        got = [found.rates[f"{kind}{place}"] for place in range(1, len(values) + 1)]
        assert got == pytest.approx(values, abs=5e-4)


def test_nobody_has_no_rate() -> None:
    assert set(rates(Outcomes()).rates.values()) == {None}
    assert rates(Outcomes(NE=3)).e == 0


def test_codes_become_outcomes() -> None:
    found = outcomes({"1.1": 4, "1.2": 2, "2.112": 1, "2.20": 1, "2.36": 1, "3.19": 1, "3.30": 1, "4.10": 1})
    assert found == EXAMPLE
    with pytest.raises(ValueError, match="no final disposition code"):
        outcomes({"5.1": 1})


def test_every_disposition_of_the_ledger_with_a_code_has_an_outcome() -> None:
    codes = [one.code for one in DISPOSITIONS.values() if one.code]
    assert len(codes) > 8
    for code in codes:
        assert sum(getattr(outcomes({code: 1}), name) for name in ("I", "P", "R", "NC", "O", "UH", "UO", "NE")) == 1
