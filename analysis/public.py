"""A digest as anybody may see it: what RESULTS tells, with noise where its poll asks for that.

    published(digest, noise, before) -> Digest      draws the noise, once for these numbers
    seen(digest) -> Digest                          with the noisy numbers in place of the others

Everybody is in the count of who began, in that of who answered, and in one or more of the answers': epsilon is for all
of them together. Only the leading question is told. Where no number has changed since the release before its draw is
taken over: two draws of the same numbers would wear the noise away. Each other draw adds its epsilon to what was spent
on this wave; one that would go beyond the budget is not made, and the numbers that are out stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.beyond import Public
from analysis.findings import Digest, Finding
from analysis.intervals import wilson
from analysis.noise import Noise, noisy
from analysis.render.phrases import key_question

BEGAN, ANSWERED = "began", "n"


def published(digest: Digest, noise: Noise, before: Digest | None = None) -> Digest:
    """With noise on what is told of the leading question. `before` is the wave's release before this one. Raises
    NoiseError where it can't be drawn."""
    question = key_question(digest)
    earlier = before.public if before else None
    if question is None or digest.turnout.began is None or not question.n:
        return replace(digest, public=earlier)
    told = _told(digest, question)
    epsilon, budget, spent = noise.epsilon, noise.budget, earlier.spent if earlier else 0.0
    is_same = earlier and (earlier.epsilon, earlier.question) == (epsilon, question.id)
    if before and is_same and told == _told(before, before.question(question.id)):
        return replace(digest, public=earlier)
    if earlier and spent + epsilon > budget + 1e-9:
        return replace(digest, public=earlier)
    several = {"many-of": len(question.cells), "open": len(question.cells)}.get(question.type, 1)
    drawn = noisy(told, epsilon, 2 + several)
    counts = dict(drawn.counts)
    began, n = counts.pop(BEGAN), counts.pop(ANSWERED)
    names = {f"={cell.id}": cell.id for cell in question.cells}
    known = {names[key]: count for key, count in counts.items()}
    return replace(digest, public=Public(question.id, epsilon, drawn.within, began, n, known, spent + epsilon, budget))


def _told(digest: Digest, question: Finding) -> dict[str, int]:
    cells = {f"={cell.id}": cell.count for cell in question.cells if cell.count is not None}
    return {BEGAN: digest.turnout.began or 0, ANSWERED: question.n or 0, **cells}


def seen(digest: Digest) -> Digest:
    """As RESULTS tells it: the leading question alone."""
    public = digest.public
    if public is None:
        return digest
    question = digest.question(public.question)
    n = max(public.n, 1)
    cells = []
    for cell in question.cells:
        count = public.counts.get(cell.id)
        if count is None:
            cells.append(replace(cell, count=None, share=None, low=None, high=None))
            continue
        share = min(count / n, 1.0)
        low, high = wilson(share * n, n)
        cells.append(replace(cell, count=min(count, n), share=round(share, 4), low=round(low, 4), high=round(high, 4)))
    told = question.with_(n=public.n, cells=tuple(cells))
    return replace(digest, questions=(told,), turnout=replace(digest.turnout, began=public.began))
