"""Themes to begin with, where nobody coded anything yet: groups of answers that use like words, for a person to name.

Texts become TF-IDF rows of character n-grams, so that endings and misspellings matter little; non-negative matrix
factorisation (Lee and Seung, Nature 401, 1999) finds what they are made of; each text goes to its largest part. What a
group says is told by the words that set it apart (c-TF-IDF: Grootendorst, "BERTopic", arXiv:2203.05794, 2022) and by
the answers that are most of all made of it. Deterministic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import regex
from sklearn.decomposition import NMF

from analysis.grams import composed, learn
from analysis.machine import SEED, Matrix

MOST = 12
"""More groups than this nobody can name in one go."""
LEAST = 3
"""Texts that a group must have to be one."""
COMMON, FREQUENT = 0.06, 30
"""N-grams in a larger share of texts, and in more texts than that, are of words that stand in every sentence."""
TELLING = 2.0
"""A word sets a group apart where it is so many times as frequent there as everywhere."""
WORD = regex.compile(r"[\p{L}\p{M}\p{N}'’]+")


@dataclass(frozen=True, slots=True)
class Theme:
    """`words` set it apart from the others, the most telling first; `typical` are places of texts, the best first."""

    size: int
    words: tuple[str, ...]
    typical: tuple[int, ...]


def suggest(texts: Sequence[str], many: int | None = None, *, words: int = 8, typical: int = 5) -> list[Theme]:
    """Groups of texts, the largest first; at most `many`, or as many as the number of texts bears. Few texts: none."""
    different = list(dict.fromkeys(filter(None, (" ".join(composed(text).split()) for text in texts))))
    if len(different) < 4 * LEAST:
        return []
    place = {text: index for index, text in enumerate(different)}
    which = [place.get(" ".join(composed(text).split()), -1) for text in texts]
    _, rows = learn(different, 4, 6)
    rows = rows[:, rows.getnnz(axis=0) <= max(FREQUENT, COMMON * len(different))]
    parts = min(many or MOST, max(2, round(np.sqrt(len(different) / 4))), len(different) // LEAST)
    found = NMF(parts, init="nndsvda", random_state=SEED, max_iter=300, tol=1e-3).fit_transform(rows)
    made_of = found / np.maximum(found.sum(axis=1, keepdims=True), 1e-12)
    group = np.where(found.any(axis=1), found.argmax(axis=1), -1)
    sizes = Counter(int(group[one]) for one in which if one >= 0)
    kept = [part for part, size in sizes.most_common() if part >= 0 and size >= LEAST]
    telling = _telling(different, group, kept)
    first = {one: index for index, one in reversed(list(enumerate(which)))}
    themes = []
    for part in kept:
        mine = np.flatnonzero(group == part)
        best = mine[np.argsort(-(made_of[mine, part] * np.sqrt(found[mine, part])), kind="stable")][:typical]
        themes.append(Theme(sizes[part], telling[part][:words], tuple(first[int(one)] for one in best)))
    return themes


def _telling(texts: Sequence[str], group: Matrix, kept: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The words of each group by c-TF-IDF: how frequent there, times the logarithm of how rare everywhere."""
    counts = {part: Counter[str]() for part in kept}
    for text, part in zip(texts, group.tolist(), strict=True):
        if part in counts:
            counts[part].update(set(WORD.findall(text)))
    total = sum(counts.values(), Counter[str]())
    everywhere = total.total() / max(1, len(kept))
    found = {}
    for part, own in counts.items():
        mine = own.total()
        weights = {
            word: many / mine * float(np.log(1 + everywhere / total[word]))
            for word, many in own.items()
            if len(word) > 1 and not word.isdecimal()
        }
        telling = [word for word in weights if own[word] / mine >= TELLING * total[word] / total.total()]
        found[part] = tuple(sorted(telling or weights, key=lambda word: (-weights[word], word)))
    return found
