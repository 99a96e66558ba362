"""From the store to the data frames that analysis takes: the rows that count, and only those.

    frames(connection, vault, survey, coders) -> Frames

The store is read in batches into typed columns: a few bytes for an answer, however long its value is, so that a
million people with ten answers each fit in some hundred megabytes. Values are read as they are written (JSON) and
understood once each, as there are few different ones. Words are opened last and in batches, coded, and dropped: none
is opened that does not count, and none is in what comes out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analysis.coding import By, Checked, Coded, Coder
from analysis.findings import CodingNote
from analysis.frames import GIVEN, NOTHING, UNSURE, Frames, no_votes
from gateway.coding.coded import ByHand
from gateway.ingest.interviews import APP
from gateway.results import columns
from gateway.results.choosing import Chosen, choose
from gateway.results.columns import Column, Distinct, Given, categorical, ends, joined
from gateway.results.elsewhere import WORDS, by_keyword, moved
from gateway.results.looks import Looks
from gateway.results.previous import previous
from gateway.results.processing import changed
from gateway.results.rates import drawn
from gateway.results.values import Cells, values
from gateway.store import schema
from gateway.store.database import among
from gateway.store.keys import Vault
from gateway.store.statement_tables import statements
from surveys.model import Question, Survey, Texts
from surveys.statements import AGREE, DISAGREE, PASS

NUMBERS = ("scale", "number")
"""Questions whose answers are numbers."""

VOTES = {AGREE: 1, DISAGREE: -1, PASS: 0}


def frames(
    connection: sa.Connection, vault: Vault, survey: Survey, coders: Mapping[str, Coder], hand: ByHand | None = None
) -> Frames:
    """What counts of one survey, as analysis.frames.Frames describes it. `coders` by codebook.

    - Of a poll that was asked several times, the newest wave.
    - Answers of people whose last word on consent was yes.
    - Of two conversations of one person the earlier one in which something was answered, or the earlier one.
    - Of two answers to one question in it the later one.
    - An answer that was coded as of the wrong question, or by a keyword, counts under the right one, where that was not
      answered.
    - No votes on statements that moderators withdrew. Of participants' own ones, the words of moderators.
    - No words of people who asked to be forgotten: those have left the store, and a row without words is left.

    Everybody who has a conversation was asked, also those who then refused. A person is numbered by their place in
    that order: their pseudonym is not in what comes out.
    """
    wave = columns.newest_wave(connection, survey)
    chosen, kept = choose(connection, survey, wave)
    hand = hand or ByHand()
    hand = replace(hand, moved={**by_keyword(connection, vault, survey, coders, kept), **hand.moved})
    kept, elsewhere = moved(kept, hand.moved)
    votes = _votes(kept, chosen.number, survey)
    given = kept.by_question()
    del kept  # the longest columns there are; `given` is used up
    looks = Looks(len(chosen.rows))
    answers, notes = _told(connection, vault, survey, coders, given, chosen.number, hand, looks)
    proposed, withdrawn = _moderated(connection, survey)
    people = _people(chosen, answers, survey)
    sample = drawn(connection, survey, wave)
    looks.at(connection, vault, survey, chosen, answers, interviewed=APP.name, invited=bool(sample))
    before, panel = previous(connection, survey, wave, chosen)
    return Frames(
        people.assign(flags=looks.flags),
        answers,
        votes[~votes["statement"].isin(withdrawn)].reset_index(drop=True),
        notes,
        {
            "conversations": chosen.set_aside,
            "withdrew": chosen.withdrew,
            "replaced": chosen.replaced,
            "moved": elsewhere,
            **changed(connection, survey, wave),
        },
        wave,
        proposed,
        panel,
        before,
        sample,
    )


# Choosing -----------------------------------------------------------------------------------------------------------


def _people(chosen: Chosen, answers: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    asked, began = chosen.asked.at(chosen.rows), chosen.counts[chosen.rows]
    region = categorical(np.full(len(began), -1), [])
    if survey.region:
        rows = answers[answers["question"] == survey.region]
        kinds = rows["choice"].cat.categories
        codes = np.full(len(began), -1)
        codes[rows["person"].to_numpy()] = rows["choice"].cat.codes
        region = categorical(codes, list(kinds)).remove_unused_categories()
    return pd.DataFrame(
        {
            "person": np.arange(len(began), dtype=np.int64),
            "channel": asked.channels.category(asked.channel, str),
            "language": asked.languages.category(asked.language, lambda name: name or None),
            "region": region,
            "began": began,
            "finished": began & asked.completed,
        }
    )


# Understanding ------------------------------------------------------------------------------------------------------


def _told(
    connection: sa.Connection,
    vault: Vault,
    survey: Survey,
    coders: Mapping[str, Coder],
    given: dict[str, Given],
    number: Column,
    hand: ByHand,
    looks: Looks,
) -> tuple[pd.DataFrame, dict[str, CodingNote]]:
    """The frame of answers, each question's together, and how open ones were coded. Empties `given`."""
    written = next(iter(given.values())).values.known if given else ()
    known = [None if value is None else json.loads(value) for value in written]
    choices = Distinct()
    parts: list[Sequence[Column]] = []
    notes: dict[str, CodingNote] = {}
    for place, question in enumerate(survey.questions):
        mine = given.pop(question.id, None)
        if mine is None:
            continue
        people = number[mine.conversation].astype(np.int32)
        if question.type in ("open", "picture", "voice"):
            coder = coders.get(question.codebook) if question.type == "open" else None
            if coder is not None:
                notes[question.id] = _note(question.codebook, coder)
            checked, at_random = Checked(), hand.drawn.get(question.id, frozenset())
            seen = Seen(checked, at_random, hand.moved.keys(), looks, people)
            told = _words(connection, vault, question, coder, mine, choices, seen)
            if coder is not None and coder.model is not None and checked.drawn:
                notes[question.id] = _checked(notes[question.id], checked, coder)
        else:
            told = values(question, mine, known, choices)
        row, choice, measured = told
        # What is the same in each row takes no memory until all are put together.
        places = np.broadcast_to(np.int16(place), len(row))
        parts.append((people[row], places, choice, measured if question.type in NUMBERS else _none(measured)))
    person, question_, choice, measured = joined(parts, (np.int64, np.int16, np.int32, np.float64))
    question_ = categorical(question_, [question.id for question in survey.questions])
    choice = choices.category(choice, lambda name: name)
    columns_ = {"person": person, "question": question_, "choice": choice, "number": measured}
    return pd.DataFrame(columns_, copy=False), notes


