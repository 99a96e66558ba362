"""Rankings, calls, pictures and voices, and numbers with their unit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from surveys.engine import SurveyFlow
from surveys.flow import Ask, Choice, Consent, Conversation, Draft, Effect, Media, Record, Say, Start, Text, step
from surveys.model import Question
from surveys.prompt import Prompt
from surveys.types import TYPES
from surveys.types.base import SKIPPED, Answer, Asked, More, Scene, Understood, Wrong
from tests.surveys.samples import TEXTS, question, survey, texts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WATER, ROADS, SCHOOLS, HEALTH = "water", "roads", "schools", "health"


def asked(kind: str, **changes: object) -> Asked:
    return TYPES[kind](question("q", kind, **changes), TEXTS)


def scene(*carries: str) -> Scene:
    return Scene("en", NOW, 7, {}, {"carries": frozenset(carries)})


def heard(asked: Asked, text: str, draft: Draft = None) -> Understood:
    return asked.take(Text(text), scene(), draft)


def pressed(asked: Asked, key: str, draft: Draft = None) -> Understood:
    return asked.take(Choice("q", key), scene(), draft)


# Rankings -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["3 1 2 4", "3,1,2,4", "3124", "٣ ١ ٢ ٤", "3>1>2>4", "3 1 2", "3. 1. 2.", "three 1 2"]
)
def test_an_order_in_numbers(typed: str) -> None:
    ranking = asked("ranking")
    assert heard(ranking, typed) == Answer([SCHOOLS, WATER, ROADS, HEALTH])


def test_an_order_in_words() -> None:
    ranking = asked("ranking")
    assert heard(ranking, "schools en, water en, roads en") == Answer([SCHOOLS, WATER, ROADS, HEALTH])
    assert heard(ranking, "health sw\nroads sw\nschools sw\nwater sw") == Answer([HEALTH, ROADS, SCHOOLS, WATER])


def test_a_part_of_an_order_is_kept_and_the_rest_asked_for() -> None:
    ranking = asked("ranking")
    begun = heard(ranking, "3 1")
    assert begun == More([SCHOOLS, WATER])
    prompt = ranking.prompt(scene(), begun.draft)
    assert prompt.text == "q en\n1. schools en, 2. water en"
    assert [option.key for option in prompt.options] == ["2", "4"]  # numbers stay
    assert heard(ranking, "4", begun.draft) == Answer([SCHOOLS, WATER, HEALTH, ROADS])
    assert heard(ranking, "4 2", begun.draft) == Answer([SCHOOLS, WATER, HEALTH, ROADS])
    assert heard(ranking, "1 2 3 4", begun.draft) == Answer([WATER, ROADS, SCHOOLS, HEALTH])  # anew
    assert heard(ranking, "3", begun.draft) == Wrong("rank_twice", {})
    assert ranking.settle(begun.draft) == [SCHOOLS, WATER]


def test_buttons_rank_one_after_the_other() -> None:
    ranking = asked("ranking")
    first = pressed(ranking, "3")
    assert first == More([SCHOOLS])
    second = pressed(ranking, "1", first.draft)
    assert second == More([SCHOOLS, WATER])
    assert pressed(ranking, "3", second.draft) == second  # an old button
    assert pressed(ranking, "4", second.draft) == Answer([SCHOOLS, WATER, HEALTH, ROADS])


def test_only_some_may_have_to_be_ranked() -> None:
    ranking = asked("ranking", maximum=2)
    assert ranking.prompt(scene()).hint == "Send 2 numbers in your order, first one first, like 3 1"
    assert asked("ranking").prompt(scene()).hint.endswith("like 3 1 2 4")
    assert heard(ranking, "3 1") == Answer([SCHOOLS, WATER])
    assert heard(ranking, "3") == More([SCHOOLS])
    assert pressed(ranking, "4", [SCHOOLS]) == Answer([SCHOOLS, HEALTH])
    assert heard(ranking, "3 1 2") == Wrong("too_many", {"maximum": 2})
    assert heard(ranking, "3 3") == Wrong("rank_twice", {})


def test_a_ranking_may_be_skipped() -> None:
    ranking = asked("ranking", required=False)
    for understood in (
        heard(ranking, "5"),
        heard(ranking, "skip"),
        pressed(ranking, "5"),
        pressed(ranking, "5", [WATER]),
    ):
        assert understood == SKIPPED
    assert heard(ranking, "1 5") == Wrong("unclear", {})
    assert [option.key for option in ranking.prompt(scene(), [WATER]).options] == ["2", "3", "4", "5"]


@pytest.mark.parametrize(("typed", "key"), [("6", "wrong_options"), ("mud", "wrong_options"), ("1 1 2", "rank_twice")])
def test_no_order(typed: str, key: str) -> None:
    wrong = heard(asked("ranking"), typed)
    assert isinstance(wrong, Wrong)
    assert wrong.key == key


def test_a_ranking_as_a_person_reads_it() -> None:
    assert asked("ranking").show([ROADS, WATER], "sw") == "roads sw, water sw"


# Calls ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "value"), [("1", "yes"), ("hapana", "no"), ("نعم", "yes")])
def test_a_consent_to_calls_is_recorded_with_its_version(typed: str, value: str) -> None:
    assert heard(asked("phone-consent", version="3"), typed) == Answer(value, (Consent("q/3", value == "yes"),))


def test_who_skips_consents_to_nothing() -> None:
    call = asked("phone-consent", required=False)
    assert heard(call, "3") == SKIPPED
    assert pressed(call, "1") == Answer("yes", (Consent("q/1", given=True),))
    assert isinstance(heard(call, "perhaps"), Wrong)


# Pictures and voices --------------------------------------------------------------------------------------------------


class Talk:
    def __init__(self, *questions: Question, carries: tuple[str, ...]) -> None:
        self.flow = SurveyFlow(survey(*questions, languages=("en",)), TEXTS)
        self.conversation = Conversation(self.flow.id)
        self.facts = {"carries": frozenset(carries)}
        self.effects: tuple[Effect, ...] = ()

    def hear(self, event: object) -> tuple[Effect, ...]:
        fed = Text(event) if isinstance(event, str) else event
        self.conversation, self.effects = step(self.flow, self.conversation, fed, NOW, self.facts)  # type: ignore[arg-type]
        return self.effects


@pytest.mark.parametrize("kind", ["picture", "voice"])
def test_a_file_is_taken_where_the_channel_carries_it(kind: str) -> None:
    file = asked(kind)
    assert file.take(Media(kind, "ref", "a caption"), scene(kind)) == Answer("ref")
    assert file.take(Media("file", "ref"), scene(kind)) == Wrong(f"wrong_{kind}", {})
    assert file.take(Text("here it is"), scene(kind)) == Wrong(f"wrong_{kind}", {})
    assert file.show("ref", "en") == "…"
    talk = Talk(question("q", kind, ("en",)), question("n", "number", ("en",)), carries=(kind,))
    talk.hear(Start())
    assert [prompt.ask for prompt in _prompts(talk.hear("yes"))] == ["q"]
    assert talk.hear(Media(kind, "ref"))[0] == Record("q", "ref", open=True)
    assert talk.conversation.at == "n"


@pytest.mark.parametrize("kind", ["picture", "voice"])
def test_elsewhere_one_kind_word_is_said_and_the_poll_goes_on(kind: str) -> None:
    talk = Talk(question("q", kind, ("en",)), question("n", "number", ("en",)), carries=())
    talk.hear(Start())
    effects = talk.hear("yes")
    refusal = TEXTS.say(f"no_{kind}", "en")
    assert effects[1:3] == (Say(Prompt(refusal, "en")), Record("q", None, state="given-up"))
    assert talk.conversation.at == "n"


@pytest.mark.parametrize("kind", ["picture", "voice"])
def test_who_has_gone_over_to_another_channel_goes_on_there(kind: str) -> None:
    talk = Talk(question("q", kind, ("en",)), question("n", "number", ("en",)), carries=(kind,))
    talk.hear(Start())
    talk.hear("yes")
    talk.facts = {"carries": frozenset()}
    effects = talk.hear("I can not send one")
    assert effects[:2] == (Record("q", None, state="skipped"), Say(Prompt(TEXTS.say(f"no_{kind}", "en"), "en")))
    assert talk.conversation.at == "n"


def _prompts(effects: tuple[Effect, ...]) -> list[Prompt]:
    return [effect.prompt for effect in effects if isinstance(effect, Ask)]


# Units ----------------------------------------------------------------------------------------------------------------


def test_a_number_says_what_it_counts() -> None:
    number = asked("number", minimum=0, maximum=30, unit=texts("people"))
    assert number.prompt(scene()).hint == "Send a number from 0 to 30 (people en)"
    assert (
        asked("number", unit=texts("km"), required=False).prompt(scene()).hint == "Send a number (km en). SKIP to skip"
    )
