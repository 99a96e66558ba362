"""Writing a campaign with forms: cleaned and checked as from a file, put out by somebody else, taken back."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.campaigns import drafts, shelf
from gateway.campaigns.definition import Known, load_campaign
from gateway.store.campaign_tables import campaign_media, campaigns
from gateway.web.app import create_app
from tests.gateway.campaigns.made import jpeg, mp4
from tests.web.accounts import client_of, hidden, someone, token_in
from tests.web.conftest import Make
from tests.web.test_campaigns import publish

FOCAL = Grant(Role.FOCAL_POINT, "priorities")
HERE = "/dashboard/composing/well"
HEAD = {
    "title-en": "One well",
    "title-ar": "بئر واحدة",
    "summary-en": "We ask that the well opens.",
    "summary-ar": "نطلب فتح البئر.",
    "sender-en": "Forum",
    "sender-ar": "منتدى",
    "keywords-en": "SPRINGS",
    "keywords-ar": "الينبوع",
}
PIECE = {
    "title-en": "The well",
    "title-ar": "البئر",
    "text-en": "It is closed.",
    "text-ar": "إنها مغلقة.",
    "sms-en": "The well is closed.",
    "sms-ar": "البئر مغلقة.",
}
SEEN = {"alt-en": "A well.", "alt-ar": "بئر.", "people": "no"}


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    return make_assembly(BARAZA_DEMO="1", PUBLIC_BASE_URL="http://polls.example.org")


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


@pytest.fixture
def author(app: Flask, assembly: Assembly) -> FlaskClient:
    client = client_of(app, someone(assembly, "amina", FOCAL))
    page = client.get("/dashboard/composing").get_data(as_text=True)
    data = {"csrf_token": token_in(page), "name": "well", "languages": "en, ar"}
    assert client.post("/dashboard/composing", data=data).status_code == 303
    return client


@pytest.fixture
def operator(app: Flask, assembly: Assembly) -> FlaskClient:
    return client_of(app, someone(assembly, "omar", Grant(Role.OPERATOR)))


def send(client: FlaskClient, do: str, path: str = "", **data: object) -> TestResponse:
    page = client.get(f"{HERE}?language=en").get_data(as_text=True)
    proof = {"csrf_token": token_in(page), "number": hidden(page, "number")}
    return client.post(f"{HERE}{path}?language=en", data={**proof, "do": do, **data})


def upload(client: FlaskClient, content: bytes, kind: str = "photo", name: str = "shut") -> TestResponse:
    file = (io.BytesIO(content), "IMG_2041.jpg")
    return send(client, "add", "/pieces", piece=name, kind=kind, file=file)


def whole(client: FlaskClient) -> None:
    assert send(client, "save", **HEAD).status_code == 303
    assert upload(client, jpeg()).status_code == 303
    assert send(client, "save", "/pieces", piece="shut", **PIECE, **SEEN).status_code == 303


def test_a_campaign_is_written_and_published_by_another(
    app: Flask, author: FlaskClient, operator: FlaskClient, assembly: Assembly
) -> None:
    whole(author)
    page = author.get(f"{HERE}?language=en").get_data(as_text=True)
    assert "Nothing is wrong." in page
    sent = re.search(r'src="(/dashboard/composing/well/files/[^"]+)"', page)
    assert sent is not None
    picture = author.get(sent[1])
    assert picture.content_type in ("image/jpeg", "image/webp")
    assert b"Canary" not in picture.data
    outside = client_of(app)
    digest = sent[1].rpartition("/")[2]
    assert send(author, "publish").status_code == 403
    assert send(author, "submit").status_code == 303
    assert outside.get("/c/well").status_code == 404
    assert send(operator, "publish").status_code == 303
    assert "The well" in outside.get("/c/well?language=en").get_data(as_text=True)
    assert outside.get(f"/c/well/files/{digest}").status_code == 200
    upload(author, jpeg(700, 500), name="more")
    with assembly.engine.connect() as connection:  # of the new draft: not outside, whoever knows its name
        query = sa.select(campaign_media.c.digest).where(campaign_media.c.file.startswith(shelf.UPLOAD))
        later = connection.scalars(query).first()
    assert author.get(f"{HERE}/files/{later}.jpg").status_code == 200
    assert outside.get(f"/c/well/files/{later}.jpg").status_code == 404
    assert send(author, "withdraw").status_code == 303
    assert outside.get("/c/well").status_code == 404


def test_what_people_do_is_written_with_forms_too(author: FlaskClient, assembly: Assembly) -> None:
    def both(key: str, text: str) -> dict[str, str]:
        return {f"{key}-en": text, f"{key}-ar": "نص"}

    send(author, "save", **HEAD)
    send(author, "add", "/pieces", piece="ask", kind="text")
    send(author, "save", "/pieces", piece="ask", **PIECE, **both("share-x", "Open it"))
    assert send(author, "appeal", **both("appeal-title", "Open"), **both("appeal-text", "Open it")).status_code == 303
    send(author, "letter", **both("suggested", "Please open the well."), gazetteer="tamani", most_a_day="2")
    for name in ("dig", "share", "none"):
        send(author, "add-measure", measure=name)
    again = send(author, "add-measure", measure="dig")
    assert "Give the measure a short name of its own" in again.get_data(as_text=True)
    for name in ("dig", "share"):
        texts = both("measure-title", "I dig") | both("measure-text", "I dig with them")
        send(author, "measure", measure=name, remind_after="9d", **texts)
    send(author, "drop-measure", measure="none")
    assert send(author, "measure", measure="none").status_code == 409
    assert "Nothing is wrong." in author.get(f"{HERE}?language=en").get_data(as_text=True)
    with assembly.engine.connect() as connection:
        draft = drafts.newest(connection, "well")
    assert draft is not None
    made = load_campaign(draft.source, "well.yaml", Known(("tamani",), ()))
    assert made.appeal is not None
    assert made.letter is not None
    assert (made.appeal.title["en"], made.letter.most_a_day, made.gazetteer) == ("Open", 2, "tamani")
    assert [(one.id, one.remind_after.days) for one in made.measures] == [("dig", 9), ("share", 9)]
    assert made.pieces[0].share["x"] == {"en": "Open it", "ar": "نص"}
    send(author, "appeal")
    send(author, "letter")
    assert "appeal" not in author.get(f"{HERE}?language=en").get_data(as_text=True).partition('name="source"')[2]


def test_who_wrote_it_does_not_publish_it_and_a_change_asks_anew(author: FlaskClient, operator: FlaskClient) -> None:
    whole(author)
    assert send(operator, "save", **HEAD).status_code == 303
    assert send(operator, "submit").status_code == 303
    refused = send(operator, "publish")
    assert refused.status_code == 409
    assert "somebody else looks at it" in refused.get_data(as_text=True)
    send(author, "save", **{**HEAD, "title-en": "Two wells"})
    assert "not submitted" in send(operator, "publish").get_data(as_text=True)
    send(author, "submit")
    assert send(operator, "return").status_code == 303


def test_the_sentences_are_those_of_the_command(author: FlaskClient) -> None:
    send(author, "save", **{**HEAD, "keywords-en": "STOP"})
    upload(author, jpeg())
    answer = send(author, "submit")
    said = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "mend first what is listed below" in said
    assert "`alt` is missing: say what is to be seen or heard" in said
    assert "`people` is missing" in said
    send(author, "save", "/pieces", piece="shut", **PIECE, **{**SEEN, "people": "yes"})
    said = send(author, "submit").get_data(as_text=True)
    assert '<code>shut</code>: <span lang="en">`consent` is missing' in said
    send(author, "save", "/pieces", piece="shut", **PIECE, **SEEN)
    assert "choose another" in send(author, "submit").get_data(as_text=True)


def test_what_is_no_picture_is_refused_with_a_sentence_and_nothing_is_kept(
    author: FlaskClient, assembly: Assembly
) -> None:
    for content, kind, sentence in (
        (b"no picture", "photo", "This is no picture that can be read"),
        (b"", "photo", "This file is empty"),
        (b"no video", "video", "video"),
    ):
        answer = upload(author, content, kind)
        assert answer.status_code == 409
        assert sentence in answer.get_data(as_text=True)
    assert upload(author, mp4(b"vide", b"soun"), "video").status_code == 303
    assert send(author, "remove", "/pieces", piece="shut").status_code == 303
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(campaign_media)) == 0


def test_more_than_is_taken_is_refused_before_it_is_read(author: FlaskClient) -> None:
    answer = author.post(f"{HERE}/pieces", environ_overrides={"CONTENT_LENGTH": str(100 * 1024 * 1024)})
    assert answer.status_code == 413


def test_nobody_s_change_is_lost_under_another_s(author: FlaskClient, operator: FlaskClient) -> None:
    page = author.get(f"{HERE}?language=en").get_data(as_text=True)
    proof = {"csrf_token": token_in(page), "number": hidden(page, "number")}
    assert send(operator, "save", **HEAD).status_code == 303
    answer = author.post(f"{HERE}?language=en", data={**proof, "do": "save", "title-en": "Other"})
    assert answer.status_code == 409
    assert "Somebody saved this campaign meanwhile" in answer.get_data(as_text=True)
    assert author.post(f"{HERE}?language=en", data={"do": "save"}).status_code == 400  # without the form's token


def test_pieces_are_put_in_order_and_all_of_it_can_be_typed(author: FlaskClient, assembly: Assembly) -> None:
    for name in ("one", "two"):
        assert send(author, "add", "/pieces", piece=name, kind="text").status_code == 303
    assert send(author, "add", "/pieces", piece="two", kind="text").status_code == 409
    assert send(author, "up", "/pieces", piece="two").status_code == 303
    with assembly.engine.connect() as connection:
        draft = drafts.newest(connection, "well")
    assert draft is not None
    assert [piece["id"] for piece in draft.tree()["pieces"]] == ["two", "one"]
    assert send(author, "source", source=f"{draft.source}topic: wellnews\n").status_code == 303
    for broken in ("name: [", "name: other\n", "- a", f"{draft.source}languages: 3\n"):
        answer = send(author, "source", source=broken)
        assert answer.status_code == 409
        assert "Nothing was saved" in answer.get_data(as_text=True)
    assert send(author, "drop").status_code == 303
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(campaigns)) == 0


def test_the_preview_shows_the_message_and_the_card(author: FlaskClient) -> None:
    assert "It can&#39;t be shown yet" in author.get(f"{HERE}/preview?language=en").get_data(as_text=True)
    whole(author)
    page = author.get(f"{HERE}/preview?language=en").get_data(as_text=True)
    assert "The well is closed." in page
    assert "polls.example.org" in page
    assert page.count('<figure class="card"') == 2


def test_what_was_published_from_a_folder_is_gone_on_with(author: FlaskClient, assembly: Assembly) -> None:
    publish(assembly)
    page = author.get("/dashboard/composing/bridge?language=en").get_data(as_text=True)
    assert "Nothing is wrong." in page
    assert "Two banks, one road" in page
