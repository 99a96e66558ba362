"""Closed spaces: for their members alone. Whoever else asks is answered as if there were none."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.coordination.spaces import LARGEST, LONGEST, SpaceError, Spaces
from gateway.web.guard import allow, signed_in, signed_in_with
from gateway.web.pages import N_, say

NOT_DONE = {
    "invitation": N_("This invitation was used, is too old, or never was. Ask for a new one."),
    "code": N_("That code is not right, or too old. Send LINK on your phone for a new one."),
    "words": N_("Nothing was sent: write something, or choose a document."),
    "large": N_("Nothing was sent: a document has 5 MB at most."),
}
FORM = 64 * 1024
"""Bytes of a form beside its document."""


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("spaces", __name__)
    spaces = Spaces(assembly.engine, assembly.vault, assembly.notices, assembly.clock)
    _inviting(pages, assembly, spaces)
    _thread(pages, assembly, spaces)

    @pages.get("/spaces")
    @signed_in_with(title=N_("Closed spaces"))
    def every() -> str:
        may_make = g.signed.has(Role.MEDIATOR) or g.signed.has(Role.OPERATOR)
        return render_template("spaces.html", spaces=spaces.of(g.signed.user), may_make=may_make, width="reading")

    @pages.post("/spaces")
    @allow(Role.MEDIATOR, Role.OPERATOR)
    def make() -> ResponseReturnValue:
        name = " ".join(request.form.get("name", "").split())[:120]
        if not name:
            abort(400)
        with assembly.engine.begin() as connection:
            space = spaces.make(connection, name, {g.signed.user: g.language.code})
        return redirect(url_for("spaces.one", space=space, language=g.language.code), 303)

    return pages


def _inviting(pages: Blueprint, assembly: Assembly, spaces: Spaces) -> None:
    """Who comes in, and who leaves."""

    @pages.post("/spaces/<space>/invitations")
    @signed_in
    def invite(space: str) -> ResponseReturnValue:
        try:
            token = spaces.invite(g.signed.user, space)
        except SpaceError:
            abort(404)
        base = assembly.settings.public_base_url.rstrip("/")
        return _shown(spaces, space, invitation=base + url_for("spaces.invitation", token=token))

    @pages.get("/spaces/invitation/<token>")
    @signed_in
    def invitation(token: str) -> str:
        """Asks first: a link that is only looked at, by a scanner of messages, is not used up."""
        return render_template("space_invitation.html", note="", width="narrow")

    @pages.post("/spaces/invitation/<token>")
    @signed_in
    def take(token: str) -> ResponseReturnValue:
        try:
            space = spaces.take(g.signed.user, token, g.language.code)
        except SpaceError:
            return render_template("space_invitation.html", note=say(NOT_DONE["invitation"]), width="narrow"), 409
        return redirect(url_for("spaces.one", space=space, language=g.language.code), 303)

    @pages.post("/spaces/<space>/phone")
    @signed_in
    def phone(space: str) -> ResponseReturnValue:
        return _attempt(spaces, space, lambda: spaces.tell_on(g.signed.user, space, request.form.get("code", "")))

    @pages.post("/spaces/<space>/leave")
    @signed_in
    def leave(space: str) -> ResponseReturnValue:
        try:
            spaces.leave(g.signed.user, space)
        except SpaceError:
            abort(404)
        return redirect(url_for("spaces.every", language=g.language.code), 303)


def _thread(pages: Blueprint, assembly: Assembly, spaces: Spaces) -> None:
    """What is said in a space, and its documents."""

    @pages.get("/spaces/<space>")
    @signed_in
    def one(space: str) -> str:
        try:
            return _shown(spaces, space)
        except SpaceError:
            abort(404)

    @pages.post("/spaces/<space>")
    @signed_in_with(largest=LARGEST + FORM)
    def post(space: str) -> ResponseReturnValue:
        file = request.files.get("document")
        name, content = (file.filename or "", file.read(LARGEST + 1)) if file else ("", b"")
        text = request.form.get("text", "")
        return _attempt(
            spaces, space, lambda: assembly.intake.wake(spaces.post(g.signed.user, space, text, name, content))
        )

    @pages.get("/spaces/<space>/documents/<int:row>")
    @signed_in
    def document(space: str, row: int) -> Response:
        try:
            name, content = spaces.document(g.signed.user, space, row)
        except SpaceError:
            abort(404)
        answer = make_response(content)
        answer.headers["Content-Type"] = "application/octet-stream"  # nothing of it is drawn here
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer


def _shown(spaces: Spaces, space: str, note: str = "", invitation: str = "") -> str:
    mine, posts, members = spaces.open(g.signed.user, space)
    return render_template(
        "space.html",
        space=mine,
        posts=posts,
        members=members,
        note=note,
        invitation=invitation,
        longest=LONGEST,
        width="reading",
    )


def _attempt(spaces: Spaces, space: str, act: Callable[[], object]) -> ResponseReturnValue:
    """Do something in a space and show it; what is none of theirs is not there."""
    try:
        act()
    except SpaceError as error:
        why = NOT_DONE.get(str(error))
        if why is None:
            abort(404)
        return _shown(spaces, space, say(why)), 409
    return redirect(url_for("spaces.one", space=space, language=g.language.code), 303)
