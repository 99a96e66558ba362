"""The moderators' desk: everything that people sent in and others may see once somebody let it out, of all kinds."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.moderation.desk import LONGEST, LONGEST_REASON, Desk, DeskError
from gateway.statements.moderation import waiting_by_survey
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.flows.coordination.words import place_name

KINDS = {
    "concern": N_("Concern"),
    "initiative": N_("Initiative"),
    "message": N_("Message to those who joined"),
    "group": N_("Group"),
    "coalition": N_("Coalition"),
    "letter": N_("Message to a representative"),
    "deed": N_("A pledge that was kept"),
}
"""What each kind is called."""

WORDS = {
    "text": N_("As others read it"),
    "what": N_("What it is, as others read it"),
    "where": N_("Where exactly, for those who joined"),
    "needs": N_("What it needs, as others read it"),
    "message": N_("The message, as they get it"),
    "name": N_("The group's name, as others read it"),
    "about": N_("Who they are, as others read it"),
    "coalition": N_("The coalition's name"),
    "statement": N_("The joint statement, as others read it"),
}
"""What its words are, by name."""

FACTS = {
    "kind": N_("Kind"),
    "post": N_("What the sender is in it"),
    "place": N_("Place"),
    "code": N_("Number"),
    "when": N_("When"),
    "capacity": N_("People at most"),
    "concern": N_("Concern"),
    "to": N_("To"),
    "campaign": N_("Campaign"),
}
"""What was chosen beside, by name."""

DONE = {
    "approved": N_("Others can see it now. Whoever sent it in is told."),
    "passed": N_("You let it out. It takes one more moderator."),
    "refused": N_("It was refused. Whoever sent it in is told why."),
}

NOT_DONE = {
    "words": N_("Nothing was done: some words must be left for others to read."),
    "reason": N_("Nothing was done: write a reason, which is sent to whoever sent it in."),
    "long": N_("Nothing was done: the reason is sent as an SMS, and has 100 letters at most."),
    "same": N_("Nothing was done: you let it out before. It takes another moderator."),
    "taken": N_("Nothing was done: there is a group of that name already."),
    "decided": N_("Nothing was done: it was decided on already, or its person was forgotten."),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("submissions", __name__)
    desk = assembly.desk

    @pages.get("/dashboard/moderation")
    @allow(Role.MODERATOR, title=N_("What people sent in"), sensitive="submissions read")
    def page() -> str:
        done = DONE.get(request.args.get("done", ""))
        return _page(assembly, desk, say(done) if done else "")

    @pages.post("/dashboard/moderation/<int:row>")
    @allow(Role.MODERATOR, everything=True)
    def decide(row: int) -> ResponseReturnValue:
        words = {name.removeprefix("word-"): text for name, text in request.form.items() if name.startswith("word-")}
        try:
            if request.form.get("decision") == "approve":
                done = "approved" if desk.approve(row, words, g.signed.name) else "passed"
            else:
                desk.refuse(row, request.form.get("reason", ""), g.signed.name)
                done = "refused"
        except DeskError as error:
            return _page(assembly, desk, say(NOT_DONE[str(error)])), 409
        return redirect(url_for("submissions.page", language=g.language.code, done=done), 303)

    return pages


def _told(assembly: Assembly, language: str) -> Callable[[str, str], str]:
    """What was chosen beside, as a moderator reads it: places and what lies in the catalogues by their names."""

    def told(name: str, value: str) -> str:
        if name == "place":
            return place_name(assembly.places, value, language)
        key = f"{name}_{value}"
        return assembly.texts.say(key, language) if name in ("kind", "post") and key in assembly.texts else value

    return told


def _page(assembly: Assembly, desk: Desk, note: str) -> str:
    """What waits, for who moderates everything; and the polls whose statements wait, of those that are theirs."""
    everything = g.signed.may(Role.MODERATOR, "")
    statements = waiting_by_survey(assembly.engine)
    return render_template(
        "submissions.html",
        note=note,
        everything=everything,
        waiting=desk.waiting() if everything else (),
        kinds=KINDS,
        titles=WORDS,
        facts=FACTS,
        told=_told(assembly, g.language.code),
        looks={name: kind.look for name, kind in desk.kinds.items() if kind.look},
        statements={name: n for name, n in statements.items() if g.signed.may(Role.MODERATOR, name)},
        longest=LONGEST,
        longest_reason=LONGEST_REASON,
        width="reading",
    )
