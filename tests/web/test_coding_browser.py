"""Coding in Chromium: by keyboard alone, and on a narrow screen in Arabic without scripts."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.store import schema
from gateway.web.app import create_app
from tests.web.accounts import COOKIE, someone
from tests.web.answers import answered
from tests.web.conftest import Make

PAGE = "/dashboard/priorities/coding"
PICTURES = os.environ.get("BARAZA_PICTURES")
"""A folder for pictures of the pages, for somebody to look at."""
SAID = [("Clean water and a school for the children of our village, and that the road is safe", "en")] * 2 + [
    ("أوقفوا الحرب أولا، ثم نعود إلى بيوتنا", "ar")
] * 2


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    made = make_assembly()
    survey = made.polls.named("priorities")
    assert survey is not None
    answered(made, survey, "settle", SAID)
    return made


@pytest.fixture
def url(assembly: Assembly) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(assembly), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def looked_at(page: Page, name: str) -> None:
    found = page.evaluate((Path(__file__).parent / "contrast.js").read_text(encoding="utf-8"))
    assert found["looked"] >= 3
    assert found["poor"] == []
    width = page.viewport_size
    assert width is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= width["width"]
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_by_keyboard_and_by_touch(assembly: Assembly, url: str, browser: Browser) -> None:
    laptop = browser.new_context(viewport={"width": 1280, "height": 900})
    laptop.add_cookies([{"name": COOKIE, "value": someone(assembly, "ann", Grant(Role.CODER)), "url": url}])
    page = laptop.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(f"{url}{PAGE}?language=en")
    looked_at(page, "coding-wide")
    page.keyboard.press("7")
    page.keyboard.press("2")
    page.keyboard.press("3")
    page.keyboard.press("3")  # taken back
    expect(page.locator("input[name=code]:checked")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Here is the next")
    page.wait_for_load_state()  # its keys come with its script
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Nothing was kept")
    assert complaints == ["Failed to load resource: the server responded with a status of 409 (CONFLICT)"]

    phone = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False, color_scheme="dark")
    phone.add_cookies([{"name": COOKIE, "value": someone(assembly, "bob", Grant(Role.CODER)), "url": url}])
    page = phone.new_page()
    page.goto(f"{url}{PAGE}?language=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.locator("details summary").first.click()
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / "coding-narrow-ar.png"), full_page=True)
    page.get_by_label("العدالة").check()
    page.locator("#coding button").last.click()
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(f"{url}{PAGE}/disputes?language=ar")
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / "disputes-narrow-ar.png"), full_page=True)
    laptop.close()
    phone.close()
    with assembly.engine.begin() as connection:
        rows = connection.execute(sa.select(schema.codings.c.coder, schema.codings.c.codes)).all()
    assert sorted((row.coder, row.codes) for row in rows) == [("ann", ["security", "services"]), ("bob", ["justice"])]
