"""The digest as one HTML page that needs nothing else: to read on a phone, print, save as PDF, or mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from analysis.findings import FEW, Cell, CommonGround, Digest, Finding, Group, Mean, Table
from analysis.render import charts, further
from analysis.render.further import Crossed
from analysis.render.ground import agreeing_share, group_name, least
from analysis.render.language import Language
from analysis.render.language import language as speak
from analysis.render.phrases import label, named, quoted, quoted_words, share_range, spread
from analysis.render.sentences import GROUND, PEOPLE, WEIGHTS
from analysis.render.words import mean, number, summary, weighted_mean


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a chart and of its table. `chart` is empty where the number is hidden."""

    label: str
    count: str
    share: str
    interval: str
    chart: Markup = Markup()  # noqa: RUF009 - immutable, as the str it is
    weighted: str = ""
    unflagged: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One question on the page."""

    id: str
    title: str
    answered: str
    notes: tuple[str, ...]
    figure: Markup
    rows: tuple[Row, ...] = field(default=())
    quotes: tuple[tuple[str, str, str], ...] = ()
    """Somebody's words, their language, and what they stand under."""
    has_weighted_mean: bool = False

    @property
    def has_weights(self) -> bool:
        return any(row.weighted for row in self.rows)

    @property
    def has_flags(self) -> bool:
        return any(row.unflagged for row in self.rows)


def page(digest: Digest, language: str) -> str:
    """A whole HTML document, with its styles, without scripts, without a request to anywhere."""
    words = speak(language)
    turnout = digest.turnout
    by = (("by_channel", turnout.by_channel), ("by_language", turnout.by_language), ("by_region", turnout.by_region))
    numbers = {PEOPLE: 1, **{question.id: place for place, question in enumerate(digest.questions, start=2)}}
    if digest.ground:
        numbers[GROUND] = len(numbers) + 1
    if digest.weights:
        numbers[WEIGHTS] = len(numbers) + 1
    return _template().render(
        words=words,
        title=words.text(digest.title, digest.survey),
        made=words.say("made", date=words.date(digest.made_at)),
        simulated=words.say("simulated") if digest.simulated else "",
        summary=[
            (heading, [(one.text, [numbers[source] for source in one.sources]) for one in sentences])
            for heading, sentences in summary(digest, words).items()
        ],
        sections=[_section(question, digest, words) for question in digest.questions],
        numbers=numbers,
        people=[(words.say(key), list(_people(groups, key, words))) for key, groups in by if groups],
        weighted=numbers.get(WEIGHTS, 0),
        tables=[
            *further.tables(digest, words, numbers),
            *(_crossed(table, digest, words, numbers) for table in digest.tables),
            *(
                [_statements(digest.ground, words, numbers[GROUND])]
                if digest.ground and digest.ground.statements
                else ()
            ),
        ],
        sources=[(number, *_source(name, digest, words)) for name, number in numbers.items()],
    )


def ended(page: str, more: str) -> str:
    """A digest with this at its end."""
    return page.replace("</main>", f"{more}</main>", 1)


def _source(name: str, digest: Digest, words: Language) -> tuple[str, str]:
    """What is asked of whom, and how it was counted: all that a number's reader needs to have it counted again."""
    how = words.say(
        "source_how",
        minimum=digest.minimum_cell,
        date=words.date(digest.made_at),
        survey=digest.survey,
        hash=digest.hash[:12],
        program=digest.program or "Baraza",
    )
    if name == PEOPLE:
        return words.say("source_people"), how
    if name == WEIGHTS and digest.weights:
        weights = digest.weights
        by = words.sentences["comma"].join(weights.by) or "–"
        known = weights.source or words.say("missing_known")
        return words.say("source_weights", by=by, source=words.apart(known), cap=weights.cap), how
    if name == GROUND:
        asked = digest.ground.asked if digest.ground else ()
        return words.say("source_ground", id=words.sentences["comma"].join(asked)), how
    question = digest.question(name)
    what = words.say("source_question", question=quoted(question, words), id=name, n=question.n)
    if question.coding:
        version = question.coding.version or "–"
        what += " " + words.say("source_codebook", codebook=question.coding.codebook, version=version)
    return what, how


def _crossed(table: Table, digest: Digest, words: Language, numbers: Mapping[str, int]) -> Crossed:
    question, by = digest.question(table.question), digest.question(table.by)
    means = tuple(_mean_of(group.mean, words) for group in table.groups)
    cells = [label(cell, words) for cell in table.groups[0].cells] if table.groups else []
    return Crossed(
        words.say("by_group", question=words.text(question.text, question.id), by=words.text(by.text, by.id)),
        (numbers[question.id], numbers[by.id]),
        tuple(
            (words.text(group.label, words.sentences.get(group.id, group.id)), _size(group.n, words))
            for group in table.groups
        ),
        tuple(
            (name, tuple(_share(group.cells[row], words) for group in table.groups)) for row, name in enumerate(cells)
        )
        or ((words.say("mean_row"), means),),
    )


