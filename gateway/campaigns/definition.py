"""From a campaigner's YAML to a Campaign, or to everything that is wrong with it: config/campaigns/<name>.yaml.

    load_campaign(source, file, known) -> Campaign      raises SurveyError

Its table of keys is in docs/focal-point/campaigns.md; config/campaign.schema.json is for editors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from gateway.campaigns.model import KINDS, NETWORKS, Appeal, Campaign, Letter, Measure, Piece
from surveys.keys import Keys, may, must
from surveys.languages import Languages as Spoken
from surveys.problem import SurveyError, did_you_mean
from surveys.reader import Path as Way
from surveys.reader import read
from surveys.scalars import Count, Duration, Filled, Flag, Id, Languages, Text, Words, shown
from surveys.validate import Findings, validate

FOLDER = "campaigns"
SUFFIX = ".yaml"
PAGES = ("act", "kept")
"""What can't be a piece's id: what people do stands there."""
MOST_PIECES = 20
MOST_MEASURES = 8
LONGEST_LETTER = 480
"""Letters of a message to a representative: three to seven segments, which its sender pays for."""
LONGEST_SMS = 300
REMIND = timedelta(days=7)


# What the file holds ------------------------------------------------------------------------------------------------


def _kind(value: object) -> str:
    if isinstance(value, str) and value in KINDS:
        return value
    mend = did_you_mean(value, KINDS) if isinstance(value, str) else ""
    raise ValueError(f"a piece is no {shown(value)}{mend}")


Kind = Annotated[str, PlainValidator(_kind), WithJsonSchema({"enum": list(KINDS)})]


class ShareDefinition(Keys):
    """What is written beside the link when the piece is shared, by network; the title where nothing is said."""

    facebook: Text | None = may("the text for Facebook")
    whatsapp: Text | None = may("the text for WhatsApp")
    telegram: Text | None = may("the text for Telegram")
    x: Text | None = may("the text for X, 250 letters at most")


class PieceDefinition(Keys):
    """One thing that the campaign shows. They are shown in the order of the file."""

    id: Id = must("a short name, which becomes part of its address", "piece")
    kind: Kind = must(f"what it is: {', '.join(KINDS)}", "text")
    title: Text = must("its title", {"": "-"})
    text: Text = must("what it says, in a few sentences", {"": "-"})
    file: Filled | None = may("the picture, video or sound, in the folder that has the campaign's name")
    still: Filled | None = may("the picture that stands for a video or a sound where it is shared")
    alt: Text | None = may("what is to be seen or heard, for those who can't see or hear it")
    people: Flag | None = may("yes where somebody can be recognised by face or voice, else no")
    consent: Filled | None = may("who agreed to be shown, when and how; names stay out")
    sms: Text | None = may(f"the same for those who have SMS only, {LONGEST_SMS} letters at most")
    share: ShareDefinition | None = may("texts for sharing it, by network")


class MeasureDefinition(Keys):
    """Something that people pledge to do."""

    id: Id = must("a short name", "measure")
    title: Text = must("what is pledged, in a few words", {"": "-"})
    text: Text = must("what it takes, in a sentence or two", {"": "-"})
    remind_after: Duration = may("after how long who pledged is reminded, such as 7d", REMIND)


class AppealDefinition(Keys):
    """What is asked of the parties."""

    title: Text = must("what it is called", {"": "-"})
    text: Text = must("what is asked", {"": "-"})


class LetterDefinition(Keys):
    """Messages to representatives."""

    suggested: Text = must("a message that people may send instead of their own words", {"": "-"})
    gazetteer: Id = must("the gazetteer whose places the representatives stand for", "places")
    most_a_day: Count = may("how many one person may send in a day", 1)


class CampaignDefinition(Keys):
    """A campaign."""

    name: Id = must("its name, that of the file", "campaign")
    languages: Languages = must("the codes of its languages, the first where a person's is none of them", ["en"])
    title: Text = must("its title", {"": "-"})
    summary: Text = must("what it is about, in a sentence or two", {"": "-"})
    sender: Text = must("who campaigns, as people know them", {"": "-"})
    keywords: Words = must("what people send to take part, by language", {"": ["-"]})
    pieces: list[PieceDefinition] = must("what is shown, in order", [])
    topic: Id | None = may("what people join to hear more, and leave with STOP and this word")
    measures: list[MeasureDefinition] = may("what people can pledge", [])
    appeal: AppealDefinition | None = may("what people can sign")
    letter: LetterDefinition | None = may("messages to representatives")


# From there to a campaign -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What a campaign may refer to: gazetteers, and the files that lie in its folder. Of one that was published both
    were looked at then, and are not again (None)."""

    gazetteers: Sequence[str] | None = None
    files: Sequence[str] | None = None


