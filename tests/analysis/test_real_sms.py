"""Real messages, coded by the file's own labels: half of them teach, the other half measures."""

from __future__ import annotations

import csv
import os
import warnings
from collections import Counter
from pathlib import Path

import pytest
from sklearn.metrics import f1_score

from analysis.evaluate import evaluate

CODES = 10
FILE = "data/sms/disaster_response_validation.csv"


def test_codes_half_by_the_other_half(capsys: pytest.CaptureFixture[str]) -> None:
    shared = os.environ.get("BARAZA_SHARED")
    if not shared:
        warnings.warn("BARAZA_SHARED is not set: coding was NOT checked on real messages", stacklevel=1)
        pytest.skip("BARAZA_SHARED is not set: coding was not checked on real messages")
    with (Path(shared) / FILE).open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["genre"] == "direct"]
    assert len(rows) > 1_000
    names = list(rows[0])
    labels = names[names.index("related") : names.index("direct_report") + 1]
    frequent = Counter(label for row in rows for label in labels if row[label] == "1").most_common(CODES)
    codes = [label for label, _ in frequent]
    texts = [row["original"].strip() or row["message"] for row in rows]
    coded = [tuple(code for code in codes if row[code] == "1") for row in rows]

    found = evaluate(texts[::2], coded[::2], texts[1::2], coded[1::2])

    most = Counter(coded[::2]).most_common(1)[0][0]
    truth = [[code in row for code in codes] for row in coded[1::2]]
    always = [[code in most for code in codes] for _ in truth]
    with capsys.disabled():
        print(f"\nreal messages: {found}")  # noqa: T201 - a measurement is for somebody to read
    assert found.trained + found.tested == len(rows)
    assert 0 <= found.abstained <= found.tested
    for average, measured in (("micro", found.micro_f1), ("macro", found.macro_f1)):
        assert measured > f1_score(truth, always, average=average, zero_division=0) + 0.05
