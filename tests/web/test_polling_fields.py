"""How each type of question is answered in the polling app: by hand, by keyboard, right-to-left, on a narrow screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from gateway.accounts.roles import Grant, Role
from gateway.store import schema
from tests.web.accounts import cheap, someone
from tests.web.conftest import Make
from tests.web.polling import PASSPHRASE, POLL, Phone, Site

PICTURES = os.environ.get("BARAZA_PICTURES", "")
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")

EVERYTHING = """
name: everything
languages: [en, ar]
title: {en: Everything, ar: كل شيء}
sender: Forum
keywords: [EVERYTHING]
consent: {version: "1", text: {en: Will you answer?, ar: هل تجيب؟}}
thanks: {en: Thank you, ar: شكرا}
calendar: ethiopian
questions:
  - {id: home, type: place, gazetteer: tamani, text: {en: Where?, ar: أين؟}, purpose: p}
  - {id: since, type: date, text: {en: "Since when, in {home}?", ar: "منذ متى، في {home}؟"}, purpose: p}
  - {id: height, type: number, whole: no, maximum: 3, minimum: 0, text: {en: How high?, ar: كم؟}, purpose: p}
  - {id: safe, type: scale, minimum: 1, maximum: 5, text: {en: "Since {since}, is it safe?", ar: آمن؟}, purpose: p}
  - id: needs
    type: many-of
    maximum: 2
    text: {en: What is needed?, ar: ماذا يلزم؟}
    purpose: p
    options:
      - {id: w, label: {en: Water, ar: ماء}}
      - {id: r, label: {en: Roads, ar: طرق}}
      - {id: s, label: {en: Seed, ar: بذور}}
  - id: order
    type: ranking
    text: {en: In which order?, ar: بأي ترتيب؟}
    purpose: p
    options:
      - {id: a, label: {en: One, ar: أول}}
      - {id: b, label: {en: Two, ar: ثان}}
      - {id: c, label: {en: Three, ar: ثالث}}
  - {id: note, type: note, text: {en: "You said {needs} at {height}.", ar: "{needs}"}}
  - id: views
    type: statements
    show: 1
    own: yes
    text: {en: Do you agree?, ar: هل توافق؟}
    purpose: p
    statements:
      - {id: x, text: {en: Wells first, ar: الآبار أولا}}
      - {id: y, text: {en: Roads first, ar: الطرق أولا}}
