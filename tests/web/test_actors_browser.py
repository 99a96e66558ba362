"""The map of actors in Chromium: by keyboard, side by side, without scripts, on a narrow screen, and for axe."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gateway.accounts.roles import Grant, Role
from tests.gateway.actors.conftest import Maps
from tests.web.test_drafting_browser import NARROW, Site, pictured, readable, site

__all__ = ["site"]

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


def filled(site: Site) -> None:
    Maps(site.assembly.engine, site.assembly.vault, site.assembly.clock).take(
        nodes=NODES, ties=TIES, attitudes=ATTITUDES, statements=STATEMENTS
    )


def serious(page: Page) -> list[str]:
    found = Axe().run(page)
    return [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]


def test_the_picture_is_moved_through_waves_and_actors_by_keyboard_alone(site: Site) -> None:
    filled(site)
    page = site.sign_in("mira", Grant(Role.MEDIATOR))
    page.goto(f"{site.url}/dashboard/actors?issue=land+commission&language=en")
    page.locator("#network[data-drawn]").wait_for()
    expect(page.get_by_role("application")).to_have_accessible_name("Wave 2")
    assert page.locator("svg.map").is_hidden()
    pictured(page, "actors-moving")
    assert serious(page) == []
    readable(page)

    # Another wave: the picture, the words under it and the address follow.
    page.get_by_label("Wave", exact=False).and_(page.get_by_role("slider")).press("ArrowLeft")
    expect(page.get_by_role("application")).to_have_accessible_name("Wave 1")
    expect(page.get_by_role("heading", name="What changed since wave 1")).to_have_count(0)
    assert "wave=1" in page.url
    page.get_by_role("slider").press("ArrowRight")
    expect(page.get_by_role("heading", name="What changed since wave 1")).to_be_visible()
    page.get_by_label("Mark what changed").press("Space")

    # A filter, a search, and from actor to actor.
    page.get_by_label("Only area").select_option("lakes")
    expect(page.get_by_text("3 found")).to_be_visible()
    page.get_by_label("Only area").select_option("")
    page.get_by_role("textbox", name="Find").fill("bishops")
    page.get_by_role("textbox", name="Find").press("Enter")
    picked = page.locator("#picked")
    expect(picked.get_by_role("heading", name="Bishops' Conference")).to_be_visible()
    picked.get_by_role("button", name="Karu Front").press("Enter")
    expect(picked.get_by_role("heading", name="Karu Front")).to_be_visible()
    expect(picked.get_by_text("land commission: opposes")).to_be_visible()
    pictured(page, "actors-picked")
    stage = page.get_by_role("application")
    for key in ("+", "ArrowLeft", "0", "n", "p", "Escape", "n"):
        stage.press(key)
    expect(picked).to_be_visible()
    stage.press("Enter")
    expect(page.get_by_role("heading", name="Attitudes")).to_be_visible()


def test_two_waves_stand_side_by_side(site: Site) -> None:
    filled(site)
    page = site.sign_in("mira", Grant(Role.MEDIATOR), scheme="dark")
    page.goto(f"{site.url}/dashboard/actors?wave=1&beside=2&group=camp&language=en")
    page.locator("#network[data-drawn]").wait_for()
    expect(page.get_by_role("application")).to_have_count(2)
    expect(page.locator("#legend")).to_have_text("■ blue   ▲ red")
    pictured(page, "actors-beside")
    assert serious(page) == []
    for tab, title in (
        ("In words", "Who to talk to about whom"),
        ("Between two camps", "Who connects them"),
        ("What people say", "What people say, and who speaks for them"),
        ("Views and notes", "Views and notes"),
    ):
        page.get_by_role("link", name=tab).press("Enter")
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        pictured(page, f"actors-{title.split()[0].lower()}-{len(title)}")
        assert serious(page) == []
        readable(page)


def test_the_map_without_scripts_on_a_narrow_screen_from_right_to_left(site: Site) -> None:
    filled(site)
    page = site.sign_in("musa", Grant(Role.MEDIATOR), size=NARROW, scripts=False)
    page.goto(f"{site.url}/dashboard/actors?issue=land+commission&language=ar")
    assert page.locator("svg.map circle").count() == 8
    pictured(page, "actors-narrow-ar")
    page.goto(f"{site.url}/dashboard/actors?wave=1&area=lakes&language=en")
    assert page.locator("svg.map circle").count() == 3
    page.get_by_label("Wave", exact=True).select_option("2")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Lake Council").last.click()
    expect(page.get_by_role("heading", name="Attitudes")).to_be_visible()

    moving = site.sign_in("amal", Grant(Role.MEDIATOR), size=NARROW)
    moving.goto(f"{site.url}/dashboard/actors?issue=land+commission&language=ar")
    moving.locator("#network[data-drawn]").wait_for()
    pictured(moving, "actors-moving-narrow-ar")