def _checked(note: CodingNote, checked: Checked, coder: Coder) -> CodingNote:
    """With shares that know of wrong codes, where enough was drawn at random."""
    found = checked.shares(coder.order)
    return replace(
        note,
        drawn=checked.drawn if found else 0,
        shares={code: (one.value, one.low, one.high) for code, one in found.items()},
        slopes={code: (one.slope, one.error) for code, one in found.items() if one.slope is not None},
    )


def _none(like: Column) -> Column:
    return np.broadcast_to(np.nan, len(like))


class Seen(NamedTuple):
    """Who is told what became of each answer: `checked`, also which were `drawn` at random for people to code; which
    were `moved` here; and `looks`, which looks for the same words from several `people` (their numbers, by answer)."""

    checked: Checked
    drawn: AbstractSet[int]
    moved: AbstractSet[int]
    looks: Looks
    people: Column


def _words(
    connection: sa.Connection,
    vault: Vault,
    question: Question,
    coder: Coder | None,
    mine: Given,
    choices: Distinct,
    seen: Seen,
) -> Cells:
    """Words become codes; without a codebook, and of pictures and voices, only that something was sent is kept."""
    table = schema.answers
    rows: list[Column] = []
    named: list[Column] = []
    for start in range(0, len(mine.id), WORDS):
        ids = mine.id[start : start + WORDS]
        chosen = sa.select(table.c.id, table.c.sealed_text).where(among(connection.dialect.name, table.c.id, "ids"))
        sealed = {row.id: row.sealed_text for row in connection.execute(chosen, {"ids": ids.tolist()})}
        told = [sealed.get(int(row)) for row in ids]
        codes: list[tuple[str | None, ...]] = [(None,) if one is None else ("sent",) for one in told]
        if question.type == "open":
            there = [place for place, one in enumerate(told) if one is not None]
            texts = [vault.open_text(told[place], "answer") for place in there] if coder else []  # type: ignore[arg-type]  # not None
            coded = coder(texts, [int(ids[place]) in seen.moved for place in there]) if coder else []
            for index, place in enumerate(there):
                codes[place] = _codes(coded[index]) if coder else (GIVEN,)
                if coder:
                    by_people = int(ids[place]) in seen.drawn and texts[index] in coder.by_people
                    seen.checked.add(coded[index], drawn=by_people)
            if coder:
                seen.looks.texts(question.id, seen.people[start + np.array(there, int)], texts)
        rows.append(np.repeat(np.arange(start, start + len(ids)), [len(one) for one in codes]))
        named.append(choices([code for one in codes for code in one]))
    row, choice = joined(list(zip(rows, named, strict=True)), (np.int64, np.int32))
    return row, choice, np.full(len(row), np.nan)


