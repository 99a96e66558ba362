"""The page on conditions is true: each of its examples gives what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from surveys.expressions import (
    Domain,
    ExpressionError,
    Item,
    analyse,
    check,
    domain,
    kind_of,
    parse,
    parse_value,
    resolve,
)
from surveys.expressions.parse import FUNCTIONS
from surveys.load import load_survey

PAGE = (Path(__file__).parents[2] / "docs" / "focal-point" / "conditions.md").read_text(encoding="utf-8")
HEAD = """\
name: page
languages: [en]
title: Page
sender: Forum
keywords: [PAGE]
consent: {version: "1", text: "{sender} asks. Join?"}
thanks: Thank you.
"""
SURVEY = load_survey(HEAD + PAGE.partition("```yaml\n")[2].partition("```")[0], "page.yaml")


def names() -> dict[str, Domain]:
    found: dict[str, Domain] = {}
    for question in SURVEY.questions:
        value = question.value
        found[question.id] = domain(question) if value is None else kind_of(value, found)  # type: ignore[arg-type] # it is one
    return found


NAMES = names()


def rows(heading: str) -> Iterator[list[str]]:
    """The rows of the tables whose last column is called so."""
    inside = False
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|---"):
            yield [re.sub(r"^`(.*)`$", r"\1", cells[0]), *cells[1:]]
        elif cells[-1].strip() == heading:
            inside = True


def answers(written: str) -> dict[str, Any]:
    plain = {True: "yes", False: "no"}
    return {
        name: plain[value] if isinstance(value, bool) else value.isoformat() if isinstance(value, date) else value
        for name, value in yaml.safe_load(f"{{{written}}}").items()
    }


HOLDS, COMES, SAYS = (list(rows(heading)) for heading in ("holds", "comes to", "the check says"))


def test_the_page_has_its_tables_and_names_every_function() -> None:
    assert (len(HOLDS) > 25, len(COMES) > 10, len(SAYS) > 8) == (True, True, True)
    assert [name for name in FUNCTIONS if f"`{name}(" not in PAGE and f" {name}(" not in PAGE] == []


@pytest.mark.parametrize(("source", "given", "holds"), HOLDS)
def test_a_condition_holds_as_it_says(source: str, given: str, holds: str) -> None:
    expression = parse(source)
    assert not list(check(expression, NAMES))
    assert {True: "yes", False: "no"}[resolve(expression, NAMES)(answers(given))] == holds


@pytest.mark.parametrize(("source", "given", "result"), COMES)
def test_a_value_comes_to_what_it_says(source: str, given: str, result: str) -> None:
    expression = parse_value(source)
    assert not list(check(expression, NAMES, key="value"))
    found = resolve(expression, NAMES).value(answers(given))
    assert ("nothing" if found is None else str(found)) == result


@pytest.mark.parametrize(("source", "said"), SAYS)
def test_the_check_says_what_it_says(source: str, said: str) -> None:
    assert list(told(source)) == [said]


def told(source: str) -> Iterator[str]:
    try:
        expression = parse(source)
    except ExpressionError as error:
        yield str(error)
        return
    problems = [str(problem) for problem in check(expression, NAMES)]
    yield from problems
    if not problems:
        items = [
            Item(question.id, NAMES[question.id], required=question.required, value=question.value)  # type: ignore[arg-type] # as above
            for question in SURVEY.questions
        ]
        for finding in analyse([*items, Item("last", None, resolve(expression, NAMES))]):
            yield finding.message
