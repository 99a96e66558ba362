"""What a broadcast says: one reply a language, and another to those who never wrote to this gateway.

An invitation is what the poll itself asks first, its consent: that says who asks, why, what a reply costs, how to stop
and that SMS is not secret. Whoever answers it is in the poll, one message earlier than by a keyword.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels import render
from channels.adapter import Medium
from channels.text import measure
from gateway.broadcasts.errors import BroadcastError
from gateway.broadcasts.model import Broadcast
from surveys.engine import CONSENT, SurveyFlow
from surveys.model import Survey
from surveys.prompt import Prompt, Reply
from surveys.texts import Texts


@dataclass(frozen=True, slots=True)
class Version:
    """Whom a reply is for: a language, and whether they never wrote before."""

    language: str
    first: bool


def sayings(
    broadcast: Broadcast, texts: Texts, survey: Survey | None, results: Mapping[str, str]
) -> dict[Version, Reply]:
    """Every reply of it. `survey` is the poll that it is about; `results` what is out about that, by language.

    Raises BroadcastError where nothing is out yet.
    """
    if broadcast.kind == "results" and not results:
        raise BroadcastError(
            f"Nothing is out about {broadcast.poll} yet: `baraza digest {broadcast.poll} --release` counts it."
        )
    flow = SurveyFlow(survey, texts) if survey is not None and broadcast.kind == "poll" else None
    return {
        Version(language, first): tuple(_said(broadcast, texts, flow, results, language, first=first))
        for language in broadcast.languages
        for first in (False, True)
    }


def _said(
    broadcast: Broadcast,
    texts: Texts,
    flow: SurveyFlow | None,
    results: Mapping[str, str],
    language: str,
    *,
    first: bool,
) -> list[Prompt]:
    message = broadcast.message.get(language, "")
    if flow is not None:
        before = [Prompt(message, language)] if message else []
        return [*before, dict(flow.messages(language))[CONSENT]]
    said = [f"{broadcast.sender[language]}: {message}"] if message else []
    if broadcast.kind == "results":
        said.append(results.get(language) or next(iter(results.values())))
    leaving = f"{texts.word('stop', language)} {broadcast.topic.upper()}".strip()
    said.append(texts.say("how_to_stop", language, stop=leaving))
    if first:
        said.append(texts.say("not_secret", language))
    return [Prompt("\n".join(said), language)]


def segments(reply: Reply, medium: Medium) -> int:
    """What is paid for: segments of SMS, messages of a chat."""
    return measure(render.sms(reply)).segments if medium is Medium.SMS else len(render.chat(reply))
