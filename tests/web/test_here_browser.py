"""The pages of coordination in Chromium: at phone width, from right to left, without scripts, and for axe."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from gateway.accounts.roles import Grant, Role
from tests.web.test_drafting_browser import NARROW, Site, pictured, readable, site
from tests.web.test_here import furnish

__all__ = ["site"]


@pytest.fixture
def furnished(site: Site) -> Site:
    with site.assembly.engine.begin() as connection:
        furnish(connection, site.assembly.vault, site.assembly.clock())
    return site


def test_the_pages_are_readable_by_everybody(furnished: Site) -> None:
    page = furnished.sign_in("amina", Grant(Role.MODERATOR), size=NARROW)
    for path in (
        "/here?language=en",
        "/here/7210?language=ar",
        "/here/4821?language=fr",
        "/here/concerns?language=ar",
        "/s/do/join?code=7210&language=en",
        "/dashboard/moderation?language=en",
        "/dashboard/concerns?language=en",
        "/dashboard/initiatives?language=ar",
        "/dashboard/groups?language=ar",
        "/here/groups?language=ar",
        "/here/agreement?language=ar",
        "/groups?language=ar",
        "/spaces?language=ar",
    ):
        page.goto(f"{furnished.url}{path}")
        found = Axe().run(page)
        serious = [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert (path, serious) == (path, [])
        readable(page)
        pictured(page, "here" + path.partition("?")[0].replace("/", "-"))

    narrow = furnished.sign_in("musa", Grant(Role.MODERATOR), size=NARROW, scripts=False)
    narrow.goto(f"{furnished.url}/here?language=en")
    narrow.get_by_label("Near which place?").fill("Rusende")
    narrow.get_by_role("button", name="Look").click()
    narrow.get_by_role("link", name="Mend the bridge").click()
    narrow.get_by_role("link", name="Join on this page").click()
    narrow.get_by_role("button", name="Begin").click()
    expect(narrow.get_by_text("Mend the bridge")).to_be_visible()
    narrow.get_by_role("button", name="Yes").click()
    expect(narrow.get_by_text("waiting list")).to_be_visible()