def _statements(ground: CommonGround, words: Language, source: int) -> Crossed:
    """Agreement by opinion group, the lowest of them with its range, and the consensus."""

    def whole(low: float, high: float) -> str:
        return words.say("range", low=words.number(round(100 * low)), high=words.percent(high))

    grouped = len(ground.groups) > 1
    extra = (words.say("ground_lowest"), words.say("ground_consensus")) if grouped else ()
    rows = []
    for one in ground.statements:
        cells = [(agreeing_share(group, words), whole(group.low, group.high)) for group in one.groups]
        if grouped:
            cells.append((least(one.lowest, words, exact=one.exact), whole(one.low, one.high)))
            cells.append((least(one.consensus, words, exact=one.exact), ""))
        rows.append((words.text(one.text, one.id), tuple(cells)))
    columns = [(group_name(group.id, words), _size(group.people, words)) for group in ground.groups]
    return Crossed(words.say("ground_table"), (source,), (*columns, *((name, "") for name in extra)), tuple(rows))


def _size(n: int | None, words: Language) -> str:
    """A group's n; a star where it is so small that its shares are a hint and no more."""
    return words.shown(n) + (" *" if n is not None and n < FEW else "")


def _mean_of(mean: Mean | None, words: Language) -> tuple[str, str]:
    if mean is None:
        return words.shown(None), ""
    return words.mean(mean.value), words.say("range", low=words.mean(mean.low), high=words.mean(mean.high))


def _share(cell: Cell, words: Language) -> tuple[str, str]:
    if cell.share is None:
        return words.shown(None), ""
    return words.percent(cell.share), share_range(cell, words)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("analysis", "render"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html")


def _people(groups: tuple[Group, ...], by: str, words: Language) -> Iterator[tuple[str, str]]:
    return ((name, words.shown(group.began)) for name, group in named(groups, by, words))


def _section(question: Finding, digest: Digest, words: Language) -> Section:
    title = words.text(question.text, question.id)
    if not question.n:
        note = words.say("question_none" if question.n == 0 else "question_hidden")
        return Section(question.id, title, "", (note,), Markup())
    answered = words.say("answered", n=question.n)
    if question.skipped:
        answered += words.sentences["comma"] + words.say("left_out", n=question.skipped)
    cells = question.ranked() if question.type in ("open", "many-of") else ()
    ordered = (*cells, *(cell for cell in question.cells if cell not in cells))
    if question.coding:
        ordered += tuple(cell for cell in (question.coding.unsure, question.coding.nothing) if cell and cell.count != 0)
    return Section(
        question.id,
        title,
        answered,
        tuple(_notes(question, words)),
        _mean_chart(question, words),
        tuple(_row(question, cell, words) for cell in ordered),
        tuple(quoted_words(question, digest, words)),
        question.weighted_mean is not None,
    )


def _notes(question: Finding, words: Language) -> Iterator[str]:
    if question.n is not None and question.n < FEW:
        yield words.say("low", few=FEW)
    if question.conditional:
        yield words.say("some")
    if question.type == "many-of" or (question.coding and sum(cell.share or 0 for cell in question.cells) > 1):
        yield words.say("several")
    if question.type == "scale":
        yield mean(question, words)
        if question.weighted_mean:
            yield weighted_mean(question, words)
    if question.type == "number":
        yield from number(question, words)
    if question.type == "open" and not question.coding:
        yield words.say("open_plain")


def _mean_chart(question: Finding, words: Language) -> Markup:
    average = question.mean
    if average is None or len(question.cells) < 2:
        return Markup()
    first, last = (float(question.cells[place].id) for place in (0, -1))
    return charts.point(
        f"{question.id}-mean",
        words.text(question.text, question.id),
        mean(question, words),
        average.value,
        average.low,
        average.high,
        (first, last),
    )


def _row(question: Finding, cell: Cell, words: Language) -> Row:
    name = {"nothing": words.say("no_code"), "unsure": words.say("unsure")}.get(cell.id) if question.coding else None
    name = name or _name(question, cell, words)
    if cell.share is None:
        hidden = words.shown(None)
        return Row(name, hidden, hidden, hidden)
    low, high = cell.low or 0.0, cell.high or 0.0
    share = words.percent(cell.share)
    described = words.say("bar", share=share, n=question.n, low=words.percent(low), high=words.percent(high))
    chart = charts.bar(f"{question.id}-{cell.id}", name, described, cell.share, low, high)
    weighted, unflagged = (spread(one, words) if one else "" for one in (cell.weighted, cell.unflagged))
    return Row(name, words.number(cell.count or 0), share, share_range(cell, words), chart, weighted, unflagged)


def _name(question: Finding, cell: Cell, words: Language) -> str:
    """A scale's point comes with what it means where it is one of the ends."""
    if question.type != "scale":
        return label(cell, words)
    number_ = words.number(int(cell.id))
    for end, place in zip(question.ends, (question.cells[0], question.cells[-1]), strict=False):
        if place.id == cell.id:
            return f"{number_} ({words.text(end)})"
    return number_
