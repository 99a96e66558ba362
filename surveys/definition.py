"""What an author may write: the keys of a poll and of a codebook, as pydantic models over a tree of strings.

surveys/survey.schema.json and the table in docs/focal-point/writing-a-poll.md follow these models; tests hold them to
it. The descriptions say what a key is for: editors show them, and so does the sentence about a missing one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import ConfigDict, PlainValidator, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema

from surveys.keys import Keys, may, must
from surveys.problem import nearest
from surveys.scalars import (
    Bound,
    Count,
    Duration,
    Filled,
    Flag,
    Id,
    Language,
    Languages,
    Money,
    Text,
    Time,
    Words,
    shown,
)

# What each type allows ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allows:
    """The keys that one type of question must have and may have, beside those that every question has."""

    says: str
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


EVERY: Final = ("id", "type", "when")
"""Keys of everything that stands among the questions."""

_ASKS: Final = ("text", "purpose")
_ANSWERED: Final = ("hint", "required", "relevant", "instead", "skip")
_REPORTED: Final = ("confidence", "clearance")


def _asks(says: str, must: tuple[str, ...] = (), may: tuple[str, ...] = ()) -> Allows:
    """A type that asks: it has a text and a purpose, and what goes with an answer."""
    return Allows(says, (*_ASKS, *must), (*_ANSWERED, *may))


TYPES: Final[Mapping[str, Allows]] = {
    "yes-no": _asks("yes or no", may=("profile",)),
    "one-of": _asks("one of the options", ("options",), ("order", "profile")),
    "many-of": _asks("one or several of the options", ("options",), ("order", "maximum")),
    "ranking": _asks("the options in the order of preference", ("options",), ("order", "maximum")),
    "scale": _asks("a whole number between two ends", ("minimum", "maximum"), ("ends", "profile")),
    "number": _asks("a number", may=("minimum", "maximum", "whole", "unit")),
    "date": _asks("a date", may=("minimum", "maximum", "precision")),
    "place": _asks("a place of a gazetteer", ("gazetteer",), ("level", "profile")),
    "open": _asks("the person's own words", may=("codebook",)),
    "picture": _asks("a picture, where the channel carries one"),
    "voice": _asks("a voice message, where the channel carries one"),
    "phone-consent": _asks("yes or no to being called", ("version",)),
    "statements": Allows(
        "agree, disagree or pass on some of the statements",
        ("text", "purpose", "statements"),
        ("show", "own", "hint"),
    ),
    "actor": _asks("one actor of the map, found by a part of its name or by its code", may=("new",)),
    "actors": _asks("several actors, one after the other", ("most",), ("new",)),
    "tie": _asks("how two actors are tied", ("between", "ties"), ("strength", *_REPORTED)),
    "attitude": _asks("what an actor thinks of an issue of the talks", ("of", "issue"), _REPORTED),
    "power": _asks("which power an actor has", ("of",), _REPORTED),
    "remark": _asks("what an actor wants, needs, fears or holds dear, in words", ("of", "kind"), ("issue", *_REPORTED)),
    "session": Allows("how many were there, of whom, and who dissented", may=("when",)),
    "note": Allows("nothing: the text is said, and the poll goes on", ("text",), ("instead",)),
    "value": Allows("nothing: it is computed from earlier answers", ("value", "purpose")),
    "end": Allows("nothing: the poll ends here", may=("text", "instead", "outcome")),
    "group": Allows("what the questions in it take", ("questions",), ("order",)),
    "repeat": Allows("what the questions in it take, once for each", ("questions", "count", "most")),
}

HOLDS: Final = frozenset({"group", "repeat", "statements", "actors", "session"})
"""Types that are written out into the questions in them, and are nothing by themselves."""

MOST_REPEATS: Final = 8

GUIDED: Final = frozenset({"actor", "actors", "tie", "attitude", "power", "remark", "session"})
"""Types that only an interview guide may ask."""

ASK: Final = "ask"
"""Stands where whoever holds the interview is asked each time."""

REMARKS: Final = ("interest", "position", "need", "fear", "value", "driver")
CONFIDENCES: Final = ("low", "medium", "high", ASK)
CLEARANCES: Final = ("team", "mediators", "own", ASK)


def _type(value: object) -> str:
    if isinstance(value, str) and value in TYPES:
        return value
    mend = nearest(value if isinstance(value, str) else "", TYPES) or f"; there is {', '.join(TYPES)}"
    raise ValueError(f"there is no type {shown(value)}{mend}")


def _word_of(*words: str) -> PlainValidator:
    """One of a few words that mean something to the poll itself."""

    def check(value: object) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise ValueError(f"{shown(value)} can't stand here; write {' or '.join(words)}")

    return PlainValidator(check)


Type = Annotated[str, PlainValidator(_type), WithJsonSchema({"enum": list(TYPES)})]
Order = Annotated[str, _word_of("random"), WithJsonSchema({"enum": ["random"]})]
Precision = Annotated[str, _word_of("day", "month", "year"), WithJsonSchema({"enum": ["day", "month", "year"]})]
Calendar = Annotated[
    str, _word_of("gregorian", "ethiopian", "islamic"), WithJsonSchema({"enum": ["gregorian", "ethiopian", "islamic"]})
]
Invite = Annotated[
    str, _word_of("everybody", "panel", "fresh"), WithJsonSchema({"enum": ["everybody", "panel", "fresh"]})
]
Ending = Annotated[str, _word_of("completed", "ineligible"), WithJsonSchema({"enum": ["completed", "ineligible"]})]

Kind = Annotated[str, _word_of(*REMARKS), WithJsonSchema({"enum": list(REMARKS)})]
Confidence = Annotated[str, _word_of(*CONFIDENCES), WithJsonSchema({"enum": list(CONFIDENCES)})]
Clearance = Annotated[str, _word_of(*CLEARANCES), WithJsonSchema({"enum": list(CLEARANCES)})]

# Models -------------------------------------------------------------------------------------------------------------


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


class OptionDefinition(Keys):
    """One way to answer. Its place in the list is the number that people type."""

    id: Id = must("what is stored, such as north", "option")
    label: Text = must("what the person reads", "-")
    when: Filled | None = may("offer it only where this holds for earlier answers")


class EndsDefinition(Keys):
    """What the two ends of a scale mean."""

    low: Text = must("what the lowest number means", "-")
    high: Text = must("what the highest number means", "-")


class WordingDefinition(Keys):
    """Another text for the same question."""

    when: Filled = must("for whom, such as frame == war", "-")
    text: Text = must("what they read instead", "-")


class SkipDefinition(Keys):
    """A jump forward, after the answer."""

    to: Id = must("the id of the question to go on with, or end", "end")
    when: Filled | None = may("jump only where this holds; always if not said")


class StatementDefinition(Keys):
    """Something to agree or disagree with."""

    id: Id = must("what is stored, such as water", "statement")
    text: Text = must("the statement, as one says it", "-")


class QuestionDefinition(Keys):
    """One question, or what stands among the questions: a note, a computed value, an end, a group, a repeat."""

    model_config = ConfigDict(json_schema_extra=_by_type)

    id: Id = must("a short name for the question, such as region", "question")
    type: Type = must("how it is answered: " + ", ".join(TYPES), "open")
    text: Text | None = may("the question as the person reads it")
    purpose: Filled | None = may("why it is asked; nothing is collected without a reason")
    options: list[OptionDefinition] | None = may("the ways to answer, two or more, in order")
    hint: Text | None = may("how to answer, in place of the usual hint")
    required: Flag = may("no where the person may skip the question", default=True)
    profile: Flag = may("yes where results are broken down by this question", default=False)
    relevant: Flag = may("yes where the answer counts towards a partial interview", default=False)
    when: Filled | None = may("ask only where this holds for earlier answers, such as region == north")
    instead: list[WordingDefinition] | None = may("other wordings; the first whose `when` holds counts")
    skip: SkipDefinition | None = may("where to go on after the answer, leaving out what is between")
    order: Order | None = may("random: drawn anew for each person")
    minimum: Bound | None = may("the smallest number, or the first date, allowed")
    maximum: Bound | None = may(
        "the largest number, or the last date, allowed; of many-of and ranking, how many options may be chosen"
    )
    whole: Flag = may("no where a number may have decimals", default=True)
    unit: Text | None = may("what a number counts, such as km")
    ends: EndsDefinition | None = may("what the two ends of a scale mean")
    precision: Precision = may("how exact a date is: day, month or year", default="day")
    gazetteer: Id | None = may("the list of places, from config/gazetteers")
    level: Filled | None = may("only places of this level, such as district")
    codebook: Id | None = may("the codebook that groups the answers")
    version: Filled | None = may("changes whenever the text does; it is stored with the consent")
    statements: list[StatementDefinition] | None = may("what people agree or disagree with, two or more")
    show: Count = may("how many statements one person is shown", default=5)
    own: Flag = may("no where people may not add a statement of their own", default=True)
    value: Filled | None = may("what is computed, such as adults + children")
    outcome: Ending = may("how the poll ends for this person: completed or ineligible", default="completed")
    count: Id | None = may("the id of the number that says how often to repeat")
    most: Count | None = may(f"how often at most, {MOST_REPEATS} or fewer")
    questions: list[QuestionDefinition] | None = may("what stands in the group or is repeated, in order")
    new: Flag = may("yes where an actor that is not on the map may be named", default=False)
    of: Id | None = may("the id of the question that names the actor")
    between: list[Id] | None = may("the ids of the two questions that name the actors, such as [who, partners]")
    ties: list[Id] | None = may("the types of tie that are offered, such as [alliance, conflict]")
    strength: Flag = may("yes where it is asked how strong a tie is", default=False)
    issue: Id | None = may("the issue of the talks, as the map calls it, such as land")
    kind: Kind | None = may("what the words are: " + ", ".join(REMARKS))
    confidence: Confidence | None = may("how sure a report is, or ask; the guide's if not said")
    clearance: Clearance | None = may("who may see a report, or ask; the guide's if not said")


class ConsentDefinition(Keys):
    """What is asked before anything else."""

    version: Filled = must("changes whenever the text does; it is stored with the consent", "-")
    text: Text = must("who asks, why, what it costs, how to stop, that SMS is not secret", "-")


class RemindersDefinition(Keys):
    """How people who broke off are reminded."""

    count: Count = must("how often at most", "1")
    after: Duration = must("how long after the last word, such as 24h", "24h")


class ZoneDefinition(Keys):
    """The time zone of one region."""

    region: Id = must("an option of the question that `region` names", "-")
    zone: Filled = must("its time zone, such as Africa/Juba", "-")


class RestrictionDefinition(Keys):
    """Where and how one of the keywords counts. One that has none counts everywhere, and as the first word too."""

    keyword: Filled = must("one of `keywords`", "-")
    alone: Flag = may("yes where it counts as the whole message only, and not as its first word", default=False)
    channels: list[Filled] = may("the names of the channels where it counts; all if not said", default=[])


class LimitsDefinition(Keys):
    """What the longest way through the poll may take; a check refuses more."""

    minutes: Count | None = may("how many minutes")
    segments: Count | None = may("how many SMS segments, both ways")
    cost: Money | None = may("how much, such as 0.80 USD")


class ExperimentDefinition(Keys):
    """A word drawn for each person, to ask them in different ways."""

    id: Id = must("its name, for conditions, such as frame", "experiment")
    arms: list[Id] = must("the words that are drawn from, two or more, such as [peace, war]", [])


class EligibleDefinition(Keys):
    """Whom the poll is for."""

    when: Filled = must("who may answer, such as age >= 18", "-")
    text: Text | None = may("what the others are told")


class QuotaDefinition(Keys):
    """How many of some people are wanted."""

    id: Id = must("its name, such as women_north", "quota")
    when: Filled = must("who counts, such as gender == woman", "-")
    limit: Count = must("how many at most", "1")
    text: Text | None = may("what those are told who come too late")


class GuideDefinition(Keys):
    """Makes the poll an interview guide: what is answered becomes reports in the map of actors."""

    map: Id = may("the map that it fills", default="main")
    wave: Count = may("the map's wave in which it is first open; each wave of the guide is one more", default=1)
    confidence: Confidence = may("how sure its reports are: low, medium, high, or ask", default="medium")
    clearance: Clearance = may("who may see its reports: team, mediators, own, or ask", default="team")


class SurveyDefinition(Keys):
    """A poll. A text is plain, or a map by language."""

    name: Id = must("the poll's name, such as priorities", "survey")
    languages: Languages = must("the codes of its languages, the first one first, such as [en, sw]", [])
    fallback: Language | None = may("the language that stands in for a missing text; the first one if not said")
    title: Text = must("what the poll is called", "-")
    sender: Text = must("who asks, as people know them", "-")
    keywords: Words = must("the words that start it: one list, or a list by language", "-")
    restrict: list[RestrictionDefinition] = may("keywords that count on some channels only, or alone", default=[])
    consent: ConsentDefinition = must("what is asked before anything else", {"version": "-", "text": "-"})
    thanks: Text = must("what is said at the end", "-")
    decision: Text | None = may("the decision that its results are meant to inform")
    guide: GuideDefinition | None = may("makes it a guide for interviews that fill the map of actors")
    region: Id | None = may("the id of the question that says where a person lives")
    calendar: Calendar = may("how dates are written: gregorian, ethiopian or islamic", default="gregorian")
    zone: Filled = may("the time zone of the times here, such as Africa/Nairobi", default="UTC")
    zones: list[ZoneDefinition] = may("the time zones of regions that have another", default=[])
    opens: Time | None = may("when it opens by itself, such as 2026-05-01 08:00")
    closes: Time | None = may("when it closes by itself")
    reminders: RemindersDefinition | None = may("how people who broke off are reminded; nobody is if not said")
    expires: Duration | None = may("how long an unfinished interview is kept open; 3d if not said")
    partial: Count = may("how many relevant answers make an unfinished interview count as partial", default=0)
    one_answer: Flag = may("no where a person may answer again", default=True)
    invite: Invite = may("whom a new wave is for: everybody, panel (the last wave's) or fresh", default="everybody")
    limits: LimitsDefinition | None = may("what the longest way through may take")
    experiments: list[ExperimentDefinition] = may("words drawn for each person", default=[])
    eligible: EligibleDefinition | None = may("whom the poll is for; everybody if not said")
    quotas: list[QuotaDefinition] = may("how many of whom are wanted", default=[])
    questions: list[QuestionDefinition] = must("the questions, in order", [])


class CodeDefinition(Keys):
    """One code. An answer may have several."""

    id: Id = must("what is stored, such as security", "code")
    name: Text = must("what readers of results see", "-")
    definition: Filled = must("what belongs under this code and what does not, for those who code", "-")
    keywords: Words = may("words, or beginnings of words, that speak for this code", default={})
    examples: Words = may("answers that belong here", default={})
    counter_examples: Words = may("answers that seem to belong here and don't", default={})


class CodebookDefinition(Keys):
    """The codes for an open question."""

    name: Id = must("the codebook's name, as polls refer to it", "codebook")
    languages: Languages = must("the codes of its languages", [])
    codes: list[CodeDefinition] = must("the codes, in the order they are shown", [])


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
