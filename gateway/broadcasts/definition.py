"""From an operator's YAML to a Broadcast, or to everything that is wrong with it: config/broadcasts/<name>.yaml.

    load_broadcast(source, file, known) -> Broadcast      raises SurveyError

Its table of keys is in docs/operator/broadcasts.md; config/broadcast.schema.json is for editors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, WithJsonSchema

from channels.adapter import Medium
from gateway.broadcasts.model import Answered, Asked, Audience, Broadcast, Known, Sample, Shown, TookPart
from surveys.disposition import DISPOSITIONS
from surveys.keys import Keys, may, must
from surveys.languages import Languages as Spoken
from surveys.model import MUTE, Survey
from surveys.problem import Problem, SurveyError, did_you_mean
from surveys.reader import Path as Way
from surveys.reader import read
from surveys.scalars import Count, Duration, Filled, Flag, Id, Languages, Text, Time
from surveys.validate import Findings, validate

FOLDER = "broadcasts"
SUFFIX = ".yaml"
BY = ("language", "channel")
"""What cells may be made by, beside facts of people's profiles."""
LARGEST_SAMPLE = 200_000
MOST_PORTIONS = 10

# What the file holds ------------------------------------------------------------------------------------------------


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_STRINGS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "number", "boolean"]}}]}
Names = Annotated[list[Filled], BeforeValidator(_listed), WithJsonSchema(_STRINGS)]
Counts = Annotated[
    list[Count],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
]


class AnsweredDefinition(Keys):
    """Who gave one of these answers to a question of a poll that was opened."""

    poll: Id = must("the name of the poll", "poll")
    question: Id = must("the id of its question", "question")
    answers: Names = Field(alias="is", description="the options, one of which was chosen", examples=[["-"]])


class TookPartDefinition(Keys):
    """What became of people in the last wave of a poll."""

    poll: Id = must("the name of the poll", "poll")
    became: Names = may("any of the dispositions, such as completed or break-off", default=["completed"])


class AudienceDefinition(Keys):
    """Whom it is for: those for whom all of this holds. Without it, everybody who can be written to."""

    languages: Names = may("whose language is one of these", default=[])
    places: Names = may("who live in one of these regions, as polls name them", default=[])
    channels: Names = may("who were last heard on one of these channels", default=[])
    groups: Names = may("who belong to one of these groups", default=[])
    answered: list[AnsweredDefinition] = may("what they answered in earlier polls", default=[])
    took_part: list[TookPartDefinition] = may("what became of them in earlier polls", default=[])
    not_seen_for: Duration | None = may("from whom nothing was heard for so long, such as 30d")
    seen_within: Duration | None = may("who wrote within so long, such as 90d")
    without: Names = may("not who got one of these broadcasts", default=[])


class SampleDefinition(Keys):
    """Some of the audience, drawn at random: the same seed draws the same people of the same audience."""

    size: Count | None = may("how many, of all")
    each: Count | None = may("how many of each cell")
    by: Names = may("what makes the cells: language, channel, place, or a question marked `profile`", default=[])
    seed: Filled | None = may("any text; the broadcast's name if not said")


def _sample(value: object) -> object:
    return {"size": value} if isinstance(value, str) else value


class BroadcastDefinition(Keys):
    """A broadcast: an invitation to a poll, the results of one, or a message."""

    name: Id = must("its name, that of the file", "broadcast")
    poll: Id | None = may("the poll that people are invited to")
    results: Id | None = may("the poll whose newest release is told to those who answered it")
    campaign: Id | None = may("the campaign whose piece is sent to those who joined its topic")
    piece: Id | None = may("the piece, by its id; its text for SMS is what is said")
    languages: Languages | None = may("the languages of a message; those of the poll or campaign if not said")
    sender: Text | None = may("who writes, as people know them: needed for a message, else the poll's")
    message: Text | None = may("what is said; before an invitation or results it may be left out")
    audience: AudienceDefinition = may("whom it is for", default=AudienceDefinition())
    sample: Annotated[SampleDefinition, BeforeValidator(_sample)] | None = may("how many, drawn at random")
    portions: Counts = may("how many first, and then; the rest follows when somebody has looked", default=[])
    portion_after: Duration | None = may("the next portion begins by itself after so long, such as 2h")
    again: Flag = may("yes to ask again who was asked in this wave and has not begun", default=False)
    ussd_by: Filled | None = may("the SMS channel for those who were last heard on USSD; left out if not said")
    zone: Filled = may("the time zone of the times here", default="UTC")
    begins: Time | None = may("not before, such as 2026-05-01 08:00")
    ends: Time | None = may("what was not sent until then is not sent")


