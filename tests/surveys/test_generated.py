"""Random polls, random people: no event in any state raises, nothing recorded is lost, every way ends, and each message
fits its channel."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from channels import render
from channels.text import encoding_of, units
from surveys.engine import SurveyFlow
from surveys.flow import (
    Ask,
    Choice,
    Conversation,
    Effect,
    Event,
    Finish,
    Location,
    Media,
    Outcome,
    Record,
    Reserve,
    Resume,
    Say,
    Start,
    Text,
    Timeout,
    Value,
    step,
)
from surveys.load import SurveyError, load_survey
from surveys.model import Survey
from surveys.problem import Problem
from surveys.prompt import Prompt
from tests.surveys.samples import TEXTS
from tests.surveys.written import written_polls

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = {"carries": frozenset({"picture"}), "statements": {}}

TYPED = [
    "1",
    "2",
    "3",
    "yes",
    "no",
    "skip",
    "1 2",
    "2 1",
    "5",
    "words of my own",
    "3 May 2024",
    "",
    "٣",
    "STOP now",
    "{q1}",
]
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from(TYPED).map(Text),
    st.sampled_from(TYPED).map(Text),
    st.text(max_size=200).map(Text),
    st.builds(
        Choice, st.sampled_from(["q1", "q2", "consent", "language", ""]), st.sampled_from(["1", "2", "done", "x"])
    ),
    st.just(Media("picture", "reference", "")),
    st.just(Location(3.0, 30.0)),
    st.builds(Resume, st.sampled_from(["", "en", "ar", "am"])),
    st.just(Start()),
)


def fits(prompt: Prompt) -> None:
    """On a screen of 182 characters, in SMS, and as a chat."""
    for page in render.screens((prompt,), 182, more="More", back="Back"):
        encoding = encoding_of(page)
        assert units(page, encoding) <= render.capacity(182, encoding)
    assert render.sms((prompt,))
    for chat in render.chat((prompt,)):
        assert len(chat.text) <= 4096


class Walk:
    """One person's way through one poll, held to what must be true at every step."""

    def __init__(self, survey: Survey, seed: int) -> None:
        self.survey = survey
        self.flow = SurveyFlow(survey, TEXTS)
        self.conversation = Conversation(self.flow.id, seed=seed)
        self.recorded: dict[str, Value] = {}
        self.shown: set[Prompt] = set()
        self.asked_for: list[Reserve] = []

    def feed(self, fed: Event) -> None:
        before = self.conversation
        self.conversation, effects = step(self.flow, before, fed, NOW, FACTS)
        assert step(self.flow, before, fed, NOW, FACTS) == (self.conversation, effects)
        assert Conversation.loads(self.conversation.dumps()) == self.conversation
        for effect in effects:
            self.carry_out(effect)
        assert dict(self.conversation.answers) == self.recorded

    def carry_out(self, effect: Effect) -> None:
        match effect:
            case Record(name, value):
                assert name not in self.recorded
                assert name in self.survey.places
                self.recorded[name] = value
            case Say(prompt) | Ask(prompt):
                assert prompt.text
                self.shown.add(prompt)
            case Reserve():
                self.asked_for.append(effect)
            case Finish(outcome):
                assert outcome == self.conversation.outcome

    def settle(self, granted: st.DataObject) -> None:
        """Quotas are answered before anything else is heard."""
        while self.asked_for:
            self.feed(Outcome(self.asked_for.pop(), done=granted.draw(st.booleans())))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(written_polls(), st.data())
def test_any_poll_with_any_people(source: str, data: st.DataObject) -> None:
    survey, problems = loaded(source)
    if survey is None:
        event(problems[0].message.partition("'")[0])
        assert all(problem.line and problem.message for problem in problems)
        return
    event("loaded")
    walk = Walk(survey, data.draw(st.integers(0, 2**32 - 1)))
    for fed in (Start("en"), Text("yes"), *(data.draw(st.lists(EVENTS, max_size=80)))):
        walk.feed(fed)
        walk.settle(data)
    walk.feed(Timeout())
    assert walk.conversation.outcome in {"completed", "refused", "ineligible", "quota-full", "partial", "break-off"}
    event(walk.conversation.outcome)
    for prompt in sorted(walk.shown, key=lambda one: one.text)[:8]:
        fits(prompt)


def loaded(source: str) -> tuple[Survey | None, tuple[Problem, ...]]:
    try:
        return load_survey(source, "made.yaml"), ()
    except SurveyError as error:
        return None, error.problems
