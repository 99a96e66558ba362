"""From the rows of one survey to its digest: counts, tallies and coded answers, with what could name somebody hidden.

    digest(frames, survey, codebooks, now=...) -> Digest

A million people are counted by their columns' codes: nothing here makes an object for a row.

The rules are in analysis/suppression.py; what is published together is hidden together, in one system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf

import numpy as np
import pandas as pd

from analysis import common_ground, crossing, drawn, flagged, turnout, waves
from analysis.findings import (
    Cell,
    CodingNote,
    Column,
    Digest,
    Finding,
    Logged,
    Mean,
    Table,
)
from analysis.frames import NOTHING, UNSURE, Frames, by_category, by_question
from analysis.intervals import wilson
from analysis.scales import Means, as_choices, deviation, group_means, published_mean, published_quartiles, ranged
from analysis.suppression import Cell as Name
from analysis.suppression import Relation, System, adds_up, at_least, equal, hide
from analysis.tally import Tally, tally
from analysis.telling import UNTOLD, Telling
from analysis.told import Told
from analysis.weighing import weighed
from surveys.codebook import Codebook
from surveys.model import Question, Survey, Texts

Hiding = Callable[[System, int], frozenset[Name]]


@dataclass(frozen=True, slots=True)
class _Counted:
    """A question with its exact numbers, before anything is hidden. `coded` is of an open question."""

    question: Question
    tally: Tally
    rows: pd.DataFrame
    codebook: Codebook | None = None
    coded: Mapping[str, int] | None = None
    note: CodingNote | None = None


PLACED = "~placed"
"""An answer with a code. PLACED, UNSURE and NOTHING add up to n."""


def digest(
    frames: Frames,
    survey: Survey,
    codebooks: Mapping[str, Codebook],
    *,
    now: datetime,
    minimum_cell: int = 5,
    simulated: bool = False,
    hiding: Hiding = hide,
    telling: Telling = UNTOLD,
) -> Digest:
    """The digest of one survey. `codebooks` by name: what the codes of its open answers are called. `hiding` says which
    cells of what is published are hidden, given the minimum: a release also looks at what is out. `telling` is what is
    known of the population.

    `simulated` says that the answers come from the machine's own participants, and goes to the top of every rendering.
    """
    counted = list(_counted(frames, survey, codebooks))
    stages = turnout.stages(frames.conversations, survey)
    crossed = list(_crossed(survey, counted, telling.by))
    ground = common_ground.count(frames, survey, minimum_cell)
    cells: dict[Name, int] = {
        **stages,
        **{("log", kind): times for kind, times in frames.log.items()},
        **{name: count for one in counted for name, count in _cells(one)},
        **{name: count for one in crossed for name, count in crossing.cells(one)},
    }
    unflagged = list(_unflagged(survey, counted))
    panel = [_told(one) for one in counted if waves.is_told(one.question)]
    parts = (
        common_ground.system(ground, minimum_cell),
        drawn.system(frames.drawn, cells["finished",]),
        flagged.system(frames.conversations, unflagged, cells),
        waves.system(frames, panel, cells),
    )
    relations = (
        *turnout.relations(stages),
        *_relations(frames, survey, counted),
        *(relation for one in crossed for relation in _tied(one, counted)),
        *([at_least(("refused",), ("log", "withdrew"))] if "withdrew" in frames.log else ()),
    )
    system = System(
        {name: count for part in (cells, *(part.cells for part in parts)) for name, count in part.items()},
        (*relations, *(relation for part in parts for relation in part.relations)),
        frozenset().union(*(part.unpublished for part in parts)),
    )
    hidden = hiding(system, minimum_cell)
    shown = {name: None if name in hidden else count for name, count in system.cells.items()}
    questions = {one.question.id: _finding(one, system, hidden, shown, minimum_cell) for one in counted}
    means = dict(_means(counted, crossed, questions, system, hidden, minimum_cell))
    for one in unflagged:
        questions[one.question] = flagged.without(questions[one.question], one, shown)
    found = Digest(
        survey=survey.name,
        hash=survey.hash,
        title=dict(survey.title),
        languages=survey.languages,
        made_at=now,
        minimum_cell=minimum_cell,
        simulated=simulated,
        turnout=turnout.shown(shown, survey),
        questions=tuple(questions[one.question.id] for one in counted),
        hidden=len(hidden - system.unpublished),
        decision=dict(survey.decision),
        wave=frames.wave,
        tables=tuple(_table(one, counted, shown, questions, means) for one in crossed),
        log=tuple(Logged(kind, shown["log", kind]) for kind in frames.log),
        ground=common_ground.shown(ground, shown, minimum_cell),
        sample=telling.population.sample,
        outcomes=drawn.shown(frames.drawn, shown, _regions(survey)),
        flags=flagged.shown(frames.conversations, shown),
        panel=waves.shown(frames, panel, shown),
    )
    return weighed(found, telling.population)


STATEMENTS = frozenset({"statement", "proposal"})
"""One place of a person's few statements says nothing by itself: each person was shown others there."""

