"""Pieces put into public channels of a chat by the bot, each once.

A post is written down before it is sent: what broke off in the middle is `unknown`, and not sent again by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from channels.adapter import Ambiguous, Outbound, SendError, Sent
from gateway.campaigns import shelf
from gateway.campaigns.errors import CampaignError
from gateway.campaigns.model import Campaign, Piece
from gateway.store import audit
from gateway.store.campaign_tables import channel_posts
from gateway.store.database import insert_ignoring
from surveys.prompt import Prompt

CHAT = re.compile(r"@[A-Za-z][A-Za-z0-9_]{4,31}")
"""A public channel's name. Private ones have numbers, and are not written to."""
CAPTION = 1000
"""Letters that go with a picture: Telegram takes 1,024."""

_c = channel_posts.c


class Poster(Protocol):
    """As much of an adapter as is needed."""

    def send(self, outbound: Outbound) -> Sent: ...


@dataclass(frozen=True, slots=True)
class Post:
    """`link` is the piece's page, `way` the sentence that leads to one's representative."""

    campaign: Campaign
    piece: Piece
    language: str
    channel: str
    chat: str
    link: str
    way: str


def post(engine: sa.Engine, poster: Poster, what: Post, clock: Callable[[], datetime], by: str) -> Sent:
    """Put a piece into a channel. Raises CampaignError where it was put there before, or was not taken."""
    if not CHAT.fullmatch(what.chat):
        raise CampaignError(f"{what.chat[:40]!r} is no public channel: write its name, such as @tamaniforum.")
    row = _begin(engine, what, clock(), by)
    with engine.connect() as connection:
        picture = _picture(connection, what)
    text = f"{what.piece.title[what.language]}\n\n{what.piece.text[what.language]}"
    ending = f"\n\n{what.link}\n{what.way}"
    prompt = Prompt(text[: CAPTION - len(ending)] + ending, what.language, picture=picture)
    problem: SendError | None = None
    try:
        sent = poster.send(Outbound(row, what.chat, (prompt,)))
    except SendError as error:
        problem = error
    state = "sent" if problem is None else "unknown" if isinstance(problem, Ambiguous) else "failed"
    with engine.begin() as connection:
        values = {"status": state, "error": str(problem)[:200] if problem else None, "at": clock()}
        values["provider_id"] = sent.provider_id if problem is None else None
        connection.execute(sa.update(channel_posts).where(_c.id == row).values(values))
    if problem is not None:
        raise CampaignError(f"It was not put up: {problem}")
    return sent


def _begin(engine: sa.Engine, what: Post, now: datetime, by: str) -> int:
    """Write down that it is being sent. What failed before may be tried again."""
    key = {"campaign": what.campaign.name, "piece": what.piece.id, "channel": what.channel, "chat": what.chat}
    key["language"] = what.language
    same = [_c[name] == value for name, value in key.items()]
    with engine.begin() as connection:
        connection.execute(sa.delete(channel_posts).where(*same, _c.status == "failed"))
        new = insert_ignoring(connection.dialect.name, channel_posts).returning(_c.id)
        row = connection.execute(new, {**key, "status": "unknown", "at": now, "by": by}).first()
        if row is None:
            status = connection.scalar(sa.select(_c.status).where(*same))
            why = "was put there before" if status == "sent" else "may have been put there: look, before anything else"
            raise CampaignError(f"{what.piece.id} {why}.")
        audit.note(connection, by, "post piece", f"{what.campaign.name}/{what.piece.id} {what.chat}", now)
    return int(row.id)


def _picture(connection: sa.Connection, what: Post) -> bytes:
    """The largest of its pictures, b"" for none."""
    name = what.piece.file if what.piece.kind == "photo" else what.piece.still
    forms = [one for one in shelf.shown(connection, what.campaign.name).get(name, ()) if one.type == "image/jpeg"]
    found = shelf.content(connection, what.campaign.name, forms[-1].digest) if forms else None
    return found[1] if found else b""
