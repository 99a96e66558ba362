"""Coding of open answers: how often our machine and six plain ones are right, and how fast ours is.

    make bench ARGS="coding --data DIR"

DIR holds sms/disaster_response_validation.csv (Robert Munro, disaster_response_messages, CC BY 4.0), and optionally
topics/*.csv with the columns text and label, of your own. Weighted F1 in percent, the mean over seeds: all machines get
the same texts to learn from. The noisy tasks have a slip in every twelfth letter.
"""

from __future__ import annotations

import csv
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import f1_score
from sklearn.naive_bayes import ComplementNB
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from analysis.evaluate import evaluate
from analysis.grams import composed
from analysis.learning import train

PER_CLASS = 25
SEEDS = range(3)
NEEDS_DATA = True
SMS = "sms/disaster_response_validation.csv"
BROAD = frozenset(
    {"related", "PII", "request", "offer", "aid_related", "direct_report", "weather_related", "infrastructure_related"}
    | {"other_aid", "other_weather", "other_infrastructure"}
)
"""Labels that say too little to be what a message is about."""

Task = tuple[list[str], list[str]]


def characters(**more: Any) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, preprocessor=composed, **more)


def words() -> TfidfVectorizer:
    return TfidfVectorizer(tokenizer=str.split, token_pattern=None, ngram_range=(1, 2), preprocessor=composed)


PLAIN: dict[str, Callable[[], Any]] = {
    "characters, SVM": lambda: make_pipeline(characters(), LinearSVC(random_state=0)),
    "words, logistic": lambda: make_pipeline(words(), LogisticRegression(C=10, max_iter=300)),
    "characters, logistic": lambda: make_pipeline(characters(), LogisticRegression(C=10, max_iter=300)),
    "characters, Bayes": lambda: make_pipeline(characters(), ComplementNB(alpha=0.3)),
    "characters, ridge": lambda: make_pipeline(characters(), RidgeClassifier(random_state=0)),
    "characters, centroid": lambda: make_pipeline(characters(), NearestCentroid()),
    "both, SVM": lambda: make_pipeline(make_union(characters(), words()), LinearSVC(random_state=0)),
}


def measure(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (texts, labels) in _tasks(data):
        for few in (True, False):
            title = f"{name}, {f'{PER_CLASS} a class' if few else 'seven of ten'}"
            found[title] = _compared(texts, labels, few=few)
    return {**found, "several codes a message": _several(data), "speed": _speed(data)}


def _compared(texts: Sequence[str], labels: Sequence[str], *, few: bool) -> dict[str, float]:
    scores: dict[str, list[float]] = {}
    for seed in SEEDS:
        seen, held = _split(labels, np.random.default_rng(seed), few=few)
        learnt, known = [texts[place] for place in seen], [labels[place] for place in seen]
        asked, truth = [texts[place] for place in held], [labels[place] for place in held]
        model = train(learnt, [(label,) for label in known])
        assert model is not None
        ours = [codes[0] for codes in model.decide(asked)]
        plain = {name: list(make().fit(learnt, known).predict(asked)) for name, make in PLAIN.items()}
        for name, guessed in {"ours": ours, **plain}.items():
            scores.setdefault(name, []).append(100 * f1_score(truth, guessed, average="weighted", zero_division=0))
    return {name: round(float(np.mean(all_of)), 1) for name, all_of in scores.items()}


def _split(labels: Sequence[str], draw: np.random.Generator, *, few: bool) -> tuple[list[int], list[int]]:
    order = draw.permutation(len(labels)).tolist()
    if not few:
        cut = len(order) * 7 // 10
        return order[:cut], order[cut:]
    taken: Counter[str] = Counter()
    seen = []
    for place in order:
        if taken[labels[place]] < PER_CLASS:
            taken[labels[place]] += 1
            seen.append(place)
    return seen, sorted(set(order) - set(seen))


# Tasks --------------------------------------------------------------------------------------------------------------


def _tasks(data: Path) -> Iterator[tuple[str, Task]]:
    rows, codes = _messages(data)
    counts = Counter(code for row in rows for code in codes if row[code] == "1")
    about = [min((code for code in codes if row[code] == "1"), key=counts.__getitem__, default="") for row in rows]
    english = [(row["message"], code) for row, code in zip(rows, about, strict=True) if code]
    own = [(row["original"], code or "none") for row, code in zip(rows, about, strict=True) if row["original"].strip()]
    for name, pairs, least in (("English", english, 50), ("as sent", own, 40)):
        task = _frequent(pairs, least)
        yield name, task
        yield f"{name}, noisy", (slips(task[0]), task[1])
    for file in sorted((data / "topics").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            yield file.stem, _frequent([(row["text"], row["label"]) for row in csv.DictReader(stream)], PER_CLASS * 2)


def _frequent(pairs: Sequence[tuple[str, str]], least: int) -> Task:
    counts = Counter(label for _, label in pairs)
    kept = [(text, label) for text, label in pairs if counts[label] >= least]
    return [text for text, _ in kept], [label for _, label in kept]


def slips(texts: Sequence[str], share: float = 1 / 12) -> list[str]:
    """Letters left out, doubled, or in the wrong order."""
    draw = random.Random(5)
    return ["".join(_slipped(text, draw, share)) for text in texts]


def _slipped(text: str, draw: random.Random, share: float) -> list[str]:
    letters = list(text)
    for place in range(len(letters) - 1):
        if letters[place].isalpha() and draw.random() < share:
            match draw.randrange(3):
                case 0:
                    letters[place] = ""
                case 1:
                    letters[place] *= 2
                case _:
                    letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return letters


def _messages(data: Path) -> tuple[list[dict[str, str]], list[str]]:
    with (data / SMS).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = list(rows[0])
    codes = names[names.index("related") : names.index("direct_report") + 1]
    return rows, [code for code in codes if code not in BROAD]


def _several(data: Path) -> dict[str, float]:
    """All of a message's codes, half of the messages teaching the other half."""
    rows, codes = _messages(data)
    texts = [row["original"].strip() or row["message"] for row in rows]
    labels = [tuple(code for code in codes if row[code] == "1") for row in rows]
    found = evaluate(texts[::2], labels[::2], texts[1::2], labels[1::2])
    kept = ("micro_f1", "macro_f1", "weighted_f1", "sample_f1", "promised", "right", "coverage")
    return {name: round(100 * getattr(found, name), 1) for name in kept}


def _speed(data: Path) -> dict[str, float]:
    """10,000 short texts to learn from, 100,000 to code: parts of messages, with slips, so that words are new."""
    rows, codes = _messages(data)
    parts = [
        (part[:120], tuple(code for code in codes if row[code] == "1")[:1])
        for row in rows
        for part in row["message"].split(". ")
        if len(part) > 15
    ]
    texts = [text for text, _ in parts]
    frequent = {codes for codes, _ in Counter(codes for _, codes in parts).most_common(12)}
    labels = [codes if codes in frequent else () for _, codes in parts]
    many = 10_000 // len(texts) + 1
    began = time.process_time()
    model = train(slips(texts * many, 1 / 20)[:10_000], (labels * many)[:10_000])
    trained = time.process_time() - began
    assert model is not None
    asked = slips(texts * (100_000 // len(texts) + 1), 1 / 30)[:100_000]
    began = time.process_time()
    model.guess(asked)
    coded = time.process_time() - began
    return {
        "letters": round(sum(map(len, asked)) / len(asked)),
        "codes": len(model.codes),
        "train 10,000, s of CPU": round(trained, 1),
        "code 100,000, s of CPU": round(coded, 1),
        "coded a second": round(len(asked) / coded),
    }
