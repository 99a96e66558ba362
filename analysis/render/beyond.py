"""What goes beyond counts, in words: the population, who was drawn, flags, waves."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.beyond import Band, Heard, Moved, Trend
from analysis.findings import Cell, Digest
from analysis.render.language import Language
from analysis.render.phrases import key_question, label, quoted, spread
from analysis.render.sentences import PEOPLE, WEIGHTS, Sentence

NAMED = 3
"""How many answers, groups or changes a sentence names."""


def weighted(cell: Cell, language: Language) -> str:
    if cell.weighted is None:
        return ""
    return f"{language.apart(label(cell, language))} {spread(cell.weighted, language)}"


def weights(digest: Digest, language: Language) -> Iterator[Sentence]:
    found = digest.weights
    if found is None:
        return
    if found.by:
        values = {"deff": language.mean(found.deff), "effective": round(found.effective)}
        by = language.list(quoted(digest.question(name), language) for name in found.by)
        yield Sentence(
            language.say("trust_weights", by=by, began=digest.turnout.began, **values), (PEOPLE, *found.by, WEIGHTS)
        )
        if not found.met:
            yield Sentence(language.say("trust_gap", gap=language.percent(found.gap), cap=found.cap), (WEIGHTS,))
    if found.left_out:
        by = language.list(quoted(digest.question(name), language) for name in found.left_out)
        yield Sentence(language.say("trust_unweighted", list=by))


def noise(digest: Digest, language: Language) -> Iterator[Sentence]:
    """How far from the true numbers those are that anybody may see, and what of their budget is spent."""
    public = digest.public
    if public and public.budget:
        spent, budget = (f"{round(value, 4):g}" for value in (public.spent, public.budget))
        text = language.say("trust_noise", within=public.within, spent=spent, budget=budget)
        yield Sentence(text, (PEOPLE, public.question))


def missing(digest: Digest, language: Language) -> Iterator[Sentence]:
    """Groups that were heard less than they are many."""
    found = digest.weights
    against = [one for one in found.heard if one.missing and one.heard is not None] if found else []
    if found and found.heard:
        source = found.source or language.say("missing_known")
        told = language.list(_heard(one, language) for one in sorted(against, key=_short_of)[:NAMED])
        key = "missing_margins" if against else "missing_margins_none"
        sources = tuple(dict.fromkeys(one.question for one in found.heard))
        yield Sentence(language.say(key, source=language.apart(source), list=told), (*sources, WEIGHTS))


def _heard(one: Heard, language: Language) -> str:
    name = language.apart(language.text(one.label, language.sentences.get(one.cell, one.cell)))
    values = {"heard": language.percent(one.heard or 0.0), "population": language.percent(one.population)}
    return language.say("missing_margin", group=name, **values)


def _short_of(one: Heard) -> float:
    return (one.heard or 0.0) - one.population


def rates(digest: Digest, language: Language) -> Iterator[Sentence]:
    """Where there was a sample: what became of those drawn."""
    if not digest.outcomes:
        return
    whole = digest.outcomes[0]
    if whole.drawn is None:
        yield Sentence(language.say("rates_hidden"))
        return
    told = {
        name: whole.rates.get(rate) for name, rate in (("answered", "RR1"), ("reached", "COOP1"), ("refused", "REF1"))
    }
    shares = {name: language.shown(None) if rate is None else language.percent(rate) for name, rate in told.items()}
    yield Sentence(language.say("rates_told", drawn=whole.drawn, **shares), (PEOPLE,))


def flags(digest: Digest, language: Language) -> Iterator[Sentence]:
    """How many look coordinated, and what the first answers are without them."""
    found = digest.flags
    if found is None:
        return
    if found.people == (0, 0):
        yield Sentence(language.say("flags_none"))
        return
    if found.people is None:
        yield Sentence(language.say("flags_hidden"))
        return
    kinds = language.list(
        f"{language.say(f'flag_{kind}')} {_band(band, language)}" for kind, band in found.kinds.items()
    )
    yield Sentence(language.say("flags_some", people=_band(found.people, language), list=kinds), (PEOPLE,))
    question = key_question(digest)
    leading = [cell for cell in question.ranked()[:NAMED] if cell.unflagged] if question else []
    if question and leading:
        listed = language.list(_unflagged(cell, language) for cell in leading)
        yield Sentence(language.say("flags_without", question=quoted(question, language), list=listed), (question.id,))


def _unflagged(cell: Cell, language: Language) -> str:
    if cell.unflagged is None:
        return ""
    values = {"share": language.percent(cell.share or 0.0), "without": language.percent(cell.unflagged.share)}
    return language.say("flags_share", answer=language.apart(label(cell, language)), **values)


def _band(band: Band, language: Language) -> str:
    low, high = band
    if high is None:
        return language.say("band_open", low=low)
    return language.say("range", low=language.number(low), high=language.number(high))


def trends(digest: Digest, language: Language) -> Iterator[Sentence]:
    """Shares that moved since the wave before by more than chance explains, and whose doing that is."""
    found = digest.trends
    if found is None:
        return
    when = {"wave": found.wave, "date": language.date(found.made_at)}
    moved = [one for one in found.answers if one.change.low > 0 or one.change.high < 0][:NAMED]
    for one in moved:
        question = digest.question(one.question)
        cell = next(cell for cell in question.cells if cell.id == one.cell)
        values = {"before": language.percent(one.before), "now": language.percent(one.now)}
        answer, change = language.apart(label(cell, language)), points(one.change, language)
        text = language.say(
            "trend_share", question=quoted(question, language), answer=answer, change=change, **when, **values
        )
        yield Sentence(f"{text} {_panel(one, language)}".rstrip(), (question.id,))
    if not moved:
        yield Sentence(language.say("trend_nothing", **when), (PEOPLE,))


def _panel(one: Trend, language: Language) -> str:
    """Whether people changed their mind, or others answered."""
    if one.both is None or one.people is None or one.turnover is None:
        return language.say("trend_unknown")
    own, others = (language.apart(_signed(value, language)) for value in (one.people, one.turnover))
    counts = {"both": one.both, "gained": one.gained, "lost": one.lost}
    return language.say("trend_panel", people=own, turnover=others, **counts)


def points(moved: Moved, language: Language) -> str:
    """A difference with its range, in points."""
    low, high = (_signed(value, language) for value in (moved.low, moved.high))
    value = language.say(
        "ranged", value=_signed(moved.value, language), range=language.say("between", low=low, high=high)
    )
    return language.apart(value)


def _signed(value: float, language: Language) -> str:
    whole = round(100 * value)
    return f"{'+' if whole > 0 else ''}{language.number(whole)}"
