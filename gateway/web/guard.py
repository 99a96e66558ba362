"""Who may open which page: one declaration for each route, read before the page is drawn. Without one it is shut.

    @pages.get("/polls/<survey>")
    @allow(Role.OPERATOR, Role.FOCAL_POINT, survey="survey", title=N_("Edit the poll"))
    def edit(survey: str) -> str: ...

Signed out, a page leads to /signin and everything else is answered 401; signed in without the role, 403, whether or
not there is such a survey.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, TypeVar

from flask import Flask, Request, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from gateway.accounts.accounts import Accounts
from gateway.accounts.roles import Access, Role, Signed

PUBLIC = frozenset(
    {
        "static",
        "form.page",
        "form.answer",
        "do.page",
        "do.answer",
        "here.page",
        "here.concerns",
        "here.one",
        "groups.everybody",
        "agreement.everybody",
        "probes.healthz",
        "probes.readyz",
        "access.sign_in",
        "access.try_to_sign_in",
        "access.invitation",
        "access.take_invitation",
        "campaigns.every",
        "campaigns.page",
        "campaigns.piece",
        "campaigns.share",
        "campaigns.poster",
        "campaigns.file",
        "campaigns.remove",
        "campaigns.ask_removal",
        "taking_part.page",
        "taking_part.act",
        "keeping.page",
        "keeping.send",
        # Only where the settings allow them: outside the demonstration they do not exist.
        "phones.page",
        "phones.messages",
        "phones.measured",
        "demo.page",
        "demo.home",
        "demo.results",
        "demo.results_fragment",
        "demo.results_all",
        "demo.digest",
        "demo.digest_fragment",
        "metrics.page",
    }
)
"""The endpoints that answer whoever asks. The list of all of them."""

OWN_PROOF = ("do", "form", "phones", "campaigns", "taking_part", "keeping")
"""Blueprints of public pages whose forms bear a proof of their own, or need none."""

PUBLIC_LARGEST = {"keeping.send": 21 * 1024 * 1024}
"""How many bytes a request to a public page may have where that is more than others may, by endpoint: files, and no
more in its other fields than others have."""

View = TypeVar("View", bound=Callable[..., Any])


class UndeclaredError(Exception):
    """A route that does not say whom it is for, or says what can't be. Its text names the route."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route says of itself.

    `survey` is the argument of the view that names the survey. A page with a `title` is listed on the dashboard; one
    that shows `sensitive` records is written into the audit log under that word each time it is asked for. `largest`
    is how many bytes a request may have where that is more than others may.
    """

    access: Access
    survey: str = ""
    title: str = ""
    sensitive: str = ""
    largest: int = 0


def allow(
    role: Role,
    *roles: Role,
    survey: str = "",
    title: str = "",
    sensitive: str = "",
    largest: int = 0,
    everything: bool = False,
) -> Callable[[View], View]:
    """For who holds one of these roles; with `survey`, for the survey that this argument of the view names; with
    `everything`, for all surveys and what is of none."""
    access = Access((role, *roles), by_survey=bool(survey) or everything)
    return _declare(Declared(access, survey, title, sensitive, largest))


def signed_in(view: View) -> View:
    """For everybody who is signed in, whatever their roles."""
    return _declare(Declared(Access()))(view)


def signed_in_with(*, title: str = "", largest: int = 0) -> Callable[[View], View]:
    """The same, for a page that the dashboard lists, or that takes large requests."""
    return _declare(Declared(Access(), title=title, largest=largest))


def declared(app: Flask, endpoint: str) -> Declared | None:
    """What this route declares; None where it is public, or says nothing."""
    return getattr(app.view_functions[endpoint], "declared", None)


def install(app: Flask, accounts: Accounts, proxies: Sequence[IPv4Network | IPv6Network]) -> CSRFProtect:
    """Put the guard in front of every route of this application, and a token into its forms."""
    newest, *others = accounts.vault.fingerprints("pages", "cookies")
    https = app.config["HTTPS"]
    app.secret_key = newest
    app.config.update(
        SECRET_KEY_FALLBACKS=others,
        SESSION_COOKIE_NAME=_name("baraza-forms", https=https),
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,  # a session ends sooner
        WTF_CSRF_SSL_STRICT=False,  # our pages send no referrer
        SIGNED_IN_COOKIE=_name("baraza-session", https=https),
        PROXIES=tuple(proxies),
    )
    app.extensions["accounts"] = accounts
    app.before_request(_guard)
    app.context_processor(lambda: {"signed": g.get("signed")})
    return CSRFProtect(app)


def check(app: Flask) -> None:
    """Raise UndeclaredError for a route that is neither public by name nor declares whom it is for."""
    for rule in app.url_map.iter_rules():
        says = declared(app, rule.endpoint)
        if (says is None) != (rule.endpoint in PUBLIC):
            how = "is public and declares roles" if says else "says not whom it is for: use @allow or @signed_in"
            raise UndeclaredError(f"{rule.rule} ({rule.endpoint}) {how}.")
        named = says.survey if says else ""
        if says and says.access.roles and ("survey" in rule.arguments or named) and named not in rule.arguments:
            raise UndeclaredError(f'{rule.rule} ({rule.endpoint}) is about a survey: use @allow(..., survey="survey").')


def current() -> Signed | None:
    """Who is signed in, on a public page too."""
    found: Signed | None = _accounts().signed(request.cookies.get(current_app.config["SIGNED_IN_COOKIE"], ""))
    return found


def keep(response: Response, token: str) -> Response:
    """Hand a session's token to the browser, until it is closed; "" takes it back."""
    response.set_cookie(
        current_app.config["SIGNED_IN_COOKIE"],
        token,
        max_age=None if token else 0,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=current_app.config["HTTPS"],
    )
    return response


def peer(asked: Request, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Where a request comes from: the nearest address that is none of our proxies'. Anybody can write the others."""
    hops = [hop.strip() for hop in asked.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    nearest = asked.remote_addr or ""
    while hops and _ours(nearest, proxies):
        nearest = hops.pop()
    return nearest


def address() -> str:
    """Where this request comes from."""
    return peer(request, current_app.config["PROXIES"])


def _declare(what: Declared) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        view.declared = what  # type: ignore[attr-defined]  # functions carry what is written on them
        return view

    return decorate


def _guard() -> ResponseReturnValue | None:
    g.signed = None
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    says = declared(current_app, request.endpoint)
    if says is None:
        abort(403)
    g.signed = current()
    if g.signed is None:
        if request.method not in ("GET", "HEAD"):
            abort(401)
        return redirect(url_for("access.sign_in", to=request.path, language=request.args.get("language")), 303)
    survey = str((request.view_args or {}).get(says.survey, ""))
    if not says.access.admits(g.signed, survey):
        abort(403)
    if says.sensitive:
        _accounts().note(g.signed, f"{'view' if request.method == 'GET' else 'use'} {says.sensitive}", survey)
    return None


def _accounts() -> Accounts:
    found: Accounts = current_app.extensions["accounts"]
    return found


def _ours(hop: str, proxies: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        return any(ip_address(hop) in network for network in proxies)
    except ValueError:
        return False


def _name(cookie: str, *, https: bool) -> str:
    """A browser takes the prefix only from an encrypted page of this very host, for all of its paths."""
    return f"__Host-{cookie}" if https else cookie
