"""Taking part in a campaign on the web: the keyword flows of a phone, a page a question, without any script.

A cookie is kept from the first button on, until the browser is closed; who only reads gets none.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for

from channels import web
from channels.adapter import Channel
from gateway.assembly import Assembly
from gateway.campaigns import shelf
from gateway.campaigns.model import Campaign
from gateway.ingest.rules import Taken
from gateway.store.database import reading
from gateway.web import guard, respondents
from gateway.web.campaigns import TOO_MANY, chosen
from gateway.web.few import Few
from gateway.web.pages import N_, say
from gateway.web.texts import language as language_of

BEGINS_AN_HOUR = 30
"""From one address: a school or a town may share one."""
AGAIN = N_("That page was sent before, or your browser did not send the cookie that this form needs. Begin again.")
ACTS = {"write": "write_title", "pledge": "pledge_title", "news": "news_title"}
"""The words that begin something, and what it is called in the gateway's catalogues. Signatures need a phone or a chat,
where one person is known to be one."""


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("taking_part", __name__)
    channel = next((one for one in assembly.settings.channels.values() if one.adapter == "web"), None)
    begins = Few(BEGINS_AN_HOUR, assembly.clock)

    def found(name: str) -> tuple[Campaign, Channel]:
        with reading(assembly.engine) as connection:
            campaign = shelf.find(connection, name)
        if campaign is None or channel is None:
            abort(404)
        return campaign, channel

    @pages.get("/c/<campaign>/act")
    def page(campaign: str) -> str:
        one, _ = found(campaign)
        return _start(assembly, one)

    @pages.post("/c/<campaign>/act")
    def act(campaign: str) -> Response:
        one, through = found(campaign)
        spoken = chosen(one)
        token = respondents.token_of(through)
        if (wanted := request.form.get("begin", "")) in ACTS:
            if not begins.let_in(guard.address()):
                return make_response(_start(assembly, one, say(TOO_MANY)), 429)
            token = token or web.issue(through, secrets.token_bytes(web.RANDOM))
            words = one.keywords[spoken] or next(filter(None, one.keywords.values()))
            said = {"text": f"{assembly.texts.word(wanted, spoken)} {words[0]}"}
            nonce = respondents.nonce(through, token, one.name)
        else:
            said, nonce = dict(respondents.said()), request.form.get("nonce", "")
            if not token or not respondents.is_ours(through, token, one.name, nonce):
                return make_response(_start(assembly, one, say(AGAIN)), 400)
        taken = respondents.take(assembly, through, token, nonce, said)
        if taken.repeated:
            return make_response(_start(assembly, one, say(AGAIN)))
        drawn = _asked(assembly, one, through, token, taken)
        return respondents.keep(make_response(drawn), token, f"/c/{one.name}/act")

    return pages


def _start(assembly: Assembly, campaign: Campaign, note: str = "") -> str:
    spoken = chosen(campaign)
    offered = {
        "write": campaign.letter,
        "pledge": campaign.measures,
        "news": campaign.topic,
    }
    return render_template(
        "campaign_act.html",
        campaign=campaign,
        spoken=spoken,
        campaign_languages=[language_of(code) for code in campaign.languages],
        acts=[(act, assembly.texts.say(title, spoken)) for act, title in ACTS.items() if offered[act]],
        sign=assembly.texts.word("sign", spoken) if campaign.appeal else "",
        note=note,
        width="narrow",
    )


def _asked(assembly: Assembly, campaign: Campaign, channel: Channel, token: str, taken: Taken) -> str:
    reply = taken.reply
    spoken = reply[-1].language if reply else g.language.code
    g.language = language_of(spoken)
    asked = reply[-1] if reply and reply[-1].ask else None
    return render_template(
        "form.html",
        title=campaign.title[campaign.said_in(spoken)],
        says=reply[:-1] if asked else reply,
        ask=asked,
        points=None,
        nonce=respondents.nonce(channel, token, campaign.name),
        language_word=assembly.texts.word("language", spoken),
        again=url_for("taking_part.page", campaign=campaign.name, language=spoken),
        note="",
        width="narrow",
    )
