"""Where a campaign is written with forms: its texts, its pieces with their files, checked, looked at, put out.

/dashboard/composing                              those that there are; begin one
/dashboard/composing/<campaign>                   its texts and pieces, and what the check says
/dashboard/composing/<campaign>/pieces            add, change, move and take out a piece
/dashboard/composing/<campaign>/preview           as an SMS and as a card on social media
/dashboard/composing/<campaign>/files/<filename>  a file of the draft
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from channels.text import measure
from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.campaigns import drafts, kit, shelf
from gateway.campaigns.drafts import Conflict, Draft, Wrong
from gateway.campaigns.errors import CampaignError
from gateway.campaigns.model import Campaign
from gateway.gazetteers import read_gazetteers
from gateway.store.database import reading
from gateway.web.composing_forms import (
    ACTS,
    APPEAL,
    EDITS,
    HEAD,
    KIND_NAMES,
    MEASURE,
    NAME,
    PIECE,
    Upload,
    measures_of,
    new,
    part_of,
    put,
    texts_of,
    typed,
    uploads,
)
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from gateway.web.texts import language as language_of
from surveys.keywords import Keywords, flow_keywords, survey_keywords, system_keywords
from surveys.problem import SurveyError

LARGEST = 24 * 1024 * 1024
"""Bytes of a request with a file: somewhat more than the largest picture."""
AT_ONCE = 2
"""Files that are cleaned at a time: a large picture unpacks to 180 MB."""
STATES = {
    "": N_("as it is out"),
    drafts.WRITING: N_("being written"),
    drafts.SUBMITTED: N_("submitted: somebody else looks at it and publishes it"),
    drafts.RETURNED: N_("handed back"),
}
STANDS = {"draft": N_("not out yet"), "published": N_("out"), "withdrawn": N_("taken back")}
DONE = {
    "saved": N_("Saved. Nobody outside sees it before it is published."),
    "submitted": N_("Submitted. An operator who did not write it publishes it."),
    "published": N_("It is out."),
    "returned": N_("Handed back."),
    "withdrawn": N_("Taken back: nothing of it is shown any more."),
}
MUST_MEND = N_("Saved, and not submitted: mend first what is listed below.")
Change = Callable[[sa.Connection, Draft], str]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the views have before them."""

    assembly: Assembly
    room: BoundedSemaphore

    def words(self) -> Keywords:
        texts, polls = self.assembly.texts, self.assembly.polls.opened
        of_polls = (word for survey in polls for word in survey_keywords(survey))
        return Keywords([*system_keywords(texts), *flow_keywords(texts), *of_polls])

    def check(self, connection: sa.Connection, draft: Draft) -> tuple[Campaign | None, tuple[Wrong, ...]]:
        gazetteers = tuple(read_gazetteers(self.assembly.settings.config)[0])
        return drafts.checked(connection, draft, gazetteers, self.words())

    def kind(self, name: str) -> str:
        """Of the piece that a form adds or changes; "" where there is none."""
        if request.form.get("do") == "add":
            return request.form.get("kind", "")
        with reading(self.assembly.engine) as connection:
            try:
                pieces = _found(connection, name).tree()["pieces"]
            except SurveyError:
                return ""
        return next((str(one.get("kind")) for one in pieces if one.get("id") == request.form.get("piece")), "")

    def change(self, name: str, do: Change, source: str | None = None) -> ResponseReturnValue:
        """Do it, in one transaction, to the draft that the form was made from; then show the page again."""
        try:
            with self.assembly.engine.begin() as connection:
                draft = _found(connection, name)
                if request.form.get("number", "") != str(draft.number):
                    raise Conflict
                done = do(connection, draft)
        except SurveyError as error:
            wrong = drafts.wrongs(error, source or "", name)
            return self.page(name, say(N_("Nothing was saved: mend first what is listed below.")), wrong, source), 409
        except CampaignError as error:
            return self.page(name, str(error), None, source), 409
        if done == "mend":
            return self.page(name, say(MUST_MEND)), 409
        if done == "dropped":
            return redirect(url_for("composing.every", language=g.language.code), 303)
        return redirect(url_for("composing.page", campaign=name, language=g.language.code, done=done), 303)

    def page(self, name: str, note: str = "", wrong: tuple[Wrong, ...] | None = None, source: str | None = None) -> str:
        with reading(self.assembly.engine) as connection:
            draft = _found(connection, name)
            forms = {file.removeprefix(shelf.UPLOAD): shown for file, shown in shelf.shown(connection, name).items()}
            found = self.check(connection, draft)[1] if wrong is None else wrong
        try:
            tree = draft.tree()
        except SurveyError:  # published from a file that forms can't show
            tree = {"name": name, "languages": [], "pieces": []}
        return render_template(
            "compose.html",
            draft=draft,
            tree=tree,
            spoken=[language_of(code) for code in tree["languages"]],
            source=draft.source if source is None else source,
            wrong=found,
            forms=forms,
            note=note,
            states=STATES,
            stands=STANDS,
            kinds=KIND_NAMES,
            head=HEAD,
            fields=PIECE,
            networks=kit.NAMES,
            measures=measures_of(tree),
            measure_fields=MEASURE,
            appeal=part_of(tree, "appeal"),
            appeal_fields=APPEAL,
            letter=part_of(tree, "letter"),
            gazetteers=tuple(read_gazetteers(self.assembly.settings.config)[0]),
            part_of=part_of,
            publishes=g.signed.has(Role.OPERATOR) and draft.by != g.signed.name,
            texts_of=texts_of,
            width="reading",
        )


