"""What the forms bring with which a campaign is written: texts by language, pieces and their order, files, acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from threading import BoundedSemaphore
from typing import Any

from flask import abort, request

from gateway.campaigns import drafts
from gateway.campaigns.definition import MOST_PIECES
from gateway.campaigns.errors import CampaignError, MediaError
from gateway.campaigns.kit import NAMES as NETWORKS
from gateway.campaigns.media import Variant
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

APPEAL = {"title": N_("Its title"), "text": N_("What is asked of the parties")}
MEASURE = {"title": N_("What is pledged, in a few words"), "text": N_("What it takes")}


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
    said = {name: typed(f"share-{name}", tree["languages"]) for name in NETWORKS}
    put(piece, "share", {name: texts for name, texts in said.items() if texts})


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


# What people do -----------------------------------------------------------------------------------------------------


def part_of(tree: dict[str, Any], key: str) -> dict[str, Any]:
    """What stands under a key; nothing where that is no map, of which the check tells."""
    found = tree.get(key)
    return found if isinstance(found, dict) else {}


def measures_of(tree: dict[str, Any]) -> list[dict[str, Any]]:
    found = tree.get("measures")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def appeal(tree: dict[str, Any]) -> None:
    """Without a word there is none."""
    put(tree, "appeal", {key: said for key in APPEAL if (said := typed(f"appeal-{key}", tree["languages"]))})


def letter(tree: dict[str, Any]) -> None:
    """Without a suggested message nobody writes."""
    said = typed("suggested", tree["languages"])
    part = part_of(tree, "letter") | {"suggested": said}
    for key in ("gazetteer", "most_a_day"):
        put(part, key, drafts.plain(request.form.get(key, "")))
    put(tree, "letter", part if said else None)


def measure(tree: dict[str, Any]) -> None:
    """The texts of one."""
    one = _measure(tree)
    for key in MEASURE:
        put(one, key, typed(f"measure-{key}", tree["languages"]))
    put(one, "remind_after", drafts.plain(request.form.get("remind_after", "")))


def add_measure(tree: dict[str, Any]) -> None:
    named, there = request.form.get("measure", "").strip(), measures_of(tree)
    if not NAME.fullmatch(named) or any(one.get("id") == named for one in there):
        raise CampaignError(say(N_("Give the measure a short name of its own: small letters a-z, digits and -.")))
    tree["measures"] = [*there, {"id": named}]


def drop_measure(tree: dict[str, Any]) -> None:
    gone = _measure(tree)
    put(tree, "measures", [one for one in measures_of(tree) if one is not gone])


def _measure(tree: dict[str, Any]) -> dict[str, Any]:
    named = request.form.get("measure", "")
    found = next((one for one in measures_of(tree) if one.get("id") == named), None)
    if found is None:
        raise drafts.Conflict
    return found


ACTS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "appeal": appeal,
    "letter": letter,
    "measure": measure,
    "add-measure": add_measure,
    "drop-measure": drop_measure,
}


Upload = tuple[str, tuple[Variant, ...]]
"""The name of a file, and its forms."""
FILES = {"photo": ("file",), "video": ("file", "still"), "audio": ("file", "still")}
"""What may come with a piece, by its kind."""


def uploads(kind: str, room: BoundedSemaphore) -> dict[str, Upload]:
    """The files that came with the form of a piece of this kind, cleaned, by key. It takes seconds, in which nobody
    may wait for the database. Raises CampaignError."""
    found = {}
    for key in FILES.get(kind, ()):
        sent = request.files.get(key)
        if sent is None or not sent.filename:
            continue
        if not room.acquire(timeout=WAIT):
            abort(503)
        try:
            found[key] = drafts.cleaned(sent.read(), "photo" if key == "still" else kind)
        except MediaError as error:
            raise CampaignError(str(error)) from None
        finally:
            room.release()
    return found
