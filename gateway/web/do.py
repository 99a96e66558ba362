"""Keyword flows on a page: /s/do/<word> is the same conversation as on a phone, a page a question, without any script.

What is put up elsewhere links here: /s/do/join?code=4821.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for

from channels import web
from channels.adapter import Channel
from gateway.assembly import Assembly
from gateway.ingest.rules import Taken
from gateway.web import guard, respondents
from gateway.web.few import Few
from gateway.web.pages import N_, say
from gateway.web.texts import language as language_of
from surveys.flows.keyword import KeywordFlow

TOO_MANY = N_("Too much was sent from here. Please try again in an hour.")
AN_HOUR = 120
"""Pages that are taken from one address in an hour: several people may share one."""


def blueprint(assembly: Assembly) -> Blueprint:
    do = Blueprint("do", __name__)
    few = Few(AN_HOUR, assembly.clock)
    channel = next((one for one in assembly.settings.channels.values() if one.adapter == "web"), None)

    def found(word: str) -> tuple[KeywordFlow, Channel]:
        flow = assembly.rules.router.keyed.get(word)
        if flow is None or channel is None:
            abort(404)
        return flow, channel

    @do.get("/s/do/<word>")
    def page(word: str) -> Response:
        flow, through = found(word)
        token = respondents.token_of(through) or web.issue(through, secrets.token_bytes(web.RANDOM))
        return respondents.keep(make_response(_start(flow, through, token)), token, "/s/")

    @do.post("/s/do/<word>")
    def answer(word: str) -> Response:
        flow, through = found(word)
        token = respondents.token_of(through)
        if not token:
            fresh = web.issue(through, secrets.token_bytes(web.RANDOM))
            note = say("Your browser did not send the cookie that this form needs. Allow it, and begin again.")
            return respondents.keep(make_response(_start(flow, through, fresh, note), 400), fresh, "/s/")
        if not few.let_in(guard.address()):
            return respondents.keep(make_response(_start(flow, through, token, say(TOO_MANY)), 429), token, "/s/")
        nonce = request.form.get("nonce", "")
        if not respondents.is_ours(through, token, word, nonce):
            abort(400)
        taken = respondents.take(assembly, through, token, nonce, _said(assembly, flow))
        note = say("That page was sent before.") if taken.repeated else ""
        return respondents.keep(make_response(_asked(flow, through, token, taken, note)), token, "/s/")

    return do


def _said(assembly: Assembly, flow: KeywordFlow) -> dict[str, str]:
    """The fields that the adapter reads, from those of the page."""
    sent = request.form
    if "begin" in sent:
        code = "".join(letter for letter in sent.get("code", "") if letter.isdigit())
        return {"text": f"{assembly.texts.word(flow.word, sent['begin'])} {code}".strip()}
    keys, ask = sent.getlist("key"), sent.get("ask", "")
    return {"choice": f"{ask}:{keys[0]}"} if keys else {"text": sent.get("text", "").strip()}


def _start(flow: KeywordFlow, channel: Channel, token: str, note: str = "") -> str:
    return render_template(
        "do_start.html",
        title=_title(flow, g.language.code),
        code="".join(letter for letter in request.args.get("code", "") if letter.isdigit())[:12],
        nonce=respondents.nonce(channel, token, flow.word),
        note=note,
        width="narrow",
    )


def _asked(flow: KeywordFlow, channel: Channel, token: str, taken: Taken, note: str) -> str:
    reply = taken.reply
    g.language = language_of(reply[-1].language if reply else g.language.code)
    asked = reply[-1] if reply and reply[-1].ask else None
    return render_template(
        "form.html",
        title=_title(flow, g.language.code),
        says=reply[:-1] if asked else reply,
        ask=asked,
        points=None,
        nonce=respondents.nonce(channel, token, flow.word),
        language_word="",
        again=url_for("do.page", word=flow.word, language=g.language.code),
        note=note,
        width="narrow",
    )


def _title(flow: KeywordFlow, language: str) -> str:
    """What the menu calls it; of those that it does not list, the word."""
    return flow.title(language) if flow.listed else flow.texts.word(flow.word, language)
