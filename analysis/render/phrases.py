"""How digests call things and write shares, and the question that they lead with."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.findings import Cell, Digest, Finding, Group, Mean, Share
from analysis.render.language import Language


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


def named_share(cell: Cell, language: Language) -> str:
    return f"{language.apart(label(cell, language))} {shared(cell, language)}"


def shared(cell: Cell, language: Language) -> str:
    """A share with its range, kept together from left to right."""
    value, spread = language.percent(cell.share or 0.0), share_range(cell, language)
    return language.say("ranged", value=value, range=spread)


def spread(share: Share, language: Language) -> str:
    """A weighted share with its range."""
    low, high = language.number(round(100 * share.low)), language.percent(share.high)
    value = language.percent(share.share)
    return language.say("ranged", value=value, range=language.say("range", low=low, high=high))


def spread_mean(mean: Mean, language: Language) -> str:
    """A mean with its range."""
    interval = language.say("range", low=language.mean(mean.low), high=language.mean(mean.high))
    return language.say("ranged", value=language.mean(mean.value), range=interval)


def key_question(digest: Digest) -> Finding | None:
    """The question whose leading answers the summary names: in people's own words if there is one, else by options."""
    ranked = [question for question in digest.questions if question.ranked() and not question.profile]
    for types in (("open",), ("many-of", "one-of"), ("yes-no",)):
        for question in ranked:
            if question.type in types and not question.conditional:
                return question
    return None


def quoted_words(question: Finding, digest: Digest, language: Language) -> Iterator[tuple[str, str, str]]:
    """What people said to a question, as it was approved: the words, their language, and what they stand under."""
    names = {cell.id: label(cell, language) for cell in question.cells}
    for one in digest.quotes:
        if one.question == question.id:
            yield one.text, one.language, language.list(names[code] for code in one.codes if code in names)
