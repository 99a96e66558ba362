"""The demonstration in a browser: a gateway with all its processes, and phones that answer polls by the real hooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, expect

from gateway.demo.run import Demo, started
from gateway.web.texts import LANGUAGES
from tests.conftest import free_port

PATIENCE = 30_000
"""Milliseconds to wait for something to appear."""
NARROW: ViewportSize = {"width": 360, "height": 740}
WIDE: ViewportSize = {"width": 1400, "height": 900}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with started(tmp_path_factory.mktemp("demo"), free_port(), people=40, spread=2, seed=5) as demo:
        yield demo


class Watched:
    """Pages of one browser context, with what they asked for and complained about."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.elsewhere: list[str] = []
        self.asked: list[str] = []
        self.complaints: list[str] = []
        context.set_default_timeout(PATIENCE)

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.on("request", self._request)
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.url + path)
        return page

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)
        if not request.url.startswith((self.url + "/", "data:")):
            self.elsewhere.append(request.url)


@pytest.fixture
def watched(request: pytest.FixtureRequest, gateway: Demo, browser: Browser) -> Iterator[Watched]:
    """A wide window; a test asks for another by indirect parameters of Browser.new_context."""
    context = browser.new_context(**{"viewport": WIDE, **getattr(request, "param", {})})
    watched = Watched(context, gateway.url)
    yield watched
    context.close()
    assert watched.asked
    assert watched.elsewhere == []
    assert watched.complaints == []
    assert [url for url in watched.asked if re.search(r"%2B|5550\d|7700900", url)] == []


narrow = pytest.mark.parametrize("watched", [{"viewport": NARROW}], indirect=True)


def test_the_text_phone_answers_a_poll_to_the_end(watched: Watched) -> None:
    page = watched.open("/?language=en")
    sms = page.locator("[data-phone=sms]")
    heard = sms.locator(".theirs .bubble").last
    for said, answer in (
        ("PULSE", "Take part?"),
        ("yes", "Where do you live?"),
        ("coast", "Is it safer"),
        ("the same", "reach the next market"),
        ("2", "Thank you"),
    ):
        sms.locator("input").fill(said)
        sms.get_by_role("button", name="Send").click()
        expect(heard).to_contain_text(answer)
    expect(sms.locator(".cost").first).to_contain_text(re.compile(r"1 SMS: \d+ of 160, GSM-7"))


def test_the_ussd_phone_answers_a_poll_to_the_end(watched: Watched) -> None:
    page = watched.open("/?language=en")
    ussd = page.locator("[data-phone=ussd]")
    screen = ussd.locator("[data-screen]")
    ussd.get_by_role("button", name="Call").click()
    for answer, typed in (("Kiswahili", "1"), ("Take part?", "1"), ("Where do you live?", "2"), ("Is it safer", "1")):
        expect(screen).to_contain_text(answer)
        expect(ussd.locator("[data-cost]")).to_contain_text("One screen")
        ussd.locator("[data-entry] input").fill(typed)
        ussd.get_by_role("button", name="Send").click()
    expect(screen).to_contain_text("Thank you")
    ussd.get_by_role("button", name="Close").click()
    expect(ussd.locator("[data-note]")).to_contain_text("session is over")


def test_a_broken_off_session_goes_on_at_the_next_call(watched: Watched) -> None:
    page = watched.open("/?language=en")
    ussd = page.locator("[data-phone=ussd]")
    screen = ussd.locator("[data-screen]")
    ussd.get_by_role("button", name="Call").click()
    for answer, typed in (("Kiswahili", "1"), ("Take part?", "1")):
        expect(screen).to_contain_text(answer)
        ussd.locator("[data-entry] input").fill(typed)
        ussd.get_by_role("button", name="Send").click()
    expect(screen).to_contain_text("Where do you live?")
    ussd.get_by_role("button", name="Cancel").click()
    expect(ussd.locator("[data-note]")).to_contain_text("broken off")
    ussd.get_by_role("button", name="Call").click()
    expect(screen).to_contain_text("Where do you live?")


def test_the_chat_answers_a_poll_to_the_end_by_buttons(watched: Watched) -> None:
    page = watched.open("/?language=ar")
    chat = page.locator("[data-phone=chat]")
    heard = chat.locator(".theirs .bubble").last
    chat.locator("[data-write] input").fill("نبض")
    chat.locator("[data-write] button").click()
    for answer, label in (("هل تشارك", "1. نعم"), ("أين تسكن", "3. المرتفعات"), ("الأسبوع الماضي", "1. أأمن")):
        expect(heard).to_contain_text(answer)
        chat.get_by_role("button", name=label).click()
    expect(heard).to_contain_text("شكرا لك")


