"""A poll's conversation: told in short scenes, and driven by random events through random polls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from surveys.engine import CONSENT, LANGUAGE, TRIES, SurveyFlow
from surveys.expressions import parse
from surveys.flow import (
    Ask,
    Choice,
    Consent,
    Conversation,
    Effect,
    Event,
    Finish,
    Forget,
    IssueLink,
    Location,
    Media,
    Outcome,
    Record,
    RedeemLink,
    Resume,
    Say,
    SetLanguage,
    Start,
    Text,
    Timeout,
    Value,
    step,
)
from surveys.model import Question, Survey
from surveys.prompt import Prompt
from tests.surveys.samples import FACTS, LANGUAGES, SAMPLES, TEXTS, allowed, correct, question, survey, surveys

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Talk:
    """One person's conversation, with everything that came of it."""

    def __init__(self, *questions: Question, languages: tuple[str, ...] = ("en",), of: Survey | None = None) -> None:
        self.flow = SurveyFlow(of or survey(*questions, languages=languages), TEXTS)
        self.conversation = Conversation(self.flow.id)
        self.effects: list[Effect] = []

    def hear(self, *events: Event | str) -> Talk:
        for event in events:
            fed = Text(event) if isinstance(event, str) else event
            self.conversation, self.last = step(self.flow, self.conversation, fed, NOW, FACTS)
            self.effects += self.last
        return self

    @property
    def records(self) -> list[tuple[str, Value]]:
        return [(effect.question, effect.value) for effect in self.effects if isinstance(effect, Record)]

    @property
    def said(self) -> list[str]:
        return [effect.prompt.text for effect in self.last if isinstance(effect, Say)]

    @property
    def asks(self) -> str:
        return next((effect.prompt.ask for effect in self.last if isinstance(effect, Ask)), "")


ONE, MANY = question("one", "one-of"), question("many", "many-of")
OPEN, NUMBER = question("own", "open"), question("n", "number")
EN = TEXTS.say


# Scenes -------------------------------------------------------------------------------------------------------------


def test_a_whole_poll() -> None:
    talk = Talk(ONE, NUMBER, OPEN, languages=LANGUAGES).hear(Start())
    assert talk.asks == LANGUAGE
    assert talk.hear("Kiswahili").last[0] == SetLanguage("sw")
    assert talk.asks == CONSENT
    assert talk.hear("ndiyo").last[0] == Consent("7", given=True)
    talk.hear("2", "25", "Amani {one}")
    assert [effect for effect in talk.effects if isinstance(effect, Record)] == [
        Record("one", "roads"),
        Record("n", 25),
        Record("own", "Amani {one}", open=True),
    ]
    assert talk.said == ["Thanks sw"]
    assert talk.last[-1] == Finish("completed")
    assert talk.conversation.outcome == "completed"
    assert talk.conversation.at == ""


def test_the_language_is_asked_only_where_it_is_not_known() -> None:
    assert Talk(ONE, languages=LANGUAGES).hear(Start("ar")).conversation.language == "ar"
    assert Talk(ONE, languages=LANGUAGES).hear(Start("fr")).asks == LANGUAGE
    assert Talk(ONE, languages=("sw",)).hear(Start("fr")).conversation.language == "sw"
    for language in LANGUAGES:
        talk = Talk(ONE, languages=LANGUAGES).hear(Start(), TEXTS.name(language))
        assert talk.conversation.language == language


def test_who_refuses_is_asked_nothing_more() -> None:
    talk = Talk(ONE).hear(Start(), "no")
    assert talk.last == (
        Consent("7", given=False),
        Say(Prompt(EN("refused", "en"), "en")),
        Finish("refused"),
    )
    assert talk.hear("1", Start(), Resume("en"), Choice("one", "1"), Timeout()).last == ()
    assert talk.records == []


def test_consent_is_not_taken_from_what_is_no_yes() -> None:
    talk = Talk(ONE).hear(Start(), "maybe", "what?", "no problem")
    assert talk.conversation.at == CONSENT
    assert not any(isinstance(effect, (Consent, Record)) for effect in talk.effects)


