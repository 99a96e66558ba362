"""The shortest and the longest way through a poll are those of all ways, and the messages are the engine's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.engine import CONSENT, SurveyFlow
from surveys.expressions import parse
from surveys.flow import Ask, Conversation, Finish, Say, Start, Text, step
from surveys.model import Choice, Question, Shuffle, Survey
from surveys.prompt import Reply
from surveys.walks import LONG_ANSWER, RANDOM_WALKS, Turn, Walk, Walks, walks
from surveys.walks import search as searching
from surveys.walks.heed import heeded, marks
from tests.surveys.samples import SAMPLES, TEXTS, question, survey, surveys, texts


def weigh(turn: Turn) -> int:
    """Characters that are said, and messages that are heard: every difference shows."""
    typed = len(turn.heard.text) if isinstance(turn.heard, Text) else 0
    return typed // 160 + 1 + sum(len(prompt.text) + len(prompt.hint) for prompt in turn.said)


def through(of: Survey, language: str = "en") -> Walks:
    found = walks(SurveyFlow(of, TEXTS), language, weigh)
    assert found is not None
    return found


def every_way(flow: SurveyFlow, language: str, seed: int = 0) -> Iterator[int]:
    """What each way through weighs, without remembering anything: the same answers, tried one by one."""
    poll = searching._Poll(flow, language, asks_language=False, facts={})

    def on(conversation: Conversation, said: Reply, so_far: int, drafts: int = 0) -> Iterator[int]:
        if conversation.outcome:
            if conversation.outcome == "completed":
                yield so_far
            return
        for way in poll.ways(conversation, said[-1]).telling:
            after, reply = poll.feed(conversation, way)
            more = drafts + 1 if after.at == conversation.at and not after.outcome else 0
            if not more or (after.draft is not None and after.tries == 0 and more < 3):
                yield from on(after, reply, so_far + weigh(Turn(way, reply)), more)

    conversation, said = poll.begin(seed)
    yield from on(conversation, said, weigh(Turn(poll.start, said)))


def replayed(flow: SurveyFlow, walk: Walk) -> None:
    """The walk is one that a participant could have gone, message by message."""
    conversation, outcomes = Conversation(flow.id), []
    for turn in walk.turns:
        conversation, effects = step(flow, conversation, turn.heard, searching.NOW, {})
        assert tuple(effect.prompt for effect in effects if isinstance(effect, Say | Ask)) == turn.said
        outcomes += [effect.outcome for effect in effects if isinstance(effect, Finish)]
    assert outcomes == ["completed"]
    assert walk.weight == sum(map(weigh, walk.turns))


@settings(max_examples=60, deadline=None)
@given(surveys())
def test_no_way_is_shorter_or_longer(of: Survey) -> None:
    flow = SurveyFlow(of, TEXTS)
    language = of.languages[-1]
    found = walks(flow, language, weigh)
    assert found is not None
    weights = list(every_way(flow, language))
    assert (found.shortest.weight, found.longest.weight) == (min(weights), max(weights))
    assert found.stuck == ()
    assert found.shortest.weight <= found.typical.weight <= found.longest.weight
    for walk in (found.shortest, found.longest):
        replayed(flow, walk)


@pytest.mark.parametrize("of", SAMPLES, ids=lambda of: of.name)
def test_the_sample_polls_have_exact_walks(of: Survey) -> None:
    for language in of.languages:
        found = through(of, language)
        assert found.exact
        assert found == through(of, language), "the same poll has the same walks"
        assert len(found.shortest.turns) <= len(found.typical.turns) <= len(found.longest.turns)


def test_every_number_is_one_that_was_tried() -> None:
    """All answers of small numbers, against those that the search tried."""
    of = survey(
        question("age", "number", minimum=0, maximum=99),
        question("young", "number", when=parse("age < 18"), minimum=0, maximum=30),
        question("middle", "open", when=parse("age >= 18 and age < 60 and not young == 3")),
        question("old", "yes-no", when=parse("age == 77")),
        question("oldest", "yes-no", when=parse("age == 77 or age > 97")),
    )
    flow = SurveyFlow(of, TEXTS)
    seen = []
    for age in range(100):
        for young in range(31):
            conversation, answers = Conversation(flow.id), {"age": str(age), "young": str(young)}
            for turns in range(10):
                event = Text(answers.get(conversation.at, "1")) if turns else Start("en")
                conversation, _ = step(flow, conversation, event, searching.NOW, {})
                if conversation.outcome:
                    seen.append(turns + 1)
                    break
    assert len(seen) == 3100
    found = walks(flow, "en", lambda _turn: 1)
    assert found is not None
    assert found.exact
    assert (found.shortest.weight, found.longest.weight) == (min(seen), max(seen))


def test_which_combination_of_options_makes_it_long() -> None:
    of = survey(
        question("needs", "many-of"),
        question("wet", "yes-no", when=parse("needs includes water and not needs includes roads")),
        question("well", "yes-no", when=parse("needs includes health and needs includes schools")),
        question("all", "yes-no", when=parse("count(needs) == 4")),
    )
    found = walks(SurveyFlow(of, TEXTS), "en", lambda _turn: 1)
    assert found is not None
    assert found.exact
    assert found.longest.turns[2].heard == Text("1 3 4")
    assert len(found.shortest.turns) == 3


def test_what_is_repeated_later_makes_a_message_longer() -> None:
    of = survey(question("name", "open"), replace(question("sure", "yes-no"), text=texts("{name}?")))
    found = through(of)
    spoken = [len(turn.said[-1].text) for turn in (found.shortest.turns[2], found.longest.turns[2])]
    assert spoken[0] < spoken[1]
    assert found.longest.turns[2].heard == Text(("English " * LONG_ANSWER)[:LONG_ANSWER].strip())


def test_each_arm_of_an_experiment_is_looked_at() -> None:
    arm = Question("frame", "arm", {}, arms=("war", "peace", "both"))
    long = question("q", "yes-no", when=parse("frame == both"))
    found = walks(SurveyFlow(survey(arm, long), TEXTS), "en", lambda _turn: 1)
    assert found is not None
    assert found.exact
    assert (len(found.shortest.turns), len(found.longest.turns)) == (2, 3)


def test_quotas_have_room_and_other_ends_are_not_finished() -> None:
    of = survey(
        question("age", "number", minimum=0, maximum=99),
        Question("young", "end", texts("Too young"), when=parse("age < 18"), outcome="ineligible"),
        Question("cell", "quota", {}, when=parse("age >= 18"), limit=3),
        question("q", "yes-no"),
    )
    found = through(of)
    assert found.exact
    assert {len(walk.turns) for walk in (found.shortest, found.typical, found.longest)} == {4}


def test_an_order_drawn_per_person_changes_nothing() -> None:
    asked = [question(name, "one-of") for name in ("one", "two", "three")]
    after = question("more", "open", when=parse("one == water and three == health"))
    plain = survey(*asked, after)
    drawn = replace(plain, shuffles=(Shuffle("order", 0, (1, 1, 1)),))
    assert through(plain).longest.weight == through(drawn).longest.weight
    assert [len(walk.turns) for walk in (through(drawn).shortest, through(drawn).longest)] == [5, 6]


def test_a_poll_in_several_languages_may_ask_for_the_language_first() -> None:
    found = walks(SurveyFlow(SAMPLES[0], TEXTS), "sw", weigh, asks_language=True)
    assert found is not None
    assert found.longest.turns[0].said[-1].ask == "language"
    assert found.longest.turns[1].said[-1].ask == CONSENT
    assert found.longest.turns[1].said[-1].language == "sw"


def test_too_many_states_are_sampled_and_said_to_be() -> None:
    names = [f"q{place}" for place in range(14)]
    asked = [question(name, "yes-no") for name in names]
    last = question("last", "open", when=parse(" and ".join(f"{name} == yes" for name in names)))
    found = through(survey(*asked, last))
    assert not found.exact
    assert found.stuck == ()
    assert len(found.typical.turns) == 16
    assert RANDOM_WALKS > 100


def test_a_long_poll_without_conditions_is_as_many_states_as_questions() -> None:
    of = survey(*(question(f"q{place}", "one-of") for place in range(300)))
    calls = 0

    def counting(turn: Turn) -> int:
        nonlocal calls
        calls += 1
        return 1

    found = walks(SurveyFlow(of, TEXTS), "en", counting)
    assert found is not None
    assert found.exact
    assert len(found.longest.turns) == 302
    assert calls < (RANDOM_WALKS + 3) * 302


def test_what_nothing_looks_at_is_not_kept() -> None:
    options = tuple(
        Choice(word, texts(word), parse("b == water") if word == "roads" else None) for word in ("roads", "x")
    )
    of = survey(question("a", "one-of"), question("b", "one-of"), question("c", "one-of", options=options))
    assert heeded(of) == [frozenset("b"), frozenset("b"), frozenset("b"), frozenset()]
    assert set(marks(of)) == {"b"}


@given(st.integers(0, 50))
def test_random_walks_end(seed: int) -> None:
    poll = searching._Poll(SurveyFlow(SAMPLES[0], TEXTS), "en", asks_language=False, facts={})
    walk = searching._at_random(poll, seed, weigh)
    assert walk is not None
    replayed_turns = [turn for turn in walk.turns if turn.said]
    assert len(replayed_turns) == len(walk.turns)