# Counting -----------------------------------------------------------------------------------------------------------


def _counted(frames: Frames, survey: Survey, codebooks: Mapping[str, Codebook]) -> Iterator[_Counted]:
    rows = dict(by_question(frames.answers))
    for question in survey.questions:
        if question.silent or question.type in STATEMENTS:
            continue
        mine = rows.get(question.id, frames.answers.iloc[:0])
        counts = tally(question, mine)
        codebook, note = codebooks.get(question.codebook), frames.notes.get(question.id)
        if question.type != "open" or codebook is None or note is None:
            yield _Counted(question, counts, mine)
        else:
            yield _Counted(question, counts, mine, codebook, _by_code(codebook, counts.n, mine), note)


def _by_code(codebook: Codebook, n: int, rows: pd.DataFrame) -> dict[str, int]:
    found = by_category(rows["choice"])
    unsure, nothing = found.get(UNSURE, 0), found.get(NOTHING, 0)
    stages = {PLACED: n - unsure - nothing, UNSURE: unsure, NOTHING: nothing}
    return {**stages, **{f"code:{code.id}": found.get(code.id, 0) for code in codebook.codes}}


# What is published, and how it hangs together -----------------------------------------------------------------------


def _cells(one: _Counted) -> Iterator[tuple[Name, int]]:
    question, counts = one.question, one.tally
    yield ("n", question.id), counts.n
    yield ("skipped", question.id), counts.skipped
    for key, count in counts.counts.items():
        yield ("answer", question.id, key), count
        if question.type == "many-of":
            yield ("not", question.id, key), counts.n - count
    for key, count in (one.coded or {}).items():
        yield ("coded", question.id, key), count


def _relations(frames: Frames, survey: Survey, counted: Sequence[_Counted]) -> Iterator[Relation]:
    people = frames.conversations
    for one in counted:
        question, counts = one.question, one.tally
        n: Name = ("n", question.id)
        yield at_least(("began",), n)
        options: list[Name] = [("answer", question.id, key) for key in counts.counts]
        if question.type == "many-of":
            most = question.maximum or len(options)
            for option in options:
                yield adds_up(n, [option, ("not", *option[1:])])
            yield Relation((*((option, 1.0) for option in options), (n, -1.0)), 0.0, inf)
            yield Relation((*((option, -1.0) for option in options), (n, float(most))), 0.0, inf)
        elif options:
            yield adds_up(n, options)
        if question.id == survey.region:
            began = by_category(people.loc[people["began"], "region"])
            for key, times in counts.counts.items():
                if began.get(key, 0) == times:
                    yield equal(("answer", question.id, key), ("began", "region", key))
        if one.coded:
            yield from _coded_relations(one)
        if question.when is not None:
            yield from _conditional(one, counted)


def _coded_relations(one: _Counted) -> Iterator[Relation]:
    """Every answer that was placed has at least one code."""
    question = one.question.id
    placed: Name = ("coded", question, PLACED)
    codes: list[Name] = [("coded", question, key) for key in one.coded or () if key.startswith("code:")]
    yield adds_up(("n", question), [("coded", question, key) for key in (PLACED, UNSURE, NOTHING)])
    yield Relation((*((code, 1.0) for code in codes), (placed, -1.0)), 0.0, inf)
    for code in codes:
        yield at_least(placed, code)