def test_a_wrong_answer_is_asked_again_twice_and_then_put_off() -> None:
    talk = Talk(NUMBER, OPEN).hear(Start(), "yes")
    for _ in range(2):
        for _ in range(TRIES):
            assert talk.hear("many").said == [EN("wrong_number_open", "en")]
            assert talk.asks == "n"
        assert talk.hear("many").said == [EN("paused", "en", help="HELP")]
        assert talk.asks == ""
        assert talk.conversation.at == "n"
    assert talk.records == []
    assert talk.hear("3").asks == "own"


def test_a_wrong_answer_is_asked_again_twice_and_then_skipped_where_allowed() -> None:
    talk = Talk(replace(NUMBER, required=False), OPEN).hear(Start(), "yes", "many", "many")
    assert talk.asks == "n"
    assert talk.hear("many").said == [EN("skipped", "en")]
    assert talk.asks == "own"
    assert talk.records == [("n", None)]


def test_a_right_answer_forgets_the_wrong_ones_before_it() -> None:
    talk = Talk(NUMBER, replace(NUMBER, id="m")).hear(Start(), "yes", "many", "many", "3", "many")
    assert talk.asks == "m"
    assert talk.conversation.tries == 1


def test_the_language_may_change_in_the_middle() -> None:
    talk = Talk(ONE, MANY, OPEN, languages=LANGUAGES).hear(Start("en"), "yes", "1", Choice("many", "2"))
    before = talk.conversation.answers
    assert talk.hear(Resume("ar")).asks == "many"
    assert talk.conversation.answers == before
    assert talk.last[-1].prompt.text.endswith("✓ roads ar")
    talk.hear(Resume(), Resume("fr"))
    assert talk.conversation.language == "ar"
    talk.hear(Choice("many", "done"), "x")
    assert talk.records == [("one", "water"), ("many", ["roads"]), ("own", "x")]


def test_choosing_the_language_elsewhere_answers_the_first_question() -> None:
    assert Talk(ONE, languages=LANGUAGES).hear(Start(), Resume("sw")).asks == CONSENT
    assert Talk(ONE, languages=LANGUAGES).hear(Start(), Resume()).asks == LANGUAGE


def test_a_question_is_asked_only_where_its_condition_holds() -> None:
    yes_no = question("hope", "yes-no", required=False)
    why = question("why", "open", when=parse("hope == no"))
    path = (yes_no, why, ONE)
    assert Talk(*path).hear(Start(), "yes", "2").asks == "why"
    for typed in ("1", "skip"):
        talk = Talk(*path).hear(Start(), "yes", typed)
        assert talk.asks == "one"
        assert talk.hear("1").records[1:] == [("one", "water")]


def test_buttons_and_typing_go_together() -> None:
    talk = Talk(MANY, OPEN).hear(Start(), "yes", Choice("many", "3"), Choice("many", "3"), "1")
    assert talk.records == [("many", ["water", "schools"])]
    assert talk.conversation.answers == {"many": ["water", "schools"]}


def test_what_buttons_chose_is_kept_when_what_follows_is_not_understood() -> None:
    talk = Talk(replace(MANY, required=False), OPEN).hear(Start(), "yes", Choice("many", "3"), "?", "?", "?")
    assert talk.records == [("many", ["schools"])]


def test_a_button_of_another_question_is_no_answer() -> None:
    talk = Talk(ONE, replace(ONE, id="two")).hear(Start(), "yes", "1", Choice("one", "2"))
    assert talk.said == [EN("old_button", "en")]
    assert talk.asks == "two"
    assert talk.hear(Choice("two", "77")).asks == "two"
    assert talk.records == [("one", "water")]


def test_a_caption_is_an_answer_where_words_are_asked_for() -> None:
    picture = Media("picture", "r", "the bridge")
    talk = Talk(ONE, OPEN).hear(Start(), "yes", picture)
    assert talk.said == [EN("not_media", "en")]
    assert talk.asks == "one"
    assert talk.hear("1", Media("voice", "r")).said == [EN("not_media", "en")]
    assert talk.hear(Location(1.0, 2.0)).asks == "own"
    assert talk.hear(picture).records == [("one", "water"), ("own", "the bridge")]


@pytest.mark.parametrize(
    "event",
    [
        Text("hello"),
        Choice("one", "1"),
        Media("picture", "r", "x"),
        Location(0, 0),
        Resume(),
        Resume("sw"),
        Start("sw"),
    ],
    ids=repr,
)
def test_anything_begins_it_in_the_language_that_is_known(event: Event) -> None:
    flow = SurveyFlow(survey(ONE), TEXTS)
    begun, effects = step(flow, Conversation(flow.id, "sw"), event, NOW, {})
    assert isinstance(effects[-1], Ask)
    if event != Resume():
        assert (begun.at, begun.language) == (CONSENT, "sw")


