"""What a digest comes to, in words: who answered, what matters most, how far to trust it, whom we did not hear.

Every other rendering says these sentences first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.findings import FEW, Cell, Digest, Finding, Group
from analysis.render.language import Language

NAMED = 3
"""How many answers the summary names."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences, under four headings."""

    who: tuple[str, ...]
    top: tuple[str, ...]
    trust: tuple[str, ...]
    missing: tuple[str, ...]


def summary(digest: Digest, language: Language) -> Summary:
    return Summary(
        who=tuple(_who(digest, language)),
        top=tuple(_top(digest, language)),
        trust=tuple(_trust(digest, language)),
        missing=tuple(_missing(digest, language)),
    )


def key_question(digest: Digest) -> Finding | None:
    """The question whose leading answers the summary names: in people's own words if there is one, else by options."""
    ranked = [question for question in digest.questions if question.ranked() and not question.profile]
    for types in (("open",), ("many-of", "one-of"), ("yes-no",)):
        for question in ranked:
            if question.type in types and not question.conditional:
                return question
    return None


def label(cell: Cell, language: Language) -> str:
    return language.text(cell.label, language.sentences.get(cell.id, cell.id))


def named(groups: tuple[Group, ...], by: str, language: Language) -> list[tuple[str, Group]]:
    """Groups with what they are called; languages are called as people call them."""

    def name(group: Group) -> str:
        known = language.name_of(group.id) if by == "by_language" and group.id else group.id
        return language.text(group.label, known or language.sentences["unknown"])

    return [(name(group), group) for group in groups]


def with_share(cell: Cell, language: Language) -> str:
    return f"{label(cell, language)} {language.percent(cell.share or 0.0)}"


def share_range(cell: Cell, language: Language) -> str:
    low = language.number(round(100 * (cell.low or 0.0)))
    return language.say("range", low=low, high=language.percent(cell.high or 0.0))


def quoted(question: Finding, language: Language) -> str:
    return language.say("quoted", text=language.text(question.text, question.id))


def _named(cell: Cell, language: Language) -> str:
    return f"{language.apart(label(cell, language))} " + language.say(
        "ranged", value=language.percent(cell.share or 0.0), range=share_range(cell, language)
    )


def _who(digest: Digest, language: Language) -> Iterator[str]:
    turnout = digest.turnout
    if turnout.began == 0:
        yield language.say("who_none")
        return
    if turnout.began is None:
        yield language.say("who_few")
        return
    yield language.say("who_text", began=turnout.began)
    if turnout.asked is not None:
        yield language.say("who_asked", asked=turnout.asked)
    if turnout.finished is not None:
        yield language.say("who_finished", finished=turnout.finished)
    for by, groups in (
        ("by_channel", turnout.by_channel),
        ("by_language", turnout.by_language),
        ("by_region", turnout.by_region),
    ):
        shown = [(group.began, name) for name, group in named(groups, by, language) if group.began]
        if shown:
            ordered = sorted(shown, key=lambda one: -one[0])
            counted = [f"{language.apart(name)} {language.number(count)}" for count, name in ordered]
            yield language.say("groups", by=language.say(by), list=language.list(counted))


def _top(digest: Digest, language: Language) -> Iterator[str]:
    question = key_question(digest)
    if question is None:
        yield language.say("top_none")
        return
    leading = question.ranked()[:NAMED]
    named = language.list(_named(cell, language) for cell in leading)
    yield language.say("top_text", question=quoted(question, language), list=named)
    if len(leading) > 1 and (leading[1].high or 0) >= (leading[0].low or 0):
        one, other = (language.apart(label(cell, language)) for cell in leading[:2])
        yield language.say("close", one=one, other=other)


def _trust(digest: Digest, language: Language) -> Iterator[str]:
    yield language.say("trust_sample")
    yield language.say("trust_range")
    for question in digest.questions:
        if question.coding and question.n:
            yield _coded(question, language)
    low = [question for question in digest.questions if question.n and question.n < FEW]
    if low:
        yield language.say("trust_low", few=FEW, list=language.list(quoted(question, language) for question in low))
    if digest.hidden:
        yield language.say("trust_hidden", minimum=digest.minimum_cell, hidden=digest.hidden)


