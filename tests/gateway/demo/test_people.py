"""Simulated participants read what they are sent, and answer what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels import render
from gateway.catalogues import load_catalogues
from gateway.demo.people import Participant, Persona, crowd
from gateway.polls import read_polls
from surveys.engine import SurveyFlow
from surveys.flow import Ask, Conversation, Say, Start, Text
from surveys.model import Survey
from tests.conftest import Clock

CONFIG = Path(__file__).parents[3] / "config"
CHANNELS = ("at-sms", "telegram", "web")


@pytest.fixture(scope="module")
def surveys() -> tuple[Survey, ...]:
    return read_polls(CONFIG)[0]


def talk(participant: Participant, clock: Clock, *, ussd: bool = False) -> Conversation:
    """The conversation of one participant, until it says nothing more."""
    survey = participant.persona.survey
    flow = SurveyFlow(survey, load_catalogues())
    conversation, effects = flow.step(Conversation(flow.id), Start(), clock(), {})
    for _ in range(80):
        reply = tuple(effect.prompt for effect in effects if isinstance(effect, (Say, Ask)))
        heard = None
        for page in render.screens(reply, 160, more="More", back="Back") if ussd else (render.sms(reply),):
            heard = participant.hear(page)
            if heard is None or heard.text != "0":
                break
        if heard is None or conversation.outcome:
            break
        conversation, effects = flow.step(conversation, Text(heard.text), clock(), {})
    return conversation


@pytest.mark.parametrize("language", ["en", "sw", "ar"])
@pytest.mark.parametrize("manner", ["number", "label", "misspelt", "wrong"])
@pytest.mark.parametrize("ussd", [False, True])
def test_every_poll_is_answered_to_the_end(
    surveys: tuple[Survey, ...], clock: Clock, language: str, manner: str, ussd: bool
) -> None:
    assert surveys
    for survey in surveys:
        persona = Persona(survey, "at-sms", "+254711000001", language, "north", manner)
        conversation = talk(Participant(persona, seed=7), clock, ussd=ussd)
        assert (conversation.outcome, conversation.language) == ("completed", language)


def test_who_refuses_is_left_alone(surveys: tuple[Survey, ...], clock: Clock) -> None:
    persona = Persona(surveys[0], "at-sms", "+254711000001", "sw", "coast", "label", refuses=True)
    assert talk(Participant(persona, seed=1), clock).outcome == "refused"


def test_who_leaves_says_stop_or_nothing(surveys: tuple[Survey, ...], clock: Clock) -> None:
    quiet = Persona(surveys[0], "at-sms", "+254711000001", "en", "coast", "number", leaves_after=2)
    conversation = talk(Participant(quiet, seed=1), clock)
    assert (conversation.outcome, len(conversation.answers)) == ("", 2)
    loud = Participant(Persona(surveys[0], "at-sms", "+1", "en", "coast", "number", 0, says_stop=True), seed=1)
    heard = loud.hear(surveys[0].questions[0].text["en"])
    assert heard is not None
    assert heard.text == "STOP"


def test_the_same_seed_makes_the_same_people(surveys: tuple[Survey, ...]) -> None:
    channels = {survey.name: CHANNELS for survey in surveys}
    first, second = (crowd(surveys, channels, 60, seed=3) for _ in range(2))
    assert [one.persona for one in first] == [one.persona for one in second]
    assert len({one.persona.address for one in first}) == 60
    assert {one.persona.language for one in first} == {"en", "sw", "ar"}
    assert {one.persona.channel for one in first} == set(CHANNELS)
