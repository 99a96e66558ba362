"""Each message of a poll as each medium will show it, in each language, with what it costs.

    preview(survey, texts, channels, prices) -> Preview

What an earlier answer will stand in for is shown by its name: {adults}. The ways through count it as it would be sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from channels import render
from channels.adapter import Channel, Medium
from channels.render import Chat
from channels.text import LIMITS, Encoding, beyond_gsm7, encoding_of, measure
from gateway.authoring.costs import Interview, interviews
from gateway.authoring.prices import Prices
from surveys.engine import EPOCH, SurveyFlow
from surveys.model import Question, Survey
from surveys.prompt import Prompt
from surveys.texts import Texts
from surveys.types import TYPES
from surveys.types.base import Scene

SCREEN = 160
"""Septets of a USSD screen where nothing else is said: the smallest that operators give."""

FEW = 3
"""Up to so many characters beyond GSM-7 are named: a text with more is of another script."""

ANYWHERE = (
    Channel("sms", "phone", Medium.SMS),
    Channel("ussd", "phone", Medium.USSD),
    Channel("chat", "phone", Medium.CHAT),
)
"""The channels of a folder that names none."""


@dataclass(frozen=True, slots=True)
class Sms:
    """`units` are septets or UTF-16 code units. `left` are those that this many segments would still take."""

    text: str
    encoding: Encoding
    units: int
    segments: int
    left: int
    culprits: tuple[str, ...]
    """What made it UCS-2, such as "’ (RIGHT SINGLE QUOTATION MARK)": empty for GSM-7, and for another script."""


@dataclass(frozen=True, slots=True)
class Ussd:
    """The screens of one limit. `room` is how many units of the encoding a screen of `septets` takes."""

    septets: int
    encoding: Encoding
    room: int
    screens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """`name` is the question's id, or language, consent, thanks; "needs (2)" is its second wording."""

    name: str
    language: str
    sms: Sms
    ussd: tuple[Ussd, ...]
    chat: tuple[Chat, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    name: str
    hash: str
    languages: tuple[str, ...]
    messages: tuple[Message, ...]
    interviews: tuple[Interview, ...]


def preview(
    survey: Survey,
    texts: Texts,
    channels: Sequence[Channel] = ANYWHERE,
    prices: Prices | None = None,
    languages: Sequence[str] = (),
) -> Preview:
    """Everything there is to see of a poll before it is opened, in all of its languages unless some are named."""
    flow = SurveyFlow(survey, texts)
    spoken = tuple(languages) or survey.languages
    limits = sorted({channel.screen for channel in channels if channel.medium is Medium.USSD}) or [SCREEN]
    return Preview(
        name=survey.name,
        hash=survey.hash,
        languages=spoken,
        messages=tuple(
            _message(name, prompt, texts, limits) for language in spoken for name, prompt in _said(flow, language)
        ),
        interviews=tuple(row for channel in channels for row in interviews(flow, channel, prices or Prices(), spoken)),
    )


def _said(flow: SurveyFlow, language: str) -> Iterator[tuple[str, Prompt]]:
    """What the poll says, other wordings behind their question's own."""
    wordings = {question.id: question for question in flow.survey.questions if question.instead}
    for name, prompt in flow.messages(language):
        yield name, prompt
        if name in wordings:
            yield from _reworded(wordings[name], language, flow.texts)


def _reworded(question: Question, language: str, texts: Texts) -> Iterator[tuple[str, Prompt]]:
    for number, wording in enumerate(question.instead, start=2):
        name = f"{question.id} ({number})"
        if question.silent:
            yield name, Prompt(wording.text[language], language)
        else:
            asked = TYPES[question.type](replace(question, text=wording.text, instead=()), texts)
            yield name, asked.prompt(Scene(language, EPOCH, 0, {}, {}))


def _message(name: str, prompt: Prompt, texts: Texts, limits: Iterable[int]) -> Message:
    reply, language = (prompt,), prompt.language
    more, back = texts.say("more", language), texts.say("back", language)
    return Message(
        name,
        language,
        sms(render.sms(reply)),
        tuple(_ussd(septets, render.screens(reply, septets, more, back)) for septets in limits),
        render.chat(reply),
    )


def sms(text: str) -> Sms:
    cost = measure(text)
    single, part = LIMITS[cost.encoding]
    room = single if cost.segments == 1 else cost.segments * part
    beyond = beyond_gsm7(text)
    named = (
        tuple(f"{one} ({unicodedata.name(one, f'U+{ord(one):04X}')})" for one in beyond) if len(beyond) <= FEW else ()
    )
    return Sms(text, cost.encoding, cost.units, cost.segments, max(0, room - cost.units), named)


def _ussd(septets: int, screens: tuple[str, ...]) -> Ussd:
    encoding = encoding_of("".join(screens))
    return Ussd(septets, encoding, render.capacity(septets, encoding), screens)
