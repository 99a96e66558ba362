"""The fact `released`: what is out about each open poll, for RESULTS. Read from the newest release of each, and from
nothing else: what has not passed the privacy rules is not here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from analysis.findings import Digest
from analysis.render.short import participant
from channels.adapter import Channel
from gateway.ingest.unit import Held, Unit, Visitor, family
from gateway.store import schema
from surveys.flows.results import Released
from surveys.model import Survey

_NEWEST = (
    sa.select(schema.releases.c.findings)
    .where(schema.releases.c.survey == sa.bindparam("name"))
    .order_by(schema.releases.c.id.desc())
    .limit(1)
)


def latest(connection: sa.Connection, survey: Survey) -> Digest | None:
    """The newest release of this poll, whichever of its versions that was of; None where nothing is out."""
    findings = connection.scalar(_NEWEST, {"name": survey.name})
    return None if findings is None else Digest.from_dict(findings)


def texts_of(connection: sa.Connection, survey: Survey) -> Mapping[str, str]:
    """What those who answered are told, by language; {} where nothing is out."""
    digest = latest(connection, survey)
    return {} if digest is None else {language: participant(digest, language) for language in survey.languages}


def reader(surveys: tuple[Survey, ...]) -> Callable[[Unit, Visitor, Held, Channel], tuple[Released, ...]]:
    """Reads what is out about these polls; those that the person answered come first."""

    def read(unit: Unit, visitor: Visitor, _held: Held, _channel: Channel) -> tuple[Released, ...]:
        answered = {family(name) for name, how in visitor.done.items() if how == "completed"}
        out = []
        for survey in surveys:
            digest = latest(unit.connection, survey)
            if digest is None:
                continue
            keywords = (word for words in survey.keywords.values() for word in words)
            out.append(
                Released(
                    names=(*dict.fromkeys(keywords), *dict.fromkeys(survey.title.values())),
                    title=survey.title,
                    texts={language: participant(digest, language) for language in survey.languages},
                    answered=family(survey.id) in answered,
                )
            )
        return tuple(sorted(out, key=lambda one: not one.answered))

    return read
