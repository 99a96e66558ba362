"""What a digest comes to, in words: what changed, who answered, whom we did not hear, what matters most, what few say,
how far to trust it, and what was done on the way.

Every other rendering says these sentences first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from analysis.findings import FEW, Digest, Finding
from analysis.render import beyond, ground
from analysis.render.language import Language
from analysis.render.phrases import key_question, label, named, named_share, quoted, shared, spread_mean
from analysis.render.sentences import PEOPLE, WEIGHTS, Sentence

NAMED = 3
"""How many answers the summary names."""

CHANGES = 5
"""How many changes it names."""

MINOR = 0.15
"""What fewer than this share say is told as a position of few."""

Part = Callable[[Digest, Language], Iterator[Sentence]]


def summary(digest: Digest, language: Language) -> dict[str, tuple[Sentence, ...]]:
    """The sentences by their heading, what changed first. Headings under which nothing is to say are left out."""
    parts: dict[str, Part] = {
        "changed": _changed,
        "who": _who,
        "missing": _missing,
        "top": _top,
        "minority": _minority,
        "ground": ground.told,
        "trust": _trust,
        "done": _done,
    }
    found = {heading: tuple(part(digest, language)) for heading, part in parts.items()}
    return {heading: sentences for heading, sentences in found.items() if sentences}


def _changed(digest: Digest, language: Language) -> Iterator[Sentence]:
    yield from beyond.trends(digest, language)
    since = digest.since
    if since is None:
        return
    when = language.date(since.made_at)
    more = (digest.turnout.began or 0) - (since.began or 0)
    if more > 0 and digest.turnout.began is not None and since.began is not None:
        yield Sentence(language.say("changed_more", more=more, date=when), (PEOPLE,))
    for change in since.changes[:CHANGES]:
        question = digest.question(change.question)
        name = language.apart(label(change.cell, language))
        values = {"before": language.percent(change.before), "now": shared(change.cell, language)}
        yield Sentence(
            language.say("changed_share", question=quoted(question, language), answer=name, **values), (question.id,)
        )
    if not since.changes:
        yield Sentence(language.say("changed_nothing", date=when))


def _who(digest: Digest, language: Language) -> Iterator[Sentence]:
    turnout = digest.turnout
    if turnout.began is None:
        yield Sentence(language.say("who_few"))
        return
    if turnout.began == 0:
        yield Sentence(language.say("who_none"))
        return
    yield Sentence(language.say("who_text", began=turnout.began), (PEOPLE,))
    if turnout.asked is not None:
        yield Sentence(language.say("who_asked", asked=turnout.asked), (PEOPLE,))
    if turnout.finished is not None:
        yield Sentence(language.say("who_finished", finished=turnout.finished), (PEOPLE,))
    yield from beyond.rates(digest, language)
    for by, groups in (
        ("by_channel", turnout.by_channel),
        ("by_language", turnout.by_language),
        ("by_region", turnout.by_region),
    ):
        shown = [(group.began, name) for name, group in named(groups, by, language) if group.began]
        if shown:
            ordered = sorted(shown, key=lambda one: -one[0])
            counted = [f"{language.apart(name)} {language.number(count)}" for count, name in ordered]
            text = language.say("groups", by=language.say(by), list=language.list(counted))
            yield Sentence(text, (PEOPLE,))


def _top(digest: Digest, language: Language) -> Iterator[Sentence]:
    if digest.decision:
        yield Sentence(language.say("decision", decision=language.text(digest.decision)))
    question = key_question(digest)
    if question is None:
        yield Sentence(language.say("top_none"))
        return
    leading = question.ranked()[:NAMED]
    named = language.list(named_share(cell, language) for cell in leading)
    yield Sentence(language.say("top_text", question=quoted(question, language), list=named), (question.id,))
    weighted = [cell for cell in leading if cell.weighted]
    if weighted:
        listed = language.list(beyond.weighted(cell, language) for cell in weighted)
        yield Sentence(language.say("top_weighted", list=listed), (question.id, WEIGHTS))
    if len(leading) > 1 and (leading[1].high or 0) >= (leading[0].low or 0):
        one, other = (language.apart(label(cell, language)) for cell in leading[:2])
        yield Sentence(language.say("close", one=one, other=other))


def _minority(digest: Digest, language: Language) -> Iterator[Sentence]:
    """What few say, and what one group says far more than all: a ranking by size alone would lose both."""
    for question in digest.questions:
        if question.profile or not question.n or question.type not in ("open", "one-of", "many-of"):
            continue
        few = [cell for cell in question.ranked() if (cell.share or 0.0) < MINOR]
        if few:
            told = language.list(named_share(cell, language) for cell in few[:NAMED])
            yield Sentence(language.say("minority_few", question=quoted(question, language), list=told), (question.id,))
    for table in digest.tables:
        question = digest.question(table.question)
        if question.profile or question.type == "scale":
            continue
        whole = {cell.id: cell for cell in question.cells}
        for group in table.groups:
            more = [cell for cell in group.cells if cell.low is not None and cell.low > (whole[cell.id].high or 1.0)]
            for cell in more[:NAMED]:
                name = language.apart(language.text(group.label, language.sentences.get(group.id, group.id)))
                yield Sentence(
                    language.say(
                        "minority_group",
                        group=name,
                        answer=language.apart(label(cell, language)),
                        here=shared(cell, language),
                        all=language.percent(whole[cell.id].share or 0.0),
                        n=group.n or 0,
                    ),
                    (question.id, table.by),
                )


def _trust(digest: Digest, language: Language) -> Iterator[Sentence]:
    yield Sentence(language.say("trust_sample" if digest.sample == "self-selected" else "trust_drawn"))
    yield Sentence(language.say("trust_range"))
    yield from beyond.weights(digest, language)
    yield from beyond.flags(digest, language)
    yield from beyond.noise(digest, language)
    if not digest.outcomes:
        yield Sentence(language.say("rates_none"))
    for question in digest.questions:
        if question.coding and question.n:
            yield Sentence(_coded(question, language), (question.id,))
    low = [question for question in digest.questions if question.n and question.n < FEW]
    if low:
        listed = language.list(quoted(question, language) for question in low)
        yield Sentence(language.say("trust_low", few=FEW, list=listed), tuple(one.id for one in low))
    if digest.hidden:
        yield Sentence(language.say("trust_hidden", minimum=digest.minimum_cell, hidden=digest.hidden), (PEOPLE,))


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


def _done(digest: Digest, language: Language) -> Iterator[Sentence]:
    """What was set aside on the way, and how often."""
    for logged in digest.log:
        if logged.count is None:
            yield Sentence(language.say(f"log_{logged.kind}_some"))
        elif logged.count:
            yield Sentence(language.say(f"log_{logged.kind}", count=logged.count), (PEOPLE,))
    if digest.log and not any(logged.count != 0 for logged in digest.log):
        yield Sentence(language.say("log_none"))


def _missing(digest: Digest, language: Language) -> Iterator[Sentence]:
    """Groups with few answers. Those not shown are named apart: they may be small or large."""
    turnout = digest.turnout
    if not turnout.began:
        return
    yield from beyond.missing(digest, language)
    groups = list(_groups(digest, language))
    few = [
        f"{language.apart(name)} {language.number(count)}"
        for name, count in groups
        if count is not None and count < FEW
    ]
    hidden = [language.apart(name) for name, count in groups if count is None]
    if few:
        yield Sentence(language.say("missing_few", few=FEW, list=language.list(few)), (PEOPLE,))
    if hidden:
        yield Sentence(language.say("missing_hidden", list=language.list(hidden)))
    if groups and not few and not hidden:
        yield Sentence(language.say("missing_none", few=FEW), (PEOPLE,))
    if turnout.finished is not None and turnout.began >= turnout.finished + digest.minimum_cell:
        left = turnout.began - turnout.finished
        yield Sentence(language.say("missing_left", left=left), (PEOPLE,))


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
        parts = [mean(question, language), weighted_mean(question, language)]
    elif question.type == "number":
        parts = number(question, language)
    elif question.cells:
        parts = [language.list(named_share(cell, language) for cell in question.ranked())]
    elif question.type == "open":
        parts = [language.say("open_plain")]
    answered = language.say("answered", n=question.n)
    return ". ".join(part.rstrip(".") for part in (*parts, answered) if part) + "."


def mean(question: Finding, language: Language) -> str:
    if question.mean is None:
        return language.say("mean_hidden")
    value = spread_mean(question.mean, language)
    points = [int(cell.id) for cell in question.cells] or [0, 0]
    ends = [language.number(point) for point in (points[0], points[-1])]
    if question.ends:
        ends = [f"{end} ({language.text(text)})" for end, text in zip(ends, question.ends, strict=True)]
    return language.say("mean", mean=value, low=ends[0], high=ends[1])


def weighted_mean(question: Finding, language: Language) -> str:
    """Empty where there is none."""
    if question.weighted_mean is None:
        return ""
    return f"{language.say('weighted')}{language.sentences['colon']}{spread_mean(question.weighted_mean, language)}"


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