PUBLISHED = Known()


def campaign_files(config: Path) -> list[Path]:
    return sorted((config / FOLDER).glob(f"*{SUFFIX}"))


def load_campaign(source: str | bytes, file: str, known: Known = PUBLISHED) -> Campaign:
    """The campaign written in `source`. Raises SurveyError with everything that is wrong with it."""
    findings = Findings(read(source, file))
    definition = validate(CampaignDefinition, findings)
    text = source if isinstance(source, str) else source.decode()
    made = _Loading(definition, findings, known).campaign(text) if definition is not None else None
    if findings.problems or made is None:
        raise SurveyError(findings.problems)
    return made


class _Loading:
    def __init__(self, definition: CampaignDefinition, findings: Findings, known: Known) -> None:
        self.definition = definition
        self.findings = findings
        self.known = known
        self.spoken = Spoken(definition.languages, None, findings)

    def campaign(self, source: str) -> Campaign:
        definition = self.definition
        stem = Path(self.findings.document.file).name.removesuffix(SUFFIX)
        if stem != definition.name and self.findings.document.file.endswith(SUFFIX):
            self.findings.add(("name",), f"the file is {stem}{SUFFIX}; give both the same name")
        if not definition.pieces:
            self.findings.add(("pieces",), "there is no piece: a campaign shows at least one")
        self.few(("pieces",), len(definition.pieces), MOST_PIECES)
        self.few(("measures",), len(definition.measures), MOST_MEASURES)
        return Campaign(
            name=definition.name,
            source=source,
            languages=tuple(self.spoken.languages),
            title=self.texts(("title",), definition.title),
            summary=self.texts(("summary",), definition.summary),
            sender=self.texts(("sender",), definition.sender),
            keywords=self.spoken.words(("keywords",), definition.keywords),
            pieces=self.each(("pieces",), definition.pieces, self.piece),
            topic=definition.topic or "",
            gazetteer=self.gazetteer(),
            measures=self.each(("measures",), definition.measures, self.measure),
            appeal=self.appeal(),
            letter=self.letter(),
        )

    def each(self, where: Way, definitions: Sequence[Any], make: Callable[[Way, Any], Any]) -> tuple[Any, ...]:
        ids = [one.id for one in definitions]
        for place, name in enumerate(ids):
            if name in ids[:place]:
                self.findings.add((*where, place, "id"), f"'{name}' is here twice; give each its own id")
        return tuple(make((*where, place), one) for place, one in enumerate(definitions))

    def few(self, where: Way, count: int, most: int) -> None:
        if count > most:
            self.findings.add(where, f"there are {most} at most; leave out {count - most}")

    def texts(self, where: Way, text: Mapping[str, str], longest: int = 0) -> Mapping[str, str]:
        for language, content in text.items():
            if longest and len(content) > longest:
                here = self.spoken.where(where, language)
                self.findings.add(here, f"this has {len(content)} letters, and may have {longest}; shorten it")
        return self.spoken.texts(where, text)

    def piece(self, where: Way, one: PieceDefinition) -> Piece:
        add = self.findings.add
        if one.id in PAGES and self.known.files is not None:  # what was out before this was refused stays out
            add((*where, "id"), f"'{one.id}' is the address of another page of the campaign; choose another id")
        if one.kind == "text":
            for key in ("file", "still", "alt"):
                if getattr(one, key) is not None:
                    add((*where, key), f"a text has no `{key}`; take it out, or change its `kind`")
        elif not self.findings.is_broken((*where, "kind")):
            self.medium(where, one)
        shares = {name: getattr(one.share, name) for name in NETWORKS if one.share and getattr(one.share, name)}
        return Piece(
            id=one.id,
            kind=one.kind,
            title=self.texts((*where, "title"), one.title, 120),
            text=self.texts((*where, "text"), one.text),
            alt=self.texts((*where, "alt"), one.alt) if one.alt else {},
            sms=self.texts((*where, "sms"), one.sms, LONGEST_SMS) if one.sms else {},
            share={
                name: self.texts((*where, "share", name), text, 250 if name == "x" else 0)
                for name, text in shares.items()
            },
            file=one.file or "",
            still=one.still or "",
            consent=one.consent or "",
        )

    def medium(self, where: Way, one: PieceDefinition) -> None:
        """What a piece that is seen or heard must say of itself."""
        add = self.findings.add
        if one.file is None:
            add(where, f"`file` is missing: the {one.kind} itself, in the folder {FOLDER}/{self.definition.name}")
        if one.alt is None:
            add(where, "`alt` is missing: say what is to be seen or heard, for those who can't see or hear it")
        if one.people is None:
            add(where, "`people` is missing: write yes where somebody can be recognised by face or voice, else no")
        if one.people and one.consent is None:
            add(where, "`consent` is missing: say who agreed to be shown, when and how; without it, don't show them")
        if one.kind == "photo" and one.still is not None:
            add((*where, "still"), "a photo stands for itself; take this out")
        for key in ("file", "still"):
            name = getattr(one, key)
            if name and (Path(name).name != name or name.startswith(".")):
                add((*where, key), f"'{name[:80]}' is no name of a file; write one without folders")
            elif name and self.known.files is not None and name not in self.known.files:
                mend = did_you_mean(name, self.known.files)
                add((*where, key), f"there is no '{name}' in {FOLDER}/{self.definition.name}{mend}")

    def measure(self, where: Way, one: MeasureDefinition) -> Measure:
        return Measure(
            one.id,
            self.texts((*where, "title"), one.title, 60),
            self.texts((*where, "text"), one.text, LONGEST_SMS),
            one.remind_after,
        )

    def appeal(self) -> Appeal | None:
        given = self.definition.appeal
        if given is None:
            return None
        return Appeal(
            self.texts(("appeal", "title"), given.title, 60), self.texts(("appeal", "text"), given.text, LONGEST_SMS)
        )

    def letter(self) -> Letter | None:
        given = self.definition.letter
        if given is None:
            return None
        if not 1 <= given.most_a_day <= 20:
            self.findings.add(("letter", "most_a_day"), "one person may send 1 to 20 in a day")
        return Letter(self.texts(("letter", "suggested"), given.suggested, LONGEST_LETTER), given.most_a_day)

    def gazetteer(self) -> str:
        given = self.definition.letter
        if given is None:
            return ""
        known = self.known.gazetteers
        if known is not None and given.gazetteer not in known and not self.findings.is_broken(("letter", "gazetteer")):
            mend = did_you_mean(given.gazetteer, known)
            self.findings.add(("letter", "gazetteer"), f"there is no gazetteer '{given.gazetteer}'{mend}")
        return given.gazetteer


def schema() -> str:
    """The JSON Schema that editors check a campaign with: config/campaign.schema.json."""
    return json.dumps(CampaignDefinition.model_json_schema(), indent=2, ensure_ascii=False, default=str) + "\n"