def blueprint(assembly: Assembly) -> Blueprint:
    pages, desk = Blueprint("composing", __name__), Desk(assembly, BoundedSemaphore(AT_ONCE))
    _listing(pages, desk)
    _writing(pages, desk)
    _looking(pages, desk)
    return pages


def _listing(pages: Blueprint, desk: Desk) -> None:
    def listed(note: str = "") -> str:
        with reading(desk.assembly.engine) as connection:
            every = drafts.every(connection)
        return render_template(
            "composing.html", drafts=every, states=STATES, stands=STANDS, note=note, sent=request.form, width="reading"
        )

    @pages.get("/dashboard/composing")
    @allow(Role.FOCAL_POINT, Role.OPERATOR, title=N_("Write a campaign"))
    def every() -> str:
        return listed()

    @pages.post("/dashboard/composing")
    @allow(Role.FOCAL_POINT, Role.OPERATOR)
    def begin() -> ResponseReturnValue:
        name, languages = request.form.get("name", "").strip(), request.form.get("languages", "")
        codes = list(dict.fromkeys(re.findall(r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*", languages)))[:8]
        if not NAME.fullmatch(name) or not codes:
            return listed(say(N_("Give it a name of small letters a-z, digits and -, and name its languages."))), 409
        try:
            with desk.assembly.engine.begin() as connection:
                drafts.begin(connection, name, codes, g.signed.name, desk.assembly.clock())
        except CampaignError as error:
            return listed(str(error)), 409
        return redirect(url_for("composing.page", campaign=name, language=g.language.code), 303)


def _writing(pages: Blueprint, desk: Desk) -> None:
    @pages.get("/dashboard/composing/<campaign>")
    @allow(Role.FOCAL_POINT, Role.OPERATOR)
    def page(campaign: str) -> str:
        done = DONE.get(request.args.get("done", ""))
        return desk.page(campaign, say(done) if done else "")

    @pages.post("/dashboard/composing/<campaign>")
    @allow(Role.FOCAL_POINT, Role.OPERATOR, largest=512 * 1024)
    def write(campaign: str) -> ResponseReturnValue:
        """The texts of the whole (`do` is save), what people do (an act's name), all of it as YAML (source), or what
        becomes of it."""
        do = WAYS.get(request.form.get("do", ""))
        if do is None:
            abort(400)
        source = _source() if do is _whole else None
        return desk.change(campaign, lambda connection, draft: do(desk, connection, draft), source)

    @pages.post("/dashboard/composing/<campaign>/pieces")
    @allow(Role.FOCAL_POINT, Role.OPERATOR, largest=LARGEST)
    def pieces(campaign: str) -> ResponseReturnValue:
        """`do` is add, save, up, down or remove; `piece` says which."""
        what = request.form.get("do", "")
        if what not in EDITS:
            abort(400)
        try:
            files = uploads(desk.kind(campaign), desk.room) if what in ("add", "save") else {}
        except CampaignError as error:
            return desk.page(campaign, str(error)), 409
        return desk.change(campaign, lambda connection, draft: _edit(connection, draft, what, files))


def _head(desk: Desk, connection: sa.Connection, draft: Draft) -> str:
    tree = draft.tree()
    for key in HEAD:
        put(tree, key, typed(key, tree["languages"]))
    words = {code: re.split(r"[\s,،]+", word) for code, word in typed("keywords", tree["languages"]).items()}
    put(tree, "keywords", words)
    put(tree, "topic", drafts.plain(request.form.get("topic", "")))
    drafts.save(connection, draft, drafts.written(tree), g.signed.name)
    return "saved"


def _act(desk: Desk, connection: sa.Connection, draft: Draft) -> str:
    """What people can sign, write or pledge."""
    tree = draft.tree()
    ACTS[request.form["do"]](tree)
    drafts.save(connection, draft, drafts.written(tree), g.signed.name)
    return "saved"


def _source() -> str:
    return request.form.get("source", "").replace("\r\n", "\n")


def _whole(desk: Desk, connection: sa.Connection, draft: Draft) -> str:
    drafts.save(connection, draft, _source(), g.signed.name)
    return "saved"


def _submit(desk: Desk, connection: sa.Connection, draft: Draft) -> str:
    if desk.check(connection, draft)[1]:
        return "mend"
    drafts.submit(connection, draft, g.signed.name, desk.assembly.clock())
    return "submitted"


def _publish(desk: Desk, connection: sa.Connection, draft: Draft) -> str:
    if not g.signed.has(Role.OPERATOR):
        abort(403)
    made, _ = desk.check(connection, draft)
    if made is None:
        return "mend"
    drafts.publish(connection, draft, made, g.signed.name, desk.assembly.clock())
    return "published"


def _hand_back(desk: Desk, connection: sa.Connection, draft: Draft) -> str:
    drafts.hand_back(connection, draft, g.signed.name, desk.assembly.clock())
    return "returned"


def _drop(desk: Desk, connection: sa.Connection, draft: Draft) -> str:
    drafts.drop(connection, draft, g.signed.name, desk.assembly.clock())
    return "dropped"


def _withdraw(desk: Desk, connection: sa.Connection, draft: Draft) -> str:
    shelf.withdraw(connection, draft.name, desk.assembly.clock(), g.signed.name)
    return "withdrawn"


WAYS: Mapping[str, Callable[[Desk, sa.Connection, Draft], str]] = {
    "save": _head,
    **dict.fromkeys(ACTS, _act),
    "source": _whole,
    "submit": _submit,
    "publish": _publish,
    "return": _hand_back,
    "drop": _drop,
    "withdraw": _withdraw,
}


def _edit(connection: sa.Connection, draft: Draft, what: str, files: Mapping[str, Upload]) -> str:
    tree, named = draft.tree(), request.form.get("piece", "").strip()
    at = next((at for at, one in enumerate(tree["pieces"]) if one.get("id") == named), None)
    if what == "add":
        at = new(tree, named, at)
    elif at is None:
        raise Conflict
    piece = tree["pieces"][at]
    EDITS[what](tree, at)
    for key, (name, forms) in files.items():
        shelf.keep_file(connection, draft.name, f"{shelf.UPLOAD}{name}", forms)
        piece[key] = name
    drafts.save(connection, draft, drafts.written(tree), g.signed.name)
    return "saved"


def _looking(pages: Blueprint, desk: Desk) -> None:
    @pages.get("/dashboard/composing/<campaign>/preview")
    @allow(Role.FOCAL_POINT, Role.OPERATOR)
    def preview(campaign: str) -> str:
        with reading(desk.assembly.engine) as connection:
            draft = _found(connection, campaign)
            made, wrong = desk.check(connection, draft)
            forms = {file.removeprefix(shelf.UPLOAD): one for file, one in shelf.shown(connection, campaign).items()}
        return render_template(
            "compose_preview.html",
            draft=draft,
            wrong=wrong,
            looks=tuple(_looks(desk.assembly, made, forms)) if made else (),
            host=desk.assembly.settings.public_base_url.partition("://")[2],
            width="reading",
        )

    @pages.get("/dashboard/composing/<campaign>/files/<filename>")
    @allow(Role.FOCAL_POINT, Role.OPERATOR)
    def file(campaign: str, filename: str) -> Response:
        with reading(desk.assembly.engine) as connection:
            found = drafts.content(connection, campaign, filename.partition(".")[0])
        if found is None:
            abort(404)
        made = make_response(found[1])
        made.headers["Content-Type"] = found[0]
        return made


@dataclass(frozen=True, slots=True)
class Look:
    """A piece in one language: the SMS that a phone gets for it, what that costs, and its card."""

    language: Any
    title: str
    text: str
    alt: str
    sms: str
    segments: int
    picture: str


def _looks(assembly: Assembly, campaign: Campaign, forms: Any) -> Iterable[Look]:
    for piece in campaign.pieces:
        name = piece.file if piece.kind == "photo" else piece.still
        jpegs = [form for form in forms.get(name, ()) if form.type == "image/jpeg"]
        for code in campaign.languages:
            sms = kit.sms(campaign, piece, code, assembly.texts)
            yield Look(
                language_of(code),
                piece.title[code],
                piece.text[code],
                piece.alt.get(code, ""),
                sms,
                measure(sms).segments,
                jpegs[-1].address if jpegs else "",
            )


def _found(connection: sa.Connection, name: str) -> Draft:
    draft = drafts.newest(connection, name)
    if draft is None:
        abort(404)
    return draft
