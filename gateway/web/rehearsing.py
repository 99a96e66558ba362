"""What a poll will look like on each channel and cost, and a phone to rehearse it on. Nothing of it is stored.

A rehearsal lives in its page: what was done so far comes with each request and is done again from the beginning, so
that any process can answer. Cut short at MOST steps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, abort, g, render_template, request

from channels import render
from channels.adapter import Medium
from channels.render import Button
from gateway.accounts.roles import Role
from gateway.authoring.costs import Interview
from gateway.authoring.dialogues import DOES, Line, do
from gateway.authoring.player import Phones, Recorded, Rehearsal, phones_for, rehearsal
from gateway.authoring.preview import ANYWHERE, Message
from gateway.authoring.preview import preview as previewed
from gateway.web.desk import NAME, Desk
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from gateway.web.phones import cost
from surveys.model import Survey

MOST, LONGEST = 60, 700
"""Steps of a rehearsal, and characters of each."""

LARGEST = 512 * 1024

MEDIA = {Medium.SMS: N_("Text message"), Medium.USSD: N_("USSD"), Medium.CHAT: N_("Chat")}

UNITS = {
    Medium.SMS: N_("{n} SMS"),
    Medium.USSD: N_("{n} screens"),
    Medium.CHAT: N_("{n} messages"),
    Medium.WEB: N_("{n} pages"),
}

WAYS = {"shortest": N_("shortest"), "typical": N_("typical"), "longest": N_("longest")}

OUTCOMES = {
    "active": N_("It goes on."),
    "parked": N_("It waits, and can be gone on with."),
    "completed": N_("It is completed."),
    "refused": N_("It was refused."),
    "ineligible": N_("It is not for this person."),
    "quota-full": N_("Enough people like this person were heard."),
    "partial": N_("It was broken off; what was answered counts."),
    "break-off": N_("It was broken off."),
}
"""Where a rehearsal stands, by what the engine calls it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a person did, and what their phone shows then: texts, and the last one's buttons. `cost` is of the texts."""

    mine: str
    theirs: tuple[str, ...]
    buttons: tuple[tuple[Button, ...], ...]
    cost: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal as it stands. `dials`: nothing can be typed, the USSD code must be dialled."""

    turns: tuple[Turn, ...]
    recorded: tuple[Recorded, ...]
    outcome: str
    dials: bool


def blueprint(desk: Desk) -> Blueprint:
    pages = Blueprint("rehearsing", __name__)

    @pages.get("/dashboard/<survey>/draft/preview")
    @allow(Role.FOCAL_POINT, Role.OPERATOR, survey="survey")
    def preview(survey: str) -> str:
        shown, poll = _poll(desk, survey, request.args.get("of", ""))
        asked = request.args.get("in", "")
        spoken = ""
        messages: list[tuple[str, list[Message]]] = []
        rows: Sequence[Interview] = ()
        if poll is not None:
            spoken = next((one for one in (asked, g.language.code) if one in poll.languages), poll.languages[0])
            folder = desk.folder()
            with desk.room():
                found = previewed(poll, folder.texts, folder.channels or ANYWHERE, folder.prices, [spoken])
            # Other wordings of a question stand below it.
            messages = [
                (name, list(group)) for name, group in groupby(found.messages, lambda one: one.name.split(" (")[0])
            ]
            rows = found.interviews
        return _page(
            desk,
            survey,
            "draft_preview.html",
            poll=poll,
            of=shown,
            spoken=spoken,
            messages=messages,
            rows=rows,
            wrong=bool(desk.folder().problems),
        )

    @pages.route("/dashboard/<survey>/draft/rehearsal", methods=["GET", "POST"])
    @allow(Role.FOCAL_POINT, Role.OPERATOR, survey="survey", largest=LARGEST)
    def page(survey: str) -> str:
        form = request.form if request.method == "POST" else request.args
        shown, poll = _poll(desk, survey, form.get("of", ""))
        medium = next((one for one in MEDIA if one == form.get("medium")), Medium.SMS)
        done = _done(form.getlist("did"), form.get("do", "")) if request.method == "POST" else []
        found = None
        if poll is not None:
            with desk.room(), rehearsal([poll], desk.folder().texts) as phones:
                found = _rehearsed(phones, medium, done)
        return _page(
            desk,
            survey,
            "rehearsal.html",
            poll=poll,
            of=shown,
            medium=medium,
            media=MEDIA,
            done=done,
            full=len(done) >= MOST,
            longest=LONGEST,
            rehearsed=found,
            code=phones_for(poll)["ussd"].sender if poll else "",
            outcomes=OUTCOMES,
            keyword=_keyword(poll) if poll and not done else "",
        )

    return pages


def _poll(desk: Desk, name: str, of: str) -> tuple[str, Survey | None]:
    """Which text is meant, draft or open, and the poll that it is: None for one with mistakes."""
    if not NAME.fullmatch(name):
        abort(404)
    opened = desk.poll(name)
    if of == "open" and opened is not None:
        return "open", opened.survey
    return "draft", desk.survey(name, desk.text(name).source)


def _page(desk: Desk, survey: str, template: str, **values: object) -> str:
    title = desk.title(survey, g.language.code)
    words = {"units": UNITS, "way_names": WAYS, "can_open": desk.poll(survey) is not None}
    return render_template(template, survey=survey, title=title, **words, **values)


def _keyword(poll: Survey) -> str:
    words = poll.keywords.get(g.language.code) or next(iter(poll.keywords.values()), ())
    return words[0] if words else ""


def _done(before: Sequence[str], asked: str) -> list[str]:
    """What was done so far, with what is done now: `in`, `press:region:1`, `at`, `attach:picture`, `hangup`, `back`."""
    done = [one[:LONGEST] for one in before if one.partition(":")[0] in DOES][:MOST]
    does, _, value = asked.partition(":")
    text = request.form.get("text", "").strip()
    match does:
        case "back":
            return done[:-1]
        case "in":
            step = f"in:{value or text}"
        case "at":
            step = f"at:{text}"
        case "press" | "attach" | "hangup":
            step = f"{does}:{value}"
        case _:
            return done
    return [*done, step[:LONGEST]][:MOST]


def _rehearsed(phones: Rehearsal, medium: Medium, done: Sequence[str]) -> Rehearsed:
    turns: list[Turn] = []
    dials = medium is Medium.USSD
    for step in done:
        does, _, value = step.partition(":")
        if medium is Medium.USSD and does == "in" and dials:
            value = ""  # what is typed before a session is the code
        elif not _can(does, value):
            continue
        do(phones, Line(does, value, "anna", medium, None, 0, 0), "anna")
        if does == "hangup":
            turns.append(Turn(say("Hang up"), (), (), ""))
            dials = True
            continue
        turns.append(_turn(phones, medium, does, value, turns))
        if medium is Medium.USSD:
            dials = phones.taken.ends
            if dials:
                phones.hang_up("anna")
    outcomes = phones.outcomes()
    return Rehearsed(tuple(turns), phones.recorded(), outcomes[-1] if outcomes else "", dials)


def _can(does: str, value: str) -> bool:
    """Whether this can be done: what was typed as a place may be none."""
    match does:
        case "attach":
            return value in ("picture", "voice")
        case "at":
            return re.fullmatch(r"-?\d{1,3}(\.\d+)?\s+-?\d{1,3}(\.\d+)?", value, re.ASCII) is not None
        case "in" | "press":
            return bool(value)
    return True


def _turn(phones: Phones, medium: Medium, does: str, value: str, before: Sequence[Turn]) -> Turn:
    mine = value
    match does:
        case "press":
            buttons = (button for turn in before for row in turn.buttons for button in row)
            mine = next((button.label for button in buttons if button.data == value), value.rpartition(":")[2])
        case "attach":
            mine = say("A picture") if value == "picture" else say("A voice message")
        case "in" if medium is Medium.USSD and not value:
            mine = phones.channels[medium].sender
    taken, channel = phones.taken, phones.channels[medium]
    if medium is Medium.CHAT:
        chats = render.chat(taken.reply)
        return Turn(mine, tuple(one.text for one in chats), chats[-1].buttons if chats else (), "")
    text = taken.screen if medium is Medium.USSD else render.sms(taken.reply)
    return Turn(mine, (text,), (), cost(channel, text)) if text else Turn(mine, (), (), "")
