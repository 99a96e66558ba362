"""Campaigns' pages in Chromium: at phone width, from right to left, without scripts, and for axe."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.gateway.campaigns import made
from tests.web.test_campaigns import publish
from tests.web.test_drafting_browser import NARROW, Site, pictured, readable, site

__all__ = ["site"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_of_a_campaign_on_a_narrow_screen_without_scripts(site: Site, language: str) -> None:
    publish(site.assembly)
    page = site.visit(NARROW)
    for path in ("", "/closed", "/ask", "/closed/share", "/remove/closed", "/act", "/kept"):
        page.goto(f"{site.url}/c/bridge{path}?language={language}")
        pictured(page, f"campaign{path.replace('/', '-')}-{language}")
        readable(page)
    page.get_by_role("radio").first.check()
    page.locator("#picture").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": made.jpeg()})
    page.get_by_role("checkbox").check()
    page.locator("form button:not(.quiet)").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert len(site.assembly.desk.waiting()) == 1
    assert page.context.cookies() == []


def test_axe_finds_nothing_serious(site: Site) -> None:
    publish(site.assembly)
    page = site.visit(NARROW, scripts=True)
    for path in ("", "/closed", "/closed/share", "/remove/closed", "/act", "/kept"):
        page.goto(f"{site.url}/c/bridge{path}?language=ar")
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