"""


@pytest.fixture
def site(make_assembly: Make) -> Iterator[Site]:
    site = Site(cheap(make_assembly()))
    site.poll(POLL)
    site.start()
    yield site
    site.stop()


def phone_of(site: Site, browser: Browser, poll: str, language: str = "en", scheme: str = "light") -> Phone:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        color_scheme=scheme,  # type: ignore[arg-type]  # one of its literals
    )
    context.set_default_timeout(30_000)
    phone = Phone(site, context, language)
    phone.sign_in(someone(site.assembly, f"amina-{language}-{scheme}", Grant(Role.FOCAL_POINT, poll)))
    return phone


def looked_at(phone: Phone, name: str) -> None:
    """As wide as the screen, every text readable; a picture where somebody wants one."""
    page = phone.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    found = page.evaluate(CONTRAST)
    assert found["looked"] >= 3
    assert found["poor"] == [], name
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"polling-{name}.png"), full_page=True)


def stored(site: Site) -> dict[str, object]:
    answers = schema.answers.c
    rows = site.all(answers.question, answers.value, answers.sealed_text)
    vault = site.assembly.vault
    return {name: vault.open_text(sealed, "answer") if sealed else value for name, value, sealed in rows}


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_every_type_is_answered_and_stored_as_by_any_other_way(  # noqa: PLR0915 - one interview, to its end
    site: Site, browser: Browser, language: str, scheme: str
) -> None:
    site.poll(EVERYTHING)
    phone = phone_of(site, browser, "everything", language, scheme)
    phone.open()
    expect(phone.page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    looked_at(phone, f"chooser-{language}")
    phone.begin_here()
    page = phone.page
    page.locator("section.panel select").select_option(language)
    looked_at(phone, f"home-{language}")
    page.locator("section.panel button").click()
    phone.at("consent")
    looked_at(phone, f"consent-{language}")
    page.locator(".option").first.click()

    phone.at("home")
    box = page.locator("section.question input")
    box.fill("zzzz")
    expect(page.locator("section.question .option")).to_have_count(0)
    box.fill("kal")
    looked_at(phone, f"place-{language}")
    chosen = page.locator("section.question .option").first
    place = chosen.inner_text().split(",")[0]
    chosen.click()

    phone.at("since")
    expect(page.locator("h1")).to_contain_text(place)
    page.locator("section.question input").nth(0).fill("31")
    page.locator("select").select_option("1")
    page.locator("section.question input").nth(1).fill("٢٠١٦")
    page.locator("section.question form button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("section.question input").nth(0).fill("1")
    looked_at(phone, f"date-{language}")
    page.locator("section.question form button").click()

    phone.at("height")
    page.locator("section.question input").fill("3,5")
    page.locator("section.question form button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("section.question input").fill("٢٫٥")
    looked_at(phone, f"number-{language}")
    page.locator("section.question form button").click()

    phone.at("safe")
    looked_at(phone, f"scale-{language}")
    page.locator(".points .option").nth(3).click()

    phone.at("needs")
    for place_of in range(3):
        page.locator("input[type=checkbox]").nth(place_of).check()
    page.locator("section.question form button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("input[type=checkbox]").nth(1).uncheck()
    looked_at(phone, f"many-{language}")
    page.locator("section.question form button").click()

    phone.at("order")
    page.locator(".option").nth(2).click()
    looked_at(phone, f"ranking-{language}")
    page.locator(".option").nth(0).click()
    page.locator("section.question form .row button").click()

    phone.at("views.1")
    expect(page.locator(".said")).to_be_visible()
    looked_at(phone, f"statement-{language}")
    page.locator(".option").nth(1).click()
    phone.at("views.own")
    page.locator("textarea").fill("More teachers")
    page.locator("section.question form button").click()
    looked_at(phone, f"end-{language}")
    page.locator("form .row button").first.click()
    phone.is_at("unsent")
    expect(phone.state).to_have_text({"en": "Nothing is unsent", "ar": "لا شيء ينتظر الإرسال"}[language])
    looked_at(phone, f"unsent-{language}")
    found = stored(site)
    assert found.pop("home") is not None
    assert found.pop("views.1") in (["x", "disagree"], ["y", "disagree"])
    assert found == {
        "since": "2023-09-12",
        "height": 2.5,
        "safe": 4,
        "needs": ["w", "s"],
        "order": ["c", "a", "b"],
        "views.own": "More teachers",
    }
    assert site.ended() == ["completed"]
    assert phone.complaints == []
    phone.context.close()


def test_by_keyboard_alone(site: Site, browser: Browser) -> None:
    phone = phone_of(site, browser, "wells")
    page = phone.open()
    keyboard = page.keyboard

    def reach(selector: str) -> None:
        for _ in range(40):
            keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
                break
        else:
            pytest.fail(f"{selector} is not reached by Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"

    reach("input[type=password]")
    keyboard.type(PASSPHRASE)
    keyboard.press("Tab")
    keyboard.type(PASSPHRASE)
    keyboard.press("Enter")
    phone.is_at("home")
    expect(page.locator("section.panel")).to_be_visible()
    reach("section.panel button")
    keyboard.press("Enter")
    phone.at("consent")
    expect(page.locator("h1")).to_be_focused()  # what is read begins at the question
    for question, selector in (("region", ".option"), ("own", ".option")):
        reach(selector)
        keyboard.press("Enter")
        phone.at(question)
    reach("textarea")
    keyboard.type("Too far")
    reach("section.question form button")
    keyboard.press("Space")
    phone.at("call")
    reach(".option")
    keyboard.press("Enter")
    reach("form input")
    reach("form button")
    keyboard.press("Enter")
    phone.is_at("unsent")
    phone.unsent(0)
    assert stored(site) == {"region": "north", "own": "Too far", "call": "yes"}
    phone.context.close()


def test_back_takes_the_last_answer_back(site: Site, browser: Browser) -> None:
    phone = phone_of(site, browser, "wells")
    phone.begin()
    phone.agree()
    phone.press("North")
    phone.at("own")
    phone.press("One back")
    phone.at("region")
    phone.answer()
    phone.unsent(0)
    assert stored(site)["region"] == "coast"
    phone.context.close()


def test_broken_off_and_refused(site: Site, browser: Browser) -> None:
    phone = phone_of(site, browser, "wells")
    phone.begin()
    phone.agree()
    phone.press("North")
    phone.at("own")
    phone.press("Break off")
    phone.press("Break off for good")
    phone.is_at("unsent")
    phone.home()
    phone.press("Begin an interview")
    phone.at("consent")
    phone.press("No")
    expect(phone.root).to_contain_text("We ask nothing more")
    phone.press("Finish")
    phone.is_at("unsent")
    phone.unsent(0)
    assert site.ended() == ["partial", "refused"]
    phone.context.close()
