"""What came of a campaign, for mediators and organisers: a page, JSON and a PDF; and taking down what others see.

/dashboard/campaigns                          those that were ever out
/dashboard/campaigns/<campaign>               results in bands, wishes for removal, what others see of pledges
/dashboard/campaigns/<campaign>/report.json   the same results, for programs; .pdf on paper
/dashboard/campaigns/<campaign>/groups        what groups that signed are called
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

from flask import Blueprint, Response, abort, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analysis.render.paper import pdf
from gateway.accounts.roles import Role
from gateway.assembly import Assembly
from gateway.campaigns import pledges, removals, shelf, signatures
from gateway.campaigns.errors import CampaignError
from gateway.campaigns.model import Campaign
from gateway.campaigns.results import BANDS, results, shown
from gateway.gazetteers import read_gazetteers
from gateway.store.database import reading
from gateway.web.campaigns import on_web
from gateway.web.guard import allow
from gateway.web.pages import N_, say
from surveys.gazetteer import Gazetteer

KINDS = {
    "person": N_("Persons"),
    "women": N_("Women's groups"),
    "youth": N_("Youth groups"),
    "faith": N_("Faith groups"),
    "business": N_("Businesses"),
    "community": N_("Communities"),
    "organisation": N_("Organisations"),
}


def blueprint(assembly: Assembly) -> Blueprint:
    pages = Blueprint("campaign_results", __name__)

    def found(name: str) -> Campaign:
        with reading(assembly.engine) as connection:
            campaign = shelf.find(connection, name)
        if campaign is None:
            abort(404)
        return campaign

    @pages.get("/dashboard/campaigns")
    @allow(Role.OPERATOR, Role.MEDIATOR, Role.MODERATOR, everything=True, title=N_("Campaigns"))
    def every() -> str:
        return render_template("campaign_list.html", campaigns=shelf.listed(assembly.engine), width="reading")

    @pages.get("/dashboard/campaigns/<campaign>")
    @allow(Role.OPERATOR, Role.MEDIATOR, Role.MODERATOR, everything=True)
    def page(campaign: str) -> str:
        return _page(assembly, found(campaign))

    @pages.get("/dashboard/campaigns/<campaign>/report.json")
    @allow(Role.OPERATOR, Role.MEDIATOR, Role.MODERATOR, everything=True)
    def data(campaign: str) -> Response:
        one = found(campaign)
        with reading(assembly.engine) as connection:
            told = results(connection, one, _places(assembly, one), on_web(assembly))
        return jsonify({"campaign": one.name, "at": assembly.clock().isoformat(), "bands": BANDS, **asdict(told)})

    @pages.get("/dashboard/campaigns/<campaign>/report.pdf")
    @allow(Role.OPERATOR, Role.MEDIATOR, Role.MODERATOR, everything=True)
    def paper(campaign: str) -> Response:
        one = found(campaign)
        made = make_response(pdf(render_template("campaign_report.html", **_told(assembly, one))))
        made.headers["Content-Type"] = "application/pdf"
        made.headers["Content-Disposition"] = f'attachment; filename="{one.name}-results.pdf"'
        return made

    @pages.get("/dashboard/campaigns/<campaign>/groups")
    @allow(Role.MEDIATOR, everything=True, sensitive="groups that signed")
    def groups(campaign: str) -> str:
        one = found(campaign)
        with reading(assembly.engine) as connection:
            named = signatures.groups(connection, assembly.vault, one.name)
        return render_template(
            "campaign_groups.html", campaign=one, named=named, spoken=one.said_in(g.language.code), kinds=KINDS
        )

    _deciding(pages, assembly, found)
    return pages


def _deciding(pages: Blueprint, assembly: Assembly, found: Callable[[str], Campaign]) -> None:
    @pages.get("/dashboard/campaigns/pictures/<int:row>")
    @allow(Role.MODERATOR, everything=True, sensitive="pictures of pledges")
    def picture(row: int) -> Response:
        """What somebody sent in, before others see it."""
        with reading(assembly.engine) as connection:
            found = pledges.picture_of(connection, row)
        if found is None:
            abort(404)
        made = make_response(found[1])
        made.headers["Content-Type"] = found[0]
        return made

    @pages.post("/dashboard/campaigns/<campaign>/deeds/<int:row>")
    @allow(Role.MODERATOR, everything=True)
    def take_down(campaign: str, row: int) -> ResponseReturnValue:
        one = found(campaign)
        try:
            with assembly.engine.begin() as connection:
                pledges.take_down(connection, campaign, row, g.signed.name, assembly.clock())
        except CampaignError:
            return _page(assembly, one, say(N_("Nothing was done: it is not shown any more."))), 409
        return redirect(url_for(".page", campaign=campaign, language=g.language.code), 303)

    @pages.post("/dashboard/campaigns/<campaign>/removals/<int:row>")
    @allow(Role.MODERATOR, everything=True)
    def decide(campaign: str, row: int) -> ResponseReturnValue:
        """What is to go is gone at once; a piece comes back only where the campaign is published anew with it."""
        one, now = found(campaign), assembly.clock()
        status = removals.DONE if request.form.get("decision") == "remove" else removals.REFUSED
        with assembly.engine.begin() as connection:
            subject = removals.decide(connection, campaign, row, status, g.signed.name, now)
            if subject.isdigit() and status == removals.DONE:
                with suppress(CampaignError):  # it is gone already: somebody else asked for it, too
                    pledges.take_down(connection, campaign, int(subject), g.signed.name, now)
            elif subject and status == removals.DONE:
                shelf.hide(connection, one.name, subject, g.signed.name, now)
        return redirect(url_for(".page", campaign=campaign, language=g.language.code), 303)


def _places(assembly: Assembly, campaign: Campaign) -> Gazetteer | None:
    return read_gazetteers(assembly.settings.config)[0].get(campaign.gazetteer) if campaign.gazetteer else None


def _told(assembly: Assembly, campaign: Campaign) -> dict[str, object]:
    gazetteer, language = _places(assembly, campaign), g.language.code
    with reading(assembly.engine) as connection:
        told = results(connection, campaign, gazetteer, on_web(assembly))
    places = {place.id: place.name(language) for place in gazetteer or ()}
    spoken = campaign.said_in(language)
    return {
        "campaign": campaign,
        "spoken": spoken,
        "told": told,
        "places": places,
        "kinds": KINDS,
        "at": assembly.clock(),
        "least": BANDS[0],
    }


def _page(assembly: Assembly, campaign: Campaign, note: str = "") -> str:
    moderates = g.signed.may(Role.MODERATOR, "")
    with reading(assembly.engine) as connection:
        deeds = shown(connection, campaign.name)
        wishes = removals.waiting(connection, assembly.vault) if moderates else ()
    return render_template(
        "campaign_results.html",
        **_told(assembly, campaign),
        deeds=deeds,
        wishes=[one for one in wishes if one.campaign == campaign.name],
        moderates=moderates,
        mediates=g.signed.may(Role.MEDIATOR, ""),
        note=note,
        width="reading",
    )
