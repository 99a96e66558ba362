from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from channels.adapter import Status
from gateway.retention_settings import Retention
from gateway.store.broadcast_tables import broadcasts, recipients
from gateway.store.campaign_tables import campaigns, letters, representatives, signatures
from gateway.store.group_tables import group_invitations, groups, space_invitations, space_posts, spaces
from gateway.store.incentive_tables import incentives
from gateway.store.moderation_tables import submissions
from gateway.store.poll_tables import polls
from gateway.store.results_tables import order_tries, orders, posts
from gateway.store.retention import BATCH, RULES, purge
from gateway.store.schema import (
    addresses,
    audit,
    early_reports,
    inbounds,
    invitations,
    link_tries,
    links,
    outbox,
    people,
    releases,
    sessions,
    sign_in_tries,
    timers,
    users,
    ussd_sessions,
)

if TYPE_CHECKING:
    from datetime import datetime

    from tests.conftest import Clock

KEEP = Retention()
NOTED = sum(not rule.hushed for rule in RULES)


@pytest.fixture
def filled(engine: sa.Engine, clock: Clock) -> sa.Engine:
    """Of each kind of row one just made and one that is 1000 days old, and messages that are still to be sent."""
    with engine.begin() as connection:
        old, new = clock() - timedelta(days=1000), clock()
        connection.execute(people.insert(), {"id": 1, "created_at": old, "seen_at": new})
        address = {"id": 1, "person": 1, "kind": "tel", "hmac": b"1", "sealed_address": b"x", "channel": "sms"}
        connection.execute(addresses.insert(), address)
        connection.execute(users.insert(), {"id": 1, "name": "amina", "created_at": old})
        for number, at in enumerate((old, new), start=1):
            name = str(number)
            rows: dict[sa.Table, Any] = {
                inbounds: {"channel": "sms", "provider_id": name, "received_at": at, "sealed_content": b"x"},
                ussd_sessions: {
                    "id": number,
                    "channel": "ussd",
                    "session": name.encode(),
                    "person": 1,
                    "sealed_state": b"x",
                    "updated_at": at,
                },
                early_reports: {"channel": "sms", "provider_id": name, "status": Status.SENT, "at": at},
                links: {"person": 1, "address": 1, "code": name.encode(), "expires_at": at},
                link_tries: {"person": 1, "at": at},
                order_tries: {"user": 1, "at": at},
                timers: {"kind": "x", "subject": name, "due_at": at, "stale_after": at, "fired_at": at},
                sessions: {"user": 1, "token": name.encode(), "started_at": at, "seen_at": at, "expires_at": at},
                invitations: {"user": 1, "token": name.encode(), "expires_at": at},
                sign_in_tries: {"account": b"x", "address": b"x", "at": at},
            }
            for table, row in rows.items():
                connection.execute(table.insert(), row)
            results(connection, number, at)
            sent_in(connection, at)
            said(connection, number, at)
            for status in Status:
                row = message(status) | {"due_at": at, "created_at": at, "updated_at": at}
                connection.execute(outbox.insert(), row)
    return engine


def results(connection: sa.Connection, number: int, at: datetime) -> None:
    """A broadcast that ended then, an incentive that arrived, a digest that was handed out; and somebody's order, who
    was disabled then."""
    told = {"source": "", "status": "done", "seed": "", "drawn_to": 0, "people": 1, "portion": 0, "by": "amina"}
    broadcast = {"id": number, "name": f"b{number}", "started_at": at, "ended_at": at}
    connection.execute(broadcasts.insert(), told | broadcast)
    drawn = {"broadcast": number, "channel": "sms", "draw": 1, "person": 1, "address": 1, "cell": "north"}
    connection.execute(recipients.insert(), drawn)
    paid = {"person": 1, "address": 1, "channel": "sms", "currency": "KES", "millionths": 1, "status": "delivered"}
    one = {"poll": f"p{number}", "mark": b"x", "key": str(number), "provider_id": str(number)}
    connection.execute(incentives.insert(), paid | one | {"due_at": at, "created_at": at, "updated_at": at})
    order = {"survey": "water", "every": "daily", "language": "en", "made_at": at}
    if number == 1:
        connection.execute(users.insert(), {"id": 2, "name": "bo", "created_at": at, "disabled_at": at})
        connection.execute(orders.insert(), [order | {"id": user, "user": user} for user in (1, 2)])
    release = {"id": number, "survey": "water", "made_at": at, "findings": {}}
    connection.execute(releases.insert(), release)
    connection.execute(posts.insert(), {"for_order": 1, "release": number, "status": "sent", "due_at": at, "at": at})


