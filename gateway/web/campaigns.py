"""The public pages of campaigns: no script, no cookie, nothing from another host, in the campaign's languages.

/c                                    the campaigns that are out
/c/<campaign>                         what it shows, and how to take part
/c/<campaign>/<piece>                 one piece, made to be shared
/c/<campaign>/<piece>/share           texts, QR code and poster to share it with
/c/<campaign>/files/<file>            a picture, video or sound, by the hash of its content
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analysis.render.paper import pdf
from channels.adapter import Medium
from gateway.assembly import Assembly
from gateway.campaigns import kit, removals, shelf
from gateway.campaigns.model import Campaign, Piece
from gateway.campaigns.results import BANDS, Results, results, shown
from gateway.campaigns.shelf import Shown
from gateway.campaigns.visits import Visits
from gateway.gazetteers import read_gazetteers
from gateway.store.database import reading
from gateway.web import guard
from gateway.web.few import Few
from gateway.web.pages import N_, say
from gateway.web.texts import language as language_of
from surveys.gazetteer import Gazetteer

ASKED = N_("Thank you. Somebody looks at it soon.")
TOO_MANY = N_("Too much was sent from here. Please try again in an hour.")
ASKS_AN_HOUR = 10
HOLDS = timedelta(seconds=20)
"""How long what is shown of people's numbers may be behind."""
MOST_DEEDS = 50
"""How many kept pledges a page shows, the newest."""
HOWS = {Medium.SMS: "sms", Medium.USSD: "ussd", Medium.CHAT: "chat"}
A_DAY = "public, max-age=86400"
"""How long copies may outlive what was taken down."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece with the stored forms of its files."""

    piece: Piece
    forms: Mapping[str, Sequence[Shown]]

    def _of(self, file: str, *types: str) -> tuple[Shown, ...]:
        return tuple(one for one in self.forms.get(file, ()) if one.type in types)

    @property
    def picture(self) -> str:
        return self.piece.file if self.piece.kind == "photo" else self.piece.still

    @property
    def webp(self) -> tuple[Shown, ...]:
        return self._of(self.picture, "image/webp")

    @property
    def jpeg(self) -> tuple[Shown, ...]:
        return self._of(self.picture, "image/jpeg")

    @property
    def recording(self) -> Shown | None:
        return next(iter(self.forms.get(self.piece.file, ())), None) if self.piece.kind in ("video", "audio") else None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to take part: `how` is sms, ussd, whatsapp, chat; `where` the number, code or bot to write to."""

    how: str
    where: str


def blueprint(assembly: Assembly) -> Blueprint:
    pages, here = Blueprint("campaigns", __name__), Pages(assembly)
    pages.get("/c")(here.every)
    pages.get("/c/<campaign>")(here.page)
    pages.get("/c/<campaign>/<piece>")(here.piece)
    pages.get("/c/<campaign>/<piece>/share")(here.share)
    pages.get("/c/<campaign>/<piece>/poster")(here.poster)
    pages.get("/c/<campaign>/files/<filename>")(here.file)
    pages.get("/c/<campaign>/remove/<subject>")(here.remove)
    pages.post("/c/<campaign>/remove/<subject>")(here.ask_removal)
    return pages


class Pages:
    """The views, and what they have before them."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.base = assembly.settings.public_base_url
        self.visits = Visits(assembly.engine, assembly.clock)
        self.asking = Few(ASKS_AN_HOUR, assembly.clock)
        self._gazetteers = cache(lambda: read_gazetteers(assembly.settings.config))
        self._counted: dict[str, tuple[datetime, Results]] = {}
        self._on_web = bool(on_web(assembly))

    def every(self) -> str:
        with reading(self.assembly.engine) as connection:
            out = shelf.published(connection)
        return render_template("campaigns.html", campaigns=out, width="reading")

    def page(self, campaign: str) -> str:
        one, forms = self._found(campaign)
        self._count(one, "")
        with reading(self.assembly.engine) as connection:  # what was taken down is gone at once
            deeds = shown(connection, one.name, MOST_DEEDS)
        places = {place.id: place.name(chosen(one)) for place in self._places(one) or ()}
        return self._draw(
            "campaign.html",
            one,
            seen=[Seen(piece, forms) for piece in one.pieces],
            told=self._told(one),
            deeds=deeds,
            forms=forms,
            places=places,
            least=BANDS[0],
            sign=self.assembly.texts.word("sign", chosen(one)),
        )

    def piece(self, campaign: str, piece: str) -> str:
        one, forms = self._found(campaign)
        shown = _piece(one, piece)
        self._count(one, shown.id)
        at = one.pieces.index(shown)
        before = one.pieces[at - 1] if at else None
        after = one.pieces[at + 1] if at + 1 < len(one.pieces) else None
        return self._draw("campaign_piece.html", one, seen=Seen(shown, forms), before=before, after=after)

    def share(self, campaign: str, piece: str) -> str:
        one, forms = self._found(campaign)
        shown, spoken = _piece(one, piece), chosen(one)
        link = self._link(one, shown, spoken)
        number = next((way.where for way in self._ways(one) if way.how == "sms"), "")
        return self._draw(
            "campaign_share.html",
            one,
            seen=Seen(shown, forms),
            link=link,
            shares=list(kit.shares(shown, spoken, link)),
            sms=kit.message(one, shown, spoken, _word(one, spoken), number),
            qr=kit.qr(link),
        )

    def poster(self, campaign: str, piece: str) -> Response:
        """On A4, as PDF."""
        one, forms = self._found(campaign)
        shown, spoken = _piece(one, piece), chosen(one)
        seen, picture = Seen(shown, forms), None
        if seen.jpeg:
            with reading(self.assembly.engine) as connection:
                picture = shelf.content(connection, one.name, seen.jpeg[-1].digest)
        link = self._link(one, shown, spoken)
        made = make_response(
            pdf(
                self._draw(
                    "campaign_poster.html", one, seen=seen, link=link, qr=kit.qr(link), picture=kit.inline(picture)
                )
            )
        )
        made.headers["Content-Type"] = "application/pdf"
        made.headers["Content-Disposition"] = f'inline; filename="{one.name}-{shown.id}.pdf"'
        return made

    def file(self, campaign: str, filename: str) -> Response:
        """A file never changes: its name is a hash of its content."""
        digest, _, extension = filename.partition(".")
        with reading(self.assembly.engine) as connection:
            found = shelf.content(connection, campaign, digest) if shelf.find(connection, campaign) else None
        if found is None or shelf.EXTENSIONS[found[0]] != extension:
            abort(404)
        made = make_response(found[1])
        made.headers["Content-Type"] = found[0]
        made.headers["Cache-Control"] = A_DAY
        made.set_etag(digest)
        made.make_conditional(request, accept_ranges=True, complete_length=len(found[1]))
        return made

    def remove(self, campaign: str, subject: str) -> str:
        one, _ = self._found(campaign)
        with reading(self.assembly.engine) as connection:
            if not removals.is_subject(connection, one, subject):
                abort(404)
        return self._removal(one)

    def ask_removal(self, campaign: str, subject: str) -> ResponseReturnValue:
        one, _ = self._found(campaign)
        chosen(one)
        if not self.asking.let_in(guard.address()):
            return self._removal(one, say(TOO_MANY)), 429
        with self.assembly.engine.begin() as connection:
            if not removals.is_subject(connection, one, subject):
                abort(404)
            text, now = request.form.get("text", "").strip(), self.assembly.clock()
            taken = removals.ask(connection, self.assembly.vault, one.name, subject, text, now)
        return self._removal(one, say(ASKED if taken else TOO_MANY)), 200 if taken else 429

    def _found(self, name: str) -> tuple[Campaign, Mapping[str, Sequence[Shown]]]:
        with reading(self.assembly.engine) as connection:
            campaign = shelf.find(connection, name)
            if campaign is None:
                abort(404)
            return campaign, shelf.shown(connection, name)

    def _told(self, campaign: Campaign) -> Results:
        """What came of it, some seconds old: it is the same for everybody, and counted for many at once."""
        made = self._counted.get(campaign.name)
        now = self.assembly.clock()
        if made is None or made[0] + HOLDS < now:
            with reading(self.assembly.engine) as connection:
                told = results(connection, campaign, self._places(campaign), on_web(self.assembly))
                made = now, told
            self._counted[campaign.name] = made
        return made[1]

    def _places(self, campaign: Campaign) -> Gazetteer | None:
        return self._gazetteers()[0].get(campaign.gazetteer) if campaign.gazetteer else None

    def _draw(self, template: str, campaign: Campaign, **values: object) -> str:
        spoken = chosen(campaign)
        return render_template(
            template,
            campaign=campaign,
            spoken=spoken,
            campaign_languages=[language_of(code) for code in campaign.languages],
            ways=self._ways(campaign),
            word=_word(campaign, spoken),
            base=self.base,
            on_web=self._on_web,
            width="reading",
            **values,
        )

    def _removal(self, campaign: Campaign, note: str = "") -> str:
        return self._draw("campaign_remove.html", campaign, most=removals.LONGEST, note=note)

    def _count(self, campaign: Campaign, piece: str) -> None:
        self.visits.count(campaign.name, piece, chosen(campaign), request.headers.get("User-Agent", ""))

    def _link(self, campaign: Campaign, piece: Piece, language: str) -> str:
        return self.base + url_for(".piece", campaign=campaign.name, piece=piece.id, language=language)

    def _ways(self, campaign: Campaign) -> Sequence[Way]:
        """A code that is dialled is a way where it begins this campaign, and not a poll."""
        words = {word.casefold() for several in campaign.keywords.values() for word in several}
        channels = self.assembly.settings.channels.values()
        listed = [
            _way(HOWS[one.medium], one.sender)
            for one in channels
            if one.medium in HOWS and one.sender and (one.medium is not Medium.USSD or one.start.casefold() in words)
        ]
        return tuple(dict.fromkeys(listed))


def on_web(assembly: Assembly) -> Collection[str]:
    """The names of the channels on which people take part with a browser."""
    return {one.name for one in assembly.settings.channels.values() if one.medium is Medium.WEB}


def chosen(campaign: Campaign) -> str:
    """The campaign's language for this request; the page is in it, as far as pages speak it."""
    wanted = request.args.get("language", "")
    if wanted not in campaign.languages:
        wanted = request.accept_languages.best_match(campaign.languages) or campaign.languages[0]
    g.language = language_of(wanted)
    return wanted


def _piece(campaign: Campaign, name: str) -> Piece:
    shown = campaign.piece(name)
    if shown is None:
        abort(404)
    return shown


def _way(how: str, sender: str) -> Way:
    """A provider writes a number of WhatsApp with a word before it, which nobody types."""
    kind, _, number = sender.partition(":")
    return Way(kind, number) if kind == "whatsapp" else Way(how, sender)


def _word(campaign: Campaign, language: str) -> str:
    """What people send to take part."""
    words = campaign.keywords[language] or next(filter(None, campaign.keywords.values()))
    return words[0].upper()
