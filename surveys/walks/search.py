"""The shortest, a typical and the longest way to the end of a poll, as the engine itself would go.

The search goes forward over states: where a conversation stands, with those answers that anything later looks at. Two
conversations in one state have the same future, so of each state only the cheapest and the dearest way to it are kept;
that is exact. Where a poll has more states than MOST_STATES, or an answer's alternatives can't all be tried, the
extremes are the least and the most that were seen, and `exact` is False.

A typical walk is the median of RANDOM_WALKS walks with answers drawn uniformly, from seeds 1, 2, 3 ...; an answer in a
person's own words then has 40 characters. Every quota has room.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

from surveys.draws import drawn_arm
from surveys.engine import CONSENT, LANGUAGE, SurveyFlow
from surveys.flow import Ask, Conversation, Event, Facts, Outcome, Reserve, Say, Start, Text, step
from surveys.model import Survey
from surveys.prompt import Prompt, Reply
from surveys.walks.heed import Marks, heeded, marks
from surveys.walks.ways import LONG_ANSWER, Asking, Ways, ways

__all__ = ["LONG_ANSWER", "MOST_STATES", "NOW", "RANDOM_WALKS", "Turn", "Walk", "Walks", "Weight", "walks"]

Weight = int | Decimal

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
"""Walks don't depend on the day."""

MOST_STATES = 4_000
RANDOM_WALKS = 101
MOST_SEEDS = 16
"""Combinations of an experiment's arms that are looked at, each with its own seed."""

SEEDS_TRIED = 2_000
DRAFTS = 4
"""Messages that one answer may take."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a person sends, and what is said to it."""

    heard: Event
    said: Reply


@dataclass(frozen=True, slots=True)
class Walk:
    turns: tuple[Turn, ...]
    weight: Weight


@dataclass(frozen=True, slots=True)
class Walks:
    """Ways that end as completed. `exact` says that none weighs less than the shortest or more than the longest; else
    they are the extremes of those that were looked at. `stuck` are questions that no answer led away from."""

    shortest: Walk
    typical: Walk
    longest: Walk
    exact: bool
    stuck: tuple[str, ...] = ()


Weigh = Callable[[Turn], Weight]


