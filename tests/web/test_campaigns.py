"""Campaigns' public pages: what they show when they are shared, that nobody is followed, and asking for removal."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.campaigns import pledges as kept
from gateway.campaigns import removals, representatives, shelf
from gateway.campaigns.media import Variant
from gateway.campaigns.popolo import Row
from gateway.campaigns.visits import Visits
from gateway.store import ids
from gateway.store.campaign_tables import campaign_media, campaign_visits, deeds, letters, pledges, signatures
from gateway.store.schema import people
from gateway.web.app import create_app
from tests.gateway.campaigns import made
from tests.web.accounts import client_of, someone
from tests.web.conftest import Make

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
BROWSER = {"User-Agent": "Mozilla/5.0 (Android 13; Mobile) Firefox/126.0"}


CLEANED: dict[str, Mapping[str, Sequence[Variant]]] = {}
"""The files of a campaign, by its source: drawing them anew takes longer than all else that tests do with them."""


def publish(assembly: Assembly, name: str = "bridge") -> None:
    config = assembly.settings.config
    one = shelf.read(config, name)
    if one.source not in CLEANED:
        CLEANED[one.source] = shelf.files_of(config, one)
    with assembly.engine.begin() as connection:
        shelf.publish(connection, one, CLEANED[one.source], NOW, "tests")


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    made = make_assembly(BARAZA_DEMO="1", PUBLIC_BASE_URL="http://polls.example.org")
    publish(made)
    return made


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_piece_shows_itself_where_it_is_shared(client: FlaskClient) -> None:
    page = client.get("/c/bridge/closed?language=ar").get_data(as_text=True)
    said = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page))
    assert said["og:title"] == "ضفتان وطريق واحد"
    assert said["og:url"] == "http://polls.example.org/c/bridge/closed?language=ar"
    assert said["og:image:alt"].startswith("رسم لخمسة")
    assert said["og:image:width"] == "1200"
    assert said["twitter:card"] == "summary_large_image"
    assert 'dir="rtl"' in page
    picture = client.get(said["og:image"].removeprefix("http://polls.example.org"))
    assert picture.content_type == "image/jpeg"
    assert picture.data.startswith(b"\xff\xd8")
    assert picture.headers["Cache-Control"] == "public, max-age=86400"


def test_no_page_has_a_script_a_cookie_or_another_host_s_part(client: FlaskClient) -> None:
    for path in ("", "/closed", "/market", "/ask", "/closed/share", "/remove/closed", "/kept", "/act"):
        answer = client.get(f"/c/bridge{path}?language=en", headers=BROWSER)
        page = answer.get_data(as_text=True)
        assert (path, answer.status_code) == (path, 200)
        assert "Set-Cookie" not in answer.headers
        assert "<script" not in page
        assert re.findall(r'<(?:img|source|link|iframe|video)[^>]+(?:src|srcset)="(?:https?:)?//', page) == []


def test_every_piece_ends_with_the_way_to_one_s_representative(client: FlaskClient) -> None:
    for piece in ("closed", "market", "ask"):
        page = client.get(f"/c/bridge/{piece}?language=sw").get_data(as_text=True)
        assert "Mfikie mwakilishi wako" in page
        assert "SMS: tuma DARAJA kwa \u206622384\u2069" in page
        assert "*384*22#" not in page  # which begins a poll
        assert "whatsapp:" not in page


def test_the_share_kit_has_a_text_for_each_network_and_a_poster(client: FlaskClient) -> None:
    page = client.get("/c/bridge/closed/share?language=en").get_data(as_text=True)
    for name in ("Facebook", "WhatsApp", "Telegram", "X"):
        assert f">{name}</label>" in page
    assert "Five hours round" in page  # WhatsApp's own
    assert "BRIDGE: 22384" in page
    assert "<svg" in page
    poster = client.get("/c/bridge/closed/poster?language=ar")
    assert poster.content_type == "application/pdf"
    assert poster.data.startswith(b"%PDF")
    assert b"/Subtype /Image" in poster.data


def test_openings_are_counted_by_day_without_knowing_whose(assembly: Assembly) -> None:
    visits = Visits(assembly.engine, lambda: NOW, wait=3600)
    for browser in (BROWSER["User-Agent"], BROWSER["User-Agent"], "facebookexternalhit/1.1", "TelegramBot", ""):
        visits.count("bridge", "closed", "en", browser)
    visits.write()
    visits.count("bridge", "closed", "en", BROWSER["User-Agent"])
    visits.write()
    with assembly.engine.connect() as connection:
        rows = connection.execute(sa.select(campaign_visits)).all()
    assert [tuple(row) for row in rows] == [("2026-05-01", "bridge", "closed", "en", 3)]


def test_what_is_not_out_is_not_there(client: FlaskClient, assembly: Assembly) -> None:
    picture = re.search(r'"(/c/bridge/files/[^"]+)"', client.get("/c/bridge").get_data(as_text=True))
    assert picture is not None
    with assembly.engine.begin() as connection:
        assert shelf.withdraw(connection, "bridge", NOW, "tests")
        assert not shelf.withdraw(connection, "bridge", NOW, "tests")
    for path in ("/c/bridge", "/c/bridge/closed", "/c/bridge/closed/share", "/c/bridge/closed/poster", picture[1]):
        assert client.get(path).status_code == 404
    for path in ("/c/other", "/c/bridge/files/none.jpg", "/c/bridge/remove/closed"):
        assert client.get(path).status_code == 404


def test_a_new_version_takes_the_place_of_the_old_with_its_files(assembly: Assembly) -> None:
    path = assembly.settings.config / "campaigns" / "bridge.yaml"
    path.write_text(path.read_text().replace("market.png", "bridge.png"))
    publish(assembly)
    with assembly.engine.connect() as connection:
        assert set(connection.scalars(sa.select(campaign_media.c.file))) == {"bridge.png"}


def test_whoever_is_seen_asks_for_removal_without_an_account(client: FlaskClient, assembly: Assembly) -> None:
    def ask(subject: str = "closed") -> int:
        return client.post(f"/c/bridge/remove/{subject}", data={"text": "I am in it."}).status_code

    assert ask("none") == 404
    assert ask() == 200
    with assembly.engine.begin() as connection:
        (wish,) = removals.waiting(connection, assembly.vault)
        assert (wish.subject, wish.text) == ("closed", "I am in it.")
        assert removals.decide(connection, "another", wish.id, removals.DONE, "tests", NOW) == ""
        assert removals.decide(connection, "bridge", wish.id, removals.DONE, "tests", NOW) == "closed"
        assert removals.decide(connection, "bridge", wish.id, removals.DONE, "tests", NOW) == ""
    assert [ask() for _ in range(11)][-2:] == [429, 429]


def test_a_hundred_megabytes_are_refused_before_they_are_read(client: FlaskClient) -> None:
    for path, most in (("remove/closed", "64 KiB"), ("kept", "21 MB")):
        answer = client.post(f"/c/bridge/{path}", environ_overrides={"CONTENT_LENGTH": str(100 * 1024 * 1024)})
        assert answer.status_code == 413
        assert f"larger than this address takes. It takes {most} at most." in answer.get_data(as_text=True)


def did(**changed: object) -> dict[str, object]:
    """What somebody sends in to show that a pledge was kept."""
    return {"measure": "cross", "text": "We crossed with the baker.", "agreed": "yes"} | changed


def file(content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), "Canary.jpg"


def test_a_picture_of_a_kept_pledge_comes_from_the_web_and_is_taken_down_with_one_click(
    app: Flask, client: FlaskClient, assembly: Assembly
) -> None:
    sent = client.post("/c/bridge/kept?language=en", data=did(picture=file(made.jpeg())))
    assert sent.status_code == 303
    assert "Set-Cookie" not in sent.headers
    assert "once somebody has looked" in client.get(sent.headers["Location"]).get_data(as_text=True)
    assert "baker" not in client.get("/c/bridge").get_data(as_text=True)
    with assembly.engine.connect() as connection:
        (deed,) = connection.execute(sa.select(deeds)).all()
        files = connection.execute(sa.select(campaign_media).where(campaign_media.c.file == deed.file)).all()
        assert (deed.person, deed.status, deed.text, len(files)) == (None, "waiting", None, 4)
        assert not any(b"Canary" in row.content for row in files)
        assert connection.scalar(sa.select(sa.func.count()).select_from(pledges)) == 0  # of nobody: it counts for none
    moderator = client_of(app, someone(assembly, "moderator", Grant(Role.MODERATOR)))
    assert moderator.get(f"/dashboard/campaigns/pictures/{deed.id}").data.startswith(b"\xff\xd8")
    (waits,) = assembly.desk.waiting()
    assembly.desk.approve(waits.id, {}, "moderator")
    assert publicly(client)
    listed = moderator.get("/dashboard/campaigns/bridge?language=en").get_data(as_text=True)
    form = re.search(r'action="(/dashboard/campaigns/bridge/deeds/\d+[^"]*)"', listed)
    token = re.search(r'name="csrf_token" value="([^"]+)"', listed)
    assert form is not None
    assert token is not None
    assert moderator.post(form[1], data={"csrf_token": token[1]}).status_code == 303
    assert not publicly(client)
    with assembly.engine.connect() as connection:
        of_deeds = sa.select(campaign_media.c.id).where(campaign_media.c.file.startswith(shelf.DEED))
        assert connection.execute(of_deeds).all() == []


def publicly(client: FlaskClient) -> bool:
    """Whether others see that the baker was there."""
    return "with the baker" in client.get("/c/bridge").get_data(as_text=True)


def test_what_is_not_taken_from_the_web_is_told_and_kept_nowhere(client: FlaskClient, assembly: Assembly) -> None:
    for changed, says in (
        ({"picture": file(b"<svg onload='alert(1)'/>")}, "no picture that can be read: send a JPEG, PNG or WebP"),
        ({"picture": file(b"\xff\xd8" + bytes(20 * 1024 * 1024))}, "This picture has 21 MB, and may have 20"),
        ({"text": ""}, "write a few words, or choose a picture"),
        ({"measure": "none"}, "choose what you did"),
        ({"agreed": ""}, "only if everybody in it agrees"),
        ({"text": "a" * 301}, "300 letters at most"),
    ):
        answer = client.post("/c/bridge/kept?language=en", data=did(**changed))
        assert (answer.status_code, says, says in answer.get_data(as_text=True)) == (400, says, True)
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(deeds)) == 0


def test_nobody_fills_the_desk_from_the_web(client: FlaskClient, assembly: Assembly) -> None:
    answers = [client.post("/c/bridge/kept", data=did()).status_code for _ in range(12)]
    assert answers == [303] * 10 + [429] * 2
    with assembly.engine.begin() as connection:
        assert not kept.is_full(connection, "bridge")
        for _ in range(kept.MOST_OPEN - 10):
            kept.take_in(connection, assembly.vault, kept.Sent("bridge", "cross", "x", "en", "web"), NOW)
        assert kept.is_full(connection, "bridge")


def test_what_came_of_it_is_told_in_bands_on_a_page_as_json_and_on_paper(app: Flask, assembly: Assembly) -> None:
    client = client_of(app, someone(assembly, "mediator", Grant(Role.MEDIATOR)))
    with assembly.engine.begin() as connection:
        for person in range(1, 31):
            connection.execute(sa.insert(people).values(id=person, language="en", created_at=NOW, seen_at=NOW))
            row = {"campaign": "bridge", "person": person, "kind": "women" if person > 12 else "person", "at": NOW}
            row |= {"place": "garuna_town" if person < 4 else "coast", "language": "en", "channel": "phone-sms"}
            connection.execute(sa.insert(signatures).values(row))
    told = client.get("/dashboard/campaigns/bridge/report.json").get_json()
    assert told["signed"] == {
        "people": 25,
        "on_web": 0,
        "by_area": {"coast": 25, "north": 0},  # the town lies in the north; 0 is fewer than ten
        "by_language": {"en": 25},
        "by_kind": {"person": 10, "women": 10},
    }
    page = client.get("/dashboard/campaigns/bridge?language=en").get_data(as_text=True)
    assert "25 or more" in page
    assert "fewer than 10" in page
    assert client.get("/dashboard/campaigns/bridge/report.pdf?language=ar").data.startswith(b"%PDF")
    assert b"bridge" in client.get("/dashboard/campaigns").data
    with assembly.engine.begin() as connection:
        group = assembly.vault.seal("Women of Duswari", "signing group")
        connection.execute(sa.update(signatures).where(signatures.c.person == 20).values(sealed_group=group))
    assert "Women of Duswari" in client.get("/dashboard/campaigns/bridge/groups").get_data(as_text=True)
    operator = client_of(app, someone(assembly, "operator", Grant(Role.OPERATOR)))
    assert operator.get("/dashboard/campaigns/bridge/groups").status_code == 403


def test_a_moderator_takes_down_what_somebody_is_seen_in(app: Flask, client: FlaskClient, assembly: Assembly) -> None:
    moderator = client_of(app, someone(assembly, "moderator", Grant(Role.MODERATOR)))
    page = client.get("/c/bridge/closed?language=en").get_data(as_text=True)
    picture = re.search(r'"(/c/bridge/files/[^"]+)"', page)
    assert picture is not None
    client.post("/c/bridge/remove/closed", data={"text": "I am in it."})
    listed = moderator.get("/dashboard/campaigns/bridge?language=en").get_data(as_text=True)
    assert "I am in it." in listed
    form = re.search(r'action="(/dashboard/campaigns/bridge/removals/\d+[^"]*)"', listed)
    token = re.search(r'name="csrf_token" value="([^"]+)"', listed)
    assert form is not None
    assert token is not None
    answer = moderator.post(form[1], data={"decision": "remove", "csrf_token": token[1]})
    assert answer.status_code == 303
    assert client.get("/c/bridge/closed").status_code == client.get(picture[1]).status_code == 404
    assert client.get("/c/bridge/market").status_code == 200
    publish(assembly)
    assert client.get("/c/bridge/closed").status_code == 200


def pressed(page: str) -> dict[str, str]:
    """What a form of this page sends beside what is typed."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def test_taking_part_on_the_web_is_the_same_conversation_and_its_cookie_ends_with_the_browser(
    client: FlaskClient, assembly: Assembly
) -> None:
    with assembly.engine.begin() as connection:
        row = Row("m1", "Amina Sefu", "Member", "", "north", "North", "mail", "a@b.example")
        given = representatives.List((row,), "tamani", "en", 0)
        representatives.take(connection, assembly.vault, given, NOW, "tests")
    assembly.live.refresh()
    assert "Set-Cookie" not in client.get("/c/bridge/act?language=en").headers
    begun = client.post("/c/bridge/act?language=en", data={"begin": "write"})
    assert "HttpOnly" in begun.headers["Set-Cookie"]
    assert "Expires" not in begun.headers["Set-Cookie"]
    page = begun.get_data(as_text=True)
    for typed, answer in (("Garuna", "Message to Amina Sefu"), ("1", "Send to Amina Sefu"), ("yes", "reads it first")):
        page = client.post("/c/bridge/act", data={**pressed(page), "text": typed}).get_data(as_text=True)
        assert answer in page
    page = client.post("/c/bridge/act?language=en", data={"begin": "pledge"}).get_data(as_text=True)
    for typed, answer in (("1", "Do you pledge this?"), ("yes", "show it on the page of this campaign")):
        page = client.post("/c/bridge/act", data={**pressed(page), "text": typed}).get_data(as_text=True)
        assert answer in page
    again = client.post("/c/bridge/act", data={**pressed(page), "nonce": "x" * 40, "text": "yes"})
    assert again.status_code == 400
    with assembly.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(letters)) == 1


