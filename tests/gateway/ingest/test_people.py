"""One person: linked addresses, leaving, being forgotten, and a USSD session that nobody else can use."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from channels.adapter import Inbound, Typed
from gateway.ingest.rules import Rules
from gateway.store import schema
from gateway.store.erasing import farewell
from gateway.store.keys import Vault
from tests.conftest import Clock
from tests.gateway.ingest.conftest import CHAT, SMS, Gateway, number


def code_in(text: str) -> str:
    found = re.search(r"\d{6}", text)
    assert found
    return found[0]


def test_two_addresses_become_one_person_and_stop_holds_for_both(gateway: Gateway) -> None:
    gateway.send("PULSE", who=1)
    code = code_in(gateway.send("LINK", who=1))
    assert gateway.send(f"link {code}", who=2, channel=CHAT).startswith("Done")
    assert gateway.count(schema.people) == 1
    assert gateway.count(schema.addresses) == 2
    assert gateway.send("yes", who=2, channel=CHAT) == "Where do you live?"  # the conversation goes on there
    gateway.send("STOP", who=2, channel=CHAT)
    assert "come back" in gateway.send("north", who=1)


def test_earlier_answers_are_not_shown_and_of_two_conversations_in_one_survey_one_goes_on(gateway: Gateway) -> None:
    for text in ("PULSE", "yes", "north"):
        gateway.send(text, who=1)
    for text in ("PULSE", "yes"):
        gateway.send(text, who=2)
    code = code_in(gateway.send("LINK", who=1))
    linked = gateway.send(f"LINK {code}", who=2)
    assert "north" not in linked.lower()
    statuses = gateway.rows(
        sa.select(schema.conversations.c.status)
        .where(schema.conversations.c.flow.startswith("survey:"))
        .order_by(schema.conversations.c.started_at)
    )
    assert gateway.send("safer", who=2).startswith("Thank you")
    assert sorted(statuses) == [("active",), ("superseded",)]


def test_a_code_works_once_for_a_quarter_of_an_hour_and_not_for_its_owner(gateway: Gateway, clock: object) -> None:
    code = code_in(gateway.send("LINK", who=1))
    assert "not right" in gateway.send(f"LINK {code}", who=1)
    assert gateway.send(f"LINK {code}", who=2).startswith("Done")
    assert "not right" in gateway.send(f"LINK {code}", who=3)
    late = code_in(gateway.send("LINK", who=1))
    clock.advance(minutes=16)  # type: ignore[attr-defined]
    assert "too old" in gateway.send(f"LINK {late}", who=3)


def test_a_code_is_kept_with_the_address_that_asked_for_it(gateway: Gateway) -> None:
    gateway.send(f"LINK {code_in(gateway.send('LINK', who=1))}", who=2)
    asked = []
    for who in (1, 2):
        gateway.send("LINK", who=who)
        asked += gateway.rows(sa.select(schema.links.c.address))
    assert asked == gateway.rows(sa.select(schema.addresses.c.id).order_by(schema.addresses.c.id))


def test_guessing_a_code_ends_after_five_tries(gateway: Gateway) -> None:
    code = code_in(gateway.send("LINK", who=1))
    for guess in range(5):
        assert "not right" in gateway.send(f"LINK {(int(code) + guess + 1) % 1_000_000:06d}", who=2)
    assert "Too many" in gateway.send(f"LINK {code}", who=2)


def test_two_linked_addresses_that_write_at_once(gateway: Gateway) -> None:
    code = code_in(gateway.send("LINK", who=1))
    gateway.send(f"LINK {code}", who=2)
    gateway.send("PEACE", who=1)
    both = [Inbound("tel", number(who), Typed("1"), provider_id=f"both{who}") for who in (1, 2)]
    gateway.intake.take(SMS, both)
    assert gateway.count(schema.consents) == 1
    assert gateway.count(schema.answers) == 1


def test_forgetting_takes_the_words_and_the_address_and_leaves_the_counts(gateway: Gateway, vault: Vault) -> None:
    for text in ("PEACE", "1", "1", "1", "1", "3", "1", "1", "5", "1", "peace for all"):
        gateway.send(text)
    answered = gateway.count(schema.answers)
    gateway.send("FORGET ME")
    waited = gateway.count(schema.outbox, schema.outbox.c.status == 0)
    assert waited > 10
    assert "Deleted" in gateway.send("yes")
    waits = gateway.rows(sa.select(schema.outbox.c.kind).where(schema.outbox.c.sealed_reply != b""))
    assert len(waits) == 1  # the farewell
    assert gateway.count(schema.outbox, schema.outbox.c.error == "forgotten") == waited
    assert gateway.count(schema.answers) == answered
    assert gateway.count(schema.answers, schema.answers.c.sealed_text.is_not(None)) == 0
    assert gateway.count(schema.inbounds, schema.inbounds.c.sealed_content.is_not(None)) == 0
    for (sealed,) in gateway.rows(sa.select(schema.conversations.c.sealed_state)):
        assert isinstance(sealed, bytes)
        assert "peace for all" not in vault.open_text(sealed, "conversation")
    timers = gateway.rows(sa.select(schema.timers.c.kind, schema.timers.c.subject))
    assert [kind for kind, _ in timers] == ["farewell"]
    with gateway.engine.begin() as connection:
        farewell(connection, int(str(timers[0][1])))
    assert gateway.rows(sa.select(schema.addresses.c.sealed_address)) == [(b"",)]
    assert "hold nothing" in gateway.send("MINE")  # a stranger again


def test_a_session_retried_shows_the_same_screen_and_changes_nothing(gateway: Gateway) -> None:
    gateway.dial("")
    gateway.dial("1")
    first = gateway.dial("1*1")
    again = gateway.dial("1*1")
    assert first.screen == again.screen
    assert again.repeated
    assert gateway.count(schema.consents) == 1


def test_a_session_goes_on_at_the_next_dial_for_the_same_number_only(gateway: Gateway) -> None:
    for transcript in ("", "1", "1*1"):
        shown = gateway.dial(transcript)
    assert shown.screen.startswith("Where do you live?")
    assert gateway.dial("", session="s2").screen.startswith("Where do you live?")
    assert gateway.dial("", session="s3", who=2).screen.startswith("LANGUAGE")


def test_somebody_elses_session_id_opens_nothing(gateway: Gateway) -> None:
    for transcript in ("", "1", "1*1"):
        gateway.dial(transcript, session="shared")
    assert "Where do you live" not in gateway.dial("", session="shared", who=2).screen
    assert gateway.dial("", session="shared", who=2, code="*999#").repeated is False


def test_a_star_that_a_person_types_stays_part_of_the_answer(gateway: Gateway) -> None:
    for transcript in ("", "1", "1*1"):
        gateway.dial(transcript)
    wrong = gateway.dial("1*1*2*3")
    assert wrong.screen.startswith("We are not sure") or "did not understand" in wrong.screen
    assert gateway.count(schema.answers) == 0


def test_a_session_first_seen_in_the_middle_is_taken_apart(gateway: Gateway) -> None:
    assert gateway.dial("1*1").screen.startswith("Where do you live?")


def test_ussd_after_stop_works_and_pushes_nothing(gateway: Gateway) -> None:
    gateway.send("STOP")
    pushed = gateway.count(schema.outbox)
    for transcript in ("", "1", "1*1", "1*1*1"):
        shown = gateway.dial(transcript)
    assert shown.screen.startswith("Is it safer")
    assert gateway.count(schema.outbox) == pushed


def test_what_is_sent_right_after_forgetting_is_a_strangers(gateway: Gateway) -> None:
    gateway.send("PULSE")
    gateway.send("FORGET ME")
    at_once = [Inbound("tel", number(1), Typed(text), provider_id=text) for text in ("yes", "PULSE")]
    forgotten, anew = gateway.intake.take(SMS, at_once)
    assert forgotten.reply[0].text.startswith("Deleted")
    assert "Take part?" in anew.reply[0].text
    assert gateway.count(schema.people) == 2


def test_a_stranger_whom_another_process_makes_at_the_same_moment_is_one_person(
    postgres_engine: sa.Engine, vault: Vault, rules: Rules, clock: Clock
) -> None:
    gateway = Gateway(postgres_engine, vault, rules, clock)
    person = {"id": 7, "language": "", "stopped": False, "created_at": clock(), "seen_at": clock()}
    address = {
        "id": 7,
        "person": 7,
        "kind": "tel",
        "hmac": vault.fingerprint("tel", number(1)),
        "sealed_address": vault.seal(number(1), "address"),
        "channel": SMS.name,
    }
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(1) as pool, postgres_engine.connect() as other:
        with other.begin():
            other.execute(sa.insert(schema.people), person)
            other.execute(sa.insert(schema.addresses), address)
            said = pool.submit(gateway.send, "PULSE")
            while gateway.rows(waiting) == [(0,)]:
                pass
        assert "Take part?" in said.result(10)
    gateway.intake.close()
    assert gateway.rows(sa.select(schema.people.c.id)) == [(7,)]
    assert gateway.rows(sa.select(schema.conversations.c.person)) == [(7,)]
    heard = sa.select(schema.addresses.c.person, schema.inbounds.c.error).join_from(schema.inbounds, schema.addresses)
    assert gateway.rows(heard) == [(7, None)]


def test_mine_names_the_groups_and_counts_what_was_agreed_to_before_the_first_answer(
    gateway: Gateway, clock: Clock
) -> None:
    assert "hold nothing" in gateway.send("MINE")
    for text in ("PULSE", "yes"):
        gateway.send(text)
    with gateway.engine.begin() as connection:
        person = connection.scalar(sa.select(schema.people.c.id))
        for name in ("traders", "elders"):
            row = {"person": person, "name": name, "joined_at": clock()}
            connection.execute(sa.insert(schema.memberships), row)
    said = gateway.send("MINE")
    assert "0 answers in 1 poll." in said
    assert "groups: elders, traders; " in said
