"""The simulated phones' own endpoints: what a number was sent on these channels, and what it costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.assembly import Assembly
from tests.web.conftest import TOKEN

NUMBER, OTHER = "+254799000001", "+254799000002"


def write(client: FlaskClient, channel: str, number: str, **content: str) -> None:
    body = {"from": number, "id": f"id-{len(content)}-{abs(hash(json.dumps(content)))}-{number[1:]}", **content}
    assert client.post(f"/hooks/{channel}/{TOKEN}/incoming", json=body).status_code == 200


def read(client: FlaskClient, channel: str, number: str, after: int = 0) -> list[dict[str, Any]]:
    answer = client.post("/phone/messages", json={"channel": channel, "number": number, "after": after})
    assert answer.status_code == 200
    return list(answer.json["messages"])


def deliver(assembly: Assembly) -> None:
    assembly.delivery().drain()


def test_a_message_is_shown_when_it_was_sent(demo_client: FlaskClient, demo_assembly: Assembly) -> None:
    write(demo_client, "phone-sms", NUMBER, text="PEACE")
    assert read(demo_client, "phone-sms", NUMBER) == []
    deliver(demo_assembly)
    (message,) = read(demo_client, "phone-sms", NUMBER)
    assert "Take part?" in message["parts"][0]["text"]
    assert message["cost"].endswith("GSM-7")
    assert message["cost"].startswith("2 SMS: ")
    assert read(demo_client, "phone-sms", NUMBER, after=message["id"]) == []


def test_another_number_and_another_channel_see_nothing(demo_client: FlaskClient, demo_assembly: Assembly) -> None:
    write(demo_client, "phone-sms", NUMBER, text="PEACE")
    deliver(demo_assembly)
    assert read(demo_client, "phone-sms", OTHER) == []
    assert read(demo_client, "phone-chat", NUMBER) == []


def test_a_chat_has_buttons_that_work(demo_client: FlaskClient, demo_assembly: Assembly) -> None:
    write(demo_client, "phone-chat", NUMBER, text="AMANI")
    deliver(demo_assembly)
    (message,) = read(demo_client, "phone-chat", NUMBER)
    (row,) = message["parts"][0]["buttons"]
    assert [button["data"] for button in row] == ["consent:1", "consent:2"]
    write(demo_client, "phone-chat", NUMBER, press=row[0]["data"])
    deliver(demo_assembly)
    assert "Unaishi wapi?" in read(demo_client, "phone-chat", NUMBER, message["id"])[0]["parts"][0]["text"]


@pytest.mark.parametrize(
    ("text", "cost"),
    [("Where do you live?", "One screen: 18 of 160, GSM-7"), ("أين تسكن؟", "One screen: 9 of 70, UCS-2")],
)
def test_a_screen_is_measured_in_its_own_encoding(demo_client: FlaskClient, text: str, cost: str) -> None:
    answer = demo_client.post("/phone/measure", json={"channel": "phone-ussd", "text": text})
    assert answer.json == {"cost": cost}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"channel": "web", "number": NUMBER, "after": 0}, 404),
        ({"channel": "nothing", "number": NUMBER, "after": 0}, 404),
        ({"channel": "phone-sms", "number": "nobody", "after": 0}, 400),
        ({"channel": "phone-sms", "number": NUMBER, "after": "x"}, 400),
        ([], 400),
    ],
)
def test_what_is_no_phone_is_refused(demo_client: FlaskClient, body: object, status: int) -> None:
    assert demo_client.post("/phone/messages", json=body).status_code == status
