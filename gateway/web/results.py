"""What a poll has found, for those who are signed in, from its newest release: shares, the digest, a draft agenda."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Blueprint, Response, abort, g, render_template, request
from markupsafe import Markup

from analysis import render
from analysis.findings import Digest
from analysis.pack import pack
from analysis.raised import Raised
from analysis.render import agenda as forms
from analysis.render.language import language as speak
from analysis.render.language import languages
from analysis.render.page import ended
from analysis.render.paper import pdf
from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.coordination.heard import heard_now
from gateway.web.actor_digest import More
from gateway.web.findings import Latest, digest_page, results_of, title_of
from gateway.web.guard import allow
from gateway.web.pages import N_
from gateway.web.texts import language as language_of
from surveys.model import Survey

READERS = (Role.MEDIATOR, Role.FOCAL_POINT)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

FORMS = {"agenda.docx": "Word", "agenda.md": "Markdown", "agenda.pdf": "PDF"}
"""What a draft agenda is taken away as."""

PAPER = "digest.pdf"
FILES: dict[str, tuple[str, Callable[[Digest, str, Raised | None], bytes]]] = {
    "results.zip": ("application/zip", lambda found, language, _raised: _zipped(pack(found, language))),
    PAPER: ("application/pdf", lambda found, language, _raised: _paper(found, language)),
    "agenda.docx": (DOCX, forms.docx),
    "agenda.md": ("text/markdown; charset=utf-8", lambda *found: forms.markdown(*found).encode()),
    "agenda.pdf": ("application/pdf", lambda *found: pdf(forms.html(*found))),
}
"""What can be taken away, its type, and what makes it."""


def blueprint(assembly: Assembly, latest: Latest, more: More) -> Blueprint:
    results = Blueprint("results", __name__)

    def found(name: str) -> Survey:
        survey = assembly.polls.named(name)
        if survey is None:
            abort(404)
        return survey

    def released(name: str) -> Digest:
        release = latest(found(name))
        if release is None:
            abort(404)
        return release

    @results.get("/dashboard/<survey>/results")
    @allow(*READERS, survey="survey", title=N_("Results"))
    def page(survey: str) -> str:
        poll = found(survey)
        release = latest(poll)
        shown = results_of(poll, release, assembly.settings.minimum_cell, everything=True)
        return render_template(
            "poll_results.html",
            title=title_of(poll),
            results=Markup(shown),  # noqa: S704 - rendered by Jinja, which escapes
            digest=release and survey,
            told_in=[language_of(code) for code in languages()],
            width="reading",
        )

    @results.get("/dashboard/<survey>/digest")
    @allow(*READERS, survey="survey")
    def digest(survey: str) -> Response:
        return digest_page(released(survey), _spoken(), _beside(assembly, more, survey))

    @results.get("/dashboard/<survey>/agenda")
    @allow(*READERS, survey="survey", title=N_("Draft agenda"))
    def agenda(survey: str) -> str:
        poll = found(survey)
        release = latest(poll)
        return render_template(
            "agenda.html",
            title=title_of(poll),
            survey=survey,
            blocks=list(forms.blocks(release, speak(g.language.code), _raised(assembly))) if release else [],
            forms=FORMS,
            told_in=[language_of(code) for code in languages()],
            width="reading",
        )

    @results.get("/dashboard/<survey>/files/<name>")
    @allow(*READERS, survey="survey")
    def file(survey: str, name: str) -> Response:
        if name not in FILES:
            abort(404)
        kind, make = FILES[name]
        release, told = released(survey), _spoken()
        headers = {"Content-Disposition": f'attachment; filename="{survey}-{name}"', "Cache-Control": "no-store"}
        # What stands at the digest's end stands there on paper, too.
        on_paper = name == PAPER and _beside(assembly, more, survey)
        made = _paper(release, told, on_paper) if on_paper else make(release, told, _raised(assembly))
        return Response(made, content_type=kind, headers=headers)

    return results


def _raised(assembly: Assembly) -> Raised | None:
    return heard_now(assembly.engine, assembly.places, assembly.clock())


def _beside(assembly: Assembly, more: More, survey: str) -> str:
    """What stands at the end of a digest: what people raised outside of it, and what its reader may see of the map."""
    raised, language = _raised(assembly), _spoken()
    return (forms.section(raised, language) if raised else "") + more(survey, language)


def _paper(release: Digest, language: str, more: str = "") -> bytes:
    return pdf(ended(render.page(release, language), more))


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _spoken() -> str:
    """The language that a digest is asked for in: results are told in more than pages are."""
    named = request.args.get("told", "")
    return named if named in languages() else str(g.language.code)
