"""What becomes of what people write, pledge and sign: moderated, limited, told, forgotten, joined."""

from __future__ import annotations

import sqlalchemy as sa

from channels.adapter import Status
from gateway.campaigns import pledges as kept
from gateway.campaigns import shelf
from gateway.campaigns.results import Reached, Results, results
from gateway.store.broadcast_tables import PLACE, broadcasts, profiles
from gateway.store.campaign_tables import deeds, letters, pledges, signatures
from gateway.store.schema import addresses, memberships, outbox, people
from surveys.gazetteer import Gazetteer
from tests.gateway.campaigns.conftest import BRIDGE, PLACES, Town

OWN = "Please open the bridge, my mother lives on the other side"


def test_own_words_wait_for_a_moderator_and_the_suggested_ones_go(town: Town) -> None:
    assert "Amina Sefu" in town.say(1, f"WRITE {OWN}", "North")
    assert "Somebody reads it first" in town.say(1, "yes")
    assert "It goes to Yusuf Tarik" in town.say(2, "WRITE", "Coast", "1", "yes")
    own, suggested = town.all(letters)
    assert (own.status, own.sealed_text, suggested.status) == ("waiting", None, "passed")
    (waits,) = town.desk.waiting()
    assert (waits.words["text"], waits.facts["to"]) == (OWN, "Amina Sefu, Member for the North")
    town.desk.approve(waits.id, {"text": "Please open the bridge"}, "moderator")
    passed = town.all(letters)[0]
    assert passed.status == "passed"
    assert town.vault.open_text(passed.sealed_text, "letter") == "Please open the bridge"


def test_what_is_refused_is_told_with_its_reason(town: Town) -> None:
    town.say(1, f"WRITE {OWN}", "North", "yes")
    (waits,) = town.desk.waiting()
    town.desk.refuse(waits.id, "It names somebody.", "moderator")
    assert town.told() == ["Your message to Amina Sefu was not passed on: It names somebody."]
    assert town.all(letters)[0].status == "refused"


def test_one_message_a_day_however_often_somebody_tries(town: Town) -> None:
    town.say(1, "WRITE", "North", "1", "yes")
    for _ in range(20):
        assert "written today" in town.say(1, "WRITE", "North", "1", "yes")
    assert len(town.all(letters)) == 1


def test_a_pledge_once_a_reminder_once_and_done(town: Town) -> None:
    assert "We will remind you" in town.say(1, "PLEDGE", "1", "yes")
    assert "pledged this" in town.say(1, "PLEDGE", "1", "yes")
    with town.engine.begin() as connection:
        assert kept.remind(connection, town.notices, town.now) == set()
        later = town.now + BRIDGE.measures[0].remind_after
        assert kept.remind(connection, town.notices, later) == {"sms"}
        assert kept.remind(connection, town.notices, later) == set()
    assert town.told() == ["You pledged: Cross together. When it is done, send KEPT. STOP: leave."]
    assert "once somebody has looked" in town.say(1, "KEPT we crossed with the baker", "yes")
    (waits,) = town.desk.waiting()
    town.desk.approve(waits.id, waits.words, "moderator")
    (deed,) = town.all(deeds)
    assert (deed.status, deed.text) == ("shown", "we crossed with the baker")
    assert town.told()[-1].endswith(f"/c/bridge/remove/{deed.id}")
    with town.engine.begin() as connection:
        kept.take_down(connection, "bridge", deed.id, "moderator", town.now)
    assert (town.all(deeds)[0].text, town.all(deeds)[0].status) == (None, "withdrawn")


def test_who_did_not_agree_to_show_it_is_counted_and_shown_nowhere(town: Town) -> None:
    town.say(1, "PLEDGE", "1", "yes", "KEPT", "we crossed", "no")
    assert (town.all(pledges)[0].status, town.all(deeds), town.desk.waiting()) == ("done", [], [])


def test_an_appeal_is_signed_once_and_counted_in_bands(town: Town) -> None:
    for person in range(9):
        assert town.say(person, "SIGN", "1", "yes") == "You have signed. Signatures: fewer than 10."
    assert "signed before" in town.say(1, "SIGN", "2", "Women of Duswari", "yes")
    assert "Signatures: 10+." in town.say(10, "SIGN", "2", "Women of Duswari", "yes")
    rows = town.all(signatures)
    assert len(rows) == 10
    assert "Signatures: 10+." in town.say(11, "SIGN", "1", "yes")  # the same: no total of one more
    assert b"Duswari" not in rows[-1].sealed_group


def test_a_topic_is_a_group_of_broadcasts(town: Town) -> None:
    town.say(1, "NEWS")
    town.say(2, "NEWS", "STOP bridgenews")
    assert [row.name for row in town.all(memberships)] == ["bridgenews"]


