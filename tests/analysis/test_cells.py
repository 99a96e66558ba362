"""No cell that leaves is a formula."""

from __future__ import annotations

import pytest

from analysis.cells import RISKY, harmless


@pytest.mark.parametrize("text", [*(f"{sign}1" for sign in RISKY), "=cmd()", "-1+2", "+254 700", " =1"])
def test_what_looks_like_a_formula_is_made_harmless_and_stays_readable(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "water", "a=b", "3 - 4", "٥"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
