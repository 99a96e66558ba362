"""N-grams as scikit-learn counts them, and words that are not cut at their marks."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from analysis.grams import composed, learn

TEXTS = [
    "The well is dry, the WELL is dry",
    "ọ̀rọ̀ àwọn ọmọ",
    unicodedata.normalize("NFD", "ọ̀rọ̀ àwọn ọmọ"),
    "ماءٌ نظيفٌ للقرية",
    "पानी की समस्या",
    "a",
    "",
    "  two   spaces ",
]


@pytest.mark.parametrize(("shortest", "longest"), [(2, 5), (1, 3)])
def test_the_numbers_are_scikit_learns(shortest: int, longest: int) -> None:
    reference = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(shortest, longest), sublinear_tf=True, preprocessor=composed
    )
    grams, rows = learn(TEXTS[:6], shortest, longest)
    assert np.allclose(reference.fit_transform(TEXTS[:6]).toarray(), rows.toarray())
    assert np.allclose(reference.transform(TEXTS).toarray(), grams(TEXTS).toarray())


def test_one_word_however_it_is_composed() -> None:
    _, sparse = learn(TEXTS, 2, 5)
    rows = sparse.toarray()
    assert (rows[1] == rows[2]).all()


def test_marks_are_part_of_a_word() -> None:
    grams, _ = learn(["ọ̀rọ̀"], 2, 5)
    assert any("ọ̀r" in gram for gram in grams.kept()[0])


def test_no_words_at_all() -> None:
    grams, _ = learn(["", "  "], 2, 5)
    assert grams(["", "words"]).shape[0] == 2
