"""From the rows of one survey to its digest: counts, tallies and coded answers, with what could name somebody hidden.

    digest(frames, survey, codebooks, now=...) -> Digest

The rules are in analysis/suppression.py; what is published together is hidden together, in one system.

Whoever sees two stages can subtract them. So those who refused (asked, did not begin) and those who left (began, did
not finish) are cells too. By channel, language and region only those who began are counted: with all three stages
there, the few who left in a group of a small poll hid most other numbers. How many answered each question is shown in
total, and says about how many left before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

import pandas as pd

from analysis.coding import By, Coded, Coder
from analysis.findings import Cell, CodingNote, Digest, Finding, Group, Quartiles, Turnout
from analysis.keywords import Codes
from analysis.scales import published_mean
from analysis.suppression import Cell as Name
from analysis.suppression import Relation, System, adds_up, at_least, equal, gap, hide
from analysis.tally import Tally, quartiles, tally, wilson
from surveys.codebook import Codebook
from surveys.model import Question, Survey, Texts

DIMENSIONS = ("channel", "language", "region")
GAPS = (("asked", "began", "refused"), ("began", "finished", "left"))
"""A stage, the next one, and those between: who did not come that far."""


@dataclass(frozen=True, slots=True)
class Frames:
    """The rows that count, one survey's. Missing values are pandas' own (NaN, NA, None).

    conversations, a row a person:
        person    int64
        channel   category   the configured channel's name
        language  category
        region    category   the answer to the survey's region question; missing where it was not given
        began     bool       consented, and answered at least one question
        finished  bool       came to the end

    answers, of those who began; a row for each answer, and of a many-of one for each option chosen. A row without
    choice, number and text is a question left out, or words that were removed at the person's wish:
        person    int64
        question  category
        choice    category   an option's id; "yes" and "no" of a yes-no
        number    float64    of a number or a scale
        text      str        a person's own words
    """

    conversations: pd.DataFrame
    answers: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Counted:
    """A question with its exact numbers, before anything is hidden. `coded` is of an open question."""

    question: Question
    tally: Tally
    codebook: Codebook | None = None
    coded: Mapping[str, int] | None = None
    note: CodingNote | None = None


PLACED, UNSURE, NOTHING = "placed", "unsure", "nothing"
"""What became of an answer to a coded question; these three add up to n."""


def digest(
    frames: Frames,
    survey: Survey,
    codebooks: Mapping[str, Codebook],
    *,
    now: datetime,
    minimum_cell: int = 5,
    coded: Mapping[str, Mapping[str, Codes]] | None = None,
    simulated: bool = False,
) -> Digest:
    """The digest of one survey.

    `codebooks` by name; `coded` holds, by codebook, the texts that people coded, with their codes.
    `simulated` says that the answers come from the machine's own participants, and goes to the top of every rendering.
    """
    counted = list(_counted(frames, survey, codebooks, coded or {}))
    turnout = _stages(frames.conversations, survey)
    system = System(
        {**turnout, **{name: count for one in counted for name, count in _cells(one)}},
        (*_turnout_relations(turnout), *_relations(frames, survey, counted)),
    )
    hidden = hide(system, minimum_cell)
    shown = {name: None if name in hidden else count for name, count in system.cells.items()}
    return Digest(
        survey=survey.name,
        hash=survey.hash,
        title=dict(survey.title),
        languages=survey.languages,
        made_at=now,
        minimum_cell=minimum_cell,
        simulated=simulated,
        turnout=_turnout(shown, survey),
        questions=tuple(_finding(one, system, hidden, shown, minimum_cell) for one in counted),
        hidden=len(hidden),
    )


STATEMENTS = frozenset({"statement", "proposal"})
"""One place of a person's few statements says nothing by itself: each person was shown others there."""

# Counting -----------------------------------------------------------------------------------------------------------


def _counted(
    frames: Frames,
    survey: Survey,
    codebooks: Mapping[str, Codebook],
    coded: Mapping[str, Mapping[str, Codes]],
) -> Iterator[_Counted]:
    rows = dict(iter(frames.answers.groupby("question", observed=True)))
    for question in survey.questions:
        if question.silent or question.type in STATEMENTS:
            continue
        mine = rows.get(question.id, frames.answers.iloc[:0])
        counts = tally(question, mine)
        codebook = codebooks.get(question.codebook)
        if question.type != "open" or codebook is None:
            yield _Counted(question, counts)
            continue
        coder = Coder(codebook, coded.get(codebook.name))
        texts = mine["text"].dropna().tolist()
        yield _Counted(question, counts, codebook, _by_code(codebook, coder(texts)), _note(codebook, coder))


def _by_code(codebook: Codebook, answers: Sequence[Coded]) -> dict[str, int]:
    counts = {PLACED: 0, UNSURE: 0, NOTHING: 0, **{f"code:{code.id}": 0 for code in codebook.codes}}
    for answer in answers:
        counts[{By.UNSURE: UNSURE, By.NOTHING: NOTHING}.get(answer.by, PLACED)] += 1
        for code in answer.codes:
            counts[f"code:{code}"] += 1
    return counts


def _note(codebook: Codebook, coder: Coder) -> CodingNote:
    report = coder.model.report if coder.model else None
    if report is None:
        return CodingNote(codebook.name, "keywords")
    return CodingNote(codebook.name, "model", report.rows, round(report.sureness, 2), round(report.right, 2))