def test_silence_breaks_it_off() -> None:
    for before in ((), (Start(),), (Start(), Text("yes"))):
        talk = Talk(ONE).hear(*before, Timeout())
        assert talk.last == (Finish("break-off"),)
        assert talk.conversation.outcome == "break-off"


def test_starting_again_in_the_middle_goes_on_where_it_was() -> None:
    talk = Talk(ONE, OPEN).hear(Start(), "yes", "1", Start("ar"))
    assert talk.asks == "own"
    assert talk.conversation.answers == {"one": "water"}


def test_only_consent_may_not_be_interrupted() -> None:
    talk = Talk(question("hope", "yes-no")).hear(Start())
    assert talk.flow.awaits_yes_no(talk.conversation)
    assert not talk.flow.awaits_yes_no(talk.hear("yes").conversation)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("of", SAMPLES, ids=lambda one: one.name)
def test_a_preview_holds_everything_that_is_asked(of: Survey, language: str) -> None:
    messages = dict(SurveyFlow(of, TEXTS).messages(language))
    assert list(messages) == [LANGUAGE, CONSENT, *(one.id for one in of.questions), "thanks"]
    assert {prompt.language for prompt in messages.values()} == {language}


# Random ---------------------------------------------------------------------------------------------------------------


@given(st.one_of(st.sampled_from(SAMPLES), surveys()), st.sampled_from(LANGUAGES), st.data())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_correct_answers_end_within_the_number_of_questions(of: Survey, language: str, data: st.DataObject) -> None:
    talk = Talk(of=of).hear(Start(language))
    if talk.asks == LANGUAGE:
        talk.hear("1")
    talk.hear("1")
    given: dict[str, Value] = {}
    while not talk.conversation.outcome:
        asked = of.question(talk.asks)
        assert asked.id not in given
        assert asked.when is None or asked.when(given)
        event, given[asked.id] = correct(asked, data)
        talk.hear(event)
    assert dict(talk.records) == given
    assert talk.conversation.outcome == "completed"
    for left_out in (one for one in of.questions if one.id not in given):
        before = {one.id for one in of.questions[: of.questions.index(left_out)]}
        earlier = {name: value for name, value in given.items() if name in before}
        assert left_out.when is not None
        assert not left_out.when(earlier)


OPEN_TYPES = {"open", "picture", "voice"}
PHRASES = [
    *"0123456789²①፩፲ ",
    *("", "yes", "no", "skip", "pass", "ndiyo", "hapana", "نعم", "تخطي", "done", "1 3", "1,2", "water", "roads en"),
    *("bad", "good sw", "not water", "25 years", "2.5", "-3", "north", "kasakzini", "English", "sw"),
    *("3 May", "5/2024", "yesterday", "Mtoni", "Kisima, Garuna", "zerica", "2 1 3 4", "1 2 3 3"),
]
TYPED = st.one_of(st.sampled_from(PHRASES), st.text(st.characters(), max_size=20))
ASKS = [LANGUAGE, CONSENT, "", *(f"q{place}" for place in range(6))]
ASKS += [one.id for of in SAMPLES for one in of.questions]
LANGUAGE_CODES = st.sampled_from(["", *LANGUAGES, "fr", "\ud800"])
EFFECTS = st.sampled_from([IssueLink(), RedeemLink("1"), Forget(), Finish("x")])


