"""What pages show of a poll's findings: shares with their ranges, and the whole digest as it is mailed and printed."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from flask import Response, g, render_template, url_for
from markupsafe import Markup

from analysis import render
from analysis.findings import Cell, Digest, Finding
from analysis.render import charts
from analysis.render.language import Language
from analysis.render.language import language as speak
from analysis.render.page import ended
from analysis.render.phrases import label, share_range
from gateway.web.pages import POLICY
from surveys.model import Survey

Latest = Callable[[Survey], Digest | None]
"""The newest release of a survey, if there is one."""

SHOWN = (("one-of",), ("open",))
"""Which questions the live results show: the first of each of these kinds."""
ROWS = 5
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    share: str
    interval: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    answered: str
    rows: tuple[Row, ...]


def title_of(survey: Survey) -> str:
    return survey.title.get(g.language.code) or next(iter(survey.title.values()))


def digest_page(release: Digest, language: str = "", more: str = "") -> Response:
    """A page of its own; its one style sheet is allowed by its hash. `more` stands at its end."""
    icon = f'<link rel="icon" href="{url_for("static", filename="baraza.svg")}" type="image/svg+xml">'
    html = render.page(release, language or g.language.code).replace("</head>", f"{icon}\n</head>", 1)
    html = ended(html, more)
    style = STYLE.search(html)
    digest_of_style = b64encode(sha256((style[1] if style else "").encode()).digest()).decode()
    policy = POLICY.replace("style-src 'self'", f"style-src 'sha256-{digest_of_style}'")
    return Response(html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})


def results_of(survey: Survey, release: Digest | None, minimum: int, *, everything: bool = False) -> str:
    words = speak(g.language.code)
    findings = _chosen(release, everything=everything) if release else []
    tables = [
        Table(words.text(one.text, one.id), words.shown(one.n), tuple(_rows(one, words, everything=everything)))
        for one in findings
    ]
    turnout = release.turnout if release else None
    counts = (turnout.asked, turnout.began, turnout.finished) if turnout else (0, 0, 0)
    return render_template(
        "results.html",
        survey=survey.name,
        counts=["–" if count is None else words.shown(count) for count in counts],
        tables=tables,
        everything=everything,
        minimum=minimum,
    )


def _chosen(release: Digest, *, everything: bool) -> list[Finding]:
    asked = [one for one in release.questions if one.cells]
    if everything:
        return asked
    own = [one for one in asked if not one.profile and not one.conditional]
    firsts = (next((one for one in own if one.type in kinds), None) for kinds in SHOWN)
    return [one for one in firsts if one]


def _rows(finding: Finding, words: Language, *, everything: bool) -> list[Row]:
    cells = finding.cells if finding.type == "scale" or (everything and finding.type != "open") else finding.ranked()
    return [_row(finding, cell, words) for cell in (cells if everything else cells[:ROWS])]


def _row(finding: Finding, cell: Cell, words: Language) -> Row:
    name = label(cell, words)
    if finding.type == "scale":
        ends = dict(zip((finding.cells[0].id, finding.cells[-1].id), finding.ends, strict=False))
        name = words.number(int(cell.id)) + (f" ({words.text(ends[cell.id])})" if cell.id in ends else "")
    if cell.share is None:
        return Row(name, words.shown(None), "", Markup())
    interval = share_range(cell, words)
    share = words.percent(cell.share)
    chart = charts.bar(
        f"live-{finding.id}-{cell.id}", name, f"{share} ({interval})", cell.share, cell.low or 0, cell.high or 0
    )
    return Row(name, share, interval, chart)
