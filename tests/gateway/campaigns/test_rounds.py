"""Messages to representatives on their way: singly and in batches, by mail and SMS, without a number, each once."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from channels.adapter import Ambiguous, Outbound, Permanent, Retryable, Sent
from gateway.campaigns import pledges
from gateway.campaigns.rounds import Rounds, Ways
from gateway.mail_settings import Mail
from gateway.moderation.desk import DeskError
from gateway.results.mail import Note, poster
from gateway.store.campaign_tables import campaign_media, deeds, letters, representatives
from tests.gateway.campaigns import made
from tests.gateway.campaigns.conftest import TEXTS, Town
from tests.gateway.results.test_orders import Server, server

__all__ = ["server"]

SUGGESTED = "Please work for opening the Duswari bridge on market days, without arms, for everybody."


@dataclass
class Post:
    """A mail server and an SMS provider; what goes wrong next stands in `wrong`."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[Exception] = field(default_factory=list)

    def mail(self, subject: str, text: str, to: str) -> None:
        if self.wrong:
            raise self.wrong.pop(0)
        self.sent.append((subject, text, to))

    def send(self, outbound: Outbound) -> Sent:
        self.mail("", outbound.reply[0].text, outbound.address)
        return Sent("taken")


@pytest.fixture
def post() -> Post:
    return Post()


Run = Callable[[], int]


@pytest.fixture
def run(town: Town, post: Post) -> Run:
    rounds = Rounds(town.engine, town.notices, Ways(post.mail, post), lambda: town.now, lambda _: None)
    return rounds.run


def change(town: Town, **values: object) -> None:
    with town.engine.begin() as connection:
        connection.execute(sa.update(representatives).values(**values))


def states(town: Town) -> list[str]:
    return [row.status for row in town.all(letters)]


def test_one_by_one_to_the_right_address_and_the_sender_is_told(town: Town, post: Post, run: Run) -> None:
    town.say(1, "WRITE", "North", "1", "yes")
    town.say(2, "WRITE", "Coast", "1", "yes")
    assert run() == 2
    assert run() == 0
    (subject, text, to), (_, _, other) = sorted(post.sent, key=lambda one: one[2])
    assert (to, other) == ("amina.sefu@assembly.example", "yusuf.tarik@assembly.example")
    assert subject == "Messages from North: One bridge, both banks (1)"
    assert text.endswith(SUGGESTED)
    assert not any(digits in str(post.sent) for digits in ("700000", "+254"))
    assert town.told() == ["Your message went to Amina Sefu.", "Your message went to Yusuf Tarik."]
    assert states(town) == ["sent", "sent"]


def test_in_batches_the_same_words_stand_once_with_their_number(town: Town, post: Post, run: Run) -> None:
    change(town, batch_hours=24)
    for person in range(3):
        town.say(person, "WRITE", "North", "1", "yes")
    assert run() == 0
    town.now += timedelta(hours=24)
    assert run() == 1
    assert post.sent[0][0].endswith("(3)")
    assert f"3 x\n{SUGGESTED}" in post.sent[0][1]
    assert states(town) == ["sent"] * 3


def test_by_sms(town: Town, post: Post, run: Run) -> None:
    number = "+254" + "700999999"
    change(town, way="sms", sealed_contact=town.vault.seal(number, "representative"))
    town.say(1, "WRITE", "North", "1", "yes")
    assert run() == 1
    assert post.sent == [("", f'From North on "One bridge, both banks", 1: / {SUGGESTED}', number)]


def test_as_many_go_into_one_sms_as_a_provider_takes(town: Town, post: Post, run: Run) -> None:
    change(town, way="sms", batch_hours=24, sealed_contact=town.vault.seal("+254" + "700999999", "representative"))
    for person in (1, 2, 3):
        town.say(person, "WRITE", "North", f"{person} says: please open the bridge. " + "Please. " * 40, "yes")
    for one in town.desk.waiting():
        town.desk.approve(one.id, {}, "amina")
    town.now += timedelta(hours=24)
    while run():
        pass
    assert [len(text) < 700 for _, text, _ in post.sent] == [True] * 3
    assert states(town) == ["sent"] * 3


def test_who_has_several_in_one_batch_is_told_once(town: Town, post: Post, run: Run) -> None:
    change(town, batch_hours=24)
    for person in (1, 2):
        town.say(person, "WRITE", "North", "1", "yes")
    writer = town.all(letters)[0].person
    with town.engine.begin() as connection:
        connection.execute(sa.update(letters).values(person=writer))
    town.now += timedelta(hours=24)
    run()
    assert town.told() == ["Your message went to Amina Sefu."]


def test_what_fails_for_now_is_tried_again_and_what_nobody_knows_is_not(town: Town, post: Post, run: Run) -> None:
    post.wrong = [smtplib.SMTPConnectError(421, b"busy"), Retryable("later", "x")]
    town.say(1, "WRITE", "North", "1", "yes")
    for expected in ("passed", "passed", "sent"):
        run()
        assert states(town) == [expected]
        town.now += timedelta(hours=1)
    post.wrong = [TimeoutError(), Ambiguous("?", "x"), Permanent("no", "x")]
    for person in (2, 3, 4):
        town.say(person, "WRITE", "North", "1", "yes")
        run()
    assert states(town)[1:] == ["unknown", "unknown", "failed"]
    assert town.told()[-1] == "Your message to Amina Sefu could not be delivered."


def test_what_a_worker_did_not_live_to_record_is_not_sent_again(town: Town, post: Post, run: Run) -> None:
    town.say(1, "WRITE", "North", "1", "yes")
    with town.engine.begin() as connection:
        left = {"status": "sending", "leased_until": town.now + timedelta(minutes=5)}
        connection.execute(sa.update(letters).values(left))
    assert run() == 0
    town.now += timedelta(minutes=6)
    assert run() == 0
    assert (states(town), post.sent) == (["unknown"], [])


