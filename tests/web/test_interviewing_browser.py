"""An interview of actors without a network, in a real Chromium: found by a part of the name, sealed, sent, and gone."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from gateway.accounts.roles import Grant, Role
from gateway.actors.clearance import EVERYTHING
from gateway.actors.importing import Table, import_map
from gateway.actors.known import known_actors
from gateway.actors.names import Asked
from gateway.actors.reading import reports
from gateway.actors.rows import Defaults
from gateway.actors.sheets import read_sheets
from tests.gateway.actors.guides import GUIDE
from tests.web.accounts import cheap, someone
from tests.web.conftest import Make
from tests.web.polling import Phone, Site

NODES = b"id,name,clearance,reporter\nLAK,Lake Council,team,\nKAR,Karu Front,team,\nHID,Hidden hand,mediators,mira\n"


@pytest.fixture
def site(make_assembly: Make) -> Iterator[Site]:
    site = Site(cheap(make_assembly()))
    site.poll(GUIDE)
    here = site.assembly
    given = [Table("nodes.csv", "nodes", sheet) for sheet in read_sheets(NODES, ".csv")]
    with here.engine.begin() as connection:
        import_map(connection, here.vault, "main", given, Asked(), Defaults(), here.clock())
    site.start()
    yield site
    site.stop()


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Phone]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(30_000)
    phone = Phone(site, context)
    phone.sign_in(someone(site.assembly, "fatuma", Grant(Role.FOCAL_POINT, "lake_actors")))
    yield phone
    context.close()
    assert phone.complaints == []


def test_an_interview_is_held_without_a_network_sealed_sent_and_gone(phone: Phone, site: Site) -> None:
    phone.begin()
    phone.context.set_offline(True)
    phone.press("Begin an interview")
    phone.press("Yes")
    phone.press("From one person")
    phone.at("who")
    search = phone.page.get_by_label("Write a part of the name")
    search.fill("hidd")
    expect(phone.page.get_by_role("button", name="Hidden hand", exact=True)).to_have_count(0)
    search.fill("counc")
    phone.press("Lake Council")
    phone.at("partners.1")
    expect(phone.page.locator("h1")).to_have_text("With whom has Lake Council to do?")
    phone.page.get_by_label("Write a part of the name").fill("Boat Owners")
    if folder := os.environ.get("BARAZA_PICTURES"):
        phone.page.screenshot(path=f"{folder}/app-actor.png")
    phone.press("New: Boat Owners")
    phone.press("A single person")
    phone.page.locator("textarea").fill("Leads them")
    phone.press("Next")
    phone.at("partners.2")
    phone.press("They skip this question")
    for pressed in ("Conflict", "Strong", "Very", "Rather supports", "Fairly"):
        phone.press(pressed)
    phone.at("might")
    phone.page.get_by_label("Arms").check()
    phone.press("Next")
    phone.page.locator("textarea").fill("Access to water")
    phone.press("Next")
    phone.press("Very")
    phone.press("Finish")
    phone.unsent(1)
    assert not any(word in phone.lying() for word in ("Lake Council", "Boat Owners", "Access to water", "Hidden"))
    phone.context.set_offline(False)
    phone.unsent(0)
    here = site.assembly
    with here.engine.connect() as connection:
        ties = reports(connection, here.vault, EVERYTHING, "main").ties
        known = known_actors(connection, here.vault, EVERYTHING, "main").values()
    assert [(row.type, row.reporter, row.strength, row.confidence) for row in ties.itertuples()] == [
        ("conflict", "fatuma", 1.0, 0.9)
    ]
    assert [(one.kind, one.profile.reason) for one in known if one.profile.name == "Boat Owners"] == [
        ("individual", "Leads them")
    ]
