"""Tables into the map on a page: a workbook or a CSV file, all of it or nothing, with each mistake by row.

Names are matched with those that whoever brings them may see, and what a focal point brings is their own report.
"""

from __future__ import annotations

from pathlib import PurePath

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role, Signed
from gateway.actors.clearance import CLEARANCES, NAMED, TEAM, viewer
from gateway.actors.columns import COLUMNS, NODES, SESSIONS
from gateway.actors.importing import Imported, Table, import_map
from gateway.actors.names import Asked
from gateway.actors.reading import sources
from gateway.actors.rows import Defaults
from gateway.actors.sheets import MAX_BYTES, Line, Sheet, SheetError, read_sheets
from gateway.assembly import Assembly
from gateway.store.database import reading
from gateway.web.actor_parts import MAP, SESSIONS_SAID
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.cast import SOURCES
from surveys.problem import Problem, SurveyError

LARGEST = MAX_BYTES + 64 * 1024
SHOWN = 200
"""Mistakes that are shown at once."""

WORKBOOK = "workbook"
HOLDS = {
    WORKBOOK: N_("a workbook with a sheet for each"),
    "nodes": N_("who the actors are"),
    "ties": N_("how they are tied"),
    "attitudes": N_("what they think of the issues"),
    "statements": N_("interests, needs, fears, values, power"),
    "sessions": N_("interviews and discussions"),
}
LEVELS = {
    "team": N_("mediators and focal points"),
    "mediators": N_("mediators"),
    "own": N_("me alone"),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("actor_import", __name__)

    @pages.get("/dashboard/actors/import")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, title=N_("Map of actors: bring in"), sensitive="sessions of actors")
    def page() -> str:
        return _page(assembly)

    @pages.post("/dashboard/actors/import")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, largest=LARGEST, sensitive="an import of actors")
    def bring() -> ResponseReturnValue:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return _page(assembly, note=say("Choose a file.")), 400
        file, holds = PurePath(sent.filename).name[:80], request.form.get("holds", "")
        try:
            given = _tables(file, holds, sent.read(MAX_BYTES + 1))
        except SheetError as error:
            return _page(assembly, note=f"{file}: {error}."), 400
        return _taken(assembly, given)

    @pages.post("/dashboard/actors/sessions")
    @allow(Role.MEDIATOR, Role.FOCAL_POINT, sensitive="an import of actors")
    def session() -> ResponseReturnValue:
        columns = tuple(column for column in COLUMNS[SESSIONS] if column != "reporter")
        cells = {column: " ".join(request.form.get(column, "").split()) for column in columns}
        row = Line(1, {column: cell for column, cell in cells.items() if cell})
        return _taken(assembly, [Table(say("The session"), SESSIONS, Sheet("", columns, (row,)))])

    return pages


def _tables(file: str, holds: str, data: bytes) -> list[Table]:
    """Raises SheetError."""
    if len(data) > MAX_BYTES:
        raise SheetError(f"it has more than {MAX_BYTES // 2**20} MiB; bring it in parts")
    sheets = read_sheets(data, PurePath(file).suffix)
    if holds in COLUMNS:
        return [Table(file, holds, sheet) for sheet in sheets[:1]]
    known = [Table(file, sheet.name.lower(), sheet) for sheet in sheets if sheet.name.lower() in COLUMNS]
    if not known:
        names = ", ".join(sheet.name or NODES for sheet in sheets) or "none"
        raise SheetError(f"it has no sheet named {', '.join(COLUMNS)}, but {names}; say what the file holds")
    return known


def _taken(assembly: Assembly, given: list[Table]) -> ResponseReturnValue:
    signed: Signed = g.signed
    level = request.form.get("clearance", TEAM)
    defaults = Defaults(level if level in CLEARANCES and level != NAMED else TEAM, signed.name)
    same = (line.partition("=") for line in request.form.get("same", "").splitlines())
    asked = Asked(
        {name.strip(): meant.strip() for name, _, meant in same if meant.strip()},
        frozenset(filter(None, map(str.strip, request.form.get("apart", "").splitlines()))),
        "new_actors" in request.form,
        on_page=True,
    )
    others = [] if signed.has(Role.MEDIATOR) else [problem for one in given for problem in _of_others(one, signed.name)]
    if others:
        return _page(assembly, problems=others), 400
    try:
        with assembly.engine.begin() as connection:
            who, now = viewer(signed), assembly.clock()
            found = import_map(connection, assembly.vault, MAP, given, asked, defaults, now, who)
    except SurveyError as error:
        return _page(assembly, problems=list(error.problems)), 400
    assembly.accounts.note(signed, "import actors", MAP)
    return redirect(url_for(".page", language=g.language.code, done=_counts(found)), 303)


def _of_others(table: Table, user: str) -> list[Problem]:
    """Rows in another's name: a focal point reports what is their own."""
    place = table.sheet.columns.index("reporter") + 1 if "reporter" in table.sheet.columns else 0
    message = f"here you bring your own reports: leave `reporter` empty, or write {user}"
    return [
        Problem(table.file, line.number, place, message)
        for line in table.sheet.lines
        if line.cells.get("reporter", user) != user
    ]


def _counts(found: Imported) -> str:
    return "-".join(map(str, (found.actors, found.ties, found.attitudes, found.statements, found.sessions)))


def _page(assembly: Assembly, note: str = "", problems: list[Problem] | None = None) -> str:
    with reading(assembly.engine) as connection:
        heard = sources(connection, assembly.vault, viewer(g.signed), MAP)
    counts = request.args.get("done", "").split("-")
    done = len(counts) == 5 and all(count.isdecimal() and len(count) < 10 for count in counts)
    names = ("actors", "ties", "attitudes", "statements", "sessions")
    return render_template(
        "actor_import.html",
        note=note,
        problems=(problems or [])[:SHOWN],
        more=max(0, len(problems or []) - SHOWN),
        done=dict(zip(names, counts, strict=True)) if done else None,
        holds={name: say(text) for name, text in HOLDS.items()},
        levels={name: say(text) for name, text in LEVELS.items()},
        kinds={name: say(SESSIONS_SAID[name]) for name in SOURCES},
        heard=heard,
        sent=request.form,
        width="reading",
    )
