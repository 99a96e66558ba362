"""The pages of results before Chromium at phone width: nothing hangs over, and axe-core finds nothing serious."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.results.release import count, release
from gateway.web.app import create_app
from tests.conftest import find_program
from tests.web.accounts import COOKIE, someone
from tests.web.conftest import Make

PICTURES = os.environ.get("BARAZA_PICTURES")
"""A folder for pictures of the pages, for somebody to look at."""


@dataclass
class Site:
    url: str
    assembly: Assembly


PAGES = ("results", "digest", "agenda", "outcomes", "orders")


@pytest.fixture
def site(make_assembly: Make) -> Iterator[Site]:
    assembly = make_assembly()
    survey = assembly.polls.named("priorities")
    assert survey is not None
    known = {codebook.name: codebook for codebook in assembly.polls.codebooks}
    now = datetime(2026, 3, 4, tzinfo=UTC)
    rows = count(assembly.engine, assembly.vault, survey, known, now)
    release(assembly.engine, assembly.vault, rows, survey, known, now)
    server = make_server("127.0.0.1", 0, create_app(assembly), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", assembly)
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program = find_program("chromium", "chromium")
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_of_results_fit_a_phone_and_are_accessible(site: Site, browser: Browser, language: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
    session = someone(site.assembly, "mediator", Grant(Role.MEDIATOR))
    context.add_cookies([{"name": COOKIE, "value": session, "url": site.url}])
    page = context.new_page()
    for name in PAGES:
        page.goto(f"{site.url}/dashboard/priorities/{name}?language={language}")
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{language}.png"), full_page=True)
        found = Axe().run(page)
        serious = [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert len(found.response["passes"]) > 5
        assert serious == [], name
    context.close()