def said(connection: sa.Connection, number: int, at: datetime) -> None:
    """A post in a closed space, and invitations to it and to a group that expired then."""
    if number == 1:
        group = {"id": 1, "name": "g", "kind": "women", "texts": {}, "place": "", "made_at": at}
        connection.execute(groups.insert(), group)
        connection.execute(spaces.insert(), {"id": "s", "sealed_name": b"x", "made_at": at})
    connection.execute(space_posts.insert(), {"space": "s", "user": 1, "sealed_text": b"x", "at": at})
    connection.execute(space_invitations.insert(), {"space": "s", "token": str(number).encode(), "expires_at": at})
    invitation = {"group": 1, "number": str(number).encode(), "role": "member", "made_at": at, "expires_at": at}
    connection.execute(group_invitations.insert(), invitation)


def sent_in(connection: sa.Connection, at: datetime) -> None:
    """Letters that were sent, failed and wait since then, of one representative; and what a moderator decided."""
    if connection.scalar(sa.select(sa.func.count()).select_from(campaigns)) == 0:
        out = {"status": "published", "source": "", "draft": "", "changed_at": at, "by": "amina"}
        connection.execute(campaigns.insert(), [out | {"name": name} for name in ("bridge", "springs")])
        who = dict.fromkeys(("code", "name", "post", "organization", "gazetteer", "place", "area", "language"), "x")
        connection.execute(
            representatives.insert(), who | {"id": 1, "way": "mail", "sealed_contact": b"x", "batch_hours": 0}
        )
    written = {"campaign": "bridge", "representative": 1, "person": 1, "sealed_text": b"x", "suggested": False}
    written |= {"language": "en", "place": "", "channel": "sms", "made_at": at, "decided_at": at, "attempts": 0}
    for status, sent in (("sent", at), ("failed", None), ("passed", None)):
        connection.execute(letters.insert(), written | {"status": status, "sent_at": sent})
    signed = connection.scalar(sa.select(sa.func.count()).select_from(signatures))
    group = {"campaign": "springs" if signed else "bridge", "person": 1, "kind": "women", "sealed_group": b"x"}
    connection.execute(signatures.insert(), group | {"place": "", "language": "en", "channel": "sms", "at": at})
    waits = {"kind": "letter", "subject": 1, "person": 1, "sealed_words": b"x", "facts": {}, "language": "en"}
    waits |= {"needed": 1, "made_at": at}
    connection.execute(submissions.insert(), waits | {"status": "waiting"})
    connection.execute(submissions.insert(), waits | {"status": "refused", "decided_at": at, "sealed_reason": b"x"})


def message(status: Status) -> dict[str, Any]:
    return {"person": 1, "address": 1, "channel": "sms", "kind": "reply", "sealed_reply": b"x", "status": status}


