"""A form as a poll: `import_form(workbook) -> Imported`, in which every row of the workbook has its fate."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from surveys.emit import Node, Noted, emit
from surveys.gazetteer import Gazetteer
from surveys.load import NO_GAZETTEERS, SurveyError, load_survey
from surveys.problem import Problem
from surveys.reader import Path, read
from surveys.xlsform import verdict
from surveys.xlsform.choices import Choices
from surveys.xlsform.columns import Row, Table, table
from surveys.xlsform.kinds import IDENTIFIES
from surveys.xlsform.marks import BEFORE, CONSENT, THANKS, TO_WRITE, to_write
from surveys.xlsform.names import as_id
from surveys.xlsform.reading import Sheet, Workbook
from surveys.xlsform.report import Entry, Fate, Unfit, in_order
from surveys.xlsform.rows import Rows, tree_of
from surveys.xlsform.spoken import codes, is_private
from surveys.xlsform.wording import Wording

_ELSEWHERE: Final = {
    "external_choices": ("choices that lie outside of the form", "write them into the choices sheet"),
    "entities": ("lists that grow from form to form (entities)", "a poll keeps no such lists"),
    "osm": ("map features", "ask for a place instead"),
}
"""Sheets of XLSForm that a poll has no place for."""

_NOT_NEEDED: Final = {
    "style": "how it looks on a screen",
    "allow_choice_duplicates": "each choice has a name of its own here",
    "instance_name": "an interview has a pseudonym, not a title",
    "public_key": "answers are sealed by Baraza's own keys",
    "submission_url": "answers come as messages",
    "auto_send": "answers come as messages",
    "auto_delete": "how long answers are kept is a setting of Baraza",
    "version": "a version is known by its content",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """The poll's YAML, what became of each row, and what its author still has to write."""

    name: str
    yaml: str
    entries: tuple[Entry, ...]
    questions: int
    languages: tuple[str, ...]
    to_write: tuple[Problem, ...]

    @property
    def blocked(self) -> bool:
        """Whether something is refused that the poll would be another without: a row that asks, or whom it is asked of.

        A check of answers that can't be kept, and rows that would tell who answers, are listed and left out.
        """
        return any(
            entry.fate is Fate.REFUSED and entry.column != "constraint" and entry.text != IDENTIFIES
            for entry in self.entries
        )


def import_form(
    workbook: Workbook,
    filename: str = "form.xlsx",
    *,
    gazetteer: str = "",
    gazetteers: Mapping[str, Gazetteer] = NO_GAZETTEERS,
) -> Imported:
    """The poll that a form becomes. Total: what can't be used is refused in the entries.

    `filename` names the poll where the form does not; `gazetteer` is where places are looked up, one of `gazetteers`.
    """
    sheets = _by_kind(workbook.sheets)
    tables = {kind: table(sheet, kind) for kind, sheet in sheets.items() if kind in {"survey", "choices", "settings"}}
    survey, settings = tables.get("survey", Table()), tables.get("settings", Table())
    entries = [*workbook.unread, *(entry for each in tables.values() for entry in each.entries)]
    entries += _unread_sheets(workbook.sheets, sheets)
    if "survey" not in sheets:
        entries.append(Entry("survey", 0, Fate.REFUSED, "there is no sheet 'survey'", "name the sheet of questions so"))
    setting = settings.rows[0] if settings.rows else Row("settings", 0)
    wording, said = _wording(tables, setting)
    choices = Choices(tables.get("choices", Table()), Wording(wording.codes, wording.main))
    rows = Rows(choices, wording, gazetteer)
    rows.walk(survey.rows)
    entries += [*rows.entries, *choices.entries, *choices.unused(), *_settings(settings, said)]
    if "survey" in sheets and not rows.parts:
        entries.append(Entry(sheets["survey"].name, 0, Fate.REFUSED, "no question is left", "mend the rows above"))
    inner = list(tree_of(rows.parts, ("questions",)))
    head = _head(setting, wording, rows, filename)
    source = BEFORE + emit({**head, "questions": [each for each, _ in inner]})
    behind = {path: row for _, each in inner for path, row in each.items()}
    entries += verdict.of_pyxform(sheets, tables, entries)
    entries += _of_loader(source, behind, gazetteers) if rows.parts else []
    return Imported(
        str(head["name"]),
        source,
        in_order(entries, [sheet.name for sheet in workbook.sheets]),
        sum("questions" not in _at(inner, path) for path in behind),
        tuple(wording.codes.values()),
        to_write(source, filename),
    )


# Sheets -------------------------------------------------------------------------------------------------------------


def _by_kind(sheets: tuple[Sheet, ...]) -> dict[str, Sheet]:
    """The sheets that XLSForm knows, by its names for them. One sheet alone is the survey, whatever it is called."""
    known = {"survey", "choices", "settings", *_ELSEWHERE}
    found: dict[str, Sheet] = {}
    for sheet in sheets:
        name = sheet.name.strip().lower().replace(" ", "_")
        if name in known:
            found.setdefault(name, sheet)
    if "survey" not in found and len(sheets) == 1:
        found["survey"] = sheets[0]
    return found