def _conditional(one: _Counted, counted: Sequence[_Counted]) -> Iterator[Relation]:
    """A question asked only of those who gave certain answers before counts those: its n must not give them away.

    Which answers they were is read from the rows. That all of them answered it is granted to the reader.
    """
    mine = one.question.id
    asked = np.zeros(1 + int(one.rows["person"].max() if len(one.rows) else 0), dtype=bool)
    asked[one.rows["person"].to_numpy()] = True
    for other in counted:
        if other.question.id == mine:
            return
        if other.question.type not in ("one-of", "yes-no", "scale") or not other.tally.counts:
            continue
        person = other.rows["person"].to_numpy()
        both = other.rows[(person < len(asked)) & asked[np.minimum(person, len(asked) - 1)]]
        given = tally(other.question, both).counts
        led = [key for key in other.tally.counts if given.get(key)]
        rest = [key for key, times in other.tally.counts.items() if times and key not in led]
        total = sum(other.tally.counts[key] for key in led)
        if led and rest:
            unanswered = float(total - one.tally.n - one.tally.skipped)
            terms = ((("n", mine), -1.0), (("skipped", mine), -1.0))
            yield Relation(
                (*((("answer", other.question.id, key), 1.0) for key in led), *terms), unanswered, unanswered
            )


def _crossed(survey: Survey, counted: Sequence[_Counted], margins: Sequence[str]) -> Iterator[crossing.Crossed]:
    known = {one.question.id: one for one in counted}
    for question, by in crossing.pairs(survey, margins):
        one, who = known[question.id], known[by.id]
        if not _keys(one) or (one.question.type == "open" and one.coded is None):
            continue
        several = one.question.type == "many-of" or one.coded is not None
        averaged, groups = question.type == "scale", tuple(who.tally.counts)
        rows = as_choices(one.rows, _keys(one)) if averaged else one.rows
        yield crossing.cross(question.id, rows, _keys(one), by.id, groups, who.rows, several=several, averaged=averaged)


def _unflagged(survey: Survey, counted: Sequence[_Counted]) -> Iterator[Told]:
    """The issue questions, of which tables are made, too."""
    issues = {question.id for question, _ in crossing.pairs(survey)}
    for one in counted:
        if one.question.id in issues and (one.question.type != "open" or one.coded is not None):
            yield _told(one)


def _told(one: _Counted) -> Told:
    kind, mark = ("coded", "code:") if one.coded is not None else ("answer", "")
    names: dict[str, Name] = {key: (kind, one.question.id, f"{mark}{key}") for key in _keys(one)}
    return Told(one.question.id, one.rows, ("n", one.question.id), names)


def _regions(survey: Survey) -> dict[str, Texts]:
    return {choice.id: choice.label for choice in survey.question(survey.region).options} if survey.region else {}


def _keys(one: _Counted) -> tuple[str, ...]:
    return tuple(code.id for code in one.codebook.codes) if one.codebook else tuple(one.tally.counts)


def _tied(one: crossing.Crossed, counted: Sequence[_Counted]) -> Iterator[Relation]:
    asked = next(other for other in counted if other.question.id == one.question)
    kind, mark = ("coded", "code:") if asked.coded is not None else ("answer", "")
    totals: dict[str, Name] = {key: (kind, one.question, f"{mark}{key}") for key in one.keys}
    profile: dict[str, Name] = {group: ("answer", one.by, group) for group in one.groups[:-1]}
    return crossing.relations(one, ("n", one.question), totals, profile)


# What is shown ------------------------------------------------------------------------------------------------------


