"""What an author may write: the keys of a poll and of a codebook, as pydantic models over a tree of strings.

surveys/survey.schema.json and the table in docs/focal-point/writing-a-poll.md follow these models; tests hold them to
it. The descriptions say what a key is for: editors show them, and so does the sentence about a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema

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


def _translation(value: str) -> str:
    if not value.strip():
        raise ValueError("nothing is written here; write it (inside of { } a text with a comma needs quotes)")
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
    dict[str, Annotated[str, AfterValidator(_translation)]],
    BeforeValidator(_text),
    WithJsonSchema({"anyOf": [_STRING, {"type": "object", "additionalProperties": _STRING}]}),
]
Words = Annotated[
    dict[str, list[Filled]],
    BeforeValidator(_words),
    WithJsonSchema({"anyOf": [_STRINGS, {"type": "object", "additionalProperties": _STRINGS}]}),
]
Languages = Annotated[list[Language], BeforeValidator(_one_or_more)]

# Models -------------------------------------------------------------------------------------------------------------


def _hide_stand_in(schema: dict[str, Any]) -> None:
    schema.pop("examples", None)


def _must(description: str, stand_in: Any) -> Any:
    """A key that must be there. `stand_in` takes the place of a broken value while the rest is checked."""
    return Field(description=description, examples=[stand_in], json_schema_extra=_hide_stand_in)


def _may(description: str, default: Any = None) -> Any:
    """A key that may be left out; a broken value is taken out while the rest is checked."""
    return Field(description=description, default=default)


def _by_type(schema: dict[str, Any]) -> None:
    """The table of types, as a JSON Schema says it."""
    schema["allOf"] = [
        {
            "if": {"properties": {"type": {"const": name}}},
            "then": {
                "required": list(allows.must),
                "properties": {
                    key: False for key in schema["properties"] if key not in (*EVERY, *allows.must, *allows.may)
                },
            },
        }
        for name, allows in TYPES.items()
    ]


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OptionDefinition(_Keys):
    """One way to answer. Its place in the list is the number that people type."""

    id: Id = _must("what is stored, such as north", "option")
    label: Text = _must("what the person reads", "-")


class EndsDefinition(_Keys):
    """What the two ends of a scale mean."""

    low: Text = _must("what the lowest number means", "-")
    high: Text = _must("what the highest number means", "-")


class QuestionDefinition(_Keys):
    """One question."""

    model_config = ConfigDict(json_schema_extra=_by_type)

    id: Id = _must("a short name for the question, such as region", "question")
    type: Type = _must("how it is answered: " + ", ".join(TYPES), "open")
    text: Text = _must("the question as the person reads it", "-")
    purpose: Filled = _must("why it is asked; nothing is collected without a reason", "-")
    options: list[OptionDefinition] | None = _may("the ways to answer, two or more, in order")
    hint: Text | None = _may("how to answer, in place of the usual hint")
    required: Flag = _may("no where the person may skip the question", default=True)
    profile: Flag = _may("yes where results are broken down by this question", default=False)
    when: Filled | None = _may("ask only where this holds for earlier answers, such as region == north")
    minimum: Number | None = _may("the smallest number allowed")
    maximum: Number | None = _may("the largest number allowed; of many-of, how many options may be chosen")
    whole: Flag = _may("no where a number may have decimals", default=True)
    unit: Text | None = _may("what a number counts, such as km")
    ends: EndsDefinition | None = _may("what the two ends of a scale mean")
    codebook: Id | None = _may("the codebook that groups the answers")


class ConsentDefinition(_Keys):
    """What is asked before anything else."""

    version: Filled = _must("changes whenever the text does; it is stored with the consent", "-")
    text: Text = _must("who asks, why, what it costs, how to stop, that SMS is not secret", "-")


class SurveyDefinition(_Keys):
    """A poll. A text is plain, or a map by language."""

    name: Id = _must("the poll's name, such as priorities", "survey")
    languages: Languages = _must("the codes of its languages, the first one first, such as [en, sw]", [])
    fallback: Language | None = _may("the language that stands in for a missing text; the first one if not said")
    title: Text = _must("what the poll is called", "-")
    sender: Text = _must("who asks, as people know them", "-")
    keywords: Words = _must("the words that start it: one list, or a list by language", "-")
    consent: ConsentDefinition = _must("what is asked before anything else", {"version": "-", "text": "-"})
    thanks: Text = _must("what is said at the end", "-")
    region: Id | None = _may("the id of the question that says where a person lives")
    questions: list[QuestionDefinition] = _must("the questions, in order", [])


class CodeDefinition(_Keys):
    """One code. An answer may have several."""

    id: Id = _must("what is stored, such as security", "code")
    name: Text = _must("what readers of results see", "-")
    definition: Filled = _must("what belongs under this code and what does not, for those who code", "-")
    keywords: Words = _may("words, or beginnings of words, that speak for this code", default={})
    examples: Words = _may("answers that belong here", default={})


class CodebookDefinition(_Keys):
    """The codes for an open question."""

    name: Id = _must("the codebook's name, as polls refer to it", "codebook")
    languages: Languages = _must("the codes of its languages", [])
    codes: list[CodeDefinition] = _must("the codes, in the order they are shown", [])


# The schema for editors ----------------------------------------------------------------------------------------------


class _Schema(GenerateJsonSchema):
    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        """A key that may be left out has no value that says so."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        made = super().default_schema(schema)
        if made.get("default", "") is None:
            del made["default"]
        return made


def survey_schema() -> dict[str, Any]:
    """The JSON Schema of a poll: what surveys/survey.schema.json holds."""
    return SurveyDefinition.model_json_schema(schema_generator=_Schema)
