"""Showing that a pledge was kept, from the web: words and a picture, by a form that needs neither script nor cookie.

/c/<campaign>/kept       what was done, and a picture of it; others see it once a moderator let it out

A picture is cleaned before it is kept. Nobody is asked who they are, so nothing of it counts for anybody's pledge.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import BoundedSemaphore

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from gateway.assembly import Assembly
from gateway.campaigns import media, pledges, shelf
from gateway.campaigns.drafts import plain
from gateway.campaigns.errors import MediaError
from gateway.campaigns.model import Campaign
from gateway.store.database import reading
from gateway.web import guard
from gateway.web.campaigns import TOO_MANY, chosen
from gateway.web.few import Few
from gateway.web.pages import N_, say
from gateway.web.texts import language as language_of
from surveys.flows.campaigns.kept import LONGEST

SENT_AN_HOUR = 10
"""From one address."""
AT_ONCE = 1
"""Pictures that are cleaned at a time, for those whom nobody knows: a large one unpacks to 180 MB."""
WAIT = 20.0
"""Seconds that one waits for its turn."""
CHANNEL = "web"
"""What deeds from here bear as their channel."""

SENTENCES = (
    N_("This picture has {n} MB, and may have {most}: make it smaller."),
    N_("This picture unpacks to more than 60 million points: make it smaller."),
    N_("This is no picture that can be read: send a JPEG, PNG or WebP."),
    N_("This picture moves: send a still one, or a video."),
)
"""What `gateway.campaigns.media` says of pictures that it does not take."""
SENT = N_("Thank you. Others see it here once somebody has looked at it.")
NOTHING = N_("Nothing was sent: write a few words, or choose a picture.")
WHICH = N_("Nothing was sent: choose what you did.")
AGREED = N_("Nothing was sent: others may see it only if everybody in it agrees.")
LONG = N_("Nothing was sent: {most} letters at most.")
FULL = N_("Much waits to be looked at. Nothing was sent: please try again tomorrow.")


class _Refused(Exception):
    """What was sent is not taken; a sentence of a page, with what fills its places."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("keeping", __name__)
    few, room = Few(SENT_AN_HOUR, assembly.clock), BoundedSemaphore(AT_ONCE)

    def found(name: str) -> Campaign:
        with reading(assembly.engine) as connection:
            campaign = shelf.find(connection, name)
        if campaign is None or not campaign.measures:
            abort(404)
        chosen(campaign)
        return campaign

    def draw(campaign: Campaign, note: str, sent: Mapping[str, str]) -> str:
        spoken = chosen(campaign)
        return render_template(
            "campaign_kept.html",
            campaign=campaign,
            spoken=spoken,
            campaign_languages=[language_of(code) for code in campaign.languages],
            sent=sent,
            kept=assembly.texts.word("kept", spoken),
            longest=LONGEST,
            most=media.MOST_PICTURE // (1024 * 1024),
            note=note,
            width="narrow",
        )

    @pages.get("/c/<campaign>/kept")
    def page(campaign: str) -> str:
        return draw(found(campaign), say(SENT) if request.args.get("done") else "", {})

    @pages.post("/c/<campaign>/kept")
    def send(campaign: str) -> ResponseReturnValue:
        one = found(campaign)
        if not few.let_in(guard.address()):  # before anything of the body is read
            return draw(one, say(TOO_MANY), {}), 429
        try:
            sent = _sent(one, room)
        except _Refused as refused:
            return draw(one, say(refused.sentence, **refused.values), request.form), 400
        with assembly.engine.begin() as connection:
            full = pledges.is_full(connection, one.name)
            if not full:
                pledges.take_in(connection, assembly.vault, sent, assembly.clock())
        if full:
            return draw(one, say(FULL), request.form), 429
        return redirect(url_for(".page", campaign=one.name, language=sent.language, done=1), 303)

    return pages


def _sent(campaign: Campaign, room: BoundedSemaphore) -> pledges.Sent:
    """What the form brings. Raises _Refused."""
    form, file = request.form, request.files.get("picture")
    measure, text = campaign.measure(form.get("measure", "")), plain(form.get("text", ""))
    if measure is None:
        raise _Refused(WHICH)
    if len(text) > LONGEST:
        raise _Refused(LONG, most=LONGEST)
    if not text and not (file and file.filename):
        raise _Refused(NOTHING)
    if form.get("agreed") != "yes":
        raise _Refused(AGREED)
    picture = _cleaned(file, room) if file and file.filename else ()
    return pledges.Sent(campaign.name, measure.id, text, chosen(campaign), CHANNEL, picture=picture)


def _cleaned(file: FileStorage, room: BoundedSemaphore) -> tuple[media.Variant, ...]:
    if not room.acquire(timeout=WAIT):
        abort(503)
    try:
        return media.pictures(file.read(media.MOST_PICTURE + 1))
    except MediaError as error:
        raise _Refused(error.sentence, **error.values) from None
    finally:
        room.release()
