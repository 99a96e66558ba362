"""What answers where, with which headers, and how refusals read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway.accounts.roles import Grant, Role
from gateway.web.app import LARGEST, create_app
from gateway.web.guard import PUBLIC
from gateway.web.texts import LANGUAGES
from tests.web.accounts import client_of, someone
from tests.web.conftest import TOKEN, Make

OPEN = re.compile(r"/(s|c|here)(/|$)|/(healthz|readyz|signin)$|/invitation/")
DEMO_PAGES = ("/", "/phone", "/metrics", "/results/priorities", "/digest/priorities", "/results/priorities/live")
PAGES = ("/", "/phone", "/s/priorities", "/results/priorities")


def test_outside_the_demo_only_forms_probes_and_the_ways_in_answer_everybody(ordinary: Flask, demo: Flask) -> None:
    """The hooks are answered in front of the pages; whatever else is routed is for those who are signed in."""
    outside = {rule.rule for rule in ordinary.url_map.iter_rules()}
    inside = {rule.rule for rule in demo.url_map.iter_rules()}
    assert len(outside) >= 4
    public = [rule.rule for rule in ordinary.url_map.iter_rules() if rule.endpoint in PUBLIC]
    assert len(public) >= 7
    assert [rule for rule in public if not OPEN.match(rule)] == []
    assert {"/", "/phone", "/phone/messages", "/metrics", "/results/<survey>", "/digest/<survey>"} <= inside - outside


@pytest.mark.parametrize("path", DEMO_PAGES)
def test_outside_the_demo_its_pages_are_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_phones_without_a_demo(make_assembly: Make, tmp_path: Path) -> None:
    """Settings may allow the phones alone."""
    make_assembly()
    config = tmp_path / "config" / "settings.yaml"
    text = re.sub(r"^phones: .*$", "phones: true", config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    own = tmp_path / "own"
    own.mkdir()
    for file in config.parent.iterdir():
        (own / file.name).symlink_to(file)
    (own / "settings.yaml").unlink()
    (own / "settings.yaml").write_text(text, encoding="utf-8")
    phones = create_app(make_assembly(BARAZA_CONFIG=str(own))).test_client()
    assert phones.get("/phone").status_code == 200
    assert phones.get("/").status_code == 404
    assert phones.get("/metrics").status_code == 404


def test_probes(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\n"


@pytest.mark.parametrize("path", [*PAGES, "/nowhere"])
def test_headers_of_pages(demo_client: FlaskClient, path: str) -> None:
    answer = demo_client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_bring_nothing_from_elsewhere_and_nothing_inline(
    demo_client: FlaskClient, path: str, language: str
) -> None:
    page = demo_client.get(f"{path}?language={language}").text
    spoken = "en" if path.startswith("/s/") and language == "fr" else language  # that poll is not in French
    assert f'<html lang="{spoken}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    linked = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert linked
    assert [link for link in linked if not re.match(r"[/?#]", link)] == []
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    for script in re.findall(r"<script([^>]*)>", page):
        assert 'src="/s/static/' in script or 'type="application/json"' in script


@pytest.mark.parametrize("path", [f"/hooks/phone-sms/{TOKEN}/incoming", "/s/priorities", "/phone/messages"])
def test_an_oversized_body_is_refused(demo_client: FlaskClient, path: str) -> None:
    answer = demo_client.post(path, data=b"x" * (LARGEST + 1), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b'{"from": "+254711000001"}', b"{" * 2000])
def test_an_unreadable_hook_is_refused(demo_client: FlaskClient, body: bytes) -> None:
    answer = demo_client.post(f"/hooks/phone-sms/{TOKEN}/incoming", data=body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/s/nothing", 404),
        ("DELETE", "/s/priorities", 405),
        ("POST", "/s/priorities", 400),
    ],
)
def test_refusals_say_one_clear_sentence(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert "Werkzeug" not in answer.text
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    ("asked", "said"), [("ar", "لا توجد صفحة"), ("fr-SN,fr;q=0.9,en;q=0.5", "pas de page à cette adresse")]
)
def test_refusals_speak_the_reader_s_language(client: FlaskClient, asked: str, said: str) -> None:
    assert said in client.get("/nowhere", headers={"Accept-Language": asked}).text


def test_metrics_of_the_demo_name_no_person(demo_client: FlaskClient) -> None:
    text = demo_client.get("/metrics").text
    assert "baraza_" in text
    assert "+254" not in text


def test_numbers_that_no_row_can_have_and_letters_that_no_text_holds_are_refused(make_assembly: Make) -> None:
    assembly = make_assembly(BARAZA_DEMO="1")
    app = create_app(assembly)
    app.config["WTF_CSRF_ENABLED"] = False
    client = client_of(app, someone(assembly, "amina", *(Grant(role) for role in Role)))
    numbered = [rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule]
    assert len(numbered) > 4
    for rule in numbered:
        address = re.sub("<[^>]+>", "priorities", re.sub("<int:[^>]+>", str(10**20), rule.rule))
        assert client.open(address, method="POST").status_code in (404, 405), rule
    assert client.get("/s/priorities%00").status_code == 400
    assert client.post("/signin", data={"name": "amina\0", "password": "x"}).status_code == 400
