"""Dialogues of an author's own: config/surveys/<name>.test.yaml, read, played, and filled in.

A file is a list of dialogues: `dialogue` (its name), `channel` (sms, ussd, chat or telegram), and `lines`:

    in: text          what a person types; on USSD since the last screen, and "" dials the code
    press: ask:key    a button
    at: 1.5 30        where a phone says it is: degrees north and east
    attach: picture   a picture, or voice
    hangup: yes       the USSD session breaks off
    out: text         what is shown after the line above; "" for nothing
    as: name          beside any of the first five: who does it, anna unless told
    via: channel      the same: on which channel

What is shown after a line without an `out` is not looked at. Each dialogue has people of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import yaml

from gateway.authoring.player import Phones, rehearsal
from surveys.model import Survey
from surveys.problem import Problem, SurveyError, did_you_mean, nearest
from surveys.reader import Document, Path, read
from surveys.texts import Texts

DOES: Final = ("in", "press", "at", "attach", "hangup")
CHANNELS: Final = ("sms", "ussd", "chat", "telegram")
_KEYS: Final = {"dialogue", "channel", "lines"}
_LINE: Final = {*DOES, "out", "as", "via"}
_DEGREES: Final = "two numbers such as 1.5 30.25, north and east"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody does, and what they should see; `out` is None where nobody looks. Places count from 1."""

    does: str
    value: str
    who: str
    via: str
    out: str | None
    line: int
    out_line: int


@dataclass(frozen=True, slots=True)
class Dialogue:
    name: str
    channel: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Something else was shown than was expected."""

    file: str
    dialogue: str
    line: int
    did: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a file. `checked` is how many messages were compared."""

    file: str
    dialogues: int
    checked: int
    failures: tuple[Failure, ...]


# Reading ------------------------------------------------------------------------------------------------------------


def read_dialogues(source: str | bytes, file: str, channels: Iterable[str] = CHANNELS) -> tuple[Dialogue, ...]:
    """The dialogues in a file. Raises SurveyError with everything that is wrong with it."""
    document = read(source, file)
    reading = _Reading(document, tuple(channels))
    found = reading.dialogues()
    if reading.problems:
        raise SurveyError(reading.problems)
    return found


class _Reading:
    def __init__(self, document: Document, channels: tuple[str, ...]) -> None:
        self.document = document
        self.channels = channels
        self.problems: list[Problem] = []

    def add(self, path: Path, message: str, *, key: bool = False) -> None:
        self.problems.append(self.document.problem(path, message, key=key))

    def dialogues(self) -> tuple[Dialogue, ...]:
        data = self.document.data
        if not isinstance(data, list):
            self.add((), "the file must be a list of dialogues: each begins with `- dialogue: its name`")
            return ()
        return tuple(self.dialogue((place,), one) for place, one in enumerate(data))

    def dialogue(self, path: Path, data: Any) -> Dialogue:
        if not self.map(path, data, _KEYS, "a dialogue"):
            return Dialogue("", "", ())
        for key in sorted(_KEYS - data.keys()):
            self.add(path, f"`{key}` is missing: a dialogue has `dialogue` (its name), `channel` and `lines`")
        channel = self.channel((*path, "channel"), data.get("channel", self.channels[0]))
        lines = data.get("lines", [])
        if not isinstance(lines, list):
            self.add((*path, "lines"), "`lines` must be a list: each begins with `- in: ...` or `- out: ...`")
            lines = []
        return Dialogue(str(data.get("dialogue", "")), channel, tuple(self.lines((*path, "lines"), lines, channel)))

    def lines(self, path: Path, lines: Sequence[Any], channel: str) -> Iterator[Line]:
        """Each line that does something, with the `out` that stands below it."""
        last: Line | None = None
        for place, data in enumerate(lines):
            where = (*path, place)
            if not self.map(where, data, _LINE, "a line"):
                continue
            does = [key for key in DOES if key in data]
            if len(does) > 1:
                self.add(where, f"a line says one thing; put `{does[1]}` into a line of its own")
            if does:
                if last:
                    yield last
                last = self.line(where, does[0], data, channel)
            if "out" in data:
                last = self.out((*where, "out"), data["out"], last)
            elif data.keys() - _LINE:
                last = Line("in", "", "", channel, None, 0, 0)  # what was meant to be one: it is said what is wrong
            elif not does:
                self.add(where, f"a line has one of {', '.join(DOES)} or out")
        if last:
            yield last

    def out(self, path: Path, value: Any, last: Line | None) -> Line | None:
        if last is None or last.out is not None:
            self.add(path, "`out` says what is shown after a line such as `in: ...`; write that above")
        elif last.does == "hangup":
            self.add(path, "nothing is shown to somebody who hung up; take this out")
        else:
            place = self.document.problem(path, "", key=True).line
            return replace(last, out=self.text(path, value), out_line=place)
        return last

    def line(self, where: Path, does: str, data: Mapping[str, Any], channel: str) -> Line:
        value = self.text((*where, does), data[does])
        via = self.channel((*where, "via"), data["via"]) if "via" in data else channel
        who = self.text((*where, "as"), data["as"]) if "as" in data else "anna"
        match does:
            case "press" if ":" not in value:
                self.add(
                    (*where, does), f"'{value}' is no button; write the question's id and the option's number: region:1"
                )
            case "at" if _degrees(value) is None:
                self.add((*where, does), f"'{value}' is no place; write {_DEGREES}")
            case "attach" if value not in ("picture", "voice", "video", "file"):
                self.add((*where, does), f"'{value}' can't be attached; write picture or voice")
        return Line(does, value, who, via, None, self.document.problem(where, "").line, 0)

    def map(self, path: Path, data: Any, keys: set[str], what: str) -> bool:
        if not isinstance(data, dict):
            self.add(path, f"{what} is a map: lines such as `{'dialogue: ...' if 'lines' in keys else 'in: ...'}`")
            return False
        for key in data.keys() - keys:
            self.add((*path, key), f"there is no `{key[:80]}` here{nearest(key, keys) or '; take it out'}", key=True)
        return True

    def channel(self, path: Path, value: Any) -> str:
        if value not in self.channels:
            self.add(path, f"there is no channel '{str(value)[:40]}'{did_you_mean(str(value), self.channels)}")
            return self.channels[0]
        return str(value)

    def text(self, path: Path, value: Any) -> str:
        if not isinstance(value, str):
            self.add(path, "this must be one text")
            return ""
        return value


