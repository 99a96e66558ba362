"""The tables behind what goes beyond counts: the population, outcome rates, waves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.beyond import Outcomes
from analysis.findings import Digest
from analysis.render.beyond import points
from analysis.render.language import Language
from analysis.render.phrases import label, quoted
from analysis.render.sentences import PEOPLE, WEIGHTS


@dataclass(frozen=True, slots=True)
class Crossed:
    """A table of a question by groups: a column for each, with how many of it answered; nothing where it is no group.

    One of statements by opinion groups is the same.
    """

    title: str
    sources: tuple[int, ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """A share and its range in each column; no range where the share is hidden."""


def tables(digest: Digest, words: Language, numbers: Mapping[str, int]) -> Iterator[Crossed]:
    """`numbers` are the sources' on the page."""
    if digest.weights and digest.weights.heard:
        yield _population(digest, words, numbers)
    for by in dict.fromkeys(one.by for one in digest.outcomes):
        yield _rates([one for one in digest.outcomes if one.by == by], by, words, numbers[PEOPLE])
    if digest.trends:
        yield from _waves(digest, words, numbers)


def _population(digest: Digest, words: Language, numbers: Mapping[str, int]) -> Crossed:
    """The margins, beside those who answered."""
    heard = digest.weights.heard if digest.weights else ()
    asked = tuple(dict.fromkeys(one.question for one in heard))

    def share(value: float | None) -> tuple[str, str]:
        return words.shown(None) if value is None else words.percent(value), ""

    rows = tuple(
        (words.text(one.label, words.sentences.get(one.cell, one.cell)), (share(one.population), share(one.heard)))
        for one in heard
    )
    columns = ((words.say("population"), ""), (words.say("who"), ""))
    return Crossed(words.say("margins_table"), (*(numbers[name] for name in asked), numbers[WEIGHTS]), columns, rows)


def _rates(found: list[Outcomes], by: str, words: Language, source: int) -> Crossed:
    """AAPOR's rates, a column a group; hidden where a count is."""
    title = words.say("rates_table") + (f" · {words.say(f'by_{by}')}" if by else "")
    columns = tuple((_group(one, by, words), words.shown(one.drawn)) for one in found)
    shown = [
        (name, tuple((_rate(one, name, words), "") for one in found)) for name in (found[0].rates if found else ())
    ]
    return Crossed(title, (source,), columns, tuple(shown))


def _group(one: Outcomes, by: str, words: Language) -> str:
    if not by:
        return words.say("rates_all")
    return words.text(one.label, words.name_of(one.group) if by == "language" else one.group)


def _rate(one: Outcomes, name: str, words: Language) -> str:
    rate = one.rates[name]
    if rate is None:
        return "–" if one.e is not None else words.shown(None)
    return words.percent(rate)


def _waves(digest: Digest, words: Language, numbers: Mapping[str, int]) -> Iterator[Crossed]:
    """Each answer in the wave before and now; where people answered both times, how many took it up and left it."""
    trends = digest.trends
    for name in dict.fromkeys(one.question for one in trends.answers) if trends else ():
        question = digest.question(name)
        mine = {one.cell: one for one in trends.answers if one.question == name} if trends else {}
        rows = []
        for cell in question.cells:
            one = mine.get(cell.id)
            if one is None:
                continue
            moved = [(words.percent(one.before), ""), (words.percent(one.now), ""), (points(one.change, words), "")]
            panel = (points(one.panel, words), "") if one.panel else (words.shown(None), "")
            counts = [(words.shown(count), "") for count in (one.both, one.gained, one.lost)]
            rows.append((label(cell, words), (*moved, *counts, panel)))
        heads = ("wave_before", "wave_now", "wave_change", "wave_both", "wave_gained", "wave_lost", "wave_panel")
        title = words.say("wave_table", question=quoted(question, words), wave=trends.wave if trends else 0)
        yield Crossed(title, (numbers[name],), tuple((words.say(head), "") for head in heads), tuple(rows))
