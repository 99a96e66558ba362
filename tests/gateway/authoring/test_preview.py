"""What a preview shows is what is sent: segments, screens, buttons, and what makes a text longer than its letters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels import render
from channels.adapter import Channel, Medium
from channels.text import Encoding
from gateway.authoring.preview import ANYWHERE, Preview, preview, sms
from surveys.engine import SurveyFlow
from surveys.expressions import parse
from surveys.model import Survey, Wording
from tests.surveys.samples import SAMPLES, TEXTS, question, survey, texts


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda one: one.name)
def shown(request: pytest.FixtureRequest) -> tuple[Survey, Preview]:
    of: Survey = request.param
    return of, preview(of, TEXTS)


def test_every_message_is_there_in_every_language(shown: tuple[Survey, Preview]) -> None:
    of, found = shown
    names = ["language", "consent", *(question.id for question in of.questions), "thanks"]
    for language in of.languages:
        assert [message.name for message in found.messages if message.language == language] == names
    assert {row.channel for row in found.interviews} == {channel.name for channel in ANYWHERE}
    assert {row.language for row in found.interviews} == set(of.languages)


def test_every_screen_fits_and_every_segment_is_counted(shown: tuple[Survey, Preview]) -> None:
    for message in shown[1].messages:
        (ussd,) = message.ussd
        assert all(1 <= len(screen) <= ussd.room for screen in ussd.screens)
        single, part = (160, 153) if message.sms.encoding is Encoding.GSM7 else (70, 67)
        room = single if message.sms.segments == 1 else part * message.sms.segments
        assert message.sms.left == room - message.sms.units >= 0
        assert message.chat[-1].text


def test_one_language_may_be_asked_for() -> None:
    assert {message.language for message in preview(SAMPLES[0], TEXTS, languages=["ar"]).messages} == {"ar"}


def test_screens_of_each_limit_among_the_channels() -> None:
    small, wide = (Channel(f"u{n}", "phone", Medium.USSD, screen=n) for n in (100, 182))
    (first, *_) = preview(SAMPLES[0], TEXTS, [small, wide], languages=["en"]).messages[1:]
    assert [ussd.septets for ussd in first.ussd] == [100, 182]
    assert len(first.ussd[0].screens) > len(first.ussd[1].screens)


def test_the_character_that_makes_a_text_ucs2_is_named() -> None:
    assert sms("Where is the façade?").culprits == ("ç (LATIN SMALL LETTER C WITH CEDILLA)",)
    assert sms("5 ✓ or 6 ✓").culprits == ("✓ (CHECK MARK)",)
    assert sms("plain").culprits == ()
    assert sms("أين تسكن؟").culprits == (), "another script has no culprit"
    assert sms("أين تسكن؟").encoding is Encoding.UCS2


def test_other_wordings_are_shown_behind_their_question() -> None:
    worded = replace(question("q", "yes-no"), instead=(Wording(parse("a == yes"), texts("Otherwise")),))
    found = preview(survey(question("a", "yes-no"), worded), TEXTS, languages=["en"])
    assert [message.name for message in found.messages][-3:] == ["q", "q (2)", "thanks"]
    again = found.messages[-2]
    assert again.sms.text.startswith("Otherwise en\n1. Yes")
    assert [[button.label for button in row] for row in again.chat[0].buttons] == [["1. Yes", "2. No"]]


def test_a_question_looks_as_it_will_be_sent() -> None:
    found = {message.name: message for message in preview(SAMPLES[0], TEXTS, languages=["en"]).messages}
    prompt = dict(SurveyFlow(SAMPLES[0], TEXTS).messages("en"))["region"]
    assert found["region"].sms.text == render.sms((prompt,))
    assert found["region"].chat == render.chat((prompt,))