def _stages(people: pd.DataFrame, survey: Survey) -> dict[Name, int]:
    """The stages and their gaps; who began also by the groups of each dimension, "" being those not known."""
    counts: dict[Name, int] = {
        ("asked",): len(people),
        ("began",): int(people["began"].sum()),
        ("finished",): int(people["finished"].sum()),
    }
    counts |= {(between,): counts[stage,] - counts[following,] for stage, following, between in GAPS}
    began = people[people["began"]]
    for dimension in DIMENSIONS:
        groups = began[dimension].astype(object).where(began[dimension].notna(), "")
        table = groups.value_counts()
        for group in _groups(dimension, groups, survey):
            counts["began", dimension, group] = int(table.get(group, 0))
    return counts


def _groups(dimension: str, found: pd.Series[str], survey: Survey) -> list[str]:
    """Groups that could have answered come first, so that nobody who was not heard is left out."""
    known: list[str] = []
    if dimension == "language":
        known = list(survey.languages)
    elif dimension == "region" and survey.region:
        known = [choice.id for choice in survey.question(survey.region).options]
    elif dimension == "region":
        return []
    return [
        *known,
        *sorted({str(group) for group in found.unique()} - set(known), key=lambda group: (not group, group)),
    ]


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


def _turnout_relations(turnout: Mapping[Name, int]) -> Iterator[Relation]:
    for stage, following, between in GAPS:
        yield gap((stage,), (following,), (between,))
    for dimension in DIMENSIONS:
        if groups := _names(turnout, dimension):
            yield adds_up(("began",), groups)


def _names(turnout: Mapping[Name, object], dimension: str) -> list[Name]:
    return [name for name in turnout if name[:2] == ("began", dimension)]


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
            began = people.loc[people["began"], "region"].value_counts()
            for key, count in counts.counts.items():
                if int(began.get(key, 0)) == count:
                    yield equal(("answer", question.id, key), ("began", "region", key))
        if one.coded:
            yield from _coded_relations(one)
        if question.when is not None:
            yield from _conditional(frames, one, counted)


def _coded_relations(one: _Counted) -> Iterator[Relation]:
    """Every answer that was placed has at least one code."""
    question = one.question.id
    placed: Name = ("coded", question, PLACED)
    codes: list[Name] = [("coded", question, key) for key in one.coded or () if key.startswith("code:")]
    yield adds_up(("n", question), [("coded", question, key) for key in (PLACED, UNSURE, NOTHING)])
    yield Relation((*((code, 1.0) for code in codes), (placed, -1.0)), 0.0, inf)
    for code in codes:
        yield at_least(placed, code)


def _conditional(frames: Frames, one: _Counted, counted: Sequence[_Counted]) -> Iterator[Relation]:
    """A question asked only of those who gave certain answers before counts those: its n must not give them away.

    Which answers they were is read from the rows. That all of them answered it is granted to the reader.
    """
    mine = one.question.id
    answers = frames.answers
    asked = answers.loc[answers["question"] == mine, "person"].unique()
    for other in counted:
        if other.question.id == mine:
            return
        if other.question.type not in ("one-of", "yes-no", "scale") or not other.tally.counts:
            continue
        rows = answers[(answers["question"] == other.question.id) & answers["person"].isin(asked)]
        keys = rows["number"].dropna().astype(int).astype(str) if other.question.type == "scale" else rows["choice"]
        led = [key for key in other.tally.counts if key in set(keys.dropna().astype(str))]
        rest = [key for key, count in other.tally.counts.items() if count and key not in led]
        total = sum(other.tally.counts[key] for key in led)
        if led and rest:
            unanswered = float(total - one.tally.n - one.tally.skipped)
            terms = ((("n", mine), -1.0), (("skipped", mine), -1.0))
            yield Relation(
                (*((("answer", other.question.id, key), 1.0) for key in led), *terms), unanswered, unanswered
            )


# What is shown ------------------------------------------------------------------------------------------------------


def _turnout(shown: Mapping[Name, int | None], survey: Survey) -> Turnout:
    def groups(dimension: str) -> tuple[Group, ...]:
        region = survey.question(survey.region) if dimension == "region" and survey.region else None
        labels = {choice.id: choice.label for choice in region.options} if region else {}
        names = _names(shown, dimension)
        return tuple(Group(name[2], dict(labels.get(name[2], {})), shown[name]) for name in names)

    return Turnout(
        asked=shown[("asked",)],
        began=shown[("began",)],
        finished=shown[("finished",)],
        by_channel=groups("channel"),
        by_language=groups("language"),
        by_region=groups("region"),
    )


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
            key: _cell(key.removeprefix("code:"), names.get(key, {}), shown["coded", question.id, key], n)
            for key in one.coded
        }
        cells = tuple(coded[key] for key in names)
        note = one.note.counted(placed=coded[PLACED], unsure=coded[UNSURE], nothing=coded[NOTHING])
        return finding.with_(cells=cells, coding=note)
    if question.type == "scale":
        average = published_mean(question, counts, system, hidden, minimum)
        return finding.with_(cells=cells, mean=average)
    if question.type == "number":
        return finding.with_(quartiles=_quartiles(counts, minimum))
    return finding.with_(cells=cells)


def _cell(key: str, label: Texts, count: int | None, n: int) -> Cell:
    if count is None:
        return Cell(key, dict(label))
    low, high = wilson(count, n)
    return Cell(key, dict(label), count, round(count / n, 4), round(low, 4), round(high, 4))


def _quartiles(counts: Tally, minimum: int) -> Quartiles | None:
    """The median where `minimum` people lie on either side of it, the quartiles where as many lie in each quarter."""
    if counts.n < 2 * minimum:
        return None
    lower, middle, upper = quartiles(counts.values)
    if counts.n < 4 * minimum:
        return Quartiles(middle)
    return Quartiles(middle, lower, upper)
