"""What people answered in a poll beside what those say who speak for them: where the two differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Blueprint, g, render_template, request

from analysis.actors.constituencies import Asked, constituencies
from analysis.findings import Cell, Digest
from gateway.accounts.roles import Role
from gateway.actors.profile import folded
from gateway.actors.seeing import Seen, Sight
from gateway.assembly import Assembly
from gateway.web.actor_parts import READERS, attitude, look_of, reader
from gateway.web.actors import address
from gateway.web.findings import Latest, title_of
from gateway.web.guard import allow
from gateway.web.pages import say


def blueprint(assembly: Assembly, sight: Sight, latest: Latest) -> Blueprint:
    pages = Blueprint("actor_voices", __name__)
    seen = reader(sight)

    @pages.get("/dashboard/actors/voices")
    @allow(*READERS, sensitive="the map of actors")
    def page() -> str:
        found = seen()
        look = look_of(found)
        polls = {
            poll.survey.name: poll.survey
            for poll in assembly.polls.polls
            if any(g.signed.may(role, poll.survey.name) for role in (Role.MEDIATOR, Role.FOCAL_POINT))
        }
        poll = polls.get(request.args.get("poll", ""))
        release = latest(poll) if poll else None
        answers = dict(_answers(release)) if release else {}
        question, _, answer = request.args.get("answer", "").partition("/")
        by = sorted({table.by for table in release.tables if table.question == question}) if release else []
        chosen_by = request.args.get("by", "")
        if chosen_by not in by:
            chosen_by = by[0] if by else ""
        asked = (
            list(_asked(release, question, answer, chosen_by)) if release and f"{question}/{answer}" in answers else []
        )
        return render_template(
            "actor_voices.html",
            chosen=look,
            address=address(look),
            waves=found.waves,
            issues=found.issues,
            polls={name: title_of(survey) for name, survey in polls.items()},
            poll=poll.name if poll else "",
            answers=answers,
            answer=f"{question}/{answer}",
            by=by,
            chosen_by=chosen_by,
            made_at=release.made_at if release else None,
            found=constituencies(asked, _belongs(found), found.attitudes(look.wave, look.issue)) if look.issue else (),
            known=found.known,
            attitude=attitude,
            width="reading",
        )

    return pages


def _answers(release: Digest) -> Iterator[tuple[str, str]]:
    """What can be taken for support: each answer to each question that is told by groups."""
    told = {table.question for table in release.tables if any(group.cells for group in table.groups)}
    for finding in release.questions:
        if finding.id in told:
            for cell in finding.cells:
                yield f"{finding.id}/{cell.id}", f"{_in(finding.text, finding.id)}: {_in(cell.label, cell.id)}"


def _asked(release: Digest, question: str, answer: str, by: str) -> Iterator[Asked]:
    finding = release.question(question)
    yield _group(say("everybody"), frozenset(), finding.n, finding.cells, answer)
    table = release.table(question, by)
    for column in table.groups if table else ():
        names = frozenset(folded(name) for name in (column.id, *column.label.values()) if name)
        yield _group(_in(column.label, column.id), names, column.n, column.cells, answer)


def _group(label: str, names: frozenset[str], n: int | None, cells: tuple[Cell, ...], answer: str) -> Asked:
    cell = next((each for each in cells if each.id == answer), None)
    if cell is None or cell.share is None or n is None:
        return Asked(label, names, None, None, None, None)
    return Asked(label, names, n, cell.share, cell.low, cell.high)


def _belongs(found: Seen) -> Mapping[str, frozenset[str]]:
    return {actor.id: frozenset(folded(value) for value in actor.groups.values()) for actor in found.reports.actors}


def _in(texts: Mapping[str, str], otherwise: str) -> str:
    return texts.get(g.language.code) or next(iter(texts.values()), otherwise)
