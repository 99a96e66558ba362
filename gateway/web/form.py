"""The web form at /s/<survey>: the same conversation as on a phone, a page a question, without any script.

Who fills it in is known by a random signed token in a cookie. Each page bears a nonce that is bound to that token and
becomes the inbound's id: a form sent twice, or once more after going back, changes nothing, and shows where we are.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for

from channels import web
from channels.adapter import Channel
from gateway.accounts.roles import Role
from gateway.actors.interviewers import reach
from gateway.assembly import Assembly
from gateway.ingest.rules import Taken
from gateway.web import respondents
from gateway.web.guard import current
from gateway.web.pages import say
from gateway.web.texts import language
from surveys.model import Survey
from surveys.prompt import Prompt

POINTS = 11
"""A scale of at most so many points is shown as buttons."""


@dataclass(frozen=True, slots=True)
class Points:
    """The ends of a scale, both included."""

    low: int
    high: int


def blueprint(assembly: Assembly) -> Blueprint:
    form = Blueprint("form", __name__)
    channel = next((one for one in assembly.settings.channels.values() if one.adapter == "web"), None)

    def found(name: str) -> tuple[Survey, Channel]:
        survey = assembly.polls.named(name)
        if survey is None or channel is None or not _is_there(survey):
            abort(404)
        return survey, channel

    @form.get("/s/<survey>")
    def page(survey: str) -> Response:
        poll, through = found(survey)
        token = _respondent(assembly, poll, through) or web.issue(through, secrets.token_bytes(web.RANDOM))
        if poll.guide and (signed := current()) is not None:
            assembly.accounts.note(signed, "hold an interview of actors", poll.name)
        return _keep(make_response(_start(poll, through, token)), poll, token)

    @form.post("/s/<survey>")
    def answer(survey: str) -> Response:
        poll, through = found(survey)
        token = _respondent(assembly, poll, through)
        if not token:
            # Without the cookie every page would belong to somebody new.
            fresh = web.issue(through, secrets.token_bytes(web.RANDOM))
            note = say("Your browser did not send the cookie that this form needs. Allow it, and begin again.")
            return _keep(make_response(_start(poll, through, fresh, note), 400), poll, fresh)
        nonce = request.form.get("nonce", "")
        if not respondents.is_ours(through, token, poll.name, nonce):
            abort(400)
        said = _said(poll)
        taken = respondents.take(assembly, through, token, nonce, said)
        note = ""
        if taken.repeated:
            note = say("That page was sent before. This is where you are:")
            taken = respondents.take(
                assembly, through, token, respondents.nonce(through, token, poll.name), {"text": _keyword(poll)}
            )
        return _keep(make_response(_asked(assembly, poll, through, token, taken, note)), poll, token)

    return form


# Interview guides --------------------------------------------------------------------------------------------------


def _is_there(survey: Survey) -> bool:
    """An interview guide is there for whoever is signed in and may hold it."""
    return survey.guide is None or bool(_holder(survey.name))


def _holder(guide: str) -> str:
    signed = current()
    return signed.name if signed is not None and signed.may(Role.FOCAL_POINT, guide) else ""


def _respondent(assembly: Assembly, survey: Survey, channel: Channel) -> str:
    """The respondent's token, "" for none yet. In an interview guide it is the account's own, on every browser."""
    if survey.guide is None:
        return respondents.token_of(channel)
    user, vault, now = _holder(survey.name), assembly.vault, assembly.clock()
    token = web.issue(channel, vault.fingerprint("interviewer", user)[-web.RANDOM :])
    with assembly.engine.begin() as connection:
        reach(connection, vault, user, "web", token.partition(".")[0], channel.name, now)
    return token


# What was sent ------------------------------------------------------------------------------------------------------


def _said(survey: Survey) -> Mapping[str, str]:
    """The fields that the adapter reads, from those of the page."""
    if "begin" in request.form:
        return {"text": _keyword(survey, request.form["begin"])}
    return respondents.said()


def _keyword(survey: Survey, wanted: str = "") -> str:
    """What starts this poll, in the wanted language where it has one; sent again, it takes people to where they are."""
    keywords = survey.keywords.get(wanted) or survey.keywords.get(request.form.get("language", ""))
    return (keywords or next(iter(survey.keywords.values())))[0]


# What is shown ------------------------------------------------------------------------------------------------------


def _start(survey: Survey, channel: Channel, token: str, note: str = "") -> str:
    wanted = request.args.get("language", "")
    if wanted not in survey.languages:
        wanted = request.accept_languages.best_match(survey.languages) or survey.languages[0]
    g.language = language(wanted)
    return render_template(
        "form_start.html",
        title=survey.title[wanted],
        sender=survey.sender[wanted],
        survey_languages=[language(code) for code in survey.languages],
        nonce=respondents.nonce(channel, token, survey.name),
        note=note,
        width="narrow",
    )


def _asked(assembly: Assembly, survey: Survey, channel: Channel, token: str, taken: Taken, note: str) -> str:
    reply = taken.reply
    spoken = reply[-1].language if reply else g.language.code
    g.language = language(spoken)
    asked = reply[-1] if reply and reply[-1].ask else None
    return render_template(
        "form.html",
        title=survey.title.get(spoken) or next(iter(survey.title.values())),
        says=reply[:-1] if asked else reply,
        ask=asked,
        points=_points(survey, asked),
        nonce=respondents.nonce(channel, token, survey.name),
        language_word=assembly.texts.word("language", spoken),
        again=url_for("form.page", survey=survey.name, language=spoken),
        note=note,
        width="narrow",
    )


def _points(survey: Survey, asked: Prompt | None) -> Points | None:
    question = next((one for one in survey.questions if asked and one.id == asked.ask), None)
    if question is None or question.type != "scale" or question.minimum is None or question.maximum is None:
        return None
    low, high = int(question.minimum), int(question.maximum)
    return Points(low, high) if high - low < POINTS else None


def _keep(response: Response, survey: Survey, token: str) -> Response:
    """An interview guide's token is the account's, and needs no cookie."""
    return response if survey.guide is not None else respondents.keep(response, token, "/s/")