def test_the_public_page_tells_what_people_do_in_bands(client: FlaskClient) -> None:
    page = client.get("/c/bridge?language=en").get_data(as_text=True)
    assert "Signatures: fewer than 10" in page
    assert "To sign, send SIGN from a phone or a chat" in page
    assert "To sign, send SIGN from a phone or a chat" in client.get("/c/bridge/act").get_data(as_text=True)
    assert "Pledges: fewer than 10; kept: fewer than 10" in page
    assert 'href="/c/bridge/act?language=en"' in page


def test_who_is_seen_in_a_deed_asks_for_its_removal_by_the_number_that_its_sender_got(
    assembly: Assembly, client: FlaskClient
) -> None:
    row = ids.rising()
    deed = {"id": row, "campaign": "bridge", "measure": "visit", "channel": "sms", "language": "en", "attempts": 0}
    with assembly.engine.begin() as connection:
        connection.execute(sa.insert(deeds).values(**deed, status="shown", made_at=NOW))
    assert client.get(f"/c/bridge/remove/{row}").status_code == 200
    assert client.post(f"/c/bridge/remove/{row}", data={"text": "I am in it."}).status_code == 200
    for none in ("\u00b2", "9" * 19, f"{row}1", "0", "-1"):
        assert client.get(f"/c/bridge/remove/{none}").status_code == 404
