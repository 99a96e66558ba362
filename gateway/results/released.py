"""The fact `released`: what is out about each open poll, for RESULTS. Read from the newest release of each, and from
nothing else: what has not passed the privacy rules is not here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from analysis.public import seen
from analysis.render.short import participant
from channels.adapter import Channel
from gateway.ingest.unit import Held, Unit, Visitor, family
from gateway.results.newest import latest
from gateway.results.outcomes import told
from surveys.flows.results import Released
from surveys.model import Survey


def texts_of(connection: sa.Connection, survey: Survey) -> Mapping[str, str]:
    """What those who answered are told, by language: what people said, and the newest of what came of it; {} where
    nothing is out."""
    digest = latest(connection, survey.name)
    if digest is None:
        return {}
    digest, came = seen(digest), told(connection, survey.name)
    found = {language: participant(digest, language) for language in survey.languages}
    return {language: f"{text}\n{came[0].said(language)}" if came else text for language, text in found.items()}


def reader(surveys: tuple[Survey, ...]) -> Callable[[Unit, Visitor, Held, Channel], tuple[Released, ...]]:
    """Reads what is out about these polls; those that the person answered come first."""

    def read(unit: Unit, visitor: Visitor, _held: Held, _channel: Channel) -> tuple[Released, ...]:
        answered = {family(name) for name, how in visitor.done.items() if how == "completed"}
        out = []
        for survey in surveys:
            texts = texts_of(unit.connection, survey)
            if not texts:
                continue
            keywords = (word for words in survey.keywords.values() for word in words)
            out.append(
                Released(
                    names=(*dict.fromkeys(keywords), *dict.fromkeys(survey.title.values())),
                    title=survey.title,
                    texts=texts,
                    answered=family(survey.id) in answered,
                )
            )
        return tuple(sorted(out, key=lambda one: not one.answered))

    return read