def _finding(
    one: _Counted, system: System, hidden: frozenset[Name], shown: Mapping[Name, int | None], minimum: int
) -> Finding:
    question, counts = one.question, one.tally
    n = shown["n", question.id]
    finding = Finding(
        id=question.id,
        type=question.type,
        text=dict(question.text),
        purpose=question.purpose,
        profile=question.profile,
        conditional=question.when is not None,
        n=n,
        skipped=shown["skipped", question.id],
        unit=dict(question.unit or {}),
        ends=tuple(dict(end) for end in question.ends) if question.ends else (),
    )
    if not n:
        return finding  # nobody answered, or it is not shown how many did: nothing of it is
    labels: dict[str, Texts] = {choice.id: choice.label for choice in question.options}
    cells = tuple(_cell(key, labels.get(key, {}), shown["answer", question.id, key], n) for key in counts.counts)
    if one.coded is not None and one.codebook is not None and one.note is not None:
        names = {f"code:{code.id}": code.names for code in one.codebook.codes}
        coded = {
            key: _cell(
                key.removeprefix("code:").removeprefix("~"), names.get(key, {}), shown["coded", question.id, key], n
            )
            for key in one.coded
        }
        shares = {f"code:{code}": share for code, share in one.note.shares.items()}
        cells = tuple(_corrected(coded[key], shares.get(key)) for key in names)
        told = {cell.id for cell in cells if cell.count is not None}
        slopes = {
            code: (round(slope[0], 2), round(slope[1], 2)) for code, slope in one.note.slopes.items() if code in told
        }
        note = replace(one.note, shares={}, slopes=slopes).counted(
            placed=coded[PLACED], unsure=coded[UNSURE], nothing=coded[NOTHING]
        )
        return finding.with_(cells=cells, coding=note)
    if question.type == "scale":
        average = published_mean(question, counts, system, hidden, minimum)
        return finding.with_(cells=cells, mean=average)
    if question.type == "number":
        return finding.with_(quartiles=published_quartiles(counts, minimum))
    return finding.with_(cells=cells)


def _means(
    counted: Sequence[_Counted],
    crossed: Sequence[crossing.Crossed],
    findings: Mapping[str, Finding],
    system: System,
    hidden: frozenset[Name],
    minimum: int,
) -> Iterator[tuple[str, Means]]:
    """The means of scales by group, where the scale's own is shown."""
    for one in counted:
        tables = [table for table in crossed if table.averaged and table.question == one.question.id]
        if tables and findings[one.question.id].mean:
            yield one.question.id, group_means(one.question, one.tally, tables, system, hidden, minimum)


def _table(
    one: crossing.Crossed,
    counted: Sequence[_Counted],
    shown: Mapping[Name, int | None],
    findings: Mapping[str, Finding],
    means: Mapping[str, Means],
) -> Table:
    known = {other.question.id: other for other in counted}
    asked, by = known[one.question], known[one.by].question
    names = {option.id: option.label for option in by.options}
    labels = {option.id: option.label for option in asked.question.options}
    if asked.codebook:
        labels = {code.id: code.names for code in asked.codebook.codes}
    return Table(
        one.question,
        one.by,
        tuple(
            Column(
                group,
                dict(names.get(group, {})),
                n,
                tuple(_cell(key, labels.get(key, {}), count if n else None, n or 0) for key, count in found.items()),
                _group_mean(one, group, n, findings[one.question], means),
            )
            for group, n, found in crossing.shown(one, shown)
        ),
    )


def _group_mean(
    one: crossing.Crossed, group: str, n: int | None, finding: Finding, means: Mapping[str, Means]
) -> Mean | None:
    value = means.get(one.question, {}).get((one.by, group))
    return None if value is None or n is None else ranged(value, deviation(finding), n)


def _cell(key: str, label: Texts, count: int | None, n: int) -> Cell:
    if count is None:
        return Cell(key, dict(label))
    low, high = wilson(count, n)
    return Cell(key, dict(label), count, round(count / n, 4), round(low, 4), round(high, 4))


def _corrected(cell: Cell, share: tuple[float, float, float] | None) -> Cell:
    """With the share that knows of wrong codes, where the cell is shown; its count is of the codes as given."""
    if cell.count is None or share is None:
        return cell
    value, low, high = share
    return replace(cell, share=round(value, 4), low=round(low, 4), high=round(high, 4))
