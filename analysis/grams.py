"""Texts as rows of numbers: how much of each character n-gram is in a text, for a linear machine to learn from.

Words are never split off by a token pattern: scikit-learn's default breaks at combining marks, and so destroys Yoruba,
vocalised Arabic and Hindi. Here a word is what stands between spaces, in its composed form (NFC) and in small letters,
and the n-grams are taken within it, its two ends marked.

The n-grams of a word are counted once, however many texts it stands in: a batch of texts is a matrix of texts by words
times one of words by n-grams. That gives the numbers of scikit-learn's `char_wb`, several times as fast.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

Vector = np.ndarray[Any, Any]
Rows = Any
"""A sparse matrix, a row a text."""
Scale = Callable[[Rows], Rows]
_NO_WORD = "-"
"""Stands in where no text has a word: scikit-learn refuses to count nothing."""


def root(counts: Rows) -> Rows:
    """The square roots of each row's shares: rare and frequent n-grams weigh more alike, and a row's length is 1."""
    shares = normalize(counts, "l1", copy=False)
    shares.data = np.sqrt(shares.data)
    return shares


def unit(counts: Rows) -> Rows:
    return normalize(counts, "l2", copy=False)


class Grams:
    """N-grams of characters, each weighed by how few texts it was in (TF-IDF). A new one is passed over."""

    def __init__(self, counter: CountVectorizer, rarity: Vector, scale: Scale) -> None:
        self._of_word, self._rarity, self._scale = counter, rarity, scale

    def __call__(self, texts: Sequence[str]) -> Rows:
        if not texts:
            return sp.csr_matrix((0, len(self._rarity)))
        texts_by_words, words = _by_words(texts)
        return _weighed(texts_by_words @ self._of_word.transform(words or [_NO_WORD]), self._rarity, self._scale)

    def kept(self) -> tuple[list[str], Vector]:
        """What it learned: the n-grams, in the order of the columns, and the weight of each. See `known`."""
        return list(self._of_word.get_feature_names_out()), self._rarity


def learn(texts: Sequence[str], shortest: int, longest: int, scale: Scale = unit) -> tuple[Grams, Rows]:
    """N-grams of `shortest` to `longest` characters as they are in `texts`, one text at least, and their rows."""
    texts_by_words, words = _by_words(texts)
    counter = _counter(shortest, longest)
    counts = texts_by_words @ counter.fit_transform(words or [_NO_WORD])
    within = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1 + len(texts)) / (1 + within)) + 1
    return Grams(counter, rarity, scale), _weighed(counts, rarity, scale)


def known(grams: Sequence[str], rarity: Vector, shortest: int, longest: int, scale: Scale = unit) -> Grams:
    """One that learned this before."""
    return Grams(_counter(shortest, longest, list(grams)), rarity, scale)


def _counter(shortest: int, longest: int, vocabulary: list[str] | None = None) -> CountVectorizer:
    return CountVectorizer(
        analyzer="char_wb", ngram_range=(shortest, longest), lowercase=False, vocabulary=vocabulary, dtype=np.float64
    )


def _weighed(counts: Rows, rarity: Vector, scale: Scale) -> Rows:
    counts = sp.csr_matrix(counts)
    counts.data = (1 + np.log(counts.data)) * rarity[counts.indices]
    return scale(counts)


def _by_words(texts: Sequence[str]) -> tuple[Rows, list[str]]:
    """How often each word is in each text, and the words, in the order of the columns."""
    places: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns += [places.setdefault(word, len(places)) for word in composed(text).split()]
        ends.append(len(columns))
    shape = (len(texts), max(1, len(places)))
    counts = sp.csr_matrix((np.ones(len(columns)), np.array(columns, dtype=np.int64), ends), shape=shape)
    counts.sum_duplicates()
    return counts, list(places)


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()