def broadcast_files(config: Path) -> list[Path]:
    return sorted((config / FOLDER).glob(f"*{SUFFIX}"))


def load_broadcast(source: str | bytes, file: str, known: Known) -> Broadcast:
    """The broadcast written in `source`. Raises SurveyError with everything that is wrong with it."""
    findings = Findings(read(source, file))
    definition = validate(BroadcastDefinition, findings)
    text = source if isinstance(source, str) else source.decode()
    made = _Loading(definition, findings, known).broadcast(text) if definition is not None else None
    if findings.problems or made is None:
        raise SurveyError(findings.problems)
    return made


def load_started(source: str, file: str, known: Known) -> Broadcast:
    """One that was checked when it was started. What it refers to may have changed since, which is no mistake of it;
    its poll, its campaign and its times must hold. Raises SurveyError."""
    findings = Findings(read(source, file))
    definition = validate(BroadcastDefinition, findings)
    if definition is not None:
        checked = _Loading(definition, findings, known)
        checked.kind()
        checked.shown()
        checked.times()
    if findings.problems or definition is None:
        raise SurveyError(findings.problems)
    return _Loading(definition, Findings(findings.document), known).broadcast(source)


class _Loading:
    def __init__(self, definition: BroadcastDefinition, findings: Findings, known: Known) -> None:
        self.definition = definition
        self.findings = findings
        self.known = known

    def broadcast(self, source: str) -> Broadcast:
        definition = self.definition
        stem = Path(self.findings.document.file).name.removesuffix(SUFFIX)
        if stem != definition.name and self.findings.document.file.endswith(SUFFIX):
            self.findings.add(("name",), f"the file is {stem}{SUFFIX}; give both the same name")
        kind, asked = self.kind()
        shown = self.shown()
        spoken = self.spoken(asked, shown)
        self.portions()
        return Broadcast(
            name=definition.name,
            kind=kind,
            source=source,
            languages=tuple(spoken.languages),
            poll=definition.poll or definition.results or "",
            wave=asked.wave if asked else 1,
            invite=asked.invite if asked else "everybody",
            sender=self.texts(spoken, "sender", definition.sender)
            or (asked.survey.sender if asked else shown.sender if shown else {}),
            message=self.texts(spoken, "message", definition.message)
            or (shown.pieces.get(definition.piece or "", {}) if shown else {}),
            topic=shown.topic if shown else "",
            audience=self.audience(shown),
            sample=self.sample(),
            seed=(definition.sample.seed if definition.sample else None) or definition.name,
            portions=tuple(definition.portions),
            portion_after=definition.portion_after,
            again=definition.again,
            ussd_by=self.ussd_by(),
            **self.times(),
        )

    def kind(self) -> tuple[str, Asked | None]:
        """What it is, and the poll that it is about."""
        definition, add = self.definition, self.findings.add
        if definition.poll and definition.results:
            add(("results",), "it invites to a poll or tells results; make two broadcasts of it")
        kind = "poll" if definition.poll else "results" if definition.results else "message"
        if kind == "message":
            # Where a key was mistyped, what seems to be missing may be that.
            needed = () if self.findings.problems or definition.campaign else ("message", "sender")
            for key in needed:
                if getattr(definition, key) is None:
                    add((), f"`{key}` is missing: a message says who writes and what; or name a `poll` or `results`")
            if definition.again:
                add(("again",), "only who is invited to a poll can be asked again; take it out")
            return kind, None
        asked = self.poll((kind,), definition.poll or definition.results or "")
        if kind == "poll" and asked is not None and asked.status == "closed":
            add(("poll",), f"{definition.poll} is closed: open it for another wave first")
        if definition.again and kind != "poll":
            add(("again",), "only who is invited to a poll can be asked again; take it out")
        return kind, asked

    def poll(self, where: Way, name: str) -> Asked | None:
        found = self.known.polls.get(name)
        if found is None and not self.findings.is_broken(where):
            self.findings.add(where, f"no poll '{name}' was ever opened{did_you_mean(name, self.known.polls)}")
        return found

    def shown(self) -> Shown | None:
        """The campaign that it is of. One that was taken back is none: what was started of it stands still."""
        definition, add, known = self.definition, self.findings.add, self.known.campaigns
        name, piece = definition.campaign, definition.piece
        if name is None:
            if piece is not None:
                add(("piece",), "a piece is one of a `campaign`; name it, too")
            return None
        for key in ("poll", "results", "message", "sender"):
            if getattr(definition, key) is not None:
                add((key,), "a piece of a campaign is sent in its own words, by itself; take this out")
        if definition.audience.groups:
            add(("audience", "groups"), "a piece goes to those who joined the campaign's topic; take this out")
        found = known.get(name)
        if found is None:
            add(("campaign",), f"no campaign '{name}' is out{did_you_mean(name, known)}")
        elif not found.topic:
            add(("campaign",), f"{name} has no `topic`: nobody has joined to hear more of it")
        elif piece is None:
            add((), f"`piece` is missing: the one of {name} that is sent: {', '.join(found.pieces)}")
        elif piece not in found.pieces:
            add(("piece",), f"{name} has no piece '{piece}'{did_you_mean(piece, found.pieces)}")
        return found

    def spoken(self, asked: Asked | None, shown: Shown | None) -> Spoken:
        languages = self.definition.languages
        of = ("poll", asked.survey.languages) if asked else ("campaign", shown.languages) if shown else None
        if of is not None:
            for place, language in enumerate(languages or []):
                if language not in of[1]:
                    there = did_you_mean(language, of[1])
                    self.findings.add(("languages", place), f"the {of[0]} has no '{language}'{there}")
            languages = languages or list(of[1])
        elif languages is None:
            named = [*(self.definition.message or {}), *(self.definition.sender or {})]
            languages = list(dict.fromkeys(language for language in named if language))
            if not languages and not self.findings.problems:
                self.findings.add((), "`languages` is missing: the codes of its languages, such as [en]")
            languages = languages or ["en"]
        return Spoken(languages, None, self.findings)

    @staticmethod
    def texts(spoken: Spoken, key: str, text: Mapping[str, str] | None) -> Mapping[str, str]:
        return {} if text is None else spoken.texts((key,), text)

    def audience(self, shown: Shown | None) -> Audience:
        given = self.definition.audience
        where: Way = ("audience",)
        self.each((*where, "channels"), given.channels, self.known.channels, "there is no channel")
        self.each((*where, "without"), given.without, self.known.started, "no broadcast was started that is named")
        return Audience(
            languages=tuple(given.languages),
            places=tuple(given.places),
            channels=tuple(given.channels),
            groups=(shown.topic,) if shown else tuple(given.groups),
            answered=tuple(self.answered((*where, "answered", place), one) for place, one in enumerate(given.answered)),
            took_part=tuple(
                self.took_part((*where, "took_part", place), one) for place, one in enumerate(given.took_part)
            ),
            not_seen_for=given.not_seen_for,
            seen_within=given.seen_within,
            without=tuple(given.without),
        )

    def answered(self, where: Way, one: AnsweredDefinition) -> Answered:
        asked = self.poll((*where, "poll"), one.poll)
        if asked is not None:
            questions = {each.id: each for each in asked.survey.questions if each.type not in MUTE}
            question = questions.get(one.question)
            if question is None:
                mend = did_you_mean(one.question, questions)
                self.findings.add((*where, "question"), f"{one.poll} has no question '{one.question}'{mend}")
            elif question.type in ("open", "picture", "voice"):
                self.findings.add(
                    (*where, "question"), f"'{one.question}' is answered in people's own words: nobody is chosen by it"
                )
            elif question.options:
                self.each((*where, "is"), one.answers, [option.id for option in question.options], "there is no option")
        return Answered(asked.versions if asked else (), one.question, tuple(one.answers))

    def took_part(self, where: Way, one: TookPartDefinition) -> TookPart:
        asked = self.poll((*where, "poll"), one.poll)
        self.each((*where, "became"), one.became, DISPOSITIONS, "there is no disposition")
        return TookPart(one.poll, asked.wave if asked else 1, tuple(one.became))

    def each(self, where: Way, names: Sequence[str], known: Iterable[str], refusal: str) -> None:
        for place, name in enumerate(names):
            if name not in known:
                path = (*where, place) if (*where, place) in self.findings.document.values else where
                self.findings.add(path, f"{refusal} '{name[:80]}'{did_you_mean(name, known)}")

    def sample(self) -> Sample | None:
        given = self.definition.sample
        if given is None:
            return None
        where: Way = ("sample",)
        if (given.size is None) == (given.each is None):
            self.findings.add(where, "a sample has a `size`, or takes so many of `each` cell; write one of the two")
        if (given.each is None) != (not given.by):
            self.findings.add(where, "cells need both: `by`, what makes them, and `each`, how many of each")
        most = given.size if given.size is not None else given.each or 0
        if not 0 < most <= LARGEST_SAMPLE:
            self.findings.add(where, f"a sample is of 1 to {LARGEST_SAMPLE} people")
        if len(given.by) > 3:
            self.findings.add((*where, "by"), "cells are made by three things at most")
        facts = {*BY, "place", *(one.id for asked in self.known.polls.values() for one in _profile(asked.survey))}
        self.each((*where, "by"), given.by, sorted(facts), "nothing is known of people by the name")
        return Sample(most, tuple(given.by))

    def portions(self) -> None:
        portions = self.definition.portions
        if len(portions) > MOST_PORTIONS:
            self.findings.add(("portions",), f"there are {MOST_PORTIONS} portions at most")
        if 0 in portions:
            self.findings.add(("portions",), "a portion is of 1 person or more")
        if self.definition.portion_after and not portions:
            self.findings.add(("portion_after",), "there are no `portions` to wait for; add them, or take this out")

    def ussd_by(self) -> str:
        name = self.definition.ussd_by
        if name is None:
            return ""
        sms = {each.name for each in self.known.channels.values() if each.medium is Medium.SMS}
        if name not in sms:
            self.findings.add(("ussd_by",), f"'{name}' is no SMS channel{did_you_mean(name, sorted(sms))}")
        return name

    def times(self) -> dict[str, Any]:
        definition = self.definition
        zone = ZoneInfo("UTC")
        try:
            zone = ZoneInfo(definition.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.findings.add(("zone",), f"there is no time zone '{definition.zone}'; write one such as Africa/Nairobi")
        begins, ends = (
            time.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")) if time else None
            for time in (definition.begins, definition.ends)
        )
        if begins and ends and begins >= ends:
            self.findings.add(("ends",), f"it ends before it begins, at {definition.begins}; change one of them")
        return {"begins": begins, "ends": ends}


def _profile(survey: Survey) -> Iterable[Any]:
    return (question for question in survey.questions if question.profile)


def unknown_values(broadcast: Broadcast, known: Mapping[str, Iterable[str]], file: str) -> tuple[Problem, ...]:
    """Groups and places that nobody has: a note, because people may come to have them. `known` by key of the file."""
    document = read(broadcast.source, file)
    wanted = {"groups": broadcast.audience.groups, "places": broadcast.audience.places}
    return tuple(
        document.problem(("audience", key), f"nobody has '{name}' yet{did_you_mean(name, known.get(key, ()))}")
        for key, names in wanted.items()
        for name in names
        if name not in known.get(key, ())
    )


def schema() -> str:
    """The JSON Schema that editors check a broadcast with: config/broadcast.schema.json."""
    return json.dumps(BroadcastDefinition.model_json_schema(), indent=2, ensure_ascii=False, default=str) + "\n"
