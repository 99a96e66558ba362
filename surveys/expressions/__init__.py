"""The language of `when`, of computed values, quotas and skips: read once, checked against the questions, evaluated.

parse(source) -> Expression, parse_value(source)    surveys/expressions/parse.py
check(expression, before, after, unclear)           surveys/expressions/check.py: what does not fit the questions
resolve(expression, before), domain, kind_of        surveys/expressions/types.py: what names stand for
expression(answers), expression.value(answers)      surveys/expressions/evaluate.py
analyse(items)                                      surveys/expressions/analysis.py: what can never hold or be asked
all_of, any_of, negated, at_least, renamed, spread  surveys/expressions/rewrite.py
to_json, from_json                                  surveys/expressions/portable.py
"""

from __future__ import annotations

from surveys.expressions.analysis import Item, always_holds, can_hold
from surveys.expressions.check import check
from surveys.expressions.evaluate import Answers, Expression
from surveys.expressions.findings import Finding, analyse
from surveys.expressions.parse import MAX_DEPTH, MAX_LENGTH, RESERVED, ExpressionError, parse, parse_value
from surveys.expressions.portable import from_json, to_json
from surveys.expressions.rewrite import all_of, any_of, at_least, negated, renamed, spread
from surveys.expressions.types import Domain, domain, kind_of, resolve

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "RESERVED",
    "Answers",
    "Domain",
    "Expression",
    "ExpressionError",
    "Finding",
    "Item",
    "all_of",
    "always_holds",
    "analyse",
    "any_of",
    "at_least",
    "can_hold",
    "check",
    "domain",
    "from_json",
    "kind_of",
    "negated",
    "parse",
    "parse_value",
    "renamed",
    "resolve",
    "spread",
    "to_json",
]
