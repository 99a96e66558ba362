"""Writing a campaign in Chromium without scripts, at phone width, from right to left, and for axe."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from gateway.accounts.roles import Grant, Role
from gateway.campaigns import pledges
from tests.gateway.campaigns.made import jpeg
from tests.web.test_campaigns import publish
from tests.web.test_drafting_browser import NARROW, Site, pictured, readable, site

__all__ = ["site"]

GRANTS = (Grant(Role.OPERATOR), Grant(Role.MODERATOR))
HERE = "/dashboard/composing"


def test_a_campaign_is_written_on_a_phone_without_scripts(site: Site, tmp_path: Path) -> None:
    picture = tmp_path / "IMG.jpg"
    picture.write_bytes(jpeg())
    page = site.sign_in("amina", *GRANTS, size=NARROW, scripts=False)
    page.goto(f"{site.url}{HERE}?language=en")
    page.get_by_label("A short name").fill("springs")
    page.get_by_label("Its languages").fill("en, ar")
    page.get_by_role("button", name="Begin").click()
    page.locator("#piece").fill("shut")
    page.locator("#file").set_input_files(picture)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("img.sent")).to_have_count(1)
    page.goto(f"{site.url}{HERE}/springs?language=ar")
    pictured(page, "composing-ar")
    readable(page)


def test_axe_finds_nothing_serious_where_campaigns_are_written_and_told_of(site: Site) -> None:
    publish(site.assembly)
    sent = pledges.Sent("bridge", "cross", "عبرنا معا.", "ar", "web")
    with site.assembly.engine.begin() as connection:
        pledges.take_in(connection, site.assembly.vault, sent, site.assembly.clock())
    page = site.sign_in("amina", *GRANTS, size=NARROW)
    for path in (
        HERE,
        f"{HERE}/bridge",
        f"{HERE}/bridge/preview",
        "/dashboard/campaigns",
        "/dashboard/campaigns/bridge",
        "/dashboard/moderation",
    ):
        page.goto(f"{site.url}{path}?language=ar")
        pictured(page, f"campaigners{path.replace('/', '-')}-ar")
        readable(page)
        found = Axe().run(page).response["violations"]
        assert [(path, one["id"]) for one in found if one["impact"] in ("serious", "critical")] == []
