"""Interviews of actors, for whoever holds a guide: what is due, where it is held, and the list of codes.

What is shown of the map is what the reader may see of it (gateway/actors/clearance.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role, Signed
from gateway.actors import interviewers
from gateway.actors.clearance import viewer
from gateway.actors.guides import wave_of
from gateway.actors.known import Known, known_actors
from gateway.actors.rounds import due
from gateway.assembly import Assembly
from gateway.polls import OPEN, Poll
from gateway.store.database import reading
from gateway.web.findings import title_of
from gateway.web.guard import allow
from gateway.web.pages import N_, say

REFUSED = {
    "code": N_("Nothing was linked: the code is wrong, used or too old. Send LINK again, and enter the new one here."),
    "tries": N_("Nothing was linked: too many codes were entered. Wait an hour, then try again."),
}
KINDS = {"tel": N_("a phone number"), "telegram": N_("a Telegram chat"), "web": N_("the web form")}


@dataclass(frozen=True, slots=True)
class Shown:
    """A guide, and whom its holder reported on before and not yet in this wave."""

    name: str
    title: str
    wave: int
    keyword: str
    due: tuple[str, ...]


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("interviewing", __name__)

    @pages.get("/dashboard/interviews")
    @allow(Role.FOCAL_POINT, title=N_("Interviews of actors"), sensitive="interviews that are due")
    def page() -> str:
        return _page(assembly, "")

    @pages.post("/dashboard/interviews/link")
    @allow(Role.FOCAL_POINT)
    def link() -> ResponseReturnValue:
        signed: Signed = g.signed
        code, now = request.form.get("code", ""), assembly.clock()
        try:
            interviewers.link(assembly.engine, assembly.vault, signed.user, signed.name, code, now)
        except interviewers.LinkError as error:
            return _page(assembly, say(REFUSED[str(error)])), 409
        return redirect(url_for(".page", language=g.language.code), 303)

    @pages.post("/dashboard/interviews/leave")
    @allow(Role.FOCAL_POINT)
    def leave() -> ResponseReturnValue:
        with assembly.engine.begin() as connection:
            interviewers.leave(connection, g.signed.name)
        assembly.accounts.note(g.signed, "hold interviews from nowhere", "")
        return redirect(url_for(".page", language=g.language.code), 303)

    return pages


def _page(assembly: Assembly, note: str) -> str:
    signed: Signed = g.signed
    now = assembly.clock()
    polls = [one for one in assembly.polls.polls if one.survey.guide and signed.may(Role.FOCAL_POINT, one.survey.name)]
    with reading(assembly.engine) as connection:
        guides = [
            _shown(one, due(connection, assembly.vault, signed.name, one.survey.guide, one.wave))
            for one in polls
            if one.survey.guide and one.state(now) == OPEN
        ]
        maps = dict.fromkeys(one.survey.guide.map for one in polls if one.survey.guide)
        who = viewer(signed)
        known = [one for name in maps for one in known_actors(connection, assembly.vault, who, name).values()]
        kinds = next((one.kinds for one in interviewers.reached(connection) if one.user == signed.name), ())
    return render_template(
        "interviewing.html",
        note=note,
        guides=guides,
        codes=sorted(((one.profile.name, one.code) for one in known), key=lambda pair: pair[0].casefold()),
        kinds=[say(KINDS[kind]) for kind in kinds if kind in KINDS],
        width="reading",
    )


def _shown(poll: Poll, left: tuple[Known, ...]) -> Shown:
    survey = poll.survey
    words = survey.keywords.get(g.language.code) or next(iter(survey.keywords.values()))
    wave = wave_of(survey.guide, poll.wave) if survey.guide else poll.wave
    return Shown(survey.name, title_of(survey), wave, words[0].upper(), tuple(one.profile.name for one in left))
