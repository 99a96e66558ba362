"""The examples in the pages for focal points and operators do what the pages say."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from gateway.authoring.dialogues import DOES, played, read_dialogues
from gateway.authoring.prices import PriceDefinition, load_prices
from surveys.load import load_survey
from tests.surveys.samples import TEXTS

DOCS = Path(__file__).parents[3] / "docs"


def example(page: str, number: int = 0) -> str:
    return re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)[number]


def test_the_dialogue_of_the_page_passes_for_the_poll_of_the_page() -> None:
    poll = load_survey(example("focal-point/writing-a-poll.md"), "water.yaml")
    result = played(poll, TEXTS, read_dialogues(example("focal-point/testing-a-poll.md"), "t.yaml"), "t.yaml")
    assert result.failures == ()
    assert result.checked == 3


def test_every_kind_of_line_is_on_the_page() -> None:
    text = (DOCS / "focal-point/testing-a-poll.md").read_text(encoding="utf-8")
    assert [word for word in (*DOES, "out") if f"| `{word}: " not in text] == []


def test_the_limits_of_the_page_are_limits() -> None:
    source = example("focal-point/writing-a-poll.md").replace(
        "region: region\n", "region: region\n" + example("focal-point/previewing-a-poll.md"), 1
    )
    limits = load_survey(source, "water.yaml").limits
    assert (limits.minutes, limits.segments, limits.cost) == (15, 60, (Decimal("20.00"), "KES"))


def test_the_prices_of_the_page_are_prices_and_every_key_is_there() -> None:
    table = load_prices(example("operator/prices.md"), "prices.yaml")
    assert len(table.rows) == 2
    text = (DOCS / "operator/prices.md").read_text(encoding="utf-8")
    assert [key for key in PriceDefinition.model_fields if f"`{key}`" not in text] == []
