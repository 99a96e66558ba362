"""The map of actors in Chromium: on a narrow screen, from right to left, without scripts, by keyboard, and for axe."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from gateway.accounts.roles import Grant, Role
from tests.gateway.actors.conftest import Maps
from tests.web.test_drafting_browser import NARROW, Site, browser, pictured, readable, site

__all__ = ["browser", "site"]

NODES = """id,name,kind,area,camp,aliases
KAR,Karu Front,armed group,north,red,KF
NCC,Northern Cattle Council,organisation,north,red,
LAK,Lake Council,organisation,lakes,blue,
OFF,Governor's Office,office,lakes,blue,
WOM,Women of the Lakes,organisation,lakes,,
BIS,Bishops' Conference,organisation,highlands,,
COA,Coast Traders,organisation,coast,,
YOU,Youth Forum,organisation,coast,,
"""
TIES = """wave,source,target,type,strength,reporter
1,KAR,NCC,alliance,0.9,fp1
1,KAR,OFF,conflict,1,fp1
1,NCC,WOM,talks,0.4,fp2
1,WOM,LAK,kinship,0.7,fp2
1,OFF,LAK,command,0.8,fp1
1,BIS,WOM,talks,0.6,fp1
1,COA,LAK,trade,0.5,fp2
1,NCC,LAK,conflict,0.6,fp2
2,KAR,NCC,alliance,0.5,fp1
2,KAR,OFF,talks,0.3,fp1
2,NCC,WOM,talks,0.7,fp2
2,WOM,LAK,kinship,0.7,fp2
2,OFF,LAK,command,0.8,fp1
2,BIS,WOM,talks,0.6,fp1
2,BIS,KAR,talks,0.4,fp1
2,COA,LAK,trade,0.5,fp2
2,NCC,LAK,conflict,0.6,fp2
"""
ATTITUDES = """wave,actor,issue,attitude
2,KAR,land commission,opposes
2,NCC,land commission,rather supports
2,LAK,land commission,supports
2,OFF,land commission,neutral
2,WOM,land commission,supports
2,YOU,land commission,unknown
"""
STATEMENTS = """wave,actor,kind,about,text
2,KAR,fear,,To be disarmed before the others
2,KAR,power,arms,
2,OFF,power,money,
"""


def test_the_map_on_a_narrow_screen_from_right_to_left_and_for_those_who_can_not_see_it(site: Site) -> None:
    Maps(site.assembly.engine, site.assembly.vault, site.assembly.clock).take(
        nodes=NODES, ties=TIES, attitudes=ATTITUDES, statements=STATEMENTS
    )
    page = site.sign_in("mira", Grant(Role.MEDIATOR))
    page.goto(f"{site.url}/dashboard/actors?issue=land+commission&language=en")
    pictured(page, "actors-wide")
    found = Axe().run(page)
    assert [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")] == []
    readable(page)

    # By keyboard: another wave, then an actor.
    page.get_by_label("Wave", exact=True).select_option("1")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_text("As it was reported in wave 1")).to_be_visible()
    page.get_by_role("link", name="Karu Front").last.press("Enter")
    expect(page.get_by_text("To be disarmed before the others")).to_be_visible()
    pictured(page, "actor-wide")

    narrow = site.sign_in("musa", Grant(Role.MEDIATOR), size=NARROW, scripts=False)
    narrow.goto(f"{site.url}/dashboard/actors?issue=land+commission&language=ar")
    assert narrow.locator("svg.map circle").count() == 8
    pictured(narrow, "actors-narrow-ar")