def _codes(coded: Coded) -> tuple[str, ...]:
    return coded.codes or ((UNSURE,) if coded.by is By.UNSURE else (NOTHING,))


def _note(codebook: str, coder: Coder) -> CodingNote:
    report = coder.model.report if coder.model else None
    if report is None:
        return CodingNote(codebook, "keywords")
    return CodingNote(codebook, "model", report.rows, round(report.sureness, 2), round(report.right, 2))


def _votes(kept: Given, number: Column, survey: Survey) -> pd.DataFrame:
    """The last vote of each person on each statement, wherever in their row it came."""
    places = {question.id for question in survey.questions if question.type == "statement"}
    if not places:
        return no_votes()
    asks = np.array([name in places for name in kept.questions.known] or [False])
    told: list[Any] = [None if value is None else json.loads(value) for value in kept.values.known]
    is_vote = np.array([isinstance(one, list) and len(one) == 2 and one[1] in VOTES for one in told] or [False])
    mine = kept.at(asks[kept.question] & is_vote[kept.value]) if len(kept.id) else kept
    statements = sorted({told[code][0] for code in np.unique(mine.value)})
    place = {name: index for index, name in enumerate(statements)}
    which = np.array([place.get(one[0], -1) if vote else -1 for one, vote in zip(told, is_vote, strict=False)] or [-1])
    votes = np.array([VOTES[one[1]] if vote else 0 for one, vote in zip(told, is_vote, strict=False)] or [0], np.int8)
    person, statement = number[mine.conversation], which[mine.value]
    order = np.lexsort((mine.id, statement, person))
    person, statement, vote = person[order], statement[order], votes[mine.value][order]
    is_last = ends(person, statement)
    return pd.DataFrame(
        {
            "person": person[is_last],
            "statement": categorical(statement[is_last], statements),
            "vote": vote[is_last],
        }
    )


def _moderated(connection: sa.Connection, survey: Survey) -> tuple[dict[str, Texts], frozenset[str]]:
    """Participants' statements that moderators let out, in the moderators' words; the ids of all that are withdrawn."""
    columns_ = (statements.c.id, statements.c.statement, statements.c.status, statements.c.texts)
    chosen = sa.select(*columns_).where(
        statements.c.survey == survey.name, statements.c.status.in_(("shown", "withdrawn"))
    )
    proposed: dict[str, Texts] = {}
    withdrawn: set[str] = set()
    for row in connection.execute(chosen.order_by(statements.c.id)):
        name = row.statement or f"own-{row.id}"
        if row.status == "withdrawn":
            withdrawn.add(name)
        elif row.texts:
            proposed[name] = row.texts
    return proposed, frozenset(withdrawn)
