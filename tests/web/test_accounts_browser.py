"""An account from its invitation to signing in again, in Chromium: a narrow screen, no scripts, right-to-left too."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.web.app import create_app
from tests.web.accounts import COOKIE, PASSWORD, Phone, cheap, invited, someone
from tests.web.conftest import Make

PAGES = (
    "/signout",
    "/dashboard",
    "/dashboard/priorities/results",
    "/dashboard/nothing/results",
    "/account",
    "/account/authenticator",
)
GRANTS = (Grant(Role.MEDIATOR), Grant(Role.FOCAL_POINT, "priorities"), Grant(Role.OPERATOR))
PICTURES = os.environ.get("BARAZA_PICTURES")
"""A folder for pictures of the pages, for somebody to look at."""


@dataclass
class Site:
    url: str
    assembly: Assembly


@pytest.fixture
def site(make_assembly: Make) -> Iterator[Site]:
    assembly = cheap(make_assembly())
    server = make_server("127.0.0.1", 0, create_app(assembly), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", assembly)
    server.shutdown()
    thread.join()


def narrow(browser: Browser, scheme: str = "light") -> BrowserContext:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        java_script_enabled=False,
        color_scheme=scheme,  # type: ignore[arg-type]  # one of its literals
    )
    context.set_default_timeout(30_000)
    return context


def looked_at(page: Page, name: str) -> None:
    """As wide as the screen and no wider; a picture where somebody wants one."""
    box = page.locator("body").evaluate("body => document.documentElement.scrollWidth")
    assert box <= 360, f"{name} is {box} wide"
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_from_the_invitation_to_the_dashboard(site: Site, browser: Browser, language: str) -> None:
    context = narrow(browser)
    page = context.new_page()
    page.goto(f"{site.url}{invited(site.assembly, 'amina', *GRANTS)}?language={language}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    looked_at(page, f"invitation-{language}")
    page.locator("summary").click()
    phone = Phone(page.locator("code.secret").inner_text().replace(" ", ""))
    for field, text in (("password", PASSWORD), ("again", PASSWORD), ("code", phone.code(site.assembly))):
        page.locator(f"#{field}").fill(text)
    page.locator("main button").click()
    expect(page.locator(".codes li")).to_have_count(10)
    looked_at(page, f"codes-{language}")
    page.locator("a.button").click()
    expect(page.locator("h1")).to_have_text("لوحة المتابعة" if language == "ar" else "Dashboard")
    page.locator(".member button").click()
    for field, text in (("name", "amina"), ("password", PASSWORD), ("code", "000000")):
        page.locator(f"#{field}").fill(text)
    page.locator("main button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    looked_at(page, f"signin-{language}")
    page.locator("#password").fill(PASSWORD)
    page.locator("#code").fill(phone.code(site.assembly))
    page.locator("main button").click()
    expect(page.locator(".member")).to_contain_text("amina")
    context.close()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("fr", "dark"), ("sw", "light"), ("ar", "dark")])
def test_pages_fit_a_phone_and_can_be_read(site: Site, browser: Browser, language: str, scheme: str) -> None:
    context = narrow(browser, scheme)
    token = someone(site.assembly, "amina", *GRANTS)
    context.add_cookies([{"name": COOKIE, "value": token, "url": site.url}])
    contrast = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
    for path in PAGES:
        page = context.new_page()
        page.goto(f"{site.url}{path}?language={language}")
        looked_at(page, f"{path.strip('/').replace('/', '-')}-{language}-{scheme}")
        found = page.evaluate(contrast)
        assert found["looked"] >= 3
        assert found["poor"] == [], path
        page.close()
    context.close()
