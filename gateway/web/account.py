"""/account: what a user sees and changes of their own account. Each change but signing out asks for the password."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel.dates import format_datetime
from flask import Blueprint, Response, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.accounts import Accounts, Offer
from gateway.accounts.sessions import Shown
from gateway.web import guard
from gateway.web.access import PROBLEMS, codes_page, offered, qr, signed_out, told, twice
from gateway.web.pages import N_, say

NOT_PROVED = N_("The password is not right.")
NOT_PROVED_OR_CODE = N_("The password is not right, or the code is not one of the new authenticator.")
DONE = {
    "password": N_("The password is changed. Everywhere else you are signed out."),
    "authenticator": N_("The authenticator is changed. Everywhere else you are signed out."),
}


def blueprint(accounts: Accounts) -> Blueprint:
    account = Blueprint("account", __name__)

    # At the addresses of its forms too: what they come back with can be read again, and in another language.
    @account.get("/account/password")
    @account.get("/account/codes")
    @account.get("/account")
    @guard.signed_in
    def page() -> str:
        done = DONE.get(request.args.get("done", ""))
        return _page(accounts, say(done) if done else "")

    @account.post("/account/password")
    @guard.signed_in
    def change_password() -> ResponseReturnValue:
        password = request.form.get("password", "")
        try:
            token = accounts.change_password(g.signed, password, twice("new"), guard.address())
        except PROBLEMS as error:
            note, status = told(error, NOT_PROVED)
            return _page(accounts, note), status
        return _changed("password", token)

    @account.post("/account/codes")
    @guard.signed_in
    def new_codes() -> ResponseReturnValue:
        try:
            fresh = accounts.new_recovery_codes(g.signed, request.form.get("password", ""), guard.address())
        except PROBLEMS as error:
            note, status = told(error, NOT_PROVED)
            return _page(accounts, note), status
        return codes_page(fresh)

    @account.get("/account/authenticator")
    @guard.signed_in
    def authenticator() -> str:
        return _authenticator_page(accounts.offer(g.signed.name))

    @account.post("/account/authenticator")
    @guard.signed_in
    def change_authenticator() -> ResponseReturnValue:
        offer = offered(accounts, g.signed.name)
        password, code = request.form.get("password", ""), request.form.get("code", "")
        try:
            token = accounts.change_authenticator(g.signed, password, offer.sealed, code, guard.address())
        except PROBLEMS as error:
            note, status = told(error, NOT_PROVED_OR_CODE)
            return _authenticator_page(offer, note), status
        return _changed("authenticator", token)

    _sessions(account, accounts)
    return account


def _sessions(account: Blueprint, accounts: Accounts) -> None:
    @account.post("/account/sessions")
    @guard.signed_in
    def end_session() -> Response:
        accounts.sign_out(g.signed, request.form.get("session", 0, type=int))
        return make_response(redirect(url_for("account.page", language=g.language.code), 303))

    @account.post("/account/signout")
    @guard.signed_in
    def sign_out_everywhere() -> Response:
        accounts.sign_out_everywhere(g.signed)
        return signed_out()


def _page(accounts: Accounts, note: str) -> str:
    return render_template(
        "account.html",
        note=note,
        sessions=_rows(accounts.sessions(g.signed)),
        left=accounts.recovery_codes_left(g.signed),
        width="narrow",
    )


def _rows(sessions: Sequence[Shown]) -> list[tuple[Shown, str, str]]:
    """Each with its times as they are written in the page's language. The server's clock is UTC, and says so."""

    def written(at: datetime) -> str:
        return str(format_datetime(at, "d MMM HH:mm", locale=g.language.code))

    return [(one, written(one.started_at), written(one.seen_at)) for one in sessions]


def _authenticator_page(offer: Offer, note: str = "") -> str:
    return render_template("authenticator.html", offer=offer, qr=qr(offer), note=note, width="narrow")


def _changed(what: str, token: str) -> Response:
    session.clear()
    to = url_for("account.page", done=what, language=g.language.code)
    return guard.keep(make_response(redirect(to, 303)), token)