class AnyEvents(RuleBasedStateMachine):
    """Random events, in any order, through a sample poll or a random one."""

    @initialize(of=st.one_of(st.sampled_from(SAMPLES), surveys()), language=LANGUAGE_CODES)
    def begin(self, of: Survey, language: str) -> None:
        self.of = of
        self.talk = Talk(of=of)
        self.talk.conversation = Conversation(self.talk.flow.id, language)
        self.consents: list[bool] = []
        self.recorded: dict[str, Value] = {}
        self.typed: set[str] = set()

    def feed(self, event: Event) -> None:
        talk, before = self.talk, self.talk.conversation
        talk.hear(event)
        after, effects = talk.conversation, talk.last
        again = step(talk.flow, before, event, NOW, FACTS)
        assert again == (after, effects)  # nothing but what it is given counts
        if before.outcome:
            assert (after, effects) == (before, ())
            return
        for place, effect in enumerate(effects):
            match effect:
                case Consent(version, given) if before.at != CONSENT:
                    assert version == f"{before.at}/1"
                    assert self.recorded[before.at] == ("yes" if given else "no")
                case Consent(version, given):
                    assert version == self.of.consent_version
                    assert before.at == CONSENT
                    assert not self.consents
                    self.consents.append(given)
                case Record(asked, value, is_open, state):
                    assert self.consents == [True]
                    assert (state == "answered") == (value is not None)
                    assert asked == before.at
                    assert asked not in self.recorded
                    assert allowed(self.of.question(asked), value)
                    assert is_open == (self.of.question(asked).type in OPEN_TYPES and value is not None)
                    assert not is_open or value in self.typed
                    self.recorded[asked] = value
                case Say(prompt) | Ask(prompt):
                    assert after.language in self.of.languages
                    assert prompt.language == after.language
                    assert prompt.text
                    assert isinstance(effect, Say) or (prompt.ask == after.at and place == len(effects) - 1)
                case SetLanguage(language):
                    assert language == after.language
                case Finish(outcome):
                    assert outcome == after.outcome
                    assert place == len(effects) - 1
                case _:
                    pytest.fail(f"a poll asked for {effect}")
        assert bool(after.outcome) == isinstance(effects[-1] if effects else None, Finish)
        assert effects or isinstance(event, Outcome)

    @rule(text=TYPED)
    def types(self, text: str) -> None:
        self.typed.add(text)
        self.feed(Text(text))

    @rule(data=st.data())
    def answers(self, data: st.DataObject) -> None:
        at = self.talk.conversation.at
        if at in {one.id for one in self.of.questions}:
            event, value = correct(self.of.question(at), data)
            self.typed.add(event.text if isinstance(event, Text) else str(value))
            chose = self.talk.conversation.draft is not None
            self.feed(event)
            assert chose or self.recorded[at] == value
        else:
            self.feed(Text("1"))

    @rule(number=st.integers(1, 6), key=st.sampled_from(["", "done"]))
    def presses(self, number: int, key: str) -> None:
        self.feed(Choice(self.talk.conversation.at, key or str(number)))

    @rule(ask=st.sampled_from(ASKS), key=st.one_of(TYPED, st.integers(0, 9).map(str)))
    def presses_an_old_button(self, ask: str, key: str) -> None:
        self.typed.add(key)
        self.feed(Choice(ask, key))

    @rule(kind=st.sampled_from(["picture", "voice", "file"]), caption=TYPED)
    def attaches(self, kind: str, caption: str) -> None:
        self.typed |= {caption, "reference"}
        self.feed(Media(kind, "reference", caption))

    @rule()
    def is_somewhere(self) -> None:
        self.feed(Location(-1.3, 36.8))

    @rule(language=LANGUAGE_CODES)
    def comes_back(self, language: str) -> None:
        answers = self.talk.conversation.answers
        self.feed(Resume(language))
        assert self.talk.conversation.answers == answers

    @rule(language=LANGUAGE_CODES, text=TYPED)
    def starts(self, language: str, text: str) -> None:
        self.feed(Start(language, text))

    @rule(effect=EFFECTS, done=st.booleans(), detail=TYPED)
    def hears_what_became(self, effect: Effect, done: bool, detail: str) -> None:
        before = self.talk.conversation
        self.feed(Outcome(effect, done, detail))
        assert self.talk.conversation == before

    @rule(really=st.integers(0, 9))
    def falls_silent(self, really: int) -> None:
        if really == 0:
            self.feed(Timeout())

    @invariant()
    def it_can_be_kept(self) -> None:
        if hasattr(self, "talk"):
            assert Conversation.loads(self.talk.conversation.dumps()) == self.talk.conversation

    @invariant()
    def nothing_recorded_is_lost(self) -> None:
        if hasattr(self, "talk"):
            kept = dict(self.talk.conversation.answers)
            assert kept == self.recorded
            assert self.recorded == {} or self.consents == [True]
            assert 0 <= self.talk.conversation.tries <= TRIES


AnyEvents.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_any_events = AnyEvents.TestCase
