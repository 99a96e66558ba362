"""The page that shows operators how sending is; and /metrics with its token."""

from __future__ import annotations

import sqlalchemy as sa

from channels.adapter import Status
from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.store.schema import addresses, audit, outbox, people, spending
from gateway.web.app import create_app
from tests.conftest import Clock
from tests.web.accounts import client_of, hidden, someone
from tests.web.conftest import Make

PAGE = "/dashboard/operations"


def lose(assembly: Assembly) -> None:
    now = assembly.clock()
    sealed = assembly.vault.seal("[]", "reply")
    with assembly.engine.begin() as connection:
        connection.execute(sa.insert(people).values(id=1, created_at=now, seen_at=now))
        connection.execute(
            sa.insert(addresses).values(id=1, person=1, kind="tel", hmac=b"1", sealed_address=b"", channel="phone-sms")
        )
        for status, error in ((6, "402: <b>No.</b>"), (2, "timeout: No answer."), (0, None)):
            row = {"person": 1, "address": 1, "channel": "phone-sms", "kind": "reply", "sealed_reply": sealed}
            times = dict.fromkeys(("due_at", "created_at", "updated_at"), now)
            connection.execute(sa.insert(outbox).values(**row, **times, status=status, error=error))
        day = now.astimezone(assembly.settings.quiet_hours.timezone).date().isoformat()
        connection.execute(
            sa.insert(spending).values(
                day=day, channel="phone-sms", currency="KES", shard=0, messages=2, segments=3, millionths=2_400_000
            )
        )


def test_what_was_lost_is_shown_by_reason_and_sent_again_at_a_word(make_assembly: Make, clock: Clock) -> None:
    assembly = make_assembly(clock, BARAZA_DEMO="1")
    lose(assembly)
    client = client_of(create_app(assembly), someone(assembly, "olga", Grant(Role.OPERATOR)))
    text = client.get(PAGE).text
    assert "402: &lt;b&gt;No.&lt;/b&gt;" in text
    assert "KES 2.40" in text
    assert "No worker is running" in text
    assert client.get(f"{PAGE}?language=ar").text.count('dir="rtl"') >= 1
    form = {
        "csrf_token": hidden(text, "csrf_token"),
        "channel": "phone-sms",
        "status": "6",
        "reason": "402: <b>No.</b>",
    }
    assert client.post(PAGE, data=form).status_code == 409  # not without the tick
    assert client.post(PAGE, data=form | {"sure": "yes"}).status_code == 303
    with assembly.engine.connect() as connection:
        statuses = sorted(connection.scalars(sa.select(outbox.c.status)))
        noted = connection.execute(sa.select(audit.c.who, audit.c.subject).where(audit.c.what == "send again")).all()
    assert statuses == [Status.QUEUED, Status.QUEUED, Status.UNKNOWN]
    assert [tuple(row) for row in noted] == [("olga", "outbox 1")]


def test_metrics_need_the_token_outside_the_demonstration(make_assembly: Make, clock: Clock) -> None:
    assembly = make_assembly(clock, BARAZA_METRICS_TOKEN="new-one, old-one")
    lose(assembly)
    client = client_of(create_app(assembly))
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    for token in ("new-one", "old-one"):
        text = client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text
        assert 'baraza_lost{channel="phone-sms",status="unknown"} 1.0' in text
        assert 'baraza_spent_today{currency="KES"} 2.4' in text
