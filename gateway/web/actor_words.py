"""What the map comes to, in words: who connects, who has standing, how split, who could shift attitudes, what moved,
what drives the conflict, and how firm each of it is; and what lies between two camps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, render_template, request

from analysis.actors.connecting import brokerage
from analysis.actors.firmness import between_camps, changing, firmness
from analysis.actors.moving import Moving, moving, views
from analysis.actors.network import labels
from analysis.actors.reaching import reach
from analysis.actors.sharing import connectors, shared_values, trusted_paths
from gateway.accounts.roles import Role
from gateway.actors.seeing import Look, Seen, Sight
from gateway.web.actor_parts import FIRST, READERS, attitude, look_of, named, reader
from gateway.web.actors import address, told
from gateway.web.guard import allow
from gateway.web.pages import N_

DRIVER = "driver"


def blueprint(sight: Sight) -> Blueprint:
    pages = Blueprint("actor_words", __name__)
    seen = reader(sight)

    @pages.get("/dashboard/actors/words")
    @allow(*READERS, sensitive="the map of actors")
    def page() -> str:
        found = seen()
        if not found.waves:
            return render_template("actors.html", empty=True, width="")
        look = look_of(found)
        measured = found.measured(look.wave, look.types)
        place = found.waves.index(look.wave)
        before = found.waves[place - 1] if place else None
        return render_template(
            "actor_words.html",
            chosen=look,
            address=address(look),
            waves=found.waves,
            issues=found.issues,
            measured=measured,
            name={ref: one.profile.name for ref, one in found.known.items()},
            connects=named(found.known, measured.betweenness_share),
            standing=named(found.known, measured.pagerank),
            received=named(found.known, measured.in_degree),
            shifts=[one for one in measured.shifts[:FIRST] if one.most > 0],
            parts=[part for part in measured.communities.members if len(part) > 1][:FIRST],
            strained=named(found.known, measured.balance.by_actor, 3),
            firm=firmness(found.reports.of_types(look.types), look.wave, tuple(measured.by), look.issue),
            changing=changing(found.reports, before, look.wave) if before is not None else None,
            brokers=_brokers(found, look, look.group) if look.group else [],
            reach=reach(found.network(look.wave, look.types), found.attitudes(look.wave, look.issue)),
            change=told(found.changed(before, look.wave), found.known) if before is not None else None,
            moved=moved(found, before, look.wave) if before is not None else None,
            drivers=drivers(found, look.wave),
            attitude=attitude,
            mediator=g.signed.has(Role.MEDIATOR),
            frozen=bool(request.args.get("frozen")),
            width="reading",
        )

    @pages.get("/dashboard/actors/camps")
    @allow(*READERS, sensitive="the map of actors")
    def camps() -> str:
        found = seen()
        if not found.waves:
            return render_template("actors.html", empty=True, width="")
        look = look_of(found)
        by = look.group or next((name for name in ("camp", *found.groups) if name in found.groups), "")
        network = found.network(look.wave, look.types)
        of = labels(found.reports, network, by)
        known = sorted({*of} - {""})
        one, other = (_camp(name, known, usual) for usual, name in enumerate(("one", "other")))
        apart = one != other
        held: dict[str, set[str]] = {}
        for said in found.said:
            if said.kind == "value" and said.wave <= look.wave:
                held.setdefault(said.actor, set()).add(said.text.strip())
        members = [
            frozenset(ref for ref, camp in zip(network.ids, of, strict=True) if camp == each) for each in (one, other)
        ]
        return render_template(
            "actor_camps.html",
            chosen=look,
            address=address(look),
            waves=found.waves,
            groups=found.groups,
            by=by,
            camps=known,
            one=one,
            other=other,
            apart=apart,
            name={ref: each.profile.name for ref, each in found.known.items()},
            code={ref: each.code for ref, each in found.known.items()},
            connectors=connectors(network, of, one, other) if apart else (),
            firm=between_camps(found.reports.of_types(look.types), look.wave, by, one, other) if apart else None,
            paths=trusted_paths(network, of == one, of == other) if apart else (),
            shared=shared_values({ref: frozenset(each) for ref, each in held.items()}, *members)[:10] if apart else (),
            stands=[(issue, *(_mean(found, look.wave, issue, each) for each in members)) for issue in found.issues],
            brokers=_brokers(found, look, by) if by else [],
            width="reading",
        )

    return pages


def _camp(name: str, known: list[str], usual: int) -> str:
    asked = request.args.get(name, "")
    return asked if asked in known else known[min(usual, len(known) - 1)] if known else ""


def _mean(found: Seen, wave: int, issue: str, members: frozenset[str]) -> tuple[float | None, int]:
    """Of those whose attitude is known, and how many these are."""
    levels = [level for ref, level in found.attitudes(wave, issue).items() if ref in members and level is not None]
    return (sum(levels) / len(levels) if levels else None), len(levels)


def _brokers(found: Seen, look: Look, by: str) -> list[tuple[str, Mapping[str, int]]]:
    """Who brokers most between the groups of an attribute, and how often in which role."""
    network = found.network(look.wave, look.types)
    roles = brokerage(network.carrying, labels(found.reports, network, by))
    order = sorted(zip(network.ids, roles, strict=True), key=lambda each: (-each[1].total, each[0]))[:FIRST]
    return [
        (found.known[ref].profile.name, {role: getattr(counts, role) for role in ROLES})
        for ref, counts in order
        if counts.total
    ]


ROLES = {
    "coordinator": N_("coordinator"),
    "consultant": N_("consultant"),
    "representative": N_("representative"),
    "gatekeeper": N_("gatekeeper"),
    "liaison": N_("liaison"),
}


def moved(found: Seen, before: int, after: int) -> Moving:
    """What became of attitudes from one wave to another."""
    return moving(
        views(found.views, before),
        views(found.views, after),
        found.changed(before, after),
        found.network(before),
        _drivers_changed(found, before, after),
    )


def _drivers_changed(found: Seen, before: int, after: int) -> frozenset[str]:
    said: dict[int, set[tuple[str, str, str]]] = {before: set(), after: set()}
    for one in found.said:
        if one.kind == DRIVER and one.wave in said:
            said[one.wave].add((one.actor, one.about, one.text))
    return frozenset(actor for actor, _, _ in said[before] ^ said[after])


def drivers(found: Seen, wave: int) -> list[dict[str, Any]]:
    """What is said to drive the conflict, by the issue that it is tied to; those named by most actors first. `new`:
    nobody had said it in an earlier wave."""
    earlier = {(one.about, one.text) for one in found.said if one.kind == DRIVER and one.wave < wave}
    by: dict[tuple[str, str], set[str]] = {}
    for one in found.said:
        if one.kind == DRIVER and one.wave == wave:
            by.setdefault((one.about, one.text), set()).add(found.known[one.actor].profile.name)
    first = wave == min(found.waves, default=wave)
    return [
        {"issue": issue, "text": text, "actors": sorted(actors), "new": not first and (issue, text) not in earlier}
        for (issue, text), actors in sorted(by.items(), key=lambda each: (each[0][0], -len(each[1]), each[0][1]))
    ]
