"""Steps a second on one core: the ten-question sample poll, its conversation serialised and read back at every step.

Of the answers 50 % are numbers, 25 % labels, 15 % misspelt labels, 10 % nothing that the question can take. A question
that has no labels takes the same text for the first three: a number, or somebody's words.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from gateway.catalogues import load_catalogues
from surveys.engine import SurveyFlow
from surveys.flow import Conversation, Event, Record, Start, Text, step
from surveys.load import load_survey
from surveys.prompt import Prompt

POLL = Path("config/surveys/priorities.yaml")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHARES = {"number": 50, "label": 25, "misspelt": 15, "wrong": 10}
STEPS, ROUNDS = 20_000, 5
WORDS = ("the return of our land", "security on the road", "jobs for the young", "justice for the dead")


def measure() -> dict[str, Any]:
    survey = load_survey(POLL.read_bytes(), str(POLL))
    flow = SurveyFlow(survey, load_catalogues())
    answers = _answers(flow, random.Random(1))
    kinds = random.Random(2).choices(list(SHARES), list(SHARES.values()), k=STEPS)
    _round(flow, survey.languages, kinds, answers)
    rounds = [_round(flow, survey.languages, kinds, answers) for _ in range(ROUNDS)]
    rates = [STEPS / seconds for seconds, _ in rounds]
    counts = rounds[0][1]
    return {
        "questions": len(survey.questions),
        "steps": STEPS,
        "steps_per_cpu_second": round(statistics.median(rates)),
        "lowest": round(min(rates)),
        "highest": round(max(rates)),
        "goal": 20_000,
        "finished_polls": counts["finished"],
        "recorded_by_kind": {kind: round(counts[f"{kind} taken"] / counts[kind], 3) for kind in SHARES},
    }


def _round(
    flow: SurveyFlow, languages: tuple[str, ...], kinds: list[str], answers: dict[tuple[str, str, str], Any]
) -> tuple[float, Counter[str]]:
    """CPU seconds for one run through `kinds`, and what came of the steps."""
    counts: Counter[str] = Counter()
    spoken = cycle(languages)
    stored, kind, recorded = "", "", 0
    began = time.process_time()
    for kind in kinds:
        if stored:
            conversation = Conversation.loads(stored)
            event: Event = Text(next(answers[conversation.at, conversation.language, kind]))
            counts[kind] += 1
        else:
            conversation, event = Conversation(flow.id, seed=1), Start(next(spoken))
        conversation, effects = step(flow, conversation, event, NOW, {})
        recorded = sum(isinstance(effect, Record) for effect in effects)
        counts[f"{kind} taken"] += bool(recorded)
        counts["finished"] += conversation.outcome == "completed"
        stored = "" if conversation.outcome else conversation.dumps()
    return time.process_time() - began, counts


def _answers(flow: SurveyFlow, draw: random.Random) -> dict[tuple[str, str, str], Any]:
    """An endless supply of answers by question, language and kind. Everybody consents."""
    made = {("consent", language, kind): cycle(["1"]) for language in flow.survey.languages for kind in SHARES}
    bounds = {question.id: (question.minimum or 0, question.maximum or 50) for question in flow.survey.questions}
    for language in flow.survey.languages:
        for name, prompt in flow.messages(language):
            for kind in SHARES if name in bounds else ():
                made[name, language, kind] = cycle([_answer(prompt, bounds[name], kind, draw) for _ in range(97)])
    return made


def _answer(prompt: Prompt, bounds: tuple[float, float], kind: str, draw: random.Random) -> str:
    if kind == "wrong":
        return draw.choice(["?", "qqqq zzzz", "999999"])
    if prompt.takes == "text":
        return draw.choice(WORDS)
    if not prompt.options:
        return str(draw.randint(*map(int, bounds)))
    option = draw.choice(prompt.options)
    if kind == "number":
        return option.key
    return option.label if kind == "label" else _misspelt(option.label, draw)


def _misspelt(label: str, draw: random.Random) -> str:
    """One letter left out, doubled, or two in the other order."""
    at = draw.randrange(1, max(len(label) - 1, 2))
    before, after = label[:at], label[at:]
    return draw.choice([before + after[1:], before + before[-1] + after, before + after[:2][::-1] + after[2:]])
