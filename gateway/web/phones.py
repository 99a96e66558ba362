"""The simulated phones at /phone: what they look like, and what the gateway sent to each.

Whoever opens this page can write as any number and read what that number was sent on these channels: it exists only
where the settings say so, and only for channels of the adapter `phone`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from channels import render
from channels.adapter import SIMULATED, Channel, Malformed, Medium, Status
from channels.numbers import e164
from channels.text import Encoding, measure
from gateway.actors import interviewers
from gateway.assembly import Assembly
from gateway.store import replies, schema
from gateway.store.database import reading
from gateway.web.pages import home, say
from surveys.model import Survey
from surveys.prompt import Reply

EVENTS = {Medium.SMS: "incoming", Medium.CHAT: "incoming", Medium.USSD: "ussd"}
READABLE = (Status.SENT, Status.UNREPORTED, Status.DELIVERED)


@dataclass(frozen=True, slots=True)
class Shown:
    """A phone on the page. `start` is what its owner would send first."""

    medium: str
    title: str
    about: str
    sender: str
    start: str
    invite: str


def blueprint(assembly: Assembly) -> Blueprint:
    phones = Blueprint("phones", __name__)

    @phones.get("/phone")
    def page() -> str:
        return render_template("phone_page.html", home=home(), **context(assembly))

    @phones.post("/phone/messages")
    def messages() -> ResponseReturnValue:
        """`channel`, `number`, and `after`: the id of the last message that the phone has."""
        asked = _json()
        channel = _phone(assembly, asked)
        try:
            number, after = e164(str(asked.get("number", ""))), int(asked.get("after", 0))
        except (Malformed, TypeError, ValueError):
            abort(400)
        return jsonify(messages=[_message(channel, row) for row in _sent(assembly, channel, number, after)])

    @phones.post("/phone/measure")
    def measured() -> ResponseReturnValue:
        """What a `text` costs on this `channel`, in words."""
        asked = _json()
        channel, text = _phone(assembly, asked), asked.get("text")
        if not isinstance(text, str):
            abort(400)
        return jsonify(cost=cost(channel, text))

    return phones


def context(assembly: Assembly) -> dict[str, Any]:
    """What phones.html and phones.js need."""
    found = {channel.medium: channel for channel in assembly.settings.channels.values() if channel.adapter == SIMULATED}
    channels = [found[medium] for medium in EVENTS if medium in found]
    channels.sort(key=lambda channel: (Medium.SMS, Medium.USSD, Medium.CHAT).index(channel.medium))
    start = _keyword(assembly.polls.open)
    words = {
        Medium.SMS: (say("Text message"), say("any phone"), say("Send the word to begin, as in an advertisement.")),
        Medium.USSD: (say("USSD"), say("any phone, no credit"), ""),
        Medium.CHAT: (say("Chat"), say("as in Telegram"), say("Send the word to begin, then press or write.")),
    }
    shown = [Shown(one.medium, *words[one.medium][:2], one.sender, start, words[one.medium][2]) for one in channels]
    caller = _caller(assembly)
    return {
        "phones": shown,
        "caller": caller,
        "settings": {
            "messages": url_for("phones.messages", language=g.language.code),
            "measure": url_for("phones.measured", language=g.language.code),
            "caller": caller,
            "phones": [
                {
                    "medium": one.medium,
                    "channel": one.name,
                    "sender": one.sender,
                    "start": start,
                    # In the demo the token may be on the page: whoever sees it may write as any number anyhow.
                    "hook": f"/hooks/{one.name}/{one.secrets['hook_token'][0]}/{EVENTS[one.medium]}",
                }
                for one in channels
            ],
            "say": {
                "failed": say("Not sent. Is the gateway running?"),
                "ended": say("The session is over. You can call again."),
                "broken": say("Session broken off. Call again, and it goes on where you stopped."),
                "noCode": say("There is only {code} here."),
                "close": say("Close"),
                "send": say("Send"),
            },
        },
    }


def _caller(assembly: Assembly) -> dict[str, str] | None:
    """Somebody who holds interviews from a number: their name, the number, and what begins an interview. Only a
    demonstration shows whose a number is."""
    if not assembly.settings.demo:
        return None
    with reading(assembly.engine) as connection:
        known = interviewers.callers(connection, assembly.vault)
    return next(
        ({"name": name, "number": number, "start": _keyword(assembly.polls.guides)} for name, number in known), None
    )


def _keyword(polls: Sequence[Survey]) -> str:
    """What starts the first of them in the page's language."""
    for poll in polls:
        if words := poll.keywords.get(g.language.code) or next(iter(poll.keywords.values()), ()):
            return words[0]
    return ""


def _json() -> dict[str, Any]:
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        abort(400)
    return asked


def _phone(assembly: Assembly, asked: dict[str, Any]) -> Channel:
    channel = assembly.channel(str(asked.get("channel", "")))
    if channel is None or channel.adapter != SIMULATED:
        abort(404)
    return channel


def _sent(assembly: Assembly, channel: Channel, number: str, after: int) -> Sequence[tuple[int, Reply]]:
    """What this number was sent on this channel, oldest first."""
    vault = assembly.vault
    query = (
        sa.select(schema.outbox.c.id, schema.outbox.c.sealed_reply)
        .join(schema.addresses, schema.addresses.c.id == schema.outbox.c.address)
        .where(
            schema.addresses.c.kind == "tel",
            schema.addresses.c.hmac.in_(vault.fingerprints("tel", number)),
            schema.outbox.c.channel == channel.name,
            schema.outbox.c.status.in_(READABLE),
            schema.outbox.c.id > after,
        )
        .order_by(schema.outbox.c.id)
    )
    with reading(assembly.engine) as connection:
        rows = connection.execute(query).all()
    return [(row.id, replies.loads(vault.open_text(row.sealed_reply, "reply"))) for row in rows]


def _message(channel: Channel, row: tuple[int, Reply]) -> dict[str, Any]:
    number, reply = row
    if channel.medium is Medium.SMS:
        text = render.sms(reply)
        return {"id": number, "cost": cost(channel, text), "parts": [{"text": text, "buttons": []}]}
    parts = [
        {
            "text": part.text,
            "buttons": [[{"label": one.label, "data": one.data} for one in line] for line in part.buttons],
        }
        for part in render.chat(reply)
    ]
    return {"id": number, "cost": "", "parts": parts}


def cost(channel: Channel, text: str) -> str:
    """Segments and room: what explains the price of a text, or the size of a screen."""
    size = measure(text)
    if channel.medium is Medium.USSD:
        room = render.capacity(channel.screen, size.encoding)
        return str(
            say("One screen: {units} of {room}, {encoding}", units=size.units, room=room, encoding=size.encoding)
        )
    single, part = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}[size.encoding]
    room = single if size.segments == 1 else part * size.segments
    say_segments = say("1 SMS") if size.segments == 1 else say("{n} SMS", n=size.segments)
    return str(
        say(
            "{segments}: {units} of {room}, {encoding}",
            segments=say_segments,
            units=size.units,
            room=room,
            encoding=size.encoding,
        )
    )