def _coded(question: Finding, language: Language) -> str:
    note = question.coding
    if note is None or note.nothing is None or note.unsure is None:
        return ""
    values = {"question": quoted(question, language), "n": question.n, "rows": note.rows}
    if note.drawn:
        return language.say("trust_checked", **values, drawn=note.drawn)
    if note.method == "keywords":
        return language.say("trust_keywords", **values, nothing=note.nothing.count)
    if note.sureness > 1:
        return language.say("trust_never", **values)
    return language.say("trust_model", **values, right=language.percent(note.right), unsure=note.unsure.count)


def _missing(digest: Digest, language: Language) -> Iterator[str]:
    """Groups with few answers. Those not shown are named apart: they may be small or large."""
    turnout = digest.turnout
    if not turnout.began:
        return
    groups = list(_groups(digest, language))
    few = [
        f"{language.apart(name)} {language.number(count)}"
        for name, count in groups
        if count is not None and count < FEW
    ]
    hidden = [language.apart(name) for name, count in groups if count is None]
    if few:
        yield language.say("missing_few", few=FEW, list=language.list(few))
    if hidden:
        yield language.say("missing_hidden", list=language.list(hidden))
    if groups and not few and not hidden:
        yield language.say("missing_none", few=FEW)
    if turnout.finished is not None and turnout.began >= turnout.finished + digest.minimum_cell:
        yield language.say("missing_left", left=turnout.began - turnout.finished)


def _groups(digest: Digest, language: Language) -> Iterator[tuple[str, int | None]]:
    """Each group by language, region and the other profile questions, with how many of it answered."""
    turnout = digest.turnout
    for by, groups in (("by_language", turnout.by_language), ("by_region", turnout.by_region)):
        for name, group in named(groups, by, language):
            if group.id:
                yield name, group.began
    regions = {group.id for group in turnout.by_region}
    for question in digest.questions:
        if question.profile and question.n and not {cell.id for cell in question.cells} <= regions:
            for cell in question.cells:
                yield label(cell, language), cell.count


def in_one_line(question: Finding, language: Language) -> str:
    """A question's result in a line of text, for channels without pictures."""
    if question.n is None:
        return language.say("question_hidden")
    if not question.n:
        return language.say("question_none")
    parts: Sequence[str] = []
    if question.mean:
        parts = [mean(question, language)]
    elif question.type == "number":
        parts = number(question, language)
    elif question.cells:
        parts = [language.list(_named(cell, language) for cell in question.ranked())]
    elif question.type == "open":
        parts = [language.say("open_plain")]
    answered = language.say("answered", n=question.n)
    return ". ".join(part.rstrip(".") for part in (*parts, answered) if part) + "."


def mean(question: Finding, language: Language) -> str:
    average = question.mean
    if average is None:
        return language.say("mean_hidden")
    interval = language.say("range", low=language.mean(average.low), high=language.mean(average.high))
    value = language.say("ranged", value=language.mean(average.value), range=interval)
    points = [int(cell.id) for cell in question.cells] or [0, 0]
    ends = [language.number(point) for point in (points[0], points[-1])]
    if question.ends:
        ends = [f"{end} ({language.text(text)})" for end, text in zip(ends, question.ends, strict=True)]
    return language.say("mean", mean=value, low=ends[0], high=ends[1])


def number(question: Finding, language: Language) -> list[str]:
    found = question.quartiles
    if found is None:
        return [language.say("number_few")]
    unit = language.text(question.unit)

    def counted(value: float) -> str:
        return f"{language.number(int(value) if value.is_integer() else value)} {unit}".strip()

    sentences = [language.say("median", median=counted(found.median))]
    if found.lower is not None and found.upper is not None:
        sentences.append(language.say("quartiles", lower=counted(found.lower), upper=counted(found.upper)))
    return sentences