def test_without_a_mail_server_they_wait(town: Town) -> None:
    town.say(1, "WRITE", "North", "1", "yes")
    rounds = Rounds(town.engine, town.notices, Ways(None, None), lambda: town.now, lambda _: None)
    assert rounds.run() == 0
    assert states(town) == ["passed"]


def test_who_was_forgotten_in_between_is_not_passed_on(town: Town, post: Post, run: Run) -> None:
    town.say(1, "WRITE", "North", "1", "yes", "FORGET ME", "yes")
    assert run() == 0
    assert post.sent == []


def test_the_frame_is_in_the_representative_s_language(town: Town, post: Post, run: Run) -> None:
    change(town, language="ar")
    town.say(1, "WRITE", "North", "1", "yes")
    run()
    assert post.sent[0][0] == TEXTS.say("letter_subject", "ar", area="North", title="جسر واحد لضفتين", count=1)


@dataclass
class Store:
    """A provider that keeps what people attach."""

    content: bytes
    wrong: list[Exception] = field(default_factory=list)

    def fetch(self, reference: str, most: int) -> bytes:
        if self.wrong:
            raise self.wrong.pop(0)
        assert reference == "AgAC-photo"
        return self.content


def test_a_picture_of_a_kept_pledge_is_fetched_cleaned_and_looked_at_before_others_see_it(town: Town) -> None:
    store = Store(made.jpeg(), [Retryable("later", "x")])
    rounds = Rounds(town.engine, town.notices, Ways(None, None, {"sms": store}), lambda: town.now, lambda _: None)
    town.say(1, "PLEDGE", "1", "yes", "KEPT")
    town.attach(1, "AgAC-photo")
    town.say(1, "yes")
    rounds.run()
    assert [row.status for row in town.all(deeds)] == ["fetching"]
    assert town.desk.waiting() == []  # nobody lets out what they did not see
    town.now += timedelta(hours=1)
    rounds.run()
    (deed,) = town.all(deeds)
    assert (deed.status, deed.sealed_reference) == ("waiting", None)
    files = [row for row in town.all(campaign_media) if row.file == deed.file]
    assert files
    assert not any(b"Canary" in bytes(row.content) for row in files)
    with town.engine.connect() as connection:
        assert pledges.picture_of(connection, deed.id)
    (waits,) = town.desk.waiting()
    with pytest.raises(DeskError, match="words"):  # a moderator says what is to be seen
        town.desk.approve(waits.id, {}, "moderator")
    town.desk.refuse(waits.id, "It shows a child.", "moderator")
    assert town.all(campaign_media) == []


@pytest.mark.parametrize("words", ["", "we crossed"])
def test_who_sent_what_is_no_picture_is_told_where_to_send_one(town: Town, words: str) -> None:
    ways = Ways(None, None, {"sms": Store(b"<script>")})
    rounds = Rounds(town.engine, town.notices, ways, lambda: town.now, lambda _: None, "https://polls.example.org")
    town.say(1, "PLEDGE", "1", "yes", "KEPT")
    town.attach(1, "AgAC-photo", words)
    town.say(1, "yes")
    rounds.run()
    rounds.run()
    (told,) = town.told()
    assert told.startswith("We could not take your picture.")
    assert "https://polls.example.org/c/bridge/kept" in told
    # Words go on without it; where there are none, nothing is left to look at.
    assert [one.words["text"] for one in town.desk.waiting()] == [words] * bool(words)
    (deed,) = town.all(deeds)
    assert (deed.status, deed.sealed_reference) == ("waiting" if words else "refused", None)
    assert town.all(campaign_media) == []


def test_what_does_not_open_any_more_holds_nobody_else_up(town: Town, post: Post) -> None:
    store = Store(made.jpeg())
    rounds = Rounds(town.engine, town.notices, Ways(post.mail, post, {"sms": store}), lambda: town.now, lambda _: None)
    town.say(1, "PLEDGE", "1", "yes", "KEPT")
    town.attach(1, "AgAC-photo")
    town.say(1, "yes")
    town.say(1, "WRITE", "North", "1", "yes")
    town.say(2, "WRITE", "Coast", "1", "yes")
    first = town.all(letters)[0].id
    with town.engine.begin() as connection:
        connection.execute(sa.update(deeds).values(sealed_reference=b"lost"))
        connection.execute(sa.update(letters).where(letters.c.id == first).values(sealed_text=b"lost"))
    assert rounds.run() == 1
    assert [row.status for row in town.all(deeds)] == ["refused"]
    assert states(town) == ["passed", "sent"]


def test_a_mail_server_takes_them_at_its_second_word(town: Town, server: Server) -> None:
    settings = Mail(host="127.0.0.1", port=server.server_address[1], security="none", sender="polls@example.org")
    post = poster(settings, "")
    assert post is not None
    ways = Ways(lambda subject, text, to: post(Note(subject, text), to), None)
    rounds = Rounds(town.engine, town.notices, ways, lambda: town.now, lambda _: None)
    server.busy = 1
    town.say(1, "WRITE", "North", "1", "yes")
    rounds.run()
    assert (server.mails, states(town)) == ([], ["passed"])
    town.now += timedelta(minutes=10)
    rounds.run()
    (mail,) = server.mails
    assert (mail["To"], mail["From"]) == ("amina.sefu@assembly.example", "polls@example.org")
    assert mail["Subject"] == "Messages from North: One bridge, both banks (1)"
    assert SUGGESTED in mail.get_content().replace("\n", " ")
    assert "700000" not in mail.as_string()
    assert states(town) == ["sent"]
