"""The main job over HTTP, with the real processes and the providers' own SDKs, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import redis
import requests
import sqlalchemy as sa

from gateway.store import schema
from tests.e2e.conftest import Gateway, wait_for
from tests.loopback.server import Provider, Refuse, Throttle


def texts(provider: Provider, address: str) -> list[str]:
    return [taken.text for taken in provider.taken if taken.address == address]


def test_a_poll_over_every_provider(gateway: Gateway) -> None:
    """Each conversation goes by what the provider delivered; webhooks come twice, and once forged."""
    sms, whatsapp, chat = "+254711000001", "+254711000002", 711000003

    for number, text in enumerate(("PULSE", "yes", "coast", "less safe", "no")):
        for _ in range(2):
            assert gateway.at_sms(sms, text, f"at-{number}").status_code == 200
        wait_for(lambda wanted=number + 1: len(texts(gateway.at, sms)) == wanted, f"reply to {text!r}")
    said = texts(gateway.at, sms)
    assert "Take part?" in said[0]
    assert said[1].startswith("Where do you live?\n1. North\n2. Coast")
    assert said[3].startswith("Can you reach the next market safely?")
    assert said[4].startswith("Thank you")

    for number, text in enumerate(("PIGO", "ndiyo", "pwani")):
        for _ in range(2):
            answer = gateway.twilio_message(f"whatsapp:{whatsapp}", text, f"SM{number}", "twilio-whatsapp")
            assert "<Response" in answer.text
        wait_for(
            lambda wanted=number + 1: len(texts(gateway.twilio, f"whatsapp:{whatsapp}")) == wanted, f"reply to {text!r}"
        )
    assert "Je, kuna usalama" in texts(gateway.twilio, f"whatsapp:{whatsapp}")[2]
    assert gateway.twilio_message(sms, "PULSE", "SMx", token="forged").status_code == 403

    gateway.telegram_text(chat, "نبض")
    wait_for(lambda: len(texts(gateway.telegram, str(chat))) == 1, "reply on Telegram")
    pressed = gateway.telegram_press(chat, "consent:1")
    assert pressed.json()["method"] == "answerCallbackQuery"
    wait_for(lambda: len(texts(gateway.telegram, str(chat))) == 2, "reply to a button")
    gateway.telegram_text(chat, "٢")
    wait_for(lambda: len(texts(gateway.telegram, str(chat))) == 3, "reply to a text beside a button")
    assert "reply_markup" in gateway.taken(gateway.telegram)[0].fields

    assert gateway.count(schema.conversations) == 3
    assert gateway.count(schema.conversations, schema.conversations.c.status == "completed") == 1
    assert len(gateway.taken(gateway.at)) == 5
    assert len(gateway.taken(gateway.telegram)) == 3


def test_a_ussd_session_as_the_provider_accumulates_it(gateway: Gateway) -> None:
    number = "+254711000011"
    assert gateway.dial(number, "s1", "").startswith("CON LANGUAGE")
    assert gateway.dial(number, "s1", "1").endswith("1. Yes\n2. No")
    first = gateway.dial(number, "s1", "1*1")
    assert first == gateway.dial(number, "s1", "1*1")  # retried
    assert first.startswith("CON Where do you live?")
    assert gateway.dial(number, "s2", "").startswith("CON Where do you live?")  # broken off, dialled again
    assert gateway.dial("+254711000012", "s2", "").startswith("CON LANGUAGE")  # somebody else
    assert gateway.dial(number, "s2", "2").startswith("CON Is it safer")
    assert gateway.at_sms(number, "safer", "from-ussd").ok  # by SMS from here on
    wait_for(lambda: texts(gateway.at, number), "reply by SMS")
    assert texts(gateway.at, number)[0].startswith("Thank you")
    assert gateway.dial(number, "s3", "").startswith("END You have answered")


def test_the_web_form_without_a_script(gateway: Gateway) -> None:
    """As a browser behind TLS would: every hidden field goes back, and the cookie."""
    url = f"{gateway.url}/s/ussd_pulse"
    answer = requests.get(url, timeout=20)
    cookie: dict[str, str] = {}
    seen = []
    for field in ({}, {"key": "1"}, {"key": "2"}, {"key": "1"}):
        cookie |= dict(answer.cookies)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text))
        header = "; ".join(f"{name}={value}" for name, value in cookie.items())
        answer = requests.post(url, data=hidden | field, headers={"Cookie": header}, timeout=20)
        assert answer.ok
        seen.append(answer.text)
    assert "Take part?" in seen[0]
    assert "Where do you live?" in seen[1]
    assert "Thank you" in seen[3]
    assert gateway.count(schema.answers) == 2


def test_refusals_and_throttles_of_a_provider(gateway: Gateway) -> None:
    heard = gateway.at.heard
    gateway.at.will(Throttle(1), Refuse("403"))
    gateway.at_sms("+254711000021", "PULSE", "throttled")
    wait_for(lambda: gateway.at.heard >= heard + 2, "second try after the throttle")
    gateway.at_sms("+254711000022", "PULSE", "refused")
    wait_for(lambda: gateway.count(schema.outbox, schema.outbox.c.status == 6) == 1, "refused message")
    wait_for(lambda: len(gateway.taken(gateway.at)) == 1, "message of the other person")


def test_reports_move_a_message_forward_and_never_back(gateway: Gateway) -> None:
    gateway.at_sms("+254711000031", "PULSE", "reported")
    wait_for(lambda: gateway.taken(gateway.at), "message")
    message = gateway.taken(gateway.at)[0].id
    wait_for(lambda: gateway.count(schema.outbox, schema.outbox.c.status >= 3) == 1, "sent message")
    for status in ("Success", "Buffered", "Sent"):
        assert gateway.at_report(message, status).ok
    assert gateway.count(schema.outbox, schema.outbox.c.status == 5) == 1


def test_nothing_is_lost_or_doubled_when_parts_die(gateway: Gateway) -> None:
    """The worker killed, Redis flushed, and each webhook sent twice, while two hundred people begin a poll."""
    numbers = [f"+25471200{who:04d}" for who in range(200)]

    def begin(who: int) -> None:
        for _ in range(2):
            assert gateway.at_sms(numbers[who], "PULSE", f"begin-{who}").status_code == 200

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(begin, range(100)))
        gateway.kill("worker")
        redis.from_url(gateway.environ["REDIS_URL"]).flushall()
        list(threads.map(begin, range(100, 200)))
        gateway.start("worker", "worker")
    row = schema.outbox.c

    def arrived() -> set[str]:
        return {taken.address for taken in gateway.taken(gateway.at)}

    wait_for(lambda: len(arrived()) == 200 or gateway.count(schema.outbox, row.status < 2) == 0, "empty outbox")
    assert gateway.count(schema.conversations) == gateway.count(schema.outbox) == 200
    assert len(arrived()) >= 200 - gateway.count(schema.outbox, row.status == 2)
    # Sent twice only what the killed worker had in hand, and that is marked, or will be as its lease runs out.
    twice = len(gateway.taken(gateway.at)) - len(arrived())
    assert twice <= gateway.count(schema.outbox, sa.or_(row.status.in_([1, 2]), row.repeats > 0))


def test_nothing_that_is_written_names_anybody(gateway: Gateway, tmp_path: Path) -> None:
    """Canary numbers and words go through every channel, an open answer and the faults; then all that was written is
    searched: the database, the logs, Redis, and the files beside them."""
    number, words = "+254711777333", "canarywords from +254711999444"
    for place, text in enumerate(("PEACE", "1", "1", "1", "1", "3", "1", "1", "5", "1", words)):
        assert gateway.at_sms(number, text, f"c{place}").ok
    gateway.twilio_message(number, words, "SMc")
    gateway.twilio_message(number, words, "SMd", token="forged")
    gateway.telegram_text(711777333, words)
    for transcript in ("", "1", "1*+254711999444"):
        gateway.dial(number, "canary-session", transcript)
    gateway.at_sms("+254711777333", "\0canarywords", "bad")
    gateway.session.post(f"{gateway.url}/hooks/at-sms/wrong-token/incoming?x=+254711777333", timeout=20)
    wait_for(lambda: len(texts(gateway.at, number)) >= 11, "replies")
    assert gateway.count(schema.answers, schema.answers.c.sealed_text.is_not(None)) == 1

    written = {
        "logs": gateway.logs(),
        "redis": repr(_redis(gateway)),
        "database": _dump(gateway),
        "commands": subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout,
    }
    assert "PRAGMA" in written["database"] or "CREATE TABLE" in written["database"] or "inbounds" in written["database"]
    for name, text in written.items():
        for canary in ("711777333", "711999444", "canarywords", "e2e-at-hook-token", "e2e-telegram-hook-secret"):
            if (name, canary[:3]) != ("commands", "e2e"):
                assert canary not in text, f"{canary} in {name}"


def _redis(gateway: Gateway) -> list[object]:
    server = redis.from_url(gateway.environ["REDIS_URL"])
    return [(key, server.dump(key)) for key in server.scan_iter("*")]


def _dump(gateway: Gateway) -> str:
    """Every table, as a back-up would hold it; for SQLite the bytes of its files too."""
    url = gateway.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        files = [file.read_bytes().decode("latin-1") for file in path.parent.glob(f"{path.name}*")]
        assert files
        return "".join(files)
    found = subprocess.run(
        ["pg_dump", "--inserts", "--dbname", url.replace("+psycopg", "")], check=True, capture_output=True, text=True
    )
    return found.stdout
