"""Signing in and one's own account as a browser without scripts goes through them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.results.release import count, release
from gateway.web.app import create_app
from gateway.web.texts import LANGUAGES
from tests.web.accounts import COOKIE, PASSWORD, Phone, cheap, client_of, hidden, invited, someone, token_in
from tests.web.conftest import Make


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    return cheap(make_assembly())


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


@dataclass
class Browser:
    client: FlaskClient
    page: str = ""

    def open(self, path: str) -> TestResponse:
        answer = self.client.get(path)
        self.page = answer.text
        return answer

    def send(self, path: str, **fields: str) -> TestResponse:
        """The form of the open page."""
        answer = self.client.post(path, data={"csrf_token": token_in(self.page), **fields})
        self.page = answer.text
        return answer


@dataclass
class Amina:
    """A mediator who has taken her invitation in this browser."""

    browser: Browser
    phone: Phone
    codes: list[str]
    assembly: Assembly

    def sign_in(self, browser: Browser, password: str = PASSWORD, code: str = "", to: str = "") -> TestResponse:
        browser.open("/signin")
        code = code or self.phone.code(self.assembly)
        return browser.send("/signin", name="amina", password=password, code=code, to=to)


def take(browser: Browser, assembly: Assembly, path: str) -> Amina:
    browser.open(path)
    secret = re.sub(r"\s", "", re.findall(r'<code class="secret"[^>]*>([^<]+)<', browser.page)[0])
    phone, sealed = Phone(secret), hidden(browser.page, "sealed")
    answer = browser.send(path, password=PASSWORD, again=PASSWORD, code=phone.code(assembly), sealed=sealed)
    assert answer.status_code == 200, answer.text
    return Amina(browser, phone, re.findall(r"<code>([\d-]+)</code>", answer.text), assembly)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(client_of(app))


@pytest.fixture
def amina(browser: Browser, assembly: Assembly) -> Amina:
    return take(browser, assembly, invited(assembly, "amina"))


# Coming in ----------------------------------------------------------------------------------------------------------


def test_an_invitation_to_its_end(amina: Amina, browser: Browser) -> None:
    assert len(amina.codes) == 10
    dashboard = browser.open("/dashboard").text
    assert "amina" in dashboard
    assert "Mediator" in dashboard


def test_an_invitation_shows_its_secret_as_a_picture_as_text_and_as_a_link(
    browser: Browser, assembly: Assembly
) -> None:
    page = browser.open(invited(assembly, "amina")).text
    assert '<svg viewBox="' in page
    assert "style=" not in page
    assert re.search(r'href="otpauth://totp/localhost:amina\?secret=[A-Z2-7]{32}&amp;issuer=localhost"', page)
    assert "amina" in page


def test_a_mistake_keeps_the_secret_that_was_scanned(browser: Browser, assembly: Assembly) -> None:
    path = invited(assembly, "amina")
    browser.open(path)
    sealed = hidden(browser.page, "sealed")
    for fields, said in (
        ({"password": PASSWORD, "again": "another"}, "not the same"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": PASSWORD, "again": PASSWORD, "code": "000000"}, "code is not right"),
    ):
        answer = browser.send(path, sealed=sealed, **fields)
        assert answer.status_code in (400, 401)
        assert said in answer.text
        assert hidden(browser.page, "sealed") == sealed
    assert browser.send(path, sealed="made up", password=PASSWORD, again=PASSWORD).status_code == 400


def test_a_link_that_was_used_says_so(amina: Amina, app: Flask, assembly: Assembly) -> None:
    path = invited(assembly, "baraka")
    take(Browser(client_of(app)), assembly, path)
    answer = Browser(client_of(app)).open(path)
    assert answer.status_code == 404
    assert "Ask whoever invited you" in answer.text


def test_signing_in_leads_to_where_somebody_was_going(amina: Amina, app: Flask) -> None:
    other = Browser(client_of(app))
    assert other.open("/account").headers["Location"] == "/signin?to=/account"
    assert amina.sign_in(other, to="/account").headers["Location"] == "/account"
    assert other.open("/account").status_code == 200
    assert other.open("/signin").headers["Location"].startswith("/dashboard")


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "\n/x"])
def test_and_nowhere_else(amina: Amina, app: Flask, to: str) -> None:
    assert amina.sign_in(Browser(client_of(app)), to=to).headers["Location"].startswith("/dashboard")


def test_whatever_is_wrong_the_answer_is_the_same(amina: Amina, app: Flask) -> None:
    other = Browser(client_of(app))
    pages = set()
    for name, password, code in (
        ("amina", "seven small goats", "123456"),
        ("amina", PASSWORD, "000000"),
        ("nobody", PASSWORD, "123456"),
    ):
        other.open("/signin")
        answer = other.send("/signin", name=name, password=password, code=code)
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers or COOKIE not in answer.headers["Set-Cookie"]
        pages.add(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(pages) == 1


def test_after_five_tries_it_says_to_wait(amina: Amina, app: Flask) -> None:
    other = Browser(client_of(app))
    for _ in range(5):
        assert amina.sign_in(other, password="seven small goats", code="123456").status_code == 401
    answer = amina.sign_in(other)
    assert answer.status_code == 429
    assert "quarter of an hour" in answer.text


def test_a_recovery_code_signs_in_once(amina: Amina, app: Flask) -> None:
    other = Browser(client_of(app))
    assert amina.sign_in(other, code=amina.codes[0]).status_code == 303
    assert "Not used yet: 9" in other.open("/account").text
    assert amina.sign_in(Browser(client_of(app)), code=amina.codes[0]).status_code == 401


def test_signing_in_again_ends_the_session_before(amina: Amina, browser: Browser, app: Flask) -> None:
    before = browser.client.get_cookie(COOKIE)
    assert before is not None
    browser.open("/account")
    browser.send("/signin", name="amina", password=PASSWORD, code=amina.codes[0])
    after = browser.client.get_cookie(COOKIE)
    assert after is not None
    assert after.value != before.value
    assert client_of(app, before.value).get("/dashboard").status_code == 303
    assert client_of(app, after.value).get("/dashboard").status_code == 200


# The cookie ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("https", [False, True])
def test_cookies_are_kept_from_scripts_and_other_sites(make_assembly: Make, https: bool) -> None:
    assembly = cheap(make_assembly(PUBLIC_BASE_URL="https://polls.example.org" if https else "http://localhost"))
    client = create_app(assembly).test_client()
    browser = Browser(client)
    path = invited(assembly, "amina")
    base = "https://polls.example.org" if https else "http://localhost"
    page = client.get(path, base_url=base)
    secret = re.sub(r"\s", "", re.findall(r'<code class="secret"[^>]*>([^<]+)<', page.text)[0])
    fields = {"csrf_token": token_in(page.text), "sealed": hidden(page.text, "sealed"), "password": PASSWORD}
    code = Phone(secret).code(assembly)
    answer = client.post(path, base_url=base, data={**fields, "again": PASSWORD, "code": code})
    set_cookies = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    assert browser.client is client
    assert any(one.startswith(("__Host-" if https else "") + COOKIE) for one in set_cookies)
    for cookie in set_cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/" in cookie
        assert ("Secure" in cookie) is https
        assert "Domain" not in cookie


def test_public_pages_set_no_cookie_of_an_account(browser: Browser) -> None:
    for path in ("/s/priorities", "/healthz", "/nowhere"):
        cookies = browser.open(path).headers.getlist("Set-Cookie")
        assert [cookie for cookie in cookies if "baraza-" in cookie] == []


def test_sessions_and_forms_hold_in_every_process(amina: Amina, browser: Browser, assembly: Assembly) -> None:
    browser.open("/account")
    other = create_app(assembly).test_client()
    for name in (COOKIE, "baraza-forms"):
        cookie = browser.client.get_cookie(name)
        assert cookie is not None
        other.set_cookie(name, cookie.value)
    assert other.get("/dashboard").status_code == 200
    answer = other.post("/account/codes", data={"csrf_token": token_in(browser.page), "password": PASSWORD})
    assert answer.status_code == 200


# One's own account --------------------------------------------------------------------------------------------------


def test_signing_out(amina: Amina, browser: Browser) -> None:
    browser.open("/signout")
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    assert browser.send("/signout").headers["Location"].startswith("/signin")
    assert browser.client.get_cookie(COOKIE) is None
    browser.client.set_cookie(COOKIE, cookie.value)  # who kept it has nothing
    assert browser.open("/dashboard").status_code == 303


def test_another_session_is_ended_from_here(amina: Amina, browser: Browser, app: Flask) -> None:
    other = Browser(client_of(app))
    amina.sign_in(other)
    browser.open("/account")
    assert browser.send("/account/sessions", session=hidden_session(browser.page)).status_code == 303
    assert other.open("/dashboard").status_code == 303
    assert browser.open("/dashboard").status_code == 200


def hidden_session(page: str) -> str:
    return re.findall(r'name="session" value="(\d+)"', page)[0]


def test_signing_out_everywhere(amina: Amina, browser: Browser, app: Flask) -> None:
    other = Browser(client_of(app))
    amina.sign_in(other)
    browser.open("/account")
    browser.send("/account/signout")
    assert other.open("/dashboard").status_code == 303
    assert browser.open("/dashboard").status_code == 303


def test_another_password(amina: Amina, browser: Browser, app: Flask) -> None:
    browser.open("/account")
    for fields, said in (
        ({"password": "wrong", "new": "nine other boats", "again": "nine other boats"}, "password is not right"),
        ({"password": PASSWORD, "new": "nine other boats", "again": "nine"}, "not the same"),
        ({"password": PASSWORD, "new": "amina amina 12", "again": "amina amina 12"}, "holds your name"),
    ):
        assert said in browser.send("/account/password", **fields).text
    fields = {"password": PASSWORD, "new": "nine other boats", "again": "nine other boats"}
    answer = browser.send("/account/password", **fields)
    assert answer.status_code == 303
    assert "password is changed" in browser.open(answer.headers["Location"]).text
    assert amina.sign_in(Browser(client_of(app)), password="nine other boats").status_code == 303


def test_new_recovery_codes(amina: Amina, browser: Browser) -> None:
    browser.open("/account")
    fresh = re.findall(r"<code>([\d-]+)</code>", browser.send("/account/codes", password=PASSWORD).text)
    assert len(fresh) == 10
    assert not set(fresh) & set(amina.codes)


def test_another_authenticator(amina: Amina, browser: Browser, assembly: Assembly, app: Flask) -> None:
    browser.open("/account/authenticator")
    secret = re.sub(r"\s", "", re.findall(r'<code class="secret"[^>]*>([^<]+)<', browser.page)[0])
    phone, sealed = Phone(secret), hidden(browser.page, "sealed")
    wrong = browser.send("/account/authenticator", sealed=sealed, code="000000", password=PASSWORD)
    assert wrong.status_code == 401
    assert hidden(browser.page, "sealed") == sealed
    right = browser.send("/account/authenticator", sealed=sealed, code=phone.code(assembly), password=PASSWORD)
    assert right.status_code == 303
    amina.phone = phone
    assert amina.sign_in(Browser(client_of(app))).status_code == 303


# What it looks like -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/signin", "/signout", "/dashboard", "/account", "/account/authenticator"])
def test_pages_bring_nothing_from_elsewhere_and_nothing_inline(
    amina: Amina, app: Flask, path: str, language: str
) -> None:
    client = app.test_client() if path == "/signin" else amina.browser.client
    answer = client.get(f"{path}?language={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in answer.text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script", answer.text)
    linked = re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)
    assert [link for link in linked if not re.match(r"[/?#]|otpauth:", link)] == []
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_name_is_never_markup(app: Flask) -> None:
    browser = Browser(client_of(app))
    browser.open("/signin")
    page = browser.send("/signin", name='"><script>x</script>', password="x", code="1", to='"><b>').text
    assert "<script>" not in page
    assert "<b>" not in page


def test_the_dashboard_lists_what_is_for_somebody_and_nothing_else(app: Flask, assembly: Assembly) -> None:
    def listed(name: str, *grants: Grant) -> tuple[str, list[str]]:
        page = client_of(app, someone(assembly, name, *grants)).get("/dashboard").text
        return page, re.findall(r'href="/dashboard/(\w+)/results', page)

    page, polls = listed("baraka")
    assert "You hold no role" in page
    assert polls == []
    assert re.findall(r'<li><a href="(/\w+)', page) == ["/groups", "/spaces"]
    page, polls = listed("zuhura", Grant(Role.FOCAL_POINT, "priorities"))
    assert polls == ["priorities"]
    assert "Focal point: " in page
    page, polls = listed("neema", Grant(Role.MEDIATOR))
    assert {"priorities", "ussd_pulse"} <= set(polls)


def test_a_mediator_reads_the_newest_release(app: Flask, assembly: Assembly) -> None:
    client = client_of(app, someone(assembly, "neema", Grant(Role.MEDIATOR)))
    assert client.get("/dashboard/priorities/digest").status_code == 404
    assert "Nothing can be shown yet" in client.get("/dashboard/priorities/results").text
    survey = assembly.polls.named("priorities")
    assert survey is not None
    codebooks = {codebook.name: codebook for codebook in assembly.polls.codebooks}
    now = assembly.clock()
    rows = count(assembly.engine, assembly.vault, survey, codebooks, now)
    release(assembly.engine, assembly.vault, rows, survey, codebooks, now, minimum_cell=5, simulated=False)
    assert client.get("/dashboard/priorities/digest").status_code == 200
    assert client.get("/dashboard/nothing/digest").status_code == 404


@pytest.mark.parametrize("path", ["/account/password", "/account/codes"])
def test_what_a_form_came_back_with_can_be_read_in_another_language(amina: Amina, browser: Browser, path: str) -> None:
    browser.open("/account")
    assert 'href="?language=ar"' in browser.send(path, password="wrong", new="x", again="x").text
    assert browser.open(f"{path}?language=ar").status_code == 200
