"""What the forms bring with which a campaign is written: texts by language, pieces and their order, files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from threading import BoundedSemaphore
from typing import Any

import sqlalchemy as sa
from flask import abort, request

from gateway.campaigns import drafts, shelf
from gateway.campaigns.definition import MOST_PIECES
from gateway.campaigns.drafts import Draft
from gateway.campaigns.errors import CampaignError, MediaError
from gateway.campaigns.model import KINDS
from gateway.web.pages import N_, say

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
WAIT = 20.0

KIND_NAMES = {"photo": N_("Photo"), "video": N_("Video"), "audio": N_("Sound"), "text": N_("Text")}
HEAD = {"title": N_("Its title"), "summary": N_("What it is about"), "sender": N_("Who campaigns")}
PIECE = {
    "title": N_("Its title"),
    "text": N_("What it says"),
    "alt": N_("What is to be seen or heard"),
    "sms": N_("The same for those who have SMS only"),
}


def texts_of(part: dict[str, Any], key: str) -> dict[str, str]:
    """The texts of a key by language; a text that was written once is that of each."""
    value = part.get(key) or {}
    if isinstance(value, dict):
        return {code: " ".join(text) if isinstance(text, list) else str(text) for code, text in value.items()}
    return {"": str(value)}


def typed(key: str, languages: Iterable[str]) -> dict[str, str]:
    said = {code: drafts.plain(request.form.get(f"{key}-{code}", "")) for code in languages}
    return {code: text for code, text in said.items() if text}


def put(part: dict[str, Any], key: str, value: Any) -> None:
    """What is empty is not there: the check says that it is missing."""
    if value:
        part[key] = value
    else:
        part.pop(key, None)


def new(tree: dict[str, Any], named: str, at: int | None) -> int:
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        abort(400)
    if not NAME.fullmatch(named) or at is not None:
        raise CampaignError(say(N_("Give the piece a short name of its own: small letters a-z, digits and -.")))
    if len(tree["pieces"]) >= MOST_PIECES:
        raise CampaignError(say(N_("There are {n} pieces at most."), n=MOST_PIECES))
    tree["pieces"].append({"id": named, "kind": kind})
    return len(tree["pieces"]) - 1


def _add(tree: dict[str, Any], at: int) -> None:
    """Its texts come later."""


def _fill(tree: dict[str, Any], at: int) -> None:
    piece = tree["pieces"][at]
    for key in PIECE:
        if key != "alt" or piece.get("kind") != "text":
            put(piece, key, typed(key, tree["languages"]))
    if piece.get("kind") != "text":
        put(piece, "people", request.form["people"] if request.form.get("people") in ("yes", "no") else "")
        put(piece, "consent", drafts.plain(request.form.get("consent", "")))


def _up(tree: dict[str, Any], at: int) -> None:
    tree["pieces"].insert(max(0, at - 1), tree["pieces"].pop(at))


def _down(tree: dict[str, Any], at: int) -> None:
    tree["pieces"].insert(at + 1, tree["pieces"].pop(at))


def _remove(tree: dict[str, Any], at: int) -> None:
    tree["pieces"].pop(at)


EDITS: Mapping[str, Callable[[dict[str, Any], int], None]] = {
    "add": _add,
    "save": _fill,
    "up": _up,
    "down": _down,
    "remove": _remove,
}


def upload(connection: sa.Connection, draft: Draft, piece: dict[str, Any], key: str, room: BoundedSemaphore) -> None:
    """Cleaned before it is kept. Raises MediaError."""
    sent, kind = request.files.get(key), str(piece.get("kind"))
    if sent is None or not sent.filename or kind == "text" or (key == "still" and kind == "photo"):
        return
    if not room.acquire(timeout=WAIT):
        abort(503)
    try:
        name, made = drafts.cleaned(sent.read(), "photo" if key == "still" else kind)
    except MediaError as error:
        raise CampaignError(str(error)) from None
    finally:
        room.release()
    shelf.keep_file(connection, draft.name, f"{shelf.UPLOAD}{name}", made)
    piece[key] = name
