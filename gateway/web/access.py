"""Coming in and going out: /signin, /signout, and /invitation/<token>, where an account begins."""

from __future__ import annotations

from urllib.parse import urlsplit

import segno
from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gateway.accounts.accounts import Accounts, Gone, Offer, Refused, Weak
from gateway.accounts.passwords import Weakness
from gateway.accounts.tries import TooManyTries
from gateway.web import guard
from gateway.web.pages import N_, say

REFUSED = N_("The name, the password or the code is not right. After many wrong codes an account rests for a day.")
TOO_MANY = N_("There were too many tries. Wait a quarter of an hour, then try again.")
WRONG_CODE = N_("The code is not right. Look for a fresh one, and check the clock of your phone.")
WEAK = {
    Weakness.SHORT: N_("This password is too short: take 12 characters or more."),
    Weakness.LONG: N_("This password is too long: take 128 characters or fewer."),
    Weakness.NAME: N_("This password holds your name: take another one."),
    Weakness.PLAIN: N_("This password repeats itself too much: take another one."),
    Weakness.UNLIKE: N_("The two passwords are not the same."),
}
PROBLEMS = (Refused, Weak, TooManyTries)
"""What a form of an account may come back with."""


def blueprint(accounts: Accounts) -> Blueprint:
    access = Blueprint("access", __name__)

    @access.get("/signin")
    def sign_in() -> ResponseReturnValue:
        if guard.current():
            return redirect(_destination(), 303)
        return _sign_in_page()

    @access.post("/signin")
    def try_to_sign_in() -> ResponseReturnValue:
        sent = request.form
        name, password, code = (sent.get(field, "") for field in ("name", "password", "code"))
        try:
            token = accounts.sign_in(name, password, code, guard.address())
        except PROBLEMS as error:
            note, status = told(error, REFUSED)
            return _sign_in_page(note), status
        before = guard.current()
        if before:
            accounts.sign_out(before)
        session.clear()  # the forms' token begins anew too
        return guard.keep(make_response(redirect(_destination(), 303)), token)

    @access.get("/signout")
    @guard.signed_in
    def signing_out() -> str:
        return render_template("signout.html", width="narrow")

    @access.post("/signout")
    @guard.signed_in
    def sign_out() -> Response:
        accounts.sign_out(g.signed)
        return signed_out()

    _invitations(access, accounts)
    return access


def _invitations(access: Blueprint, accounts: Accounts) -> None:
    @access.get("/invitation/<token>")
    def invitation(token: str) -> ResponseReturnValue:
        try:
            name = accounts.invited(token).name
        except Gone:
            return _gone()
        return _invitation_page(name, accounts.offer(name))

    @access.post("/invitation/<token>")
    def take_invitation(token: str) -> ResponseReturnValue:
        try:
            name = accounts.invited(token).name
            offer = offered(accounts, name)
            kept, codes = accounts.enrol(token, twice("password"), offer.sealed, request.form.get("code", ""))
        except Gone:
            return _gone()
        except PROBLEMS as error:
            note, status = told(error, WRONG_CODE)
            return _invitation_page(name, offer, note), status
        session.clear()
        return guard.keep(make_response(codes_page(codes)), kept)


def signed_out() -> Response:
    """Back at the door, without cookies of ours."""
    session.clear()
    return guard.keep(make_response(redirect(url_for("access.sign_in", language=g.language.code), 303)), "")


def told(error: Exception, refused: str) -> tuple[str, int]:
    """What a page says of a problem, with its status; `refused` where something was not right."""
    match error:
        case Weak():
            return say(WEAK[error.why]), 400
        case TooManyTries():
            return say(TOO_MANY), 429
        case _:
            return say(refused), 401


def twice(field: str) -> str:
    """A new password, which was typed a second time as `again`. Raises Weak."""
    if request.form.get(field) != request.form.get("again"):
        raise Weak(Weakness.UNLIKE)
    return request.form.get(field, "")


def codes_page(codes: tuple[str, ...]) -> str:
    """Recovery codes, this once."""
    return render_template("codes.html", codes=codes, width="narrow")


def qr(offer: Offer) -> Markup:
    """The offer as a QR code: dark on light in every colour scheme, as scanners want it."""
    code = segno.make(offer.address, error="m", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff"))  # noqa: S704 - squares and numbers only


def offered(accounts: Accounts, name: str) -> Offer:
    """The secret that the form was made with."""
    try:
        return accounts.offer(name, request.form["sealed"])
    except Refused:
        abort(400)


def _sign_in_page(note: str = "") -> str:
    return render_template("signin.html", note=note, name=request.form.get("name", ""), to=_wanted(), width="narrow")


def _invitation_page(name: str, offer: Offer, note: str = "") -> str:
    return render_template("invitation.html", name=name, offer=offer, qr=qr(offer), note=note, width="narrow")


def _gone() -> ResponseReturnValue:
    sentence = N_("This link was used, or is older than three days. Ask whoever invited you for another one.")
    return render_template("error.html", title=say("No invitation"), sentence=say(sentence), width="narrow"), 404


def _wanted() -> str:
    """The page that somebody was on the way to, if it is one of ours."""
    to = request.form.get("to") or request.args.get("to", "")
    parts = urlsplit(to)
    ours = to.startswith("/") and not to.startswith("//") and "\\" not in to and not parts.netloc and not parts.scheme
    return parts.path if ours and parts.path.isprintable() else ""


def _destination() -> str:
    return _wanted() or url_for("dashboard.page", language=g.language.code)
