"""How every page is made: its language, its texts, its headers, and what it says when something is wrong."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, abort, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from gateway.web.guard import PUBLIC_LARGEST, declared
from gateway.web.texts import FALLBACK, LANGUAGES, Language, language, texts
from surveys.texts import fill


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a text that is translated later."""
    return text


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline, nothing from another host."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}

ERRORS = {
    400: (N_("Not understood"), N_("The request could not be read. Open the page again and retry.")),
    401: (N_("Not signed in"), N_("You are not signed in, or your session has ended. Nothing was changed.")),
    403: (N_("Not for your account"), N_("This page is not for your account. Whoever invited you can change that.")),
    404: (N_("Not found"), N_("There is no page at this address.")),
    405: (N_("Not possible"), N_("This address does not take that kind of request.")),
    413: (N_("Too large"), N_("What was sent is larger than this address takes. It takes {most} at most.")),
    500: (N_("Something went wrong"), N_("Something went wrong here. Please try again in a while.")),
    503: (N_("Not now"), N_("The gateway is busy. Nothing was lost: please try again in a minute.")),
}
"""Title and sentence, by status."""


MEGA = 1024 * 1024


class _Number(IntegerConverter):
    """A row's number in an address. What no database takes is nowhere."""

    def __init__(self, of_map: Map, fixed_digits: int = 0) -> None:
        super().__init__(of_map, fixed_digits, max=2**63 - 1)


def prepare(app: Flask) -> None:
    """Give an app the pages' language, texts, headers and errors."""
    app.url_map.converters["int"] = _Number
    app.before_request(_choose)
    app.context_processor(_context)
    app.register_error_handler(HTTPException, _refused)
    app.after_request(_secure)


def say(text: str, **values: object) -> str:
    """A page's text in the request's language; places in braces are filled in."""
    return fill(texts().say(g.language.code, text), values)


def _choose() -> None:
    says = declared(current_app, request.endpoint) if request.endpoint else None
    if says and says.largest:
        request.max_content_length = request.max_form_memory_size = says.largest
    with_file = PUBLIC_LARGEST.get(request.endpoint or "", 0)
    if with_file:
        request.max_content_length = with_file
    if (request.content_length or 0) > (request.max_content_length or 0):
        abort(413)  # before anything looks at it; a body that names no length is refused as it is read
    g.language = chosen(request)
    said = [request.path, *request.args.values()]
    if not (says and says.largest) and not with_file:  # who may send so much is asked who they are first, or counted
        said += [value for values in request.form.listvalues() for value in values]
    if any("\0" in one for one in said):
        abort(400)  # PostgreSQL holds no such text, and nobody types it


def _context() -> dict[str, Any]:
    return {"language": g.language, "page_languages": texts().languages, "width": "", "home": home(), "_": say}


def _refused(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    title, sentence = ERRORS.get(status) or ERRORS[500 if status >= 500 else 400]
    if "language" not in g:
        g.language = chosen(request)
    return render_template(
        "error.html", title=say(title), sentence=say(sentence, most=_most()), status=status, width="narrow"
    ), status


def _most() -> str:
    """How much this address takes."""
    most = request.max_content_length or 0
    return f"{most // MEGA} MB" if most >= MEGA else f"{most // 1024} KiB"


def _secure(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def chosen(asked: Request) -> Language:
    """The language that the address names, else the best of those that the browser asks for."""
    named = asked.args.get("language", "")
    if named in LANGUAGES:
        return language(named)
    return language(asked.accept_languages.best_match(LANGUAGES) or FALLBACK)


def home() -> str:
    """Where the name of the product leads: the dashboard, or the demo's first page where there is one."""
    if g.get("signed"):
        return url_for("dashboard.page", language=g.language.code)
    return url_for("demo.home", language=g.language.code) if "demo" in current_app.blueprints else "#main"