def _unread_sheets(sheets: tuple[Sheet, ...], known: Mapping[str, Sheet]) -> Iterator[Entry]:
    for sheet in sheets:
        kind = next((kind for kind, each in known.items() if each is sheet), "")
        if kind in {"survey", "choices", "settings"} or not sheet.lines:
            continue
        for first, last in _runs(line.number for line in sheet.lines):
            if kind in _ELSEWHERE:
                why, mend = _ELSEWHERE[kind]
                yield Entry(sheet.name, first, Fate.REFUSED, f"{why} have no place in a poll", mend, last=last)
            else:
                yield Entry(sheet.name, first, Fate.ADAPTED, "left out: not a sheet of XLSForm", last=last)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow each other, as the first and the last."""
    first = last = 0
    for number in numbers:
        if first and number > last + 1:
            yield first, last
        first = number if not first or number > last + 1 else first
        last = number
    if first:
        yield first, last


# Languages and settings -----------------------------------------------------------------------------------------------


def _wording(tables: Mapping[str, Table], setting: Row) -> tuple[Wording, list[str]]:
    """The languages of a form, its main one first, and what is to be said of them."""
    written = dict.fromkeys(name for kind in ("survey", "choices") if kind in tables for name in tables[kind].languages)
    said = []
    main = setting.get("default_language")
    if main and main not in written:
        main = next((name for name in written if codes([name])[name] == codes([main])[main]), main)
    bare = any("" in texts for each in tables.values() for row in each.rows for texts in row.texts.values())
    order = list(dict.fromkeys([*([main] if main and (main in written or bare) else []), *written]))
    if not order:
        order = ["en"]
        said.append("no language is said: English (en) is assumed; write default_language")
    elif bare and not main:
        said.append(f"texts without a language are taken for {order[0]}; write default_language")
    found = codes(order)
    said += [
        f"the language '{name[:40]}' is not known and gets the code {short}; write it like this: English (en)"
        for name, short in found.items()
        if is_private(short)
    ]
    return Wording(found, found[order[0]]), said


def _settings(settings: Table, said: list[str]) -> Iterator[Entry]:
    first, *others = settings.rows or (Row("settings", 0),)
    for text in said:
        yield Entry(first.sheet, first.number, Fate.ADAPTED, text, column="default_language")
    if not first.number:
        return
    yield first.entry(Fate.IMPORTED, "the form's settings")
    for column, why in _NOT_NEEDED.items():
        if first.get(column):
            yield first.entry(Fate.ADAPTED, f"left out: {why}", column=column)
    known = {*_NOT_NEEDED, "form_title", "form_id", "default_language", "sms_keyword", "name"}
    for column in first.values:
        if column not in known:
            yield first.entry(Fate.ADAPTED, "left out: a poll has nothing like it", column=column)
    for row in others:
        yield row.entry(Fate.REFUSED, "settings have one row", "take this one out")


def _head(setting: Row, wording: Wording, rows: Rows, filename: str) -> dict[str, Node]:
    main = wording.main
    stem = re.sub(r"\.\w+$", "", filename.replace("\\", "/").rsplit("/", 1)[-1])
    title = _plain(setting.get("form_title"), wording) or _plain(setting.get("form_id"), wording) or stem or "Poll"
    name = as_id(setting.get("form_id") or setting.get("form_title") or stem or "poll", "poll_")
    keyword = _keyword(setting.get("sms_keyword")) or _keyword(name) or "POLL"
    calendars = rows.around.calendars
    return {
        "name": name,
        "languages": list(wording.codes.values()),
        "title": {main: title},
        **({"calendar": min(calendars)} if len(calendars) == 1 else {}),
        "sender": {main: f"{TO_WRITE} who asks, as people know them"},
        "keywords": [keyword]
        if setting.get("sms_keyword")
        else Noted([keyword], f"{TO_WRITE} the words that start the poll, then take out this remark"),
        "consent": {
            "version": "1",
            "text": rows.said.get(CONSENT)
            or {main: f"{TO_WRITE} who asks, why, what it costs, how to stop, that SMS is not secret"},
        },
        "thanks": rows.said.get(THANKS) or {main: f"{TO_WRITE} what is said at the end"},
    }


def _plain(text: str, wording: Wording) -> str:
    try:
        return wording.clean(text, lambda _: "sender")
    except Unfit:
        return ""


def _keyword(text: str) -> str:
    words = re.findall(r"[^\W\d_]{2,20}", text)
    return max(words, key=len).upper() if words else ""


# What is left -------------------------------------------------------------------------------------------------------


def _at(inner: list[tuple[dict[str, Node], dict[Path, Row]]], path: Path) -> Mapping[str, Node]:
    found: Node = [each for each, _ in inner]
    for step in path[1:]:
        found = found[step]  # type: ignore[index] # a path made from this very tree
    assert isinstance(found, Mapping)
    return found


def _of_loader(source: str, behind: Mapping[Path, Row], gazetteers: Mapping[str, Gazetteer]) -> Iterable[Entry]:
    """What the poll's own check finds in the result, told by the row that it comes from."""
    try:
        load_survey(source, "poll", gazetteers)
    except SurveyError as error:
        problems = error.problems
    else:
        return ()
    try:
        values = read(source, "poll").values
    except SurveyError:
        values = {}
    starts = sorted((values[path].line, row.number, row) for path, row in behind.items() if path in values)
    lines = [line for line, _, _ in starts]
    found = []
    for problem in problems:
        place = bisect_right(lines, problem.line) - 1
        if place < 0:
            found.append(Entry("settings", 0, Fate.REFUSED, problem.message))
        else:
            found.append(starts[place][2].entry(Fate.REFUSED, f"in the poll: {problem.message}"))
    return found
