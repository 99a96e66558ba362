"""Rows of a table to actors and statements, each mistake told by row and column with its mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.actors import clearance, profile
from gateway.actors.columns import ATTITUDES, CALLED, COLUMNS, MUST, NODES, SESSIONS, STATEMENTS, TIES, renamed
from gateway.actors.sheets import Line, Sheet
from surveys import cast
from surveys.problem import Problem, did_you_mean, nearest

T = TypeVar("T")

MOST_WAVE = 9_999
MOST_PRESENT = 9_999
LONGEST_INTERVIEW = 64
_WAVE = re.compile(r"(?:[a-z]{1,8}[ _.-]?)?([0-9]{1,4})(?:\.0)?")
_REPORTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_SLUG = re.compile(r"[a-z][a-z0-9_ -]{0,39}")
_CONTROL = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_YES_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_SIGNS = {
    **dict.fromkeys(("-1", "-", "\u2212", "\u22121", "-1.0", "against", "negative"), -1),
    **dict.fromkeys(("0", "neither"), 0),
    **dict.fromkeys(("1", "+1", "+", "1.0", "with", "positive"), 1),
}
_WAYS = {"directed": True, "undirected": False}
"""What some programs write as the type of a tie."""
PRESENT, ABSENT, UNKNOWN = "present", "absent", "unknown"
_STATES = {state: state for state in (PRESENT, ABSENT, UNKNOWN)}
_NOT_KNOWN = frozenset({"na", "n/a", "nan"})
"""How programs write that something is not known."""
MOST_GROUPS, LONGEST_HEADING = 40, 60


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where a row does not say otherwise."""

    clearance: str = clearance.TEAM
    reporter: str = ""
    directed: bool | None = None  # of ties; None: what their type says
    strongest: float = 1.0  # the strength that counts as 1
    wave: int | None = None  # of rows that name none
    left_out: frozenset[str] = frozenset()  # columns that are not read


@dataclass(frozen=True, slots=True)
class Cleared:
    """Whose word a row is, and who may see it. `file` and `row` say where it stands."""

    file: str
    row: int
    reporter: str
    clearance: str
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActorRow:
    """`same_as`: it is only another name of that one. `wave`: it was asked about in it, or (`asked`) was not; None:
    nothing is said of it."""

    cleared: Cleared
    kind: str
    profile: profile.Profile
    same_as: str
    wave: int | None
    asked: bool


