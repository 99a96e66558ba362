"""The polls that somebody writes or runs: how each stands, what waits to be looked at, and an operator's word on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.drafts import NOTE, SUBMITTED, Draft, Drafts, NotWaiting
from gateway.lifecycle import goes_on_with
from gateway.polls import CLOSED, OPEN, PAUSED, SOON, Poll
from gateway.web.desk import NAME, Desk
from gateway.web.drafting import STATUS, differences, verdict
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from gateway.wording import Change, rewordings, settings_changed
from surveys.model import Survey

STATES = {
    "": N_("not opened yet"),
    OPEN: N_("open"),
    PAUSED: N_("paused"),
    CLOSED: N_("closed"),
    SOON: N_("opens later"),
}

MEANS = {
    "first": N_("Opening it lets people in for the first time."),
    "fix": N_("Opening it mends the words of version {n}: those in the middle go on with the new texts."),
    "version": N_("Opening it makes version {n}: those in the middle of an earlier one finish theirs."),
    "same": N_("It says the same as what is open."),
}
"""What opening a text would come to."""

DONE = {
    "taken": N_("Taken. It lies where polls are opened from; nobody is asked before it is opened."),
    "refused": N_("Given back to its author."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A poll as listed. `filed`: there is a file that it can be opened from."""

    name: str
    title: str
    state: str
    poll: Poll | None
    draft: Draft | None
    filed: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A text against what is open. `how` is a key of MEANS, "" where it is no poll that can be used."""

    how: str
    number: int = 1
    changes: tuple[Change, ...] = ()
    settings: tuple[str, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()


def blueprint(assembly: Assembly, desk: Desk) -> Blueprint:
    pages = Blueprint("polls", __name__)
    drafts = desk.drafts

    @pages.get("/dashboard/polls")
    @allow(Role.OPERATOR, Role.FOCAL_POINT, title=N_("Polls"))
    def page() -> str:
        return _list(assembly, desk)

    @pages.post("/dashboard/polls")
    @allow(Role.OPERATOR, Role.FOCAL_POINT)
    def new() -> ResponseReturnValue:
        """Leads to an empty sheet; nothing is kept before it is saved."""
        name = request.form.get("name", "").strip()
        if not NAME.fullmatch(name):
            return _list(
                assembly, desk, say("A name has small letters a-z, digits and _, 40 at most, a letter first.")
            ), 409
        if not any(g.signed.may(role, name) for role in (Role.OPERATOR, Role.FOCAL_POINT)):
            return _list(assembly, desk, say("This name was not given to you: ask an operator for it.")), 409
        return redirect(url_for("drafting.page", survey=name, language=g.language.code), 303)

    @pages.get("/dashboard/<survey>/draft/<int:version>")
    @allow(Role.FOCAL_POINT, Role.OPERATOR, survey="survey")
    def version(survey: str, version: int) -> str:
        return _version(desk, survey, _found(drafts, survey, version), _done())

    @pages.post("/dashboard/<survey>/draft/<int:version>")
    @allow(Role.OPERATOR, survey="survey")
    def decide(survey: str, version: int) -> ResponseReturnValue:
        done = "taken" if request.form.get("do") == "take" else "refused"
        refused = _refused(desk, survey, _found(drafts, survey, version), take=done == "taken")
        if refused is not None:
            note, status = refused
            return _version(desk, survey, _found(drafts, survey, version), note), status
        to = url_for("polls.version", survey=survey, version=version, language=g.language.code, done=done)
        return redirect(to, 303)

    return pages


def _done() -> str:
    done = DONE.get(request.args.get("done", ""))
    return say(done) if done else ""


def _found(drafts: Drafts, survey: str, version: int) -> Draft:
    draft = drafts.version(survey, version)
    if draft is None:
        abort(404)
    return draft


def _list(assembly: Assembly, desk: Desk, note: str = "") -> str:
    operates = g.signed.has(Role.OPERATOR)
    granted = {grant.survey for grant in g.signed.grants if grant.role is Role.FOCAL_POINT}
    names = {*desk.names(), *granted} if operates else granted
    return render_template(
        "polls.html",
        rows=tuple(_rows(assembly, desk, sorted(names))),
        operates=operates,
        states=STATES,
        status=STATUS,
        note=note,
        width="reading",
    )


def _rows(assembly: Assembly, desk: Desk, names: list[str]) -> Iterator[Row]:
    now, newest = assembly.clock(), desk.drafts.all_newest()
    rows = []
    for name in names:
        poll = desk.poll(name)
        state = poll.state(now) if poll else ""
        rows.append(
            Row(name, desk.title(name, g.language.code), state, poll, newest.get(name), desk.file(name) is not None)
        )
    # What waits for somebody comes first.
    yield from sorted(rows, key=lambda row: row.draft is None or row.draft.status != SUBMITTED)


def _refused(desk: Desk, survey: str, draft: Draft, *, take: bool) -> tuple[str, int] | None:
    """Take a submitted draft or give it back; why not, where that can't be done, and the status that says so."""
    try:
        if not take:
            desk.drafts.refuse(survey, draft.id, g.signed.name, request.form.get("note", "").strip()[:NOTE])
        elif desk.check(survey, draft.source).errors:
            return say("Not taken: something is wrong with it by now."), 409
        else:
            desk.drafts.take(survey, draft.id, g.signed.name, partial(desk.write, survey))
    except NotWaiting:
        return say("Nothing was done: it was decided on already, or a newer version was saved."), 409
    except FileExistsError as error:
        return say(
            "Not taken: the file {file} holds another poll. Give that one a file of its own name.", file=error
        ), 409
    except OSError:
        return say("Not taken: the folder of polls can't be written to. See that this gateway may write into it."), 503
    return None


# One version --------------------------------------------------------------------------------------------------------


def _version(desk: Desk, survey: str, draft: Draft, note: str) -> str:
    waits = draft.status == SUBMITTED and g.signed.may(Role.OPERATOR, survey)
    checked = desk.check(survey, draft.source, limits=waits)
    return render_template(
        "draft_version.html",
        survey=survey,
        title=desk.title(survey, g.language.code),
        draft=draft,
        status=STATUS,
        waits=waits,
        verdict=verdict(checked, draft.source, limits=waits),
        compared=compared(desk, survey, draft.source, checked.survey),
        means=MEANS,
        most=NOTE,
        note=note,
    )


def compared(desk: Desk, survey: str, source: str, after: Survey | None) -> Compared:
    """A text against what is open; `after` is the poll that it is."""
    poll = desk.poll(survey)
    if poll is None:
        return Compared("first" if after else "")
    before = poll.survey
    lines = tuple(differences(before.source, source))
    if after is None:
        return Compared("", lines=lines)
    changes, settings = rewordings(before, after), settings_changed(before, after)
    if not goes_on_with(before, after):
        return Compared("version", poll.version + 1, changes, settings, lines)
    now = desk.survey(survey, before.source)
    how = "same" if now is not None and now.hash == after.hash else "fix"
    return Compared(how, poll.version, changes, settings, lines)
