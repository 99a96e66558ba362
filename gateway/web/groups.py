"""Registered groups: registered by a moderator, spoken for by users, standing behind concerns and in coalitions."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.coordination import groups
from gateway.coordination.concerns import in_language
from gateway.coordination.spaces import Spaces
from gateway.moderation.desk import LONGEST
from gateway.store.database import reading
from gateway.web.guard import allow, signed_in, signed_in_with
from gateway.web.pages import N_, say
from surveys.flows.coordination.members import MEMBER, SPEAKER

KINDS = {
    "civil-society": N_("Civil society"),
    "women": N_("Women's group"),
    "youth": N_("Youth group"),
    "faith": N_("Faith group"),
    "business": N_("Business"),
    "other": N_("Other"),
}
STATUSES = {
    groups.FORMING: N_("forming"),
    groups.WAITING: N_("before the moderators"),
    groups.PUBLIC: N_("public"),
    groups.REFUSED: N_("refused"),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("groups", __name__)
    _registering(pages, assembly)
    _speaking(pages, assembly)
    _coalitions(pages, assembly)

    @pages.get("/here/groups")
    def everybody() -> str:
        with reading(assembly.engine) as connection:
            known, together = groups.every(connection), groups.public_coalitions(connection)
        return render_template(
            "here_groups.html",
            groups=known,
            coalitions=together,
            kinds=KINDS,
            word=assembly.texts.word("group", g.language.code) if "group" in assembly.rules.router.keyed else "",
            text=lambda texts: in_language(texts, g.language.code),
            width="reading",
        )

    return pages


def _field(name: str, most: int = 120) -> str:
    return " ".join(request.form.get(name, "").split())[:most]


def _registering(pages: Blueprint, assembly: Assembly) -> None:
    """What moderators do: register groups, and say who acts for them."""

    @pages.get("/dashboard/groups")
    @allow(Role.MODERATOR, title=N_("Groups"), everything=True)
    def page(note: str = "") -> str:
        with reading(assembly.engine) as connection:
            known = groups.every(connection)
        return render_template("groups.html", groups=known, kinds=KINDS, note=note, width="reading")

    @pages.post("/dashboard/groups")
    @allow(Role.MODERATOR, everything=True)
    def register() -> ResponseReturnValue:
        name, kind, profile = _field("name"), request.form.get("kind", ""), _field("profile", LONGEST)
        if not name or kind not in KINDS:
            abort(400)
        found = assembly.places.find(_field("place")) if _field("place") else None
        if found == ():
            return page(say("We do not know this place. Please check the spelling.")), 409
        if isinstance(found, tuple):
            named = "; ".join(assembly.places.labels(found, g.language.code))
            return page(say("There is more than one such place. Write it as one of these: {places}", places=named)), 409
        place = found.id if found else ""
        texts = {g.language.code: profile} if profile else {}
        with assembly.engine.begin() as connection:
            done = groups.register(
                connection, groups.Group(0, name, kind, texts, place, ()), g.signed.name, assembly.clock()
            )
        if not done:
            return page(say("There is a group of that name already.")), 409
        return redirect(url_for("groups.page", language=g.language.code), 303)

    @pages.post("/dashboard/groups/<int:row>/speakers")
    @allow(Role.MODERATOR, everything=True)
    def appoint(row: int) -> ResponseReturnValue:
        role = SPEAKER if request.form.get("role") == SPEAKER else MEMBER
        with assembly.engine.begin() as connection:
            known = any(one.id == row for one in groups.every(connection))
            done = known and groups.appoint(connection, row, _field("user"), role, g.signed.name, assembly.clock())
        if not done:
            return page(say("There is no such user: they are invited on the command line.")), 409
        return redirect(url_for("groups.page", language=g.language.code), 303)


def _speaking(pages: Blueprint, assembly: Assembly) -> None:
    """What a group's speakers see, and what their group stands behind."""

    @pages.get("/groups")
    @signed_in_with(title=N_("My groups"))
    def mine() -> str:
        with reading(assembly.engine) as connection:
            own = groups.speaks_for(connection, g.signed.user)
            known = groups.every(connection)
            held = groups.of_groups(connection, assembly.vault, own)
        return render_template(
            "groups_mine.html",
            mine=[(one, groups.suggested(known, one.id)) for one in known if one.id in own],
            coalitions=held,
            statuses=STATUSES,
            longest=LONGEST,
            width="reading",
        )

    @pages.post("/groups/<int:row>/concerns")
    @signed_in
    def stand(row: int) -> ResponseReturnValue:
        with assembly.engine.begin() as connection:
            if row not in groups.speaks_for(connection, g.signed.user):
                abort(404)
            if "back" in request.form:
                groups.step_back(connection, row, request.form["back"])
            elif not groups.stand_behind(connection, row, _field("code", 12), assembly.clock()):
                abort(404)
        return redirect(url_for("groups.mine", language=g.language.code), 303)


def _coalitions(pages: Blueprint, assembly: Assembly) -> None:
    """What groups say together: asked by one, confirmed by others."""
    spaces = Spaces(assembly.engine, assembly.vault, assembly.notices, assembly.clock)

    @pages.post("/groups/<int:row>/coalitions")
    @signed_in
    def propose(row: int) -> ResponseReturnValue:
        others = tuple(int(one) for one in request.form.getlist("group") if one.isdigit())
        what = groups.Proposal(
            _field("name"), _field("statement", LONGEST), g.language.code, _field("code", 12), others
        )
        with assembly.engine.begin() as connection:
            known = {one.id for one in groups.every(connection)}
            if row not in groups.speaks_for(connection, g.signed.user):
                abort(404)
            if not what.name or not what.statement or not others or not known.issuperset(others):
                abort(400)
            groups.propose(connection, spaces, row, g.signed.user, what, assembly.clock())
        return redirect(url_for("groups.mine", language=g.language.code), 303)

    @pages.post("/groups/<int:row>/coalitions/<int:coalition>")
    @signed_in
    def confirm(row: int, coalition: int) -> ResponseReturnValue:
        user, language = g.signed.user, g.language.code
        with assembly.engine.begin() as connection:
            speaks = row in groups.speaks_for(connection, user)
            if not speaks or not groups.confirm(
                connection, spaces, coalition, groups.Voice(row, user, language), assembly.clock()
            ):
                abort(404)
        return redirect(url_for("groups.mine", language=language), 303)