@dataclass(frozen=True, slots=True)
class StatementRow:
    """`actor` and `other` as they are written; see gateway.store.actor_tables for the rest."""

    cleared: Cleared
    wave: int
    kind: str
    actor: str
    other: str = ""
    about: str = ""
    state: str = "present"
    sign: int | None = None
    strength: float | None = None
    directed: bool | None = None
    attitude: float | None = None
    text: str = ""
    confidence: float = 1.0
    interview: str = ""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where statements come from that name it as their interview. `size`: how many were there."""

    cleared: Cleared
    interview: str
    wave: int
    kind: str
    size: int | None = None
    composition: str = ""
    dissent: str = ""


class Reading:
    """Reads tables and gathers their problems; what has none is yielded."""

    def __init__(self, defaults: Defaults) -> None:
        self.defaults = defaults
        self.problems: list[Problem] = []

    def actors(self, file: str, sheet: Sheet) -> Iterator[ActorRow]:
        for row in self._rows(file, sheet, NODES):
            name = row.text("name") or row.text("id")
            kind = row.slug("kind")
            if kind == profile.INDIVIDUAL and not row.text("reason"):
                row.wrong("reason", "an individual is only mapped with a reason; write it into `reason`")
            known = profile.Profile(
                ref=row.must("id"),
                name=name,
                area=row.text("area"),
                aliases=tuple(filter(None, map(str.strip, row.text("aliases").split(";")))),
                groups={column: row.text(column) for column in row.others(COLUMNS[NODES]) if row.text(column)},
                reason=row.text("reason"),
            )
            wave = row.wave() if row.text("wave") else None
            asked = row.choice("asked", _YES_NO, default=True)
            if row.sound:
                yield ActorRow(row.cleared(), kind, known, row.text("same_as"), wave, asked)

    def ties(self, file: str, sheet: Sheet) -> Iterator[StatementRow]:
        for row in self._rows(file, sheet, TIES):
            kind = row.slug("type") or profile.TIE
            way = _WAYS.get(kind)
            kind = profile.TIE if way is not None else kind
            if kind not in profile.TIES and (meant := nearest(kind, profile.TIES)) and kind != profile.TIE:
                row.wrong("type", f"there is no type of tie '{kind}'{meant}")
            usual = profile.TIES.get(kind, profile.PLAIN)
            strongest = self.defaults.strongest
            directed = usual.directed if self.defaults.directed is None else self.defaults.directed
            directed = directed if way is None else way
            source, target = row.must("source"), row.must("target")
            if source and source == target:
                row.wrong("target", "an actor is not tied to itself; name the other one")
            tie = StatementRow(
                row.cleared(),
                row.wave(),
                profile.TIE,
                source,
                target,
                about=kind,
                state=row.state(),
                sign=usual.sign if row.not_known("sign") else row.choice("sign", _SIGNS, default=usual.sign),
                strength=row.strength(strongest),
                directed=row.choice("directed", _YES_NO, default=directed),
                text=row.text("note"),
                confidence=row.confidence(),
                interview=row.text("interview"),
            )
            if row.sound:
                yield tie

    def attitudes(self, file: str, sheet: Sheet) -> Iterator[StatementRow]:
        levels = {**profile.ATTITUDES, **{f"{level:g}": level for level in (-2.0, -1.0, 0.0, 1.0, 2.0)}}
        for row in self._rows(file, sheet, ATTITUDES):
            said = StatementRow(
                row.cleared(),
                row.wave(),
                profile.ATTITUDE,
                row.must("actor"),
                about=row.slug("issue") or row.must("issue"),
                attitude=row.choice("attitude", levels, default=None) if row.must("attitude") else None,
                text=row.text("note"),
                confidence=row.confidence(),
                interview=row.text("interview"),
            )
            if row.sound:
                yield replace(said, state="present" if said.attitude is not None else "unknown")

    def statements(self, file: str, sheet: Sheet) -> Iterator[StatementRow]:
        kinds = {kind: kind for kind in profile.WORDED}
        powers = {power: power for power in profile.POWERS}
        for row in self._rows(file, sheet, STATEMENTS):
            kind = row.choice("kind", kinds, default="") if row.must("kind") else ""
            about = row.choice("about", powers, default="") if kind == "power" else row.slug("about")
            if kind != "power" and not row.text("text"):
                row.wrong("text", f"say what the {kind or 'statement'} is, in `text`")
            said = StatementRow(
                row.cleared(),
                row.wave(),
                kind,
                row.must("actor"),
                about=about,
                strength=row.number("strength", 1.0, 1.0),
                text=row.text("text"),
                confidence=row.confidence(),
                interview=row.text("interview"),
            )
            if row.sound:
                yield said

    def sessions(self, file: str, sheet: Sheet) -> Iterator[SourceRow]:
        kinds = {**{kind: kind for kind in cast.SOURCES}, "net-map": "netmap", "discussion": "group"}
        for row in self._rows(file, sheet, SESSIONS):
            kind = row.choice("kind", kinds, default="") if row.must("kind") else ""
            size = row.text("size")
            if size and not (size.isdecimal() and 1 <= int(size) <= MOST_PRESENT):
                row.wrong("size", f"'{size[:40]}' is no size: say how many were there, 1 to {MOST_PRESENT}")
            if row.text("clearance").lower() == clearance.NAMED:
                row.wrong("clearance", "a session is not for named people; write team, mediators or own")
            if len(row.must("interview")) > LONGEST_INTERVIEW:
                row.wrong("interview", f"an interview's id has {LONGEST_INTERVIEW} letters at most")
            found = (row.cleared(), row.text("interview"), row.wave(), kind)
            if row.sound:
                number = int(size) if size else None
                yield SourceRow(*found, number, row.text("composition"), row.text("dissent"))

    def _rows(self, file: str, sheet: Sheet, table: str) -> Iterator[_Row]:
        name = f"{file}[{sheet.name}]" if sheet.name else file
        sheet = renamed(sheet, CALLED.get(table, {}), self.defaults.left_out)
        has = {*sheet.columns, *(("wave",) if self.defaults.wave is not None else ())}
        missing = [column for column in MUST[table] if column not in has]
        for column in missing:
            mend = ", or say --wave 1 if all rows are of one wave" if column == "wave" else ""
            message = f"the first row must name the columns, and `{column}` is missing; add it{mend}"
            self.problems.append(Problem(name, 1, 1, message))
        wrong = [Problem(name, 1, place, message) for place, message in _headings(sheet, table)]
        self.problems += wrong
        if missing or wrong:
            return
        for line in sheet.lines:
            yield _Row(self, name, sheet, line)


def _headings(sheet: Sheet, table: str) -> Iterator[tuple[int, str]]:
    """What is wrong with the names of columns, by place."""
    own = [(place, column) for place, column in enumerate(sheet.columns, 1) if column and column not in COLUMNS[table]]
    for place, column in own:
        told = _CONTROL.sub("", column)[:LONGEST_HEADING]
        if table != NODES:
            meant = did_you_mean(told, COLUMNS[table])
            yield place, f"there is no column '{told}'{meant or f'; say --leave-out {told}'}"
        elif told != column or column.startswith(_FORMULA):
            mend = f"{LONGEST_HEADING} plain letters at most, and no formula"
            yield place, f"'{told}' can't be the name of a column: write {mend}, or leave the column out"
    if table == NODES and len(own) > MOST_GROUPS:
        message = f"{len(own)} columns say what actors count to; {MOST_GROUPS} are the most, take the others out"
        yield own[MOST_GROUPS][0], message


def _number(cell: str) -> float:
    """-1 for what is none. A decimal comma and a per cent sign are read."""
    plain = cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell
    try:
        return float(plain.removesuffix("%")) / 100 if plain.endswith("%") else float(plain)
    except ValueError:
        return -1.0


class _Row:
    """One row, and whether it is sound so far."""

    def __init__(self, reading: Reading, file: str, sheet: Sheet, line: Line) -> None:
        self._reading = reading
        self._file = file
        self._sheet = sheet
        self._line = line
        self.sound = True
        for column, cell in line.cells.items():
            numeric = column in ("sign", "attitude", "strength")
            if cell.startswith(_FORMULA) and not numeric:
                self.wrong(column, f"'{cell[:20]}' is a formula to a spreadsheet; write it without '{cell[0]}'")
            elif _CONTROL.search(cell):
                self.wrong(column, "a character that can't be seen stands in it; type it anew")

    def wrong(self, column: str, message: str) -> None:
        self.sound = False
        place = self._sheet.columns.index(column) + 1 if column in self._sheet.columns else 1
        self._reading.problems.append(Problem(self._file, self._line.number, place, message))

    def text(self, column: str) -> str:
        return self._line.cells.get(column, "")

    def others(self, known: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(column for column in self._sheet.columns if column and column not in known)

    def must(self, column: str) -> str:
        cell = self.text(column)
        if not cell:
            self.wrong(column, f"`{column}` is empty; fill it in, or take the row out")
        elif len(cell) > 120:
            self.wrong(column, f"`{column}` has {len(cell)} letters; 120 are the most")
        return cell

    def slug(self, column: str) -> str:
        cell = self.text(column).lower()
        if cell and not _SLUG.fullmatch(cell):
            self.wrong(column, f"'{cell[:40]}' can't be a {column}: these are up to 40 plain letters, digits, - and _")
        return cell

    def not_known(self, column: str) -> bool:
        return self.text(column).lower() in _NOT_KNOWN

    def state(self) -> str:
        """Where nothing else is said, a tie of strength 0 is none, and one whose strength or sign nobody knows is not
        known."""
        strength = self.text("strength")
        usual = ABSENT if strength and _number(strength) == 0 else PRESENT
        usual = UNKNOWN if self.not_known("strength") or self.not_known("sign") else usual
        return self.choice("state", _STATES, default=usual)

    def choice(self, column: str, known: Mapping[str, T], *, default: T) -> T:
        cell = UNKNOWN if UNKNOWN in known and self.not_known(column) else self.text(column).lower()
        if not cell:
            return default
        if cell not in known:
            words = [word for word in known if not word.lstrip("+-").isdigit()] or list(known)
            self.wrong(column, f"there is no {column} '{cell[:40]}'{did_you_mean(cell, words)}")
            return default
        return known[cell]

    def number(self, column: str, default: float, most: float) -> float:
        cell = self.text(column)
        if not cell:
            return default
        value = _number(cell)
        if not 0 <= value <= most:
            mend = "; say --strongest for the largest there is" if column == "strength" and value > most else ""
            self.wrong(column, f"'{cell[:40]}' is no {column}: it is a number from 0 to {most:g}{mend}")
            return default
        return value

    def strength(self, strongest: float) -> float:
        if self.not_known("strength"):
            return 1.0
        known = profile.STRENGTH.get(self.text("strength").lower())
        return known if known is not None else self.number("strength", strongest, strongest) / strongest

    def wave(self) -> int:
        cell = self.text("wave").lower()
        usual = self._reading.defaults.wave
        if not cell and usual is not None:
            return usual
        if not (found := _WAVE.fullmatch(cell)):
            self.wrong("wave", f"'{cell[:40]}' is no wave: waves are whole numbers, in the order in which they came")
            return 0
        return int(found[1])

    def confidence(self) -> float:
        cell = self.text("confidence").lower()
        return profile.CONFIDENCE[cell] if cell in profile.CONFIDENCE else self.number("confidence", 1.0, 1.0)

    def cleared(self) -> Cleared:
        defaults = self._reading.defaults
        reporter = self.text("reporter") or defaults.reporter
        if reporter and not _REPORTER.fullmatch(reporter):
            self.wrong("reporter", f"'{reporter[:40]}' can't be a reporter: give the user's name, or a code")
        levels = {level: level for level in clearance.CLEARANCES}
        level = self.choice("clearance", levels, default=defaults.clearance)
        readers = tuple(filter(None, re.split(r"[;,\s]+", self.text("readers"))))
        if wrong := next((reader for reader in readers if not _REPORTER.fullmatch(reader)), None):
            self.wrong("readers", f"'{wrong[:40]}' can't be a user's name")
        if (level == clearance.NAMED) is not bool(readers):
            mend = "name them in `readers`" if not readers else "say `named` in `clearance`, or take them out"
            self.wrong("readers" if readers else "clearance", f"`named` and `readers` go together; {mend}")
        if level == clearance.OWN and not reporter:
            self.wrong("clearance", "`own` is for whoever reported it, and nobody is named; fill in `reporter`")
        return Cleared(self._file, self._line.number, reporter, level, readers)
