"""What loading costs: a poll of 300 questions in 7 languages, each broken poll of the tests, and files made to hurt."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from surveys.load import load_survey
from surveys.problem import SurveyError

LANGUAGES = ("en", "fr", "ar", "sw", "ha", "am", "so")
BROKEN = Path(__file__).parents[1] / "tests" / "surveys" / "broken"
ROUNDS = 5
SECOND, TENTH = 1.0, 0.1


def measure() -> dict[str, Any]:
    large = large_poll()
    broken = {path.stem: path.read_bytes() for path in sorted(BROKEN.glob("*.yaml"))}
    refused = {name: _seconds(source) for name, source in (broken | hostile()).items()}
    slowest = sorted(refused, key=lambda name: refused[name])[-3:]
    return {
        "questions_300_bytes": len(large),
        "questions_300_seconds": _seconds(large, refused=False),
        "questions_300_goal": SECOND,
        "broken_polls": len(broken),
        "hostile_files": len(hostile()),
        "refused_slowest_seconds": max(refused.values()),
        "refused_goal": TENTH,
        "slowest": {name: round(refused[name], 4) for name in reversed(slowest)},
    }


def large_poll() -> bytes:
    """Every type that is common, every third with a condition, each text in all languages."""

    def texts(text: str) -> str:
        return "{" + ", ".join(f'{language}: "{text} {language}"' for language in LANGUAGES) + "}"

    def options(several: str) -> str:
        return "    options:\n" + "".join(
            f"      - {{id: {one}, label: {texts(f'Option {one}')}}}\n" for one in several
        )

    kinds = (
        "    type: one-of\n" + options("abcde"),
        "    type: number\n    minimum: 0\n    maximum: 10\n",
        "    type: many-of\n" + options("abcd"),
        "    type: yes-no\n",
        "    type: open\n",
    )
    lines = [
        f"name: large\nlanguages: [{', '.join(LANGUAGES)}]\ntitle: {texts('Large')}\nsender: {texts('Forum')}\n",
        f"keywords: [LARGE]\nconsent: {{version: '1', text: {texts('Join?')}}}\n",
        f"thanks: {texts('Thanks')}\nquestions:\n",
    ]
    for place in range(300):
        lines.append(
            f"  - id: q{place}\n    purpose: to know something\n    text: {texts(f'What do you think of {place}?')}\n"
        )
        if place % 3 == 2:
            lines.append(f"    when: q{place - place % 5 - (0 if place % 5 else 5)} == a\n")
        lines.append(kinds[place % 5])
    return "".join(lines).encode()


def hostile() -> dict[str, bytes]:
    """Files that other readers choke on."""
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )
    return {
        "bomb of aliases": laughs.encode(),
        "nested lists": b"name: " + b"[" * 100_000,
        "nested maps": b"\n".join(b" " * n + b"a:" for n in range(1_300)),
        "five megabytes": b"name: x\n" + b"# " + b"x" * 5_000_000,
        "a megabyte of one text": b"name: " + b"x" * 1_000_000,
        "a megabyte of parts": b"name: [" + b"a," * 500_000 + b"]",
        "a megabyte of keys": b"".join(b"k%d: v\n" % n for n in range(80_000)),
        "many questions": b"questions:\n" + b"- {id: a, type: x}\n" * 900,
        "deep condition": b"questions:\n- {id: a, type: yes-no, when: '" + b"(" * 3_000 + b"'}\n",
        "UTF-16": "name: x\n".encode("utf-16") * 1_000,
        "zeros": b"\0" * 1_000_000,
    }


def _seconds(source: bytes, *, refused: bool = True) -> float:
    """CPU seconds of the quickest round: what the machine does meanwhile is not ours."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        try:
            load_survey(source, "poll.yaml")
            was_refused = False
        except SurveyError:
            was_refused = True
        rounds.append(time.process_time() - began)
        if was_refused != refused:
            raise AssertionError("a poll was taken that must be refused, or the other way round")
    return min(rounds)
