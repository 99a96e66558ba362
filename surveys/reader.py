"""YAML as people write it, read without surprises: text in, a plain tree out that knows where each part stood.

Scalars stay the strings that were written (`no`, `1:20`, `0123`). Refused: aliases and anchors, tags, a key twice,
keys that are no words, several documents, deep nesting, control characters, what is not UTF-8, and large sources.
Works on the parser's events with a stack of its own: neither depth nor aliases can make it grow.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from surveys.problem import MAX_PROBLEMS, Problem, SurveyError
from surveys.slips import slip

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 100_000
MAX_PARTS = 1_000
"""In one list or map."""
MAX_TEXT = 5_000
"""Characters in one text."""

Path = tuple[str | int, ...]
"""The way from the root to a node: keys of maps and positions in lists."""

Tree = dict[str, Any] | list[Any] | str

_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")

_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels; check brackets and indentation"
_PLAINER = {
    "exceeded maximum nesting depth": _TOO_DEEP,  # so deep that the parser gives up before it tells of the first level
    "mapping values are not allowed in this context": "a second `:` in one line, or a line indented too far; put a "
    "text that contains `: ` into quotes",
    "did not find expected key": "this line does not fit the ones above: check its indentation, and quotes that are "
    "not closed",
    "found character that cannot start any token": "a text can't begin with this character; put the text into quotes, "
    "and indent with spaces, not tabs",
    "found a tab character that violates indentation": "indent with spaces, not tabs",
    "could not find expected ':'": "a key without its `:`, or a text over several lines that is not in quotes",
    "did not find expected '-' indicator": "this line does not fit the list above: begin it with `- `, or check its "
    "indentation",
    "did not find expected ',' or ']'": "the list in [ ] is not closed, or a comma is missing between two parts",
    "did not find expected ',' or '}'": "the map in { } is not closed, or a text in it holds { or , and needs quotes",
    "found unexpected end of stream": "a quote is not closed",
    "did not find expected <document start>": "this text stands outside the rest: check the indentation of the first "
    "lines",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands, counted from 1. `inner` is how many columns later its text begins, None where lines fold."""

    line: int
    column: int
    inner: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read: `data` of dicts, lists and strings, and the places of its keys and values by their path."""

    file: str
    data: Tree
    values: dict[Path, Place]
    keys: dict[Path, Place]

    def problem(self, path: Path, message: str, *, key: bool = False, offset: int = 0) -> Problem:
        """A problem of the node at `path`, or of what it would be part of. `offset` is counted in its text."""
        place = (self.keys.get(path) if key else None) or self._nearest(path)
        if offset and place.inner is not None and path in self.values:
            return Problem(self.file, place.line, place.column + place.inner + offset, message)
        return Problem(self.file, place.line, place.column, message)

    def at(self, path: Path) -> Any:
        """What is written at a path that is there."""
        part: Any = self.data
        for step in path:
            part = part[step]
        return part

    def _nearest(self, path: Path) -> Place:
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))


def read(source: str | bytes, filename: str) -> Document:
    """The tree of one YAML document. Raises SurveyError with everything that can be told before the tree breaks off."""
    text = _decoded(source, filename)
    reading = _Reading(filename)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reading.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if seen := slip(text, _line_column(mark)[0]):
            raise SurveyError([*reading.problems, Problem(filename, *seen)]) from None
        reading.refuse(mark, _plain(error))
    if reading.root is None:
        reading.refuse(None, "the file is empty")
    if reading.problems:
        raise SurveyError(reading.problems)
    return Document(filename, reading.root, reading.values, reading.keys)


def _decoded(source: str | bytes, filename: str) -> str:
    def refuse(line: int, column: int, message: str) -> NoReturn:
        raise SurveyError([Problem(filename, line, column, message)])

    if len(source) > MAX_BYTES:
        refuse(1, 1, "the file is larger than 1 MiB; a poll is a few pages of text")
    if isinstance(source, bytes):
        if source.startswith(b"PK\x03\x04"):
            refuse(1, 1, "this is a document of Word, Excel or the like; save it as plain text, in UTF-8")
        try:
            text = source.decode()
        except UnicodeDecodeError as error:
            good = source[: error.start].decode()
            refuse(*_position(good, len(good)), "this is not UTF-8; save the file as UTF-8")
    else:
        text = source
    text = text.removeprefix("\ufeff")
    if strange := _NOT_TEXT.search(text):
        code = ord(strange[0])
        refuse(*_position(text, strange.start()), f"a control character (U+{code:04X}) that can't be seen; remove it")
    return text


def _position(text: str, offset: int) -> tuple[int, int]:
    line_start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - line_start + 1


def _line_column(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _plain(error: yaml.MarkedYAMLError) -> str:
    said = error.problem or "unreadable"
    return _PLAINER.get(said, f"this is not YAML: {said}; put a text with special characters into quotes")


@dataclass(slots=True)
class _Open:
    """A map or a list whose end has not come yet."""

    node: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    known: set[str] = field(default_factory=set)


class _Reading:
    """The state of one reading: what is open, and what was found."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.root: Any = None
        self.problems: list[Problem] = []
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self._open: list[_Open] = []
        self._anchors: set[str] = set()
        self._documents = 0
        self._nodes = 0

    def note(self, mark: Any, message: str) -> None:
        self.problems.append(Problem(self.filename, *_line_column(mark), message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise SurveyError(self.problems)

    def refuse(self, mark: Any, message: str) -> NoReturn:
        self.note(mark, message)
        raise SurveyError(self.problems)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self.refuse(
                        event.start_mark, "a second document begins here; remove the `---`, one file is one poll"
                    )
            case yaml.NodeEvent():
                self._node(event)
            case yaml.CollectionEndEvent():
                self._open.pop()

    def _node(self, event: yaml.NodeEvent) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.refuse(event.start_mark, f"more than {MAX_NODES} parts; a poll is a few pages of text")
        name = f"{'*' if isinstance(event, yaml.AliasEvent) else '&'}{event.anchor}"
        if event.anchor and name not in self._anchors:
            self._anchors.add(name)
            self.note(
                event.start_mark,
                f"`{name[:40]}`: anchors and aliases are not read; write the text again, in full",
            )
        if getattr(event, "tag", None):
            self.note(event.start_mark, "tags (`!...`) are not read; leave it out, everything is text")
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.AliasEvent():
                self._place("", event, None)
            case _:
                node: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
                path = self._place(node, event, None)
                self._open.append(_Open(node, path))
                if len(self._open) > MAX_DEPTH:
                    self.refuse(event.start_mark, _TOO_DEEP)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if len(event.value) > MAX_TEXT:
            self.refuse(
                event.start_mark, f"a text of more than {MAX_TEXT} characters; check the quotes, or make it shorter"
            )
        value = event.value if event.value.isascii() else unicodedata.normalize("NFC", event.value)
        if found := _CONTROL.search(value):
            what = (
                "a tab; write a space"
                if found[0] == "\t"
                else f"a control character (U+{ord(found[0]):04X}); remove it"
            )
            self.note(event.start_mark, f"the text holds {what}")
        one_line = _line_column(event.start_mark)[0] == _line_column(event.end_mark)[0]
        self._place(value, event, (1 if event.style else 0) if one_line else None)

    def _place(self, value: Tree, event: yaml.NodeEvent, inner: int | None) -> Path:
        """Put a value where it belongs, or keep it as the key of the next one."""
        place = Place(*_line_column(event.start_mark), inner)
        if not self._open:
            self.root = value
            self.values[()] = place
            return ()
        top = self._open[-1]
        if len(top.node) >= MAX_PARTS:
            self.refuse(event.start_mark, f"more than {MAX_PARTS} parts in one list or map; make it shorter")
        if isinstance(top.node, list):
            path = (*top.path, len(top.node))
            top.node.append(value)
        elif top.key is None:
            return self._key(top, value, event, place)
        else:
            path = (*top.path, top.key)
            if path not in self.values:
                top.node[top.key] = value
            top.key = None
        self.values.setdefault(path, place)
        return path

    def _key(self, top: _Open, value: Tree, event: yaml.NodeEvent, place: Place) -> Path:
        if not isinstance(value, str) or isinstance(event, yaml.AliasEvent):
            self.refuse(event.start_mark, "a key must be a word; put a text that begins with { or [ into quotes")
        if not value.strip():
            self.refuse(event.start_mark, "a key is missing before this `:`; write one")
        path = (*top.path, value)
        if value in top.known:
            first = self.keys[path].line
            self.note(event.start_mark, f"`{value[:80]}` is here twice (first in line {first}); remove one of them")
        top.known.add(value)
        top.key = value
        self.keys.setdefault(path, place)
        return path
