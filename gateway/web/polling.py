"""The polling app: /app/, a page that is installed on a phone and works without a network.

    GET  /app/            the page, in the languages of pages; it holds nothing of any poll
    GET  /app/sw.js       what keeps it on the phone: one version of all its files, taken up as a whole
    GET  /app/polls       the open polls that the signed-in focal point may ask, whole, and the key to seal to
    POST /app/interviews  sealed interviews, each taken once; the receipts say which the phone may forget

/app/polls carries the token that a POST must bear in the header X-CSRFToken, and an ETag.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from gateway.accounts.roles import Role, Signed
from gateway.actors.guides import read_cast, wave_of
from gateway.assembly import Assembly
from gateway.ingest.interviews import ASIDE, Interviews, Sender
from gateway.polls import OPEN, Polls
from gateway.statements.decks import decks
from gateway.store.database import is_away, is_busy, is_full, reading
from gateway.store.envelopes import Envelope, public_key
from gateway.web.guard import allow
from gateway.web.pages import N_, POLICY, say
from gateway.web.polling_texts import TEXTS
from gateway.web.texts import LANGUAGES
from surveys.portable_survey import portable, portable_cast

log = structlog.get_logger(__name__)

MOST = 50
"""Interviews of one request."""

LARGEST = 4 * 1024 * 1024
"""Bytes of one request: an interview of a thousand long answers."""

STYLES = ("baraza.css", "baraza.svg")


def blueprint(assembly: Assembly) -> Blueprint:
    polling = Blueprint("polling", __name__)
    shown = _Shown(assembly)
    interviews = Interviews(
        assembly.engine, assembly.vault, lambda: assembly.rules, assembly.clock, assembly.settings.country
    )
    modules = _modules()
    version = _version()

    @polling.get("/app/")
    @allow(Role.FOCAL_POINT, title=N_("Polling app: interviews without a network"))
    def page() -> Response:
        said = {name: say(text) for name, text in TEXTS.items()}
        shell = Response(render_template("polling.html", said=said, version=version, width="narrow"))
        shell.headers["Content-Security-Policy"] = f"{POLICY}; manifest-src 'self'"
        return shell

    @polling.get("/app/sw.js")
    @allow(Role.FOCAL_POINT)
    def worker() -> Response:
        statics = [url_for("static", filename=name) for name in (*STYLES, *modules)]
        pages = [url_for(".page"), *(url_for(".page", language=code) for code in LANGUAGES)]
        head = f"const VERSION = {json.dumps(version)};\nconst SHELL = {json.dumps([*pages, *statics])};\n"
        return Response(head + (_folder() / "sw.js").read_text(encoding="utf-8"), mimetype="text/javascript")

    @polling.get("/app/polls")
    @allow(Role.FOCAL_POINT)
    def polls() -> Response:
        for guide in assembly.polls.guides:
            if g.signed.may(Role.FOCAL_POINT, guide.name):
                assembly.accounts.note(g.signed, "fetch the actors of a guide", guide.name)
        answer = Response(shown.to(g.signed), mimetype="application/json")
        answer.add_etag()
        answer.make_conditional(request)
        answer.headers["X-CSRFToken"] = generate_csrf()
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @polling.post("/app/interviews")
    @allow(Role.FOCAL_POINT, largest=LARGEST)
    def take() -> dict[str, Any]:
        signed: Signed = g.signed
        sender = Sender(signed.name, lambda survey: signed.may(Role.FOCAL_POINT, survey), is_user=True)
        try:
            receipts = interviews.take(_envelopes(), sender)
        except sa.exc.SQLAlchemyError as error:
            if is_busy(error) or is_away(error) or is_full(error):
                abort(503)
            raise
        for aside in (one for one in receipts if one.status == ASIDE and not one.repeated):
            log.warning("interview put aside", why=aside.note)
        assembly.accounts.note(signed, "send interviews", str(len(receipts)))
        return {"receipts": [{"id": one.id, "status": one.status} for one in receipts]}

    return polling


class _Shown:
    """What phones get of the polls. Each is written out once, until an operator changes something."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._made: tuple[Polls, dict[str, Any]] | None = None
        self._key: dict[str, Any] = {}

    def to(self, signed: Signed) -> str:
        assembly, now = self._assembly, self._assembly.clock()
        known = assembly.polls
        if self._made is None or self._made[0] is not known:
            self._made = (
                known,
                {
                    poll.survey.name: {"wave": poll.wave, "survey": portable(poll.survey, assembly.texts)}
                    for poll in known.polls
                },
            )
        theirs = [
            self._made[1][poll.survey.name]
            for poll in known.polls
            if poll.state(now) == OPEN and signed.may(Role.FOCAL_POINT, poll.survey.name)
        ]
        if not self._key:
            with assembly.engine.begin() as connection:
                number, point = public_key(connection, assembly.vault, now)
            self._key = {"number": number, "point": b64encode(point).decode()}
        theirs = [self._with_actors(self._without_withdrawn(one), signed.name) for one in theirs]
        return json.dumps(
            {"user": signed.name, "key": self._key, "polls": theirs}, ensure_ascii=False, separators=(",", ":")
        )

    def _with_actors(self, poll: dict[str, Any], user: str) -> dict[str, Any]:
        """An interview guide with the actors that this user may see."""
        survey = self._assembly.polls.named(poll["survey"]["name"])
        if survey is None or survey.guide is None:
            return poll
        with reading(self._assembly.engine) as connection:
            vault, wave = self._assembly.vault, wave_of(survey.guide, poll["wave"])
            cast = read_cast(connection, vault, user, survey.guide, wave)
        return {**poll, "survey": {**poll["survey"], "actors": portable_cast(cast)}}

    def _without_withdrawn(self, poll: dict[str, Any]) -> dict[str, Any]:
        """The poll without the statements that a moderator has withdrawn since it was opened."""
        survey = poll["survey"]
        names = frozenset(one["id"].rpartition(".")[0] for one in survey["questions"] if one["type"] == "statement")
        if not names:
            return poll
        with reading(self._assembly.engine) as connection:
            withdrawn = {name: deck.withdrawn for name, deck in decks(connection, survey["name"], names).items()}

        def shown(question: dict[str, Any]) -> dict[str, Any]:
            gone = withdrawn.get(question["id"].rpartition(".")[0], frozenset())
            if question["type"] != "statement" or not gone:
                return question
            return {**question, "options": [one for one in question["options"] if one["id"] not in gone]}

        return {**poll, "survey": {**survey, "questions": [shown(one) for one in survey["questions"]]}}


def _envelopes() -> list[Envelope]:
    data = request.get_json(silent=True)
    several = data.get("interviews") if isinstance(data, dict) else None
    if not isinstance(several, list) or len(several) > MOST:
        abort(400)
    try:
        return [Envelope.read(one) for one in several]
    except ValueError:
        abort(400)


# The page and its files ----------------------------------------------------------------------------------------------


def _folder() -> Traversable:
    return files("gateway.web") / "static" / "app"


def _modules() -> list[str]:
    """The files of the app, as the page names them; what keeps them is none of them."""
    return sorted(f"app/{one.name}" for one in _folder().iterdir() if one.name != "sw.js")


def _version() -> str:
    """Of everything that a phone keeps: another one is fetched as a whole."""
    room = files("gateway.web")
    parts = [*(room / "static" / name for name in STYLES), *sorted(_folder().iterdir(), key=lambda one: one.name)]
    parts += [room / "templates" / name for name in ("base.html", "polling.html")]
    for code in LANGUAGES:
        parts += sorted(room.joinpath("translations", code, "LC_MESSAGES").iterdir(), key=lambda one: one.name)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()[:16]
