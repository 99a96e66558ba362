"""Writing a poll in Chromium: by keyboard, on a narrow screen, in Arabic, with scripts and without."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.web.app import create_app
from tests.web.accounts import COOKIE, someone
from tests.web.conftest import Make

DRAFT = "/dashboard/priorities/draft"
GRANTS = (Grant(Role.FOCAL_POINT, "priorities"), Grant(Role.FOCAL_POINT, "wells"))
PICTURES = os.environ.get("BARAZA_PICTURES")
"""A folder for pictures of the pages, for somebody to look at."""

NARROW, WIDE = (360, 740), (1280, 900)


@dataclass
class Site:
    """A gateway, and browsers of people who are signed in. What their pages ask for and complain about is watched."""

    url: str
    assembly: Assembly
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def sign_in(
        self, name: str, *grants: Grant, size: tuple[int, int] = WIDE, scripts: bool = True, scheme: str = "light"
    ) -> Page:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            color_scheme=scheme,  # type: ignore[arg-type]  # one of its literals
        )
        context.set_default_timeout(30_000)
        token = someone(self.assembly, name, *grants)
        context.add_cookies([{"name": COOKIE, "value": token, "url": self.url}])
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Policy" in said.text else None)
        return page

    def visit(self, size: tuple[int, int] = WIDE, *, scripts: bool = False) -> Page:
        """Somebody who is not signed in."""
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts)
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        return page


@pytest.fixture
def site(make_assembly: Make, browser: Browser) -> Iterator[Site]:
    assembly = make_assembly()
    server = make_server("127.0.0.1", 0, create_app(assembly), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    site = Site(f"http://127.0.0.1:{server.server_port}", assembly, browser)
    yield site
    for context in site.contexts:
        context.close()
    server.shutdown()
    thread.join()
    assert site.asked
    assert [url for url in site.asked if not url.startswith((site.url + "/", "data:"))] == []
    assert site.complaints == []


def pictured(page: Page, name: str) -> None:
    width = page.viewport_size
    assert width is not None
    shown = page.locator("body").evaluate("body => document.documentElement.scrollWidth")
    assert shown <= width["width"], f"{name} is {shown} wide"
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def readable(page: Page) -> None:
    found = page.evaluate((Path(__file__).parent / "contrast.js").read_text(encoding="utf-8"))
    assert found["looked"] >= 3
    assert found["poor"] == []


def broken_line(text: str) -> int:
    return text.split("type: oneof", maxsplit=1)[0].count("\n") + 1


def test_a_mistake_appears_while_it_is_typed_and_vanishes(site: Site) -> None:
    page = site.sign_in("amina", *GRANTS)
    page.goto(f"{site.url}{DRAFT}?language=en")
    source = page.get_by_label("The poll, in YAML")
    expect(page.locator("#verdict")).to_contain_text("Nothing is wrong.")
    whole = source.input_value()
    broken = whole.replace("type: one-of", "type: oneof", 1)
    source.fill(broken)
    expect(page.locator("#verdict")).to_contain_text("To mend: 1")
    link = page.locator(f"[data-line='{broken_line(broken)}']")
    expect(link).to_be_visible()
    expect(page.locator(".problems")).to_contain_text("did you mean 'one-of'?")
    pictured(page, "draft-mistake-wide")
    link.click()
    expect(source).to_be_focused()
    expect(page.locator("[data-cursor]")).to_contain_text(f"Line {broken_line(broken)},")
    top, shown = source.evaluate("text => [text.scrollTop, text.clientHeight]")
    assert top >= 0
    assert shown > 100
    # The caret stands on the word that is wrong: it is mended by typing.
    page.keyboard.press("Control+Delete")
    page.keyboard.type("one-of")
    expect(page.locator("#verdict")).to_contain_text("Nothing is wrong.")
    assert source.input_value() == whole
    expect(link).to_have_count(0)


def test_a_link_leads_to_a_line_far_below(site: Site) -> None:
    page = site.sign_in("amina", *GRANTS, size=NARROW)
    page.goto(f"{site.url}{DRAFT}?language=en")
    source = page.get_by_label("The poll, in YAML")
    source.fill(source.input_value() + "\nnonsense: 1\n")
    link = page.locator(".problems a").last
    expect(link).to_be_visible()
    link.click()
    expect(source).to_be_focused()
    top, height, all_ = source.evaluate("text => [text.scrollTop, text.clientHeight, text.scrollHeight]")
    assert top > all_ - 2 * height  # its last lines are in sight


def test_by_keyboard_alone_from_an_empty_sheet_to_submitted(site: Site) -> None:
    page = site.sign_in("amina", *GRANTS)
    page.goto(f"{site.url}/dashboard/polls?language=en")

    def reach(name: str, press: str = "Enter") -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("() => (document.activeElement.textContent || '').trim()") == name:
                page.keyboard.press(press)
                return
        pytest.fail(f"{name} can't be reached by keyboard")

    page.get_by_label("Its name").focus()
    page.keyboard.type("wells")
    page.keyboard.press("Enter")
    source = page.get_by_label("The poll, in YAML")
    expect(page.locator("#verdict")).to_contain_text("To mend: 7")
    text = source.input_value().replace("TO WRITE: ", "")
    source.focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    expect(page.locator("#verdict")).to_contain_text("Nothing is wrong.")
    reach("Submit")
    expect(page.get_by_role("status").first).to_contain_text("Submitted.")
    expect(page.locator(".intro")).to_contain_text("waiting for an operator")


def test_two_who_write_at_once_both_keep_their_text(site: Site) -> None:
    amina, olga = site.sign_in("amina", *GRANTS, size=NARROW), site.sign_in("olga", Grant(Role.OPERATOR))
    for page in (amina, olga):
        page.goto(f"{site.url}{DRAFT}?language=en")
    for page, words in ((olga, "# by olga"), (amina, "# by amina")):
        source = page.get_by_label("The poll, in YAML")
        source.fill(source.input_value() + words)
        page.get_by_role("button", name="Save draft").click()
    expect(amina.get_by_role("alert")).to_contain_text("olga saved version")
    source = amina.get_by_label("The poll, in YAML")
    assert source.input_value().endswith("# by amina")
    expect(amina.locator("pre.source")).to_contain_text("# by olga")
    pictured(amina, "draft-conflict-narrow")
    readable(amina)
    source.fill(source.input_value() + "\n# by olga")
    amina.get_by_role("button", name="Save draft").click()
    expect(amina.get_by_role("status").first).to_contain_text("Saved.")


def test_what_is_not_saved_is_not_left_by_accident(site: Site) -> None:
    page = site.sign_in("amina", *GRANTS)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{site.url}{DRAFT}?language=en")
    source = page.get_by_label("The poll, in YAML")
    source.click()
    page.keyboard.type("# unsaved")
    page.get_by_role("button", name="Check").click()  # which shows the page again, and saves nothing
    expect(page.locator("#writing[data-unsaved]")).to_be_visible()
    assert asked == []
    source.click()  # a browser asks only where something was done
    page.get_by_role("link", name="All polls").click()
    expect(page.locator("h1")).to_have_text("Polls")
    assert asked == ["beforeunload"]


def test_who_is_signed_out_while_writing_loses_nothing(site: Site) -> None:
    page = site.sign_in("amina", *GRANTS)
    page.goto(f"{site.url}{DRAFT}?language=en")
    source = page.get_by_label("The poll, in YAML")
    session = next(one for one in page.context.cookies() if one["name"] == COOKIE)
    page.context.clear_cookies()
    source.fill(source.input_value() + "# written too long")
    expect(page.locator("#verdict")).to_contain_text("You are signed out. Your text is still here")
    page.context.add_cookies([{"name": COOKIE, "value": session["value"], "url": site.url}])
    other = page.context.new_page()  # signing in makes tokens of forms anew
    other.goto(f"{site.url}/dashboard")
    other.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # a window without a screen has none
    expect(page.locator("#verdict")).to_contain_text("Nothing is wrong.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    assert source.input_value().endswith("# written too long")


def test_without_scripts_all_of_it_works(site: Site) -> None:
    page = site.sign_in("amina", *GRANTS, size=NARROW, scripts=False)
    page.goto(f"{site.url}{DRAFT}?language=en")
    source = page.get_by_label("The poll, in YAML")
    whole = source.input_value()
    broken = whole.replace("type: one-of", "type: oneof", 1)
    source.fill(broken)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#verdict")).to_contain_text("To mend: 1")
    expect(page.locator(f"[data-line='{broken_line(broken)}']")).to_be_visible()
    assert source.input_value() == broken
    pictured(page, "draft-narrow")
    source.fill(whole + "# more\n")
    page.get_by_role("button", name="Save and rehearse").click()
    page.get_by_label("What you type").fill("PEACE")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".theirs .bubble").last).to_contain_text("Take part?")
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("status").first).to_contain_text("Submitted.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_rehearsal_in_arabic_on_a_narrow_screen(site: Site, scheme: str) -> None:
    page = site.sign_in("amina", *GRANTS, size=NARROW, scheme=scheme)
    page.goto(f"{site.url}{DRAFT}/rehearsal?language=ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    heard = page.locator(".theirs .bubble").last
    typed = page.locator("#text")
    assert typed.input_value() == "سلام"
    page.keyboard.press("Enter")  # the field has the focus
    expect(heard).to_contain_text("هل تشارك")
    for answer, shown in (("نعم", "أين تسكن"), ("٢", "كم عمرك")):
        expect(typed).to_be_focused()
        page.keyboard.type(answer)
        page.keyboard.press("Enter")
        expect(heard).to_contain_text(shown)
    expect(page.locator(".facts")).to_contain_text("coast")
    expect(page.locator(".cost").last).to_contain_text("UCS-2")
    pictured(page, f"rehearsal-ar-{scheme}")
    readable(page)


def test_a_rehearsal_by_ussd_and_by_chat(site: Site) -> None:
    page = site.sign_in("amina", *GRANTS)
    page.goto(f"{site.url}{DRAFT}/rehearsal?medium=ussd&language=en")
    page.get_by_role("button", name=re.compile("Dial")).click()
    for answer in ("1", "1"):
        page.get_by_label("What you type").fill(answer)
        page.get_by_role("button", name="Send").click()
    expect(page.locator(".theirs .bubble").last).to_contain_text("Where do you live?")
    page.get_by_role("button", name="Hang up").click()
    page.get_by_role("button", name=re.compile("Dial")).click()
    expect(page.locator(".theirs .bubble").last).to_contain_text("Where do you live?")
    pictured(page, "rehearsal-ussd-wide")
    page.get_by_label("Phone").select_option("chat")
    page.get_by_role("button", name="Begin again").click()
    page.get_by_role("button", name="Send", exact=True).click()
    for label in ("1. Yes", "1. North"):
        page.get_by_role("button", name=label).click()
    expect(page.locator(".facts")).to_contain_text("north")
    page.get_by_label("What you type").press_sequentially("2")
    page.keyboard.press("Enter")  # what was typed, and not the first button above
    expect(page.locator(".facts")).to_contain_text("from_25")
    pictured(page, "rehearsal-chat-wide")


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("en", "light", WIDE), ("fr", "dark", NARROW), ("sw", "light", NARROW), ("ar", "dark", NARROW)],
)
def test_pages_fit_and_can_be_read(site: Site, language: str, scheme: str, size: tuple[int, int]) -> None:
    page = site.sign_in("olga", Grant(Role.OPERATOR), *GRANTS, size=size, scheme=scheme)
    page.goto(f"{site.url}{DRAFT}?language=en")
    source = page.get_by_label("The poll, in YAML")
    source.fill(source.input_value().replace("Where do you live?", "In which region do you live?"))
    page.get_by_role("button", name="Submit").click()
    version = re.search(r"Version (\d+)", page.locator(".intro").inner_text())
    assert version
    paths = (DRAFT, f"{DRAFT}/preview", f"{DRAFT}/{version[1]}", "/dashboard/polls", "/dashboard/priorities/life")
    for path in paths:
        page.goto(f"{site.url}{path}?language={language}")
        for summary in page.locator("summary").all():
            summary.click()
        pictured(page, f"{path.removeprefix('/dashboard/').replace('/', '-')}-{language}-{scheme}-{size[0]}")
        readable(page)
