"""A survey as JSON, for a program elsewhere that asks its questions: the polling app (gateway/web/static/app/walk.js).

    portable(survey, texts) -> {"format": 1, "name", "hash", "title", "sender", "consent", "thanks", "questions", ...}

Questions stand in their flat order with their conditions as surveys/expressions/portable.py writes them. Texts are by
language. What is not there is empty, false, or holds always. What the gateway itself says is in `words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final, cast

from babel import Locale, UnknownLocaleError

from surveys.cast import KINDS, Cast
from surveys.dates.words import month_names
from surveys.expressions import Expression
from surveys.expressions.portable import to_json
from surveys.gazetteer import Gazetteer, Place
from surveys.model import Choice, Question, Survey
from surveys.statements import VOTES
from surveys.texts import Texts, shown
from surveys.types.numeric import UNBOUNDED
from surveys.worded import worded

FORMAT: Final = 1

MOST_PLACES: Final = 20_000
"""Of one gazetteer. A phone keeps some megabytes; what is beyond is left out, and said."""

SAID: Final = (
    *("yes", "no", "skip", *VOTES, "none_of_these", "refused", "no_picture", "no_voice"),
    *("actor_new", "actor_kind", "actor_reason", "actor_twice", "last_time", *(f"kind_{kind}" for kind in KINDS)),
)
"""What the gateway says by itself, by the catalogue's keys."""

Json = dict[str, Any]


def portable(survey: Survey, texts: Texts) -> Json:
    """Everything that is needed to ask this survey without the gateway. Numbers, texts, lists and objects only."""
    survey = worded(survey, texts)
    calendars = sorted({question.calendar for question in survey.questions if question.type == "date"})
    return {
        "format": FORMAT,
        "name": survey.name,
        "hash": survey.hash,
        "title": dict(survey.title),
        "sender": dict(survey.sender),
        "languages": [_language(code, texts) for code in survey.languages],
        "consent": {"version": survey.consent_version, "text": dict(survey.consent)},
        "thanks": dict(survey.thanks),
        "words": {code: {key: texts.say(key, code) for key in SAID} for code in survey.languages},
        "months": {name: {code: month_names(name, code) for code in survey.languages} for name in calendars},
        "questions": [_question(question, survey, texts) for question in survey.questions],
        "shuffles": [
            {"name": shuffle.name, "start": shuffle.start, "blocks": list(shuffle.blocks)}
            for shuffle in survey.shuffles
        ],
        "gazetteers": _gazetteers(survey.questions),
    }


def portable_cast(cast: Cast) -> Json:
    """The actors of a guide as one reader may see them, and what they said of them before: `last` by kind, issue and
    codes."""
    return {
        "known": [{"code": one.code, "name": one.name, "also": list(one.also)} for one in cast.known],
        "last": [[*key, said] for key, said in cast.last.items()],
    }


def _language(code: str, texts: Texts) -> Json:
    """`decimal` is its decimal sign, beside the digits of a keypad."""
    try:
        direction = Locale.parse(code, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        direction = "ltr"
    return {"code": code, "name": texts.name(code), "direction": direction, "decimal": shown(0.5, code)[1]}


def _question(question: Question, survey: Survey, texts: Texts) -> Json:
    made: Json = {
        "id": question.id,
        "type": question.type,
        "text": dict(question.text),
        "hint": dict(question.hint or {}),
        "required": question.required,
        "when": _condition(question.when),
        "instead": [{"when": _condition(one.when), "text": dict(one.text)} for one in question.instead],
        "options": [_option(one) for one in _options(question, survey, texts)],
        "draws": question.draws,
        "report": asdict(question.report) if question.report else None,
        "apart": list(question.apart),
        "new": question.new,
    }
    match question.type:
        case "number" | "scale":
            low = -UNBOUNDED if question.minimum is None else float(question.minimum)
            high = max(UNBOUNDED, low) if question.maximum is None else float(question.maximum)
            made |= {"low": low, "high": high, "whole": question.whole, "unit": dict(question.unit or {})}
            made |= {"ends": [dict(end) for end in question.ends or ()]}
        case "many-of" | "ranking" | "power":
            made |= {"most": int(question.maximum or len(question.options))}
        case "date":
            made |= {"precision": question.precision, "calendar": question.calendar}
            made |= {"low": str(question.minimum or ""), "high": str(question.maximum or "")}
        case "place":
            made |= {"gazetteer": question.gazetteer.name if question.gazetteer else "", "level": question.level}
        case "proposal":
            made |= {"text": {code: texts.say("own_statement", code) for code in survey.languages}}
        case "value":
            made |= {"value": to_json(cast("Expression", question.value)) if question.value else None}
        case "arm":
            made |= {"arms": list(question.arms)}
        case "end":
            made |= {"outcome": question.outcome}
    return made


def _options(question: Question, survey: Survey, texts: Texts) -> Iterable[Choice]:
    if question.type in ("yes-no", "phone-consent"):
        return [Choice(key, {code: texts.say(key, code) for code in survey.languages}) for key in ("yes", "no")]
    return question.options


def _option(option: Choice) -> Json:
    return {"id": option.id, "label": dict(option.label), "when": _condition(option.when)}


def _condition(when: object) -> Any:
    return to_json(cast("Expression", when)) if when is not None else None


def _gazetteers(questions: Iterable[Question]) -> Json:
    """The places that are asked for and what they lie in, by gazetteer; `left_out` counts those beyond MOST_PLACES."""
    wanted: dict[str, tuple[Gazetteer, set[str]]] = {}
    for question in questions:
        if question.gazetteer is not None:
            wanted.setdefault(question.gazetteer.name, (question.gazetteer, set()))[1].add(question.level)
    return {name: _places(gazetteer, levels) for name, (gazetteer, levels) in wanted.items()}


def _places(gazetteer: Gazetteer, levels: set[str]) -> Json:
    asked = [place for place in gazetteer if "" in levels or place.level in levels]
    kept: Mapping[str, Place] = {
        one.id: one for place in asked[:MOST_PLACES] for one in (place, *gazetteer.around(place))
    }
    return {"places": [_place(place) for place in kept.values()], "left_out": max(0, len(asked) - MOST_PLACES)}


def _place(place: Place) -> Json:
    return {
        "id": place.id,
        "names": dict(place.names),
        "also": [*place.alternatives, *filter(None, [place.code])],
        "parent": place.parent,
        "level": place.level,
    }