def test_what_is_old_goes_and_what_is_new_stays(filled: sa.Engine, clock: Clock) -> None:
    counts = purge(filled, KEEP, clock())
    assert counts == {
        "inbounds.sealed_content": 1,
        "outbox.sealed_reply": 5,
        "letters.sealed_text": 2,
        "submissions.sealed_words": 1,
        "ussd_sessions": 1,
        "early_reports": 1,
        "links": 1,
        "link_tries": 1,
        "digest_order_tries": 1,
        "timers": 1,
        "sessions": 1,
        "invitations": 1,
        "sign_in_tries": 1,
        "broadcast_people.cell": 1,
        "broadcast_people": 1,
        "digest_posts": 1,
        "digest_orders": 1,
        "group_invitations": 1,
        "space_posts": 1,
        "space_invitations": 1,
        "signatures.sealed_group": 1,
        "incentives.provider_id": 1,
    }
    with filled.connect() as connection:
        contents = connection.execute(sa.select(inbounds.c.provider_id, inbounds.c.sealed_content)).all()
        assert sorted(map(tuple, contents)) == [("1", None), ("2", b"x")]
        emptied = sa.select(outbox.c.status).where(sa.func.length(outbox.c.sealed_reply) == 0)
        assert set(connection.scalars(emptied)) == set(Status) - {Status.QUEUED, Status.SENDING}
        assert set(connection.scalars(sa.select(incentives.c.provider_id))) == {None, "2"}
        for rule in RULES:
            kept = connection.scalar(sa.select(sa.func.count()).select_from(rule.table))
            stay = {inbounds: 2, incentives: 2, outbox: 2 * len(Status), letters: 6, submissions: 4, signatures: 2}
            assert kept == stay.get(rule.table, 1), rule.name


def test_it_writes_down_what_it_did(filled: sa.Engine, clock: Clock) -> None:
    purge(filled, KEEP, clock())
    with filled.connect() as connection:
        rows = connection.execute(sa.select(audit.c.who, audit.c.what, audit.c.subject, audit.c.at)).all()
    assert len(rows) == NOTED
    assert ("system", "purge", "outbox.sealed_reply 5", clock()) in rows


def test_a_second_run_finds_nothing_and_says_nothing(filled: sa.Engine, clock: Clock) -> None:
    purge(filled, KEEP, clock())
    assert set(purge(filled, KEEP, clock()).values()) == {0}
    with filled.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(audit)) == NOTED


def test_nothing_goes_a_moment_early(filled: sa.Engine, clock: Clock) -> None:
    purge(filled, KEEP, clock())
    clock.advance(days=KEEP.payload_days)
    assert purge(filled, KEEP, clock())["inbounds.sealed_content"] == 0
    clock.advance(microseconds=1)
    assert purge(filled, KEEP, clock())["inbounds.sealed_content"] == 1


def test_whom_a_broadcast_went_to_is_known_while_its_poll_is_open(filled: sa.Engine, clock: Clock) -> None:
    poll = {"name": "water", "status": "open", "hash": "h", "wave": 1, "invite": "everybody", "by": "amina"}
    with filled.begin() as connection:
        connection.execute(polls.insert(), poll | {"opened_at": clock()})
        connection.execute(broadcasts.update().values(poll="water"))
    assert purge(filled, KEEP, clock())["broadcast_people"] == 0
    with filled.begin() as connection:
        connection.execute(polls.update().values(closed_at=clock()))
    assert purge(filled, KEEP, clock())["broadcast_people"] == 0
    assert purge(filled, KEEP, clock.advance(days=366))["broadcast_people"] == 2


def test_more_than_one_batch(engine: sa.Engine, clock: Clock) -> None:
    number = 2 * BATCH + 7
    with engine.begin() as connection:
        connection.execute(early_reports.insert(), [report(clock, n) for n in range(number)])
    clock.advance(days=30)
    assert purge(engine, KEEP, clock())["early_reports"] == number
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(audit)) == 3


def report(clock: Clock, number: int) -> dict[str, Any]:
    return {"channel": "sms", "provider_id": str(number), "status": Status.SENT, "at": clock()}


def test_every_setting_of_retention_has_its_rule() -> None:
    each_another = Retention().model_copy(update={name: n for n, name in enumerate(Retention.model_fields)})
    assert {rule.days(each_another) for rule in RULES} == set(range(len(Retention.model_fields)))
