"""What an author may write: the keys of a poll and of a codebook, as pydantic models over a tree of strings.

surveys/survey.schema.json and the table in docs/focal-point/writing-a-poll.md follow these models; tests hold them to
it. The descriptions say what a key is for: editors show them, and so does the sentence about a missing one. The
examples are also what stands in for a broken value while the rest is checked (surveys/validate.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from surveys.problem import did_you_mean

# What each type allows ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allows:
    """The keys that one type of question must have and may have, beside those that every question has."""

    says: str
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


EVERY: Final = ("id", "type", "text", "purpose", "hint", "required", "when")

TYPES: Final[Mapping[str, Allows]] = {
    "yes-no": Allows("yes or no", may=("profile",)),
    "one-of": Allows("one of the options", must=("options",), may=("profile",)),
    "many-of": Allows("one or several of the options", must=("options",), may=("maximum",)),
    "scale": Allows("a whole number between two ends", must=("minimum", "maximum"), may=("ends", "profile")),
    "number": Allows("a number", may=("minimum", "maximum", "whole", "unit")),
    "open": Allows("the person's own words", may=("codebook",)),
}

# Scalars ------------------------------------------------------------------------------------------------------------

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_RESERVED = frozenset({"and", "or", "not", "in", "includes", "answered"})


def _shown(value: object) -> str:
    return f"'{value[:80]}'" if isinstance(value, str) else "this"


def _id(value: str) -> str:
    if not _ID.fullmatch(value):
        near = re.sub(r"[^a-z0-9_]+", "_", value.lower()).strip("_0123456789")[:40]
        mend = f", for example '{near}'" if _ID.fullmatch(near) else ""
        raise ValueError(
            f"{_shown(value)} can't be an id; use small letters a-z, digits and _, 40 at most, a letter first{mend}"
        )
    if value in _RESERVED:
        raise ValueError(f"'{value}' can't be an id, it is a word of `when`; choose another")
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("nothing is written here; write it, or take the key out")
    return value.strip()


def _text(value: object) -> object:
    """A plain string is the text in the fallback language; it is kept under the key ""."""
    return {"": _filled(value)} if isinstance(value, str) else value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{_shown(value)} is not a language code; write one such as en, sw or ar")
    return value


def _number(value: object) -> int | float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    raise ValueError(f"{_shown(value)} is not a number; write one in digits, such as 5 or 2.5")


def _flag(value: object) -> bool:
    if isinstance(value, str) and value in _FLAGS:
        return _FLAGS[value]
    raise ValueError(f"{_shown(value)} must be yes or no")


def _type(value: object) -> str:
    if isinstance(value, str) and value in TYPES:
        return value
    raise ValueError(f"there is no type {_shown(value)}{did_you_mean(value if isinstance(value, str) else '', TYPES)}")


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _words(value: object) -> object:
    """A word or a list of words for every language is kept under the key ""."""
    if isinstance(value, dict):
        return {language: _one_or_more(words) for language, words in value.items()}
    return {"": _one_or_more(value)}


_STRING = {"type": ["string", "number", "boolean"]}  # an editor takes an unquoted 18 or true for what it looks like
_STRINGS = {"anyOf": [{"type": "string"}, {"type": "array", "items": _STRING}]}

Filled = Annotated[str, AfterValidator(_filled), WithJsonSchema(_STRING)]
Id = Annotated[str, AfterValidator(_id), WithJsonSchema({"type": ["string", "boolean"], "pattern": f"^{_ID.pattern}$"})]
Language = Annotated[
    str, AfterValidator(_language), WithJsonSchema({"type": ["string", "boolean"], "pattern": f"^{_LANGUAGE.pattern}$"})
]
Number = Annotated[int | float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"enum": [True, False, "yes", "no"]})]
Type = Annotated[str, PlainValidator(_type), WithJsonSchema({"enum": list(TYPES)})]
Text = Annotated[
    dict[str, Filled],
    BeforeValidator(_text),
    WithJsonSchema({"anyOf": [_STRING, {"type": "object", "additionalProperties": _STRING, "minProperties": 1}]}),
]
Words = Annotated[
    dict[str, list[Filled]],
    BeforeValidator(_words),
    WithJsonSchema({"anyOf": [_STRINGS, {"type": "object", "additionalProperties": _STRINGS}]} | {}),
]
Languages = Annotated[list[Language], BeforeValidator(_one_or_more)]

# Models -------------------------------------------------------------------------------------------------------------


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _key(description: str, example: Any, **more: Any) -> Any:
    return Field(description=description, examples=[example], **more)


class OptionDefinition(_Keys):
    id: Id = _key("what is stored, such as north", "option")
    label: Text = _key("what the person reads", {"": "-"})


class EndsDefinition(_Keys):
    low: Text = _key("what the lowest number means", {"": "-"})
    high: Text = _key("what the highest number means", {"": "-"})


class QuestionDefinition(_Keys):
    id: Id = _key("a short name for the question, such as region", "question")
    type: Type = _key("how it is answered: " + ", ".join(TYPES), "open")
    text: Text = _key("the question as the person reads it", {"": "-"})
    purpose: Filled = _key("why it is asked; nothing is collected without a reason", "-")
    options: list[OptionDefinition] | None = _key(
        "the options of one-of and many-of, two or more, in order", [], default=None
    )
    hint: Text | None = _key("how to answer, in place of the usual hint", {"": "-"}, default=None)
    required: Flag = _key("no where the person may skip the question", "yes", default=True)
    profile: Flag = _key("yes where results are broken down by this question", "no", default=False)
    when: Filled | None = _key(
        "ask only where this holds for earlier answers, such as region == north", "", default=None
    )
    minimum: Number | None = _key("the smallest number allowed", "", default=None)
    maximum: Number | None = _key("the largest number allowed; of many-of, how many may be chosen", "", default=None)
    whole: Flag = _key("no where a number may have decimals", "yes", default=True)
    unit: Text | None = _key("what a number counts, such as km", {"": "-"}, default=None)
    ends: EndsDefinition | None = _key("what the two ends of a scale mean: low and high", "", default=None)
    codebook: Id | None = _key("the codebook that groups the answers", "codebook", default=None)


class ConsentDefinition(_Keys):
    version: Filled = _key("changes whenever the text does; it is stored with the consent", "-")
    text: Text = _key("who asks, why, what it costs, how to stop, that SMS is not secret", {"": "-"})


class SurveyDefinition(_Keys):
    """A poll. Texts are plain, or a map by language."""

    name: Id = _key("the poll's name, such as priorities", "survey")
    languages: Languages = _key("the codes of its languages, the first one first, such as [en, sw]", [])
    title: Text = _key("what the poll is called", {"": "-"})
    sender: Text = _key("who asks, as people know them", {"": "-"})
    keywords: Words = _key("the words that start it, one list or a list by language", {})
    consent: ConsentDefinition = _key(
        "what is asked before anything else: version and text", {"version": "-", "text": "-"}
    )
    thanks: Text = _key("what is said at the end", {"": "-"})
    questions: list[QuestionDefinition] = _key("the questions, in order", [])
    fallback: Language | None = _key(
        "the language whose text is used where one is missing; the first one if not said", "", default=None
    )
    region: Id | None = _key("the id of the question that says where a person lives", "region", default=None)


class CodeDefinition(_Keys):
    id: Id = _key("what is stored, such as security", "code")
    name: Text = _key("what readers of results see", {"": "-"})
    definition: Filled = _key("what belongs under this code and what does not, for those who code", "-")
    keywords: Words = _key(
        "words, or beginnings of words, that speak for this code, by language", {}, default_factory=dict
    )
    examples: Words = _key("answers that belong here, by language", {}, default_factory=dict)


class CodebookDefinition(_Keys):
    """The codes for an open question."""

    name: Id = _key("the codebook's name, as polls refer to it", "codebook")
    languages: Languages = _key("the codes of its languages", [])
    codes: list[CodeDefinition] = _key("the codes, in the order they are shown", [])
