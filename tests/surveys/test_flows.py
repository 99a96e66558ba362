"""The flows of the system words: what each says and asks for, and that nothing at all confuses them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.flow import (
    Ask,
    Choice,
    Conversation,
    Effect,
    Event,
    Finish,
    Forget,
    IssueLink,
    Location,
    Media,
    Outcome,
    RedeemLink,
    Resume,
    Say,
    SetLanguage,
    Start,
    Stop,
    Text,
    Timeout,
    WantResults,
    Welcome,
    step,
)
from surveys.flows import system_flows
from surveys.flows.mine import PLAIN, WIDE, Held
from surveys.flows.results import Released
from tests.surveys.samples import LANGUAGES, SAMPLES, TEXTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FLOWS = system_flows(TEXTS, SAMPLES)
FIRST = Released(
    ("PEACE", "AMANI"), {"en": "Priorities"}, {"en": "Peace first.", "sw": "Amani kwanza."}, answered=False
)
SECOND = Released(("PULSE", "PIGO"), {"en": "Pulse", "sw": "Hali"}, {"en": "Safer."}, answered=False)
FACTS: Mapping[str, object] = {"held": Held(9, 2), "released": (FIRST, SECOND)}


def talk(
    word: str, *events: Event | str, facts: Mapping[str, object] = FACTS
) -> tuple[Conversation, tuple[Effect, ...]]:
    """The conversation after these, and the effects of the last."""
    flow = FLOWS[word]
    facts = {"joined": (), **facts}
    conversation = Conversation(flow.id)
    effects: tuple[Effect, ...] = ()
    for event in events:
        assert not conversation.outcome
        conversation, effects = step(flow, conversation, Text(event) if isinstance(event, str) else event, NOW, facts)
    return conversation, effects


def said(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.prompt.text for effect in effects if isinstance(effect, (Say, Ask))]


def test_every_system_word_has_a_flow() -> None:
    assert FLOWS.keys() == {"stop", "start", "help", "language", "mine", "forget", "link", "results"}
    assert all(TEXTS.words(word) for word in FLOWS)
    assert len({flow.id for flow in FLOWS.values()}) == len(FLOWS)
    assert all(flow.brief and flow.title("sw") for flow in FLOWS.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("word", "effect"), [("stop", Stop()), ("start", Welcome())])
def test_leaving_and_coming_back_say_how_to_undo_it(word: str, effect: Effect, language: str) -> None:
    conversation, effects = talk(word, Start(language))
    other = TEXTS.word("start" if word == "stop" else "stop", language)
    assert effects[0] == effect
    assert other in said(effects)[0]
    assert (effects[-1], conversation.outcome) == (Finish("completed"), "completed")


@pytest.mark.parametrize(
    ("language", "keyword"), [("en", "PEACE"), ("sw", "AMANI"), ("ar", "سلام"), ("", "PEACE"), ("fr", "PEACE")]
)
def test_help_names_a_keyword_of_each_poll(language: str, keyword: str) -> None:
    text = said(talk("help", Start(language))[1])[0]
    assert keyword in text
    assert "{" not in text


def test_mine_says_what_is_held() -> None:
    assert "9 answers in 2 polls." in said(talk("mine", Start("en"))[1])[0]
    nothing = {"held": Held(0, 0, known=False)}
    assert said(talk("mine", Start("en"), facts=nothing)[1]) == ["We hold nothing about you but this message."]
    listed = said(talk("mine", Start("en"), facts={"held": Held(0, 0, ("elders", "traders"), 2)})[1])[0]
    assert listed.endswith(
        "0 answers in 0 polls. Send FORGET ME to delete. Also: groups: elders, traders; facts such as your place: 2."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", ["a", "ا"])
def test_what_is_held_fits_two_segments_however_many_groups_somebody_joined(language: str, letter: str) -> None:
    held = Held(12, 3, tuple(letter * 9 + str(number) for number in range(30)), 4)
    text = said(talk("mine", Start(language), facts={"held": held})[1])[0]
    assert "+" in text
    assert len(text) <= (PLAIN if all(ord(each) < 256 for each in text) else WIDE)


@pytest.mark.parametrize("typed", ["yes", "1", "١", "１", "ndiyo", "نعم", Choice("forget", "1")])
def test_forgetting_is_asked_once_more(typed: Event | str) -> None:
    conversation, effects = talk("forget", Start("en"))
    assert FLOWS["forget"].awaits_yes_no(conversation)
    assert [type(effect) for effect in effects] == [Ask]
    assert talk("forget", Start("en"), typed)[1][0] == Forget()


@pytest.mark.parametrize("typed", ["no", "2", "٢", "maybe", "", "yes no", "1 2", Timeout()])
def test_nothing_is_forgotten_without_a_yes(typed: Event | str) -> None:
    conversation, effects = talk("forget", Start("en"), typed)
    assert Forget() not in effects
    assert conversation.outcome == "completed"


@pytest.mark.parametrize("event", ["yes", "1", Choice("", "1"), Choice("forget", "1"), Media("voice", "r"), Resume()])
def test_a_yes_before_the_question_forgets_nothing(event: Event | str) -> None:
    conversation, effects = talk("forget", event)
    assert [type(effect) for effect in effects] == [Ask]
    assert conversation.at == "forget"


@pytest.mark.parametrize("typed", ["2", "Kiswahili", "kiswahli", "sw", "SW"])
def test_choosing_a_language(typed: str) -> None:
    for events in ((Start("en"), Text(typed)), (Start("en", typed),)):
        conversation, effects = talk("language", *events)
        assert effects[0] == SetLanguage("sw")
        assert said(effects) == [TEXTS.say("language_set", "sw")]
        assert conversation.language == "sw"


def test_an_unknown_language_is_asked_for_twice_more() -> None:
    _, effects = talk("language", Start("en"), "x", "x")
    assert isinstance(effects[-1], Ask)
    assert [option.label for option in effects[-1].prompt.options] == ["English", "Kiswahili", "العربية"]
    _, effects = talk("language", Start("en"), "x", "x", "x")
    assert effects == (Finish("completed"),)


def test_a_code_is_issued_and_redeemed() -> None:
    issue, redeem = IssueLink(), RedeemLink("123456")
    assert talk("link", Start("en"))[1] == (issue,)
    assert talk("link", Start("en", " ١٢٣ 456."))[1] == (redeem,)
    assert "LINK 042042" in said(talk("link", Start("en"), Outcome(issue, done=True, detail="042042"))[1])[0]
    assert said(talk("link", Start("en", "123456"), Outcome(redeem, done=True))[1]) == [TEXTS.say("linked", "en")]


@pytest.mark.parametrize(
    ("detail", "key"),
    [("wrong", "link_wrong"), ("expired", "link_expired"), ("tries", "link_tries"), ("", "link_wrong")],
)
def test_a_refused_code_is_said_to_be_so(detail: str, key: str) -> None:
    outcome = Outcome(RedeemLink("1"), done=False, detail=detail)
    assert said(talk("link", Start("en", "1"), outcome)[1]) == [TEXTS.say(key, "en", link="LINK")]


def test_results_of_the_poll_that_is_meant() -> None:
    assert said(talk("results", Start("sw"), "amani")[1]) == ["Amani kwanza."]
    assert said(talk("results", Start("en", "PULSE"))[1]) == ["Safer."]
    assert said(talk("results", Start("sw"), "2")[1]) == ["Safer."]
    which = talk("results", Start("sw"))[1][0]
    assert isinstance(which, Ask)
    assert [option.label for option in which.prompt.options] == ["PEACE", "Hali"]
    conversation, effects = talk("results", Start("en"), "x", "x")
    assert said(effects) == [TEXTS.say("results_none", "en")]
    assert conversation.outcome == "completed"


def test_results_without_asking_where_only_one_can_be_meant() -> None:
    assert said(talk("results", Start("en"), facts={"released": (SECOND,)})[1]) == ["Safer."]
    own = Released(FIRST.names, FIRST.title, FIRST.texts, answered=True)
    assert said(talk("results", Start("en"), facts={"released": (own, SECOND)})[1]) == ["Peace first."]


def test_where_nothing_is_out_people_are_asked_whether_to_be_told() -> None:
    nothing = {"released": ()}
    (asked,) = talk("results", Start("en"), facts=nothing)[1]
    assert isinstance(asked, Ask)
    assert [option.label for option in asked.prompt.options] == ["Yes", "No"]
    conversation, effects = talk("results", Start("sw"), "ndiyo", facts=nothing)
    assert effects[0] == WantResults()
    assert said(effects) == [TEXTS.say("results_wanted", "sw", stop="ACHA")]
    assert conversation.outcome == "completed"
    effects = talk("results", Start("en"), "2", facts=nothing)[1]
    assert WantResults() not in effects
    assert said(effects) == [TEXTS.say("results_none", "en")]


WORDS = ["1", "2", "١", "፩", "yes", "no", "sw", "PEACE", "x", "", "123456"]
TYPED = st.one_of(st.sampled_from(WORDS), st.text(st.characters(), max_size=20))
EFFECTS = st.sampled_from([IssueLink(), RedeemLink("1"), Forget(), Finish("x")])
CODES = st.sampled_from(["", *LANGUAGES, "fr"])
ASKS = st.sampled_from(["", "forget", "language", "results", "issuing", "redeeming", "region"])
EVENTS = st.one_of(
    st.builds(Start, CODES, TYPED),
    TYPED.map(Text),
    st.builds(Choice, ASKS, TYPED),
    st.builds(Media, st.just("picture"), st.just("r"), TYPED),
    st.just(Location(0, 0)),
    st.just(Timeout()),
    st.builds(Resume, CODES),
    st.builds(Outcome, EFFECTS, st.booleans(), st.one_of(TYPED, st.sampled_from(["wrong", "expired", "tries"]))),
)
RELEASED = st.sampled_from([(), (FIRST,), (FIRST, SECOND)])
MAY_ASK_FOR = {
    "stop": Stop,
    "start": Welcome,
    "language": SetLanguage,
    "forget": Forget,
    "link": (IssueLink, RedeemLink),
}


@given(st.sampled_from(sorted(FLOWS)), CODES, st.lists(st.tuples(EVENTS, RELEASED), max_size=12), st.integers(0, 3))
def test_any_events_end_it_or_ask(
    word: str, language: str, events: list[tuple[Event, tuple[Released, ...]]], held: int
) -> None:
    flow = FLOWS[word]
    conversation = Conversation(flow.id, language)
    for event, released in events:
        before, facts = conversation, {"held": Held(held, held), "joined": (), "released": released}
        conversation, effects = step(flow, before, event, NOW, facts)
        assert Conversation.loads(conversation.dumps()) == conversation
        assert isinstance(flow.awaits_yes_no(conversation), bool)
        if before.outcome:
            assert (conversation, effects) == (before, ())
            continue
        assert bool(conversation.outcome) == (Finish("completed") in effects)
        waits = isinstance(event, Outcome) or any(isinstance(effect, (IssueLink, RedeemLink)) for effect in effects)
        assert conversation.outcome or waits or isinstance(effects[-1], Ask)
        for effect in effects:
            assert isinstance(effect, (Say, Ask, Finish, MAY_ASK_FOR.get(word, Say)))  # type: ignore[arg-type] # nested
            if isinstance(effect, (Say, Ask)):
                assert effect.prompt.text
                assert effect.prompt.language
            if isinstance(effect, Forget):
                assert before.at == "forget"


@pytest.mark.parametrize("word", sorted(FLOWS))
def test_silence_ends_it(word: str) -> None:
    assert talk(word, Timeout())[0].outcome == "completed"