def _degrees(value: str) -> tuple[float, float] | None:
    parts = value.split()
    try:
        return (float(parts[0]), float(parts[1])) if len(parts) == 2 else None
    except ValueError:
        return None


# Playing ------------------------------------------------------------------------------------------------------------


def do(phones: Phones, line: Line, who: str) -> str:
    """Do what a line says; what is shown then."""
    match line.does:
        case "in":
            return phones.type(who, line.via, line.value)
        case "press":
            ask, _, key = line.value.partition(":")
            return phones.press(who, line.via, ask, key)
        case "at":
            return phones.share(who, line.via, *(_degrees(line.value) or (0.0, 0.0)))
        case "attach":
            return phones.attach(who, line.via, line.value)
        case _:
            phones.hang_up(who)
            return ""


def seen(phones: Phones, dialogues: Sequence[Dialogue]) -> Iterator[tuple[Dialogue, Line, str]]:
    """Every line with what it shows. People of one name in two dialogues are two."""
    for number, dialogue in enumerate(dialogues):
        for line in dialogue.lines:
            yield dialogue, line, do(phones, line, f"{line.who} {number}")


def played(survey: Survey, texts: Texts, dialogues: Sequence[Dialogue], file: str) -> Played:
    """Play the dialogues with this poll alone."""
    failures, checked = [], 0
    with rehearsal([survey], texts) as phones:
        for dialogue, line, got in seen(phones, dialogues):
            if line.out is None:
                continue
            checked += 1
            if plain(got) != plain(line.out):
                did = f"{line.does}: {line.value}"
                failures.append(Failure(file, dialogue.name, line.out_line, did, plain(line.out), plain(got)))
    return Played(file, len(dialogues), checked, tuple(failures))


def plain(text: str) -> str:
    """Without what an editor adds or takes at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


# Filling in ---------------------------------------------------------------------------------------------------------


def filled(phones: Phones, dialogues: Sequence[Dialogue], source: str) -> str:
    """The file with an `out` behind every line, as the polls are now: for reading, not for trusting.

    Comments at the top are kept; others go.
    """
    told: list[dict[str, Any]] = [{"dialogue": one.name, "channel": one.channel, "lines": []} for one in dialogues]
    places = {id(dialogue): place for place, dialogue in enumerate(dialogues)}
    for dialogue, line, got in seen(phones, dialogues):
        lines = told[places[id(dialogue)]]["lines"]
        said = {line.does: line.value}
        said |= {} if line.who == "anna" else {"as": line.who}
        said |= {} if line.via == dialogue.channel else {"via": line.via}
        lines.append(said)
        if line.does != "hangup":
            lines.append({"out": plain(got)})
    return written(told, source)


def written(dialogues: list[dict[str, Any]], source: str) -> str:
    """Dialogues as YAML, under the comments that `source` begins with."""
    head = []
    for row in source.splitlines(keepends=True):
        if not row.startswith("#"):
            break
        head.append(row)
    return "".join(head) + yaml.dump(dialogues, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=200)


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)
