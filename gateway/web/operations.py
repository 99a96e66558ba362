"""How sending is, for operators: what waits, what was lost and why, the workers, and today's spending. Works without
scripts."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from channels.adapter import Status
from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.authoring.tariff import tariff
from gateway.delivery import watching
from gateway.delivery.spending import UNIT, spent
from gateway.store.database import reading
from gateway.web.guard import allow
from gateway.web.pages import N_, say

STATES = {
    "closed": N_("sends"),
    "half_open": N_("is being tried"),
    "open": N_("is left alone: its provider fails"),
}
ENDS = {Status.FAILED: N_("failed"), Status.UNKNOWN: N_("nobody knows whether they were taken")}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("operations", __name__)

    @pages.get("/dashboard/operations")
    @allow(Role.OPERATOR, title=N_("Sending"))
    def page() -> str:
        again = request.args.get("again", "")
        return _page(assembly, say("{n} are queued again.", n=again) if again.isdecimal() else "")

    @pages.post("/dashboard/operations")
    @allow(Role.OPERATOR)
    def again() -> ResponseReturnValue:
        if request.form.get("sure") != "yes":
            return _page(assembly, say("Nothing was done: tick first that you mean it.")), 409
        try:
            status = Status(int(request.form.get("status", "")))
        except ValueError:
            abort(400)
        which = watching.ended_as(request.form.get("channel", ""), status, request.form.get("reason", ""))
        with assembly.engine.begin() as connection:
            count = watching.send_again(connection, g.signed.name, assembly.clock(), *which)
        return redirect(url_for("operations.page", language=g.language.code, again=count), 303)

    return pages


def _page(assembly: Assembly, done: str) -> str:
    now, rates = assembly.clock(), tariff(assembly.settings)
    with reading(assembly.engine) as connection:
        waits = watching.waiting(connection, assembly.adapters)
        ages = watching.since_when(connection, assembly.adapters, now)
        lost = watching.reasons(connection, now)
        workers = watching.present(connection, now)
        today = spent(connection, rates.day(now))
    money = [
        (currency, Decimal(today.get(currency, 0)) / UNIT, Decimal(rates.limits.get(currency, 0)) / UNIT)
        for currency in sorted({*today, *rates.limits} - {""})
    ]
    return render_template(
        "operations.html",
        done=done,
        waits=waits,
        most=watching.MOST,
        ages={channel: round(age) for channel, age in ages.items() if age >= 1},
        lost=lost,
        ends=ENDS,
        workers=workers,
        states=STATES,
        money=money,
        width="reading",
    )
