"""The web form, as a browser without scripts uses it: the same conversation, answer by answer."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.assembly import Assembly
from gateway.store import schema
from gateway.web.app import create_app
from tests.web.conftest import Make

FORM = "application/x-www-form-urlencoded"


class Page:
    """What a respondent sees, and can do on it."""

    def __init__(self, client: FlaskClient, path: str, html: str, status: int) -> None:
        self.client, self.path, self.html, self.status = client, path, html, status

    @property
    def text(self) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html.partition("<main")[2])).split())

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.html)
        assert found, f"the page has no field {name}"
        return unescape(found[1])

    def send(self, *pairs: tuple[str, str]) -> Page:
        fields = [("nonce", self.field("nonce")), ("language", self.field("language")), *pairs]
        answer = self.client.post(self.path, data=urlencode(fields), content_type=FORM)
        return Page(self.client, self.path, answer.text, answer.status_code)

    def press(self, key: str) -> Page:
        return self.send(("ask", self.field("ask")), ("key", key))

    def tick(self, *keys: str) -> Page:
        return self.send(("ask", self.field("ask")), ("several", "1"), *(("key", key) for key in keys))

    def write(self, text: str) -> Page:
        return self.send(("text", text))

    def begin(self) -> Page:
        return self.send(("begin", self.field("begin")))


def opened(client: FlaskClient, survey: str = "priorities", language: str = "en") -> Page:
    answer = client.get(f"/s/{survey}?language={language}")
    return Page(client, f"/s/{survey}", answer.text, answer.status_code)


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    return make_assembly()


@pytest.fixture
def client(assembly: Assembly) -> FlaskClient:
    return create_app(assembly).test_client()


def answers(assembly: Assembly) -> dict[str, object]:
    """What lies in the database: values, or the opened text."""
    with assembly.engine.connect() as connection:
        rows = connection.execute(sa.select(schema.answers)).all()
    opened_texts = {
        row.question: assembly.vault.open_text(row.sealed_text, "answer") for row in rows if row.sealed_text is not None
    }
    return {**{row.question: row.value for row in rows}, **opened_texts}


def test_a_poll_is_answered_to_the_end(client: FlaskClient, assembly: Assembly) -> None:
    page = opened(client)
    assert "Priorities for the talks" in page.text
    page = page.begin()
    assert "Take part?" in page.text
    page = page.press("1")
    assert "Where do you live?" in page.text
    page = page.press("2").write("25-39").press("1")
    assert "How safe do you feel" in page.text
    page = page.write("4").press("2")
    assert "biggest land problem" in page.text
    page = page.write("grazing").tick("1", "3")
    assert "How many people live" in page.text
    page = page.write("6").press("1")
    assert "<textarea" in page.html
    page = page.write("Land & water, <b>first</b>")
    assert "Thank you" in page.text
    assert answers(assembly) == {
        "region": "coast",
        "age": "from_25",
        "gender": "woman",
        "safety": 4,
        "first": "land",
        "land_problem": "grazing",
        "services": ["water", "schools"],
        "household": 6,
        "hope": "yes",
        "settle": "Land & water, <b>first</b>",
    }


def test_one_box_ticked_is_a_whole_answer(client: FlaskClient) -> None:
    page = opened(client).begin().press("1").press("1").press("1").press("1").write("3").press("1")
    assert 'type="checkbox"' in page.html
    assert "How many people live" in page.tick("2").text


def test_a_scale_has_buttons_and_takes_what_is_typed(client: FlaskClient) -> None:
    page = opened(client).begin().press("1").press("1").press("1").press("1")
    assert re.findall(r'name="text" value="(\d)"', page.html) == ["1", "2", "3", "4", "5"]
    assert "Which of these" in page.write("٤").text


def test_a_page_sent_twice_counts_once(client: FlaskClient, assembly: Assembly) -> None:
    page = opened(client).begin().press("1")
    first, second = page.press("1"), page.press("1")
    assert "How old are you?" in first.text
    assert "How old are you?" in second.text
    assert "sent before" in second.text
    assert answers(assembly) == {"region": "north"}


def test_going_back_and_answering_otherwise_changes_nothing(client: FlaskClient, assembly: Assembly) -> None:
    where = opened(client).begin().press("1")
    age = where.press("1")
    again = where.press("4")
    assert "How old are you?" in again.text
    assert answers(assembly) == {"region": "north"}
    assert "woman or a man" in again.press("1").text
    # The page that was skipped over by going back is spent no less.
    assert "woman or a man" in age.press("3").text or "sent before" in age.press("3").text


def test_the_end_sent_twice_says_so(client: FlaskClient) -> None:
    page = opened(client, "ussd_pulse").begin().press("1").press("1")
    assert "Thank you" in page.press("1").text
    assert "You have answered this poll" in page.press("1").text


def test_after_the_end_system_words_still_work(client: FlaskClient) -> None:
    page = opened(client, "ussd_pulse").begin().press("2")
    assert "We ask nothing more" in page.text
    assert "We hold" in page.write("MINE").text


def test_a_wrong_answer_is_asked_again(client: FlaskClient) -> None:
    page = opened(client).begin().press("1").write("the moon")
    assert "1 to 4" in page.text
    assert "Where do you live?" in page.text


def test_the_language_can_change_in_the_middle(client: FlaskClient) -> None:
    page = opened(client).begin().press("1")
    chooser = page.write("LANGUAGE")
    assert "Kiswahili" in chooser.text
    arabic = chooser.write("العربية")
    assert 'dir="rtl"' in arabic.html
    assert "أين تسكن" in arabic.text
    assert "كم عمرك" in arabic.write("الساحل").text


def test_arabic_from_the_first_page(client: FlaskClient, assembly: Assembly) -> None:
    page = opened(client, language="ar")
    assert '<html lang="ar" dir="rtl">' in page.html
    page = page.begin()
    assert "هل تشارك؟" in page.text
    page = page.write("نعم").press("3")
    assert "كم عمرك؟" in page.text
    assert answers(assembly) == {"region": "highlands"}


def test_the_browser_s_language_is_offered(client: FlaskClient) -> None:
    answer = client.get("/s/priorities", headers={"Accept-Language": "sw,en;q=0.5"})
    assert '<html lang="sw"' in answer.text


def test_the_cookie_is_all_that_is_kept(client: FlaskClient) -> None:
    cookie = client.get("/s/priorities").headers["Set-Cookie"]
    assert re.match(r"baraza=[\w-]{22}\.[\w-]{43}; HttpOnly; Path=/s/; SameSite=Lax$", cookie)


def test_the_cookie_is_secure_where_the_gateway_is(make_assembly: Make) -> None:
    app = create_app(make_assembly(PUBLIC_BASE_URL="https://polls.example.org"))
    assert "; Secure;" in app.test_client().get("/s/priorities").headers["Set-Cookie"]


def test_two_respondents_are_two_people(assembly: Assembly) -> None:
    app: Flask = create_app(assembly)
    for region in ("1", "2"):
        opened(app.test_client()).begin().press("1").press(region)
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.people)) == 2
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.answers)) == 2


def test_without_the_cookie_nothing_is_taken(assembly: Assembly) -> None:
    app = create_app(assembly)
    page = opened(app.test_client())
    stranger = Page(app.test_client(), page.path, page.html, 200).begin()
    assert stranger.status == 400
    assert "cookie" in stranger.text
    assert answers(assembly) == {}


@pytest.mark.parametrize("change", ["another", "", "spoiled"])
def test_a_nonce_that_is_not_this_page_s_is_refused(assembly: Assembly, change: str) -> None:
    """Somebody else's page, none, or one that was tampered with."""
    app = create_app(assembly)
    own, other = opened(app.test_client()), opened(app.test_client())
    nonce = {"another": other.field("nonce"), "": "", "spoiled": own.field("nonce")[:-1] + "!"}[change]
    answer = own.client.post(own.path, data=urlencode({"nonce": nonce, "begin": "en"}), content_type=FORM)
    assert answer.status_code == 400
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.inbounds)) == 0


def test_what_people_write_is_never_markup(client: FlaskClient) -> None:
    page = opened(client).begin().press("1").write("<script>alert(1)</script>")
    assert "<script>alert" not in page.html