def test_a_new_person_begins_anew(watched: Watched) -> None:
    page = watched.open("/phone?language=en")
    sms = page.locator("[data-phone=sms]")
    before = sms.locator("[data-number]").inner_text()
    sms.locator("[data-write] button").click()
    expect(sms.locator(".theirs")).to_have_count(1)
    sms.get_by_role("button", name="New person").click()
    expect(sms.locator(".theirs")).to_have_count(0)
    assert sms.locator("[data-number]").inner_text() != before


def test_results_fill_in_and_the_digest_is_written(watched: Watched) -> None:
    page = watched.open("/?language=en")
    # Who began: how many were asked stays hidden as long as fewer than five of them have not answered.
    began = page.locator("[data-live*='/live'] .counts dd").nth(1)
    expect(began).to_have_text(re.compile(r"^[1-9]\d*$"), timeout=60_000)
    expect(page.locator("[data-live*='/live'] svg.chart").first).to_be_visible(timeout=60_000)
    expect(page.locator("[data-live*='/short'] .bubble")).to_contain_text("SIMULATED")
    page.get_by_role("button", name="Safety pulse").click()
    expect(page.locator("[data-live*='/short'] .bubble")).to_contain_text("Safety pulse")
    page.get_by_role("link", name="The whole digest").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Safety pulse")


def test_keyboard_alone(watched: Watched) -> None:
    page = watched.open("/?language=en")
    keyboard = page.keyboard

    def reach(selector: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
                break
        else:
            pytest.fail(f"{selector} is not reached by Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"

    reach("[data-phone=sms] [data-write] input")
    keyboard.press("Control+A")
    keyboard.type("PULSE")
    keyboard.press("Enter")
    expect(page.locator("[data-phone=sms] .theirs .bubble")).to_contain_text("Take part?")
    reach("[data-phone=ussd] [data-dial] button")
    keyboard.press("Enter")
    expect(page.locator("[data-screen]")).to_contain_text("Kiswahili")
    expect(page.locator("#entry-ussd")).to_be_focused()
    keyboard.type("2")
    keyboard.press("Enter")
    expect(page.locator("[data-screen]")).to_contain_text("Utashiriki?")
    reach("[data-phone=chat] [data-write] button")
    keyboard.press("Enter")
    expect(page.locator("[data-phone=chat] .theirs .bubble")).to_contain_text("Take part?")
    reach("[data-phone=chat] .keys button")
    keyboard.press("Enter")
    expect(page.locator("[data-phone=chat] .theirs .bubble").last).to_contain_text("Where do you live?")


PAGES = ("/", "/phone", "/results/priorities", "/s/priorities")


@narrow
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_a_phone(watched: Watched, language: str) -> None:
    for path in PAGES:
        page = watched.open(f"{path}?language={language}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        direction = page.locator("html").get_attribute("dir")
        assert (path, wide <= NARROW["width"], direction) == (path, True, "rtl" if language == "ar" else "ltr")
        page.close()


@narrow
def test_one_phone_at_a_time_on_a_narrow_page(watched: Watched) -> None:
    page = watched.open("/?language=en")
    expect(page.locator("[data-phone=sms]")).to_be_visible()
    expect(page.locator("[data-phone=ussd]")).to_be_hidden()
    page.get_by_role("button", name="USSD", exact=True).click()
    expect(page.locator("[data-phone=ussd]")).to_be_visible()
    expect(page.locator("[data-phone=sms]")).to_be_hidden()


def test_right_to_left_begins_at_the_right(watched: Watched) -> None:
    page = watched.open("/?language=ar")
    brand, languages = page.locator(".brand").bounding_box(), page.locator(".languages").bounding_box()
    assert brand is not None
    assert languages is not None
    assert brand["x"] > languages["x"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_told_from_their_ground(gateway: Demo, browser: Browser, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1, for every element that has text of its own."""
    context = browser.new_context(viewport=WIDE, color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    for path in PAGES:
        page.goto(f"{gateway.url}{path}?language=en")
        found = page.evaluate((Path(__file__).parent / "contrast.js").read_text(encoding="utf-8"))
        assert (path, found["looked"] >= 8, found["poor"]) == (path, True, [])
    context.close()


@pytest.mark.parametrize("watched", [{"java_script_enabled": False, "viewport": NARROW}], indirect=True)
def test_the_form_needs_no_script(watched: Watched) -> None:
    page = watched.open("/s/ussd_pulse?language=en")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Yes").click()
    page.get_by_role("button", name="North").click()
    page.get_by_label("Or write your answer").fill("safer")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("Thank you")
    page.reload()  # sends the last answer once more
    expect(page.locator("main")).to_contain_text("sent before")


def test_nobody_s_request_failed(gateway: Demo) -> None:
    assert gateway.crowd.failures == 0
    assert [process.poll() for process in gateway.processes] == [None, None]
