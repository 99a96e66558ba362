"""The written list of dispositions, and the page that shows it."""

from __future__ import annotations

import re
from pathlib import Path

from surveys.disposition import DISPOSITIONS, ENDS, FIRST, NOBODY, further, is_allowed

PAGE = Path(__file__).parents[2] / "docs" / "operator" / "life-of-a-poll.md"


def test_every_disposition_can_be_reached_and_leads_somewhere() -> None:
    assert len(DISPOSITIONS) == 11
    reached = set(FIRST)
    for _ in DISPOSITIONS:
        reached |= {after for name in reached for after in DISPOSITIONS[name].after}
    assert reached == set(DISPOSITIONS)
    assert all(after in DISPOSITIONS for each in DISPOSITIONS.values() for after in each.after)


def test_nobody_who_refused_or_finished_is_asked_again_and_nobody_finishes_without_having_started() -> None:
    for name in ("refused", "break-off", "partial", *ENDS):
        assert DISPOSITIONS[name].after == {"started"}
    outcomes = {"partial", "break-off", "completed", "ineligible", "quota-full"}
    assert {name for name in DISPOSITIONS if DISPOSITIONS[name].after & outcomes} == {"started"}
    assert [name for name in DISPOSITIONS if is_allowed(NOBODY, name)] == ["registered"]


def test_of_two_dispositions_one_goes_further() -> None:
    assert further("contacted", "completed") == further("completed", "contacted") == "completed"
    assert further(NOBODY, "registered") == "registered"


def test_the_page_shows_the_list() -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| ([\d.]*) ?\| ([^|]+) \| ([^|]*) \|$", PAGE.read_text(), re.MULTILINE)
    shown = {name: (code, meaning, set(after.split(", "))) for name, code, meaning, after in rows}
    assert shown == {each.name: (each.code, each.meaning, set(each.after)) for each in DISPOSITIONS.values()}