def walks(
    flow: SurveyFlow, language: str, weigh: Weigh, *, asks_language: bool = False, typical: bool = True, **facts: object
) -> Walks | None:
    """The walks in one language, None where none was found that ends as completed.

    Without `typical` nobody walks at random where the search is exact, and the longest stands in for the typical way.
    `asks_language`: nothing is known of the person, so that a poll in several languages asks for it first. `facts` are
    those that the poll's questions need (`SurveyFlow.needs`).
    """
    rehearsal = _Poll(flow, language, asks_language, facts)
    search = _Search(rehearsal, weigh)
    seeds, whole = _seeds(flow.survey)
    found = [pair for seed in seeds if (pair := search.through(seed))]
    random = range(1, RANDOM_WALKS + 1) if typical or not (whole and search.complete and found) else ()
    drawn = [walk for seed in random if (walk := _at_random(rehearsal, seed, weigh))]
    every = [walk for pair in found for walk in pair] + drawn
    if not every:
        return None
    drawn.sort(key=lambda walk: walk.weight)
    return Walks(
        shortest=min(every, key=lambda walk: walk.weight),
        typical=drawn[len(drawn) // 2] if drawn else every[-1],
        longest=max(every, key=lambda walk: walk.weight),
        exact=whole and search.complete,
        stuck=tuple(sorted(search.stuck)),
    )


class _Poll:
    """One poll in one language, as walks step through it."""

    def __init__(self, flow: SurveyFlow, language: str, asks_language: bool, facts: Facts) -> None:
        self.flow = flow
        self.survey = flow.survey
        self.language = language
        self.facts = facts
        self.start = Start("" if asks_language else language)
        self.marks: Mapping[str, Marks] = marks(flow.survey)

    def begin(self, seed: int) -> tuple[Conversation, Reply]:
        return self.feed(Conversation(self.flow.id, seed=seed), self.start)

    def feed(self, conversation: Conversation, event: Event) -> tuple[Conversation, Reply]:
        """One event, and what becomes of its effects: every quota has room."""
        events: deque[Event] = deque([event])
        said: list[Prompt] = []
        while events:
            conversation, effects = step(self.flow, conversation, events.popleft(), NOW, self.facts)
            for effect in effects:
                if isinstance(effect, Say | Ask):
                    said.append(effect.prompt)
                elif isinstance(effect, Reserve):
                    events.append(Outcome(effect, done=True))
        return conversation, tuple(said)

    def ways(self, conversation: Conversation, prompt: Prompt) -> Ways:
        at = conversation.at
        if at == LANGUAGE:
            return _only(Text(str(self.survey.languages.index(self.language) + 1)))
        if at == CONSENT:
            return _only(Text(prompt.options[0].key))
        return ways(Asking(self.survey.question(at), prompt, self.flow.texts, self.marks.get(at)))


def _only(way: Text) -> Ways:
    return Ways((way,), complete=True, likely=lambda _seed: way)


def _at_random(poll: _Poll, seed: int, weigh: Weigh) -> Walk | None:
    conversation, said = poll.begin(seed)
    turns = [Turn(poll.start, said)]
    enough = 3 * len(poll.survey.questions) + 10  # what has not ended then goes round in circles
    while not conversation.outcome and said and len(turns) < enough:
        way = poll.ways(conversation, said[-1]).likely(seed)
        conversation, said = poll.feed(conversation, way)
        turns.append(Turn(way, said))
    return Walk(tuple(turns), sum(map(weigh, turns), start=0)) if conversation.outcome == "completed" else None


def _seeds(survey: Survey) -> tuple[list[int], bool]:
    """Seeds that draw every combination of the experiments' arms, and whether that is all of them."""
    arms = {question.id: question.arms for question in survey.questions if question.type == "arm"}
    wanted = len(list(product(*arms.values())))
    found: dict[tuple[str, ...], int] = {}
    for seed in range(SEEDS_TRIED if arms else 1):
        found.setdefault(tuple(drawn_arm(of, seed, name) for name, of in arms.items()), seed)
        if len(found) in (wanted, MOST_SEEDS):
            break
    return list(found.values()), len(found) == wanted


# The search ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Way:
    """The best way to a state so far: its weight, its last turn, and the state before that."""

    weight: Weight
    turn: Turn
    before: _State | None


@dataclass(slots=True)
class _State:
    conversation: Conversation
    prompt: Prompt | None
    least: _Way
    most: _Way
    drafts: int = 0


@dataclass(slots=True)
class _Search:
    poll: _Poll
    weigh: Weigh
    complete: bool = True
    stuck: set[str] = field(default_factory=set)
    heeded: list[frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.heeded = heeded(self.poll.survey)

    def through(self, seed: int) -> tuple[Walk, Walk] | None:
        """The least and the most that a conversation with this seed can weigh, among those that are completed."""
        order = [question.id for question in self.poll.flow.plan.after("", seed)]
        ranks = {name: rank for rank, name in enumerate(["", LANGUAGE, CONSENT, *order])}
        waiting: dict[int, dict[str, _State]] = {}
        ended: dict[str, _State] = {}
        conversation, said = self.poll.begin(seed)
        first = Turn(self.poll.start, said)
        start = _Way(self.weigh(first), first, None)
        waiting[ranks[conversation.at]] = {"": _State(conversation, said[-1] if said else None, start, start)}
        looked_at = 0
        for rank in range(len(ranks)):
            states = waiting.pop(rank, {})
            while states:
                _, state = states.popitem()
                looked_at += 1
                if looked_at > MOST_STATES:
                    self.complete = False
                    return None
                for after, turn in self.steps(state):
                    if after.outcome:
                        reached = ended if after.outcome == "completed" else {}
                    else:
                        reached = (
                            waiting.setdefault(ranks[after.at], {}) if after.at != state.conversation.at else states
                        )
                    self.reach(reached, state, after, turn)
        return self.best(ended)

    def steps(self, state: _State) -> list[tuple[Conversation, Turn]]:
        """Where every answer that is worth trying leads."""
        before, prompt = state.conversation, state.prompt
        if prompt is None:
            return []
        found = self.poll.ways(before, prompt)
        self.complete = self.complete and found.complete
        steps = []
        for way in found.telling:
            after, said = self.poll.feed(before, way)
            moved = after.outcome or after.at != before.at
            if moved or (after.draft != before.draft and after.tries == 0 and state.drafts < DRAFTS):
                steps.append((after, Turn(way, said)))
        if not steps:
            self.stuck.add(before.at)
            self.complete = False
        return steps

    def reach(self, states: dict[str, _State], before: _State, after: Conversation, turn: Turn) -> None:
        weight = self.weigh(turn)
        least = _Way(before.least.weight + weight, turn, before)
        most = _Way(before.most.weight + weight, turn, before)
        key = self.key(after)
        known = states.get(key)
        if known is None:
            drafts = before.drafts + 1 if after.at == before.conversation.at else 0
            states[key] = _State(after, turn.said[-1] if turn.said else None, least, most, drafts)
        else:
            known.least = min(known.least, least, key=lambda way: way.weight)
            known.most = max(known.most, most, key=lambda way: way.weight)

    def key(self, conversation: Conversation) -> str:
        """The state that a conversation is in: the same key has the same future."""
        place = self.poll.survey.places.get(conversation.at, 0)
        answers = {name: value for name, value in conversation.answers.items() if name in self.heeded[place]}
        if conversation.outcome:
            answers = {}
        return json.dumps([conversation.at, answers, conversation.draft], sort_keys=True)

    def best(self, ended: dict[str, _State]) -> tuple[Walk, Walk] | None:
        if not ended:
            return None
        least = min(ended.values(), key=lambda state: state.least.weight)
        most = max(ended.values(), key=lambda state: state.most.weight)
        return _walk(least, lambda state: state.least), _walk(most, lambda state: state.most)


def _walk(end: _State, way_to: Callable[[_State], _Way]) -> Walk:
    turns = []
    weight = way_to(end).weight
    state: _State | None = end
    while state is not None:
        way = way_to(state)
        turns.append(way.turn)
        state = way.before
    return Walk(tuple(reversed(turns)), weight)
