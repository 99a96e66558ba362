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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(written_polls(), st.data())
def test_any_poll_with_any_people(source: str, data: st.DataObject) -> None:
    try:
        survey = load_survey(source, "made.yaml")
    except SurveyError as error:
        event(error.problems[0].message.partition("'")[0])
        assert all(problem.line and problem.message for problem in error.problems)
        return
    event("loaded")
    flow = SurveyFlow(survey, TEXTS)
    conversation = Conversation(flow.id, seed=data.draw(st.integers(0, 2**32 - 1)))
    recorded: dict[str, Value] = {}
    shown: set[Prompt] = set()
    queue: list[Event] = [Start("en"), Text("yes")]
    for _ in range(80):
        fed = queue.pop(0) if queue else data.draw(EVENTS)
        before = conversation
        conversation, effects = step(flow, conversation, fed, NOW, FACTS)
        assert step(flow, before, fed, NOW, FACTS) == (conversation, effects)
        assert Conversation.loads(conversation.dumps()) == conversation
        for effect in effects:
            match effect:
                case Record(name, value):
                    assert name not in recorded
                    assert name in survey.places
                    recorded[name] = value
                case Say(prompt) | Ask(prompt):
                    assert prompt.text
                    shown.add(prompt)
                case Reserve():
                    queue.append(Outcome(effect, done=data.draw(st.booleans())))
                case Finish(outcome):
                    assert outcome == conversation.outcome
        assert dict(conversation.answers) == recorded
        if conversation.outcome:
            break
    if not conversation.outcome:
        if queue:
            conversation, _ = step(flow, conversation, queue.pop(), NOW, FACTS)
        conversation, effects = step(flow, conversation, Timeout(), NOW, FACTS)
    assert conversation.outcome in {"completed", "refused", "ineligible", "quota-full", "partial", "break-off"}
    event(conversation.outcome)
    for prompt in sorted(shown, key=lambda one: one.text)[:8]:
        fits(prompt)