def test_stop_with_the_topic_takes_what_is_queued_of_it_and_results_say_who_was_reached_where(town: Town) -> None:
    for person in range(12):
        town.say(person, "NEWS")
    stay = [row.person for row in town.all(memberships)]
    town.say(20, "NEWS")
    (leaves,) = {row.person for row in town.all(memberships)} - {*stay}
    sent = {"source": "name: closed\ncampaign: bridge\npiece: closed\n", "status": "running", "seed": "", "by": "x"}
    sent |= {"id": 1, "name": "closed", "drawn_to": 0, "people": 13, "portion": 0, "started_at": town.now}
    one = {"address": None, "channel": "sms", "kind": "broadcast", "sealed_reply": b"x", "attempts": 0, "repeats": 0}
    one |= dict.fromkeys(("due_at", "created_at", "updated_at"), town.now)
    with town.engine.begin() as connection:
        connection.execute(sa.insert(broadcasts).values(sent))
        connection.execute(sa.update(people).values(language="sw"))
        for number, person in enumerate([*stay, leaves]):
            where = {"person": person, "fact": PLACE, "value": "garuna_town" if number else "coast"}
            connection.execute(sa.insert(profiles).values(where))
            status = Status.QUEUED if number == 12 else Status.DELIVERED if number < 11 else Status.SENT
            address = connection.scalar(sa.select(addresses.c.id).where(addresses.c.person == person))
            row = one | {"person": person, "address": address, "broadcast": 1, "status": status}
            connection.execute(sa.insert(outbox).values(row))
    assert "Mengine yanabaki" in town.say(20, "STOP bridgenews")
    (queued,) = [row for row in town.all(outbox) if row.broadcast and row.person == leaves]
    assert (queued.status, queued.error) == (Status.FAILED, "stopped")
    (reached,) = told(town, PLACES["tamani"]).broadcasts
    assert (reached.sent, reached.delivered) == (10, 10)
    assert reached.by_area == {"coast": Reached(0, 0), "north": Reached(10, 10)}
    assert reached.by_language == {"sw": Reached(10, 10)}


def test_what_came_from_browsers_is_told_apart(town: Town) -> None:
    for person in range(12):
        town.say(person, "PLEDGE", "1", "yes")
    known = town.all(people)[0].id
    with town.engine.begin() as connection:
        connection.execute(sa.update(pledges).where(pledges.c.person != known).values(channel="page"))
    pledged = told(town).pledged["cross"]
    assert (pledged.people, pledged.on_web, pledged.by_language) == (0, 10, {"en": 0})


def test_forgetting_takes_the_words_and_leaves_the_counts(town: Town) -> None:
    town.say(1, "WRITE", "North", "1", "yes", "SIGN", "2", "Women of Duswari", "yes", "PLEDGE", "1", "yes")
    town.say(1, "FORGET ME", "yes")
    (letter,), (signature,), (pledge,) = town.all(letters), town.all(signatures), town.all(pledges)
    assert (letter.status, letter.sealed_text) == ("withdrawn", None)
    assert (signature.sealed_group, pledge.status) == (None, "made")


def test_no_band_falls_because_somebody_left(town: Town) -> None:
    for person in range(10):
        town.say(person, "WRITE", "North", "1", "yes", "SIGN", "1", "yes", "PLEDGE", "1", "yes")
    before = told(town)
    assert (before.letters.people, before.signed.people, before.pledged["cross"].people) == (10, 10, 10)
    town.say(1, "FORGET ME", "yes")
    town.say(2, "STOP")
    assert told(town) == before


def told(town: Town, places: Gazetteer | None = None) -> Results:
    with town.engine.connect() as connection:
        campaign = shelf.find(connection, "bridge")
        assert campaign is not None
        return results(connection, campaign, places, {"page"})


def test_two_addresses_of_one_person_sign_and_pledge_once(town: Town) -> None:
    for person in (1, 2):
        town.say(person, "SIGN", "1", "yes", "PLEDGE", "1", "yes")
    code = town.say(1, "LINK").rpartition(" ")[2]
    assert "one person" in town.say(2, f"LINK {code}")
    assert (len(town.all(signatures)), len(town.all(pledges))) == (1, 1)


def test_what_was_done_stays_done_whichever_address_said_so(town: Town) -> None:
    for done, other in ((1, 2), (4, 3)):
        for person in (done, other):
            town.say(person, "PLEDGE", "1", "yes")
        town.say(done, "KEPT we crossed", "no")
        code = town.say(min(done, other), "LINK").rpartition(" ")[2]
        town.say(max(done, other), f"LINK {code}")
    assert [(row.status, row.done_at is not None) for row in town.all(pledges)] == [("done", True)] * 2


def test_nothing_readable_lies_in_the_tables(town: Town) -> None:
    town.say(1, f"WRITE {OWN}", "North", "yes")
    town.say(2, "WRITE", "Coast", "1", "yes")
    with town.engine.connect() as connection:
        for table in (letters, deeds, signatures):
            for row in connection.execute(sa.select(table)):
                assert not any(word in str(tuple(row)) for word in ("mother", "Please work", "700000"))
