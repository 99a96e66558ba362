"""Digests handed out: into the outbox, and to a mail server of these tests."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
import sqlalchemy as sa

from analysis.raised import Carried, Concern, Raised
from channels.adapter import Channel
from gateway.accounts import users
from gateway.accounts.roles import Grant, Role
from gateway.mail_settings import Mail
from gateway.polls import Poll, Polls
from gateway.results import orders
from gateway.results.mail import poster
from gateway.results.rounds import AGAIN, Rounds
from gateway.store import replies, schema
from gateway.store.keys import Vault
from gateway.store.poll_tables import polls
from gateway.store.quote_tables import raised, wanted
from gateway.store.results_tables import posts
from surveys.codebook import Code, Codebook
from surveys.model import Choice, Question, Survey

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
SURVEY = Survey(
    name="talks",
    hash="abc123",
    title={"en": "Talks\r\nBcc: x@example.org"},
    languages=("en",),
    keywords={"en": ("talks",)},
    sender={"en": "us"},
    consent_version="1",
    consent={"en": "?"},
    thanks={"en": "!"},
    questions=(
        Question(
            "first", "one-of", {"en": "First?"}, "p", (Choice("water", {"en": "Water"}), Choice("land", {"en": "Land"}))
        ),
    ),
)
CHANNELS = {
    "sms": Channel("sms", "phone", "sms"),
    "chat": Channel("chat", "phone", "chat"),
}


class Server(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a mail needs. `busy` answers so many first mails with a temporary no."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails: list[EmailMessage] = []
        self.busy = 0


class Session(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self._say("220 loopback")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"EHLO" | b"HELO":
                    self._say("250 loopback")
                case b"DATA":
                    self._data()
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 ok")

    def _data(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        if self.server.busy:
            self.server.busy -= 1
            self._say("451 later")
            return
        self.server.mails.append(email.message_from_bytes(b"".join(lines), policy=default))  # type: ignore[arg-type]
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


RAISED = Raised((Concern("K2", {"en": "Open the well again"}, 20, (), (), (), None, Carried()),), Carried(), 10, NOW)


class Gateway:
    """A poll with 40 answers, a mediator, and the rounds that a worker makes."""

    def __init__(self, engine: sa.Engine, vault: Vault, server: Server) -> None:
        self.engine, self.vault, self.now = engine, vault, NOW
        self.poll = Poll(SURVEY, 1, "open", 1, "everybody", None, None, NOW, None, "tests")
        with engine.begin() as connection:
            values = {
                "status": "open",
                "hash": "abc123",
                "wave": 1,
                "invite": "everybody",
                "opened_at": NOW,
                "by": "tests",
            }
            connection.execute(sa.insert(polls).values(name="talks", **values))
            users.add(connection, "mediator", (Grant(Role.MEDIATOR, "talks"),), "tests", NOW)
            self.user = connection.scalar(sa.select(schema.users.c.id)) or 0
        self.people = 0
        self.answer(40)
        mail = Mail(host="127.0.0.1", port=server.server_address[1], security="none", sender="polls@example.org")
        self.rounds = Rounds(
            engine,
            vault,
            lambda: Polls((self.poll,)),
            CHANNELS,
            poster(mail, ""),
            5,
            lambda: self.now,
            lambda _: None,
            raised=lambda: RAISED,
        )

    def answer(self, several: int) -> None:
        with self.engine.begin() as connection:
            for number in range(self.people + 1, self.people + several + 1):
                about = {"person": number, "channel": "sms"}
                connection.execute(sa.insert(schema.people).values(id=number, created_at=NOW, seen_at=NOW))
                connection.execute(
                    sa.insert(schema.consents).values(survey="talks@abc123", version="1", given=True, at=NOW, **about)
                )
                begun = {"flow": SURVEY.id, "status": "completed", "sealed_state": b"-", "language": "en"}
                connection.execute(
                    sa.insert(schema.conversations).values(id=number, started_at=NOW, updated_at=NOW, **begun, **about)
                )
                said = {"survey": "talks@abc123", "question": "first", "value": "water", "language": "en", "at": NOW}
                connection.execute(sa.insert(schema.answers).values(conversation=number, **said, **about))
        self.people += several

    def phone(self, channel: str) -> None:
        """The mediator's own phone, from which LINK was sent: the code is 123456."""
        with self.engine.begin() as connection:
            connection.execute(sa.insert(schema.people).values(id=9000, created_at=NOW, seen_at=NOW))
            for row, name in ((9001, "another"), (9002, channel)):
                where = {"kind": "tel", "hmac": name.encode(), "sealed_address": b"+", "channel": name}
                connection.execute(sa.insert(schema.addresses).values(id=row, person=9000, **where))
            code = self.vault.fingerprint("link", "123456")
            expires = NOW + timedelta(minutes=15)
            connection.execute(sa.insert(schema.links).values(person=9000, address=9002, code=code, expires_at=expires))

    def order(self, every: str = "release", *, mail: str = "", code: str = "") -> None:
        how = (self.user, "talks", every, "en")
        if mail:
            orders.by_mail(self.engine, self.vault, *how, mail, self.now)
        else:
            orders.by_code(self.engine, self.vault, *how, code, self.now)

    def release(self) -> None:
        self.rounds.release(self.poll, self.rounds.newest("talks"), self.now)

    def sent(self) -> list[tuple[str, str]]:
        """Channel and text of what lies in the outbox."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(schema.outbox.c.channel, schema.outbox.c.sealed_reply)).all()
        return [(row.channel, replies.loads(self.vault.open_text(row.sealed_reply, "reply"))[0].text) for row in rows]


@pytest.fixture
def gateway(engine: sa.Engine, vault: Vault, server: Server) -> Gateway:
    return Gateway(engine, vault, server)


def test_a_release_goes_by_mail_once_with_the_page_and_a_pdf(gateway: Gateway, server: Server) -> None:
    gateway.order(mail="mediator@example.org")
    gateway.release()
    server.busy = 1
    gateway.rounds.run()
    assert server.mails == []
    gateway.rounds.run()  # not due again yet
    gateway.now += AGAIN
    gateway.rounds.run()
    gateway.rounds.run()
    (mail,) = server.mails
    assert (mail["To"], mail["From"]) == ("mediator@example.org", "polls@example.org")
    assert mail["Subject"] == "Talks Bcc: x@example.org: results as of March 4, 2026"
    assert mail["Bcc"] is None
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "application/pdf"]
    for kind in ("plain", "html"):
        told = mail.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert "40 people answered." in told
        assert "Open the well again" in told
    with gateway.engine.connect() as connection:
        assert connection.scalar(sa.select(posts.c.status)) == "sent"
        dump = str(connection.execute(sa.select(schema.audit)).all())
    assert "@" not in dump


@pytest.mark.parametrize(
    ("channel", "said"), [("sms", "40 answered. Most named: Water 100%"), ("chat", "▰▰▰▰▰▰▰▰▰▰ Water")]
)
def test_a_phone_gets_an_sms_and_a_chat_its_bars(gateway: Gateway, channel: str, said: str) -> None:
    gateway.phone(channel)
    gateway.order(code=" 123 ٤٥٦ ")
    with pytest.raises(orders.OrderError, match="code"):
        gateway.order(code="123456")  # used up
    gateway.release()
    gateway.rounds.run()
    gateway.rounds.run()
    ((where, text),) = gateway.sent()
    assert where == channel
    assert said in text


def test_codes_can_not_be_guessed(gateway: Gateway) -> None:
    gateway.phone("sms")
    for number in range(orders.TRIES):
        with pytest.raises(orders.OrderError, match="code"):
            gateway.order(code=f"{number:06d}")
    gateway.now += timedelta(minutes=10)
    with pytest.raises(orders.OrderError, match="tries"):
        gateway.order(code="123456")
    gateway.now += timedelta(hours=1)
    with gateway.engine.begin() as connection:
        connection.execute(sa.update(schema.links).values(expires_at=gateway.now + timedelta(minutes=1)))
    gateway.order(code="123456")


def test_who_may_not_read_results_gets_none(gateway: Gateway, server: Server) -> None:
    gateway.order(mail="mediator@example.org")
    gateway.release()
    with gateway.engine.begin() as connection:
        connection.execute(sa.delete(schema.grants))
    gateway.rounds.run()
    assert server.mails == []


def test_who_left_gets_none(gateway: Gateway) -> None:
    gateway.phone("sms")
    gateway.order(code="123456")
    with gateway.engine.begin() as connection:
        connection.execute(sa.update(schema.people).where(schema.people.c.id == 9000).values(stopped=True))
    gateway.release()
    gateway.rounds.run()
    assert gateway.sent() == []


def test_a_week_makes_a_release_and_closing_another(gateway: Gateway, server: Server) -> None:
    gateway.order("weekly", mail="weekly@example.org")
    gateway.order("closing", mail="closing@example.org")
    gateway.rounds.run()
    assert server.mails == []
    gateway.now += timedelta(days=7)
    gateway.rounds.run()
    assert [mail["To"] for mail in server.mails] == ["weekly@example.org"]
    gateway.answer(3)
    gateway.now += timedelta(days=7)
    gateway.rounds.run()  # three more people: the release waits
    assert len(server.mails) == 1
    gateway.answer(2)
    gateway.poll = replace(gateway.poll, status="closed", closed_at=gateway.now)
    gateway.rounds.run()
    assert [mail["To"] for mail in server.mails[1:]] == ["weekly@example.org", "closing@example.org"]
    assert "45 people answered." in server.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_two_workers_make_the_last_release_once(gateway: Gateway) -> None:
    """The other worker's round falls between seeing that a release is due and counting it."""
    gateway.phone("sms")
    gateway.order(code="123456")
    gateway.now += timedelta(minutes=1)
    gateway.poll = replace(gateway.poll, status="closed", closed_at=gateway.now)
    asked: list[Polls] = []

    def polls_of_the_other() -> Polls:
        asked.append(Polls((gateway.poll,)))
        if len(asked) == 2:
            gateway.rounds.run()
        return asked[-1]

    replace(gateway.rounds, polls=polls_of_the_other).run()
    assert len(asked) == 2
    with gateway.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.releases)) == 1
    assert len(gateway.sent()) == 1


def test_who_ordered_the_last_release_gets_no_later_one(gateway: Gateway, server: Server) -> None:
    gateway.order("closing", mail="closing@example.org")
    gateway.order("release", mail="release@example.org")
    gateway.now += timedelta(days=1)
    gateway.poll = replace(gateway.poll, status="closed", closed_at=gateway.now)
    gateway.rounds.run()
    assert len(server.mails) == 2
    gateway.now += timedelta(days=7)
    gateway.release()
    gateway.rounds.run()
    assert [mail["To"] for mail in server.mails[2:]] == ["release@example.org"]


def test_a_poll_that_fails_stops_no_other_and_no_mail(
    gateway: Gateway, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.order(mail="mediator@example.org")
    gateway.release()
    broken = replace(gateway.poll, survey=replace(SURVEY, name="broken"))
    with gateway.engine.begin() as connection:
        connection.execute(sa.insert(schema.releases).values(survey="broken", made_at=NOW, findings={"said": "secret"}))
        connection.execute(
            sa.insert(schema.grants).values(user=gateway.user, role="mediator", survey="broken", granted_at=NOW)
        )
    orders.by_mail(gateway.engine, gateway.vault, gateway.user, "broken", "release", "en", "mediator@example.org", NOW)
    replace(gateway.rounds, polls=lambda: Polls((broken, gateway.poll))).run()
    assert len(server.mails) == 1
    printed = capsys.readouterr()
    assert "digests failed" in printed.out + printed.err
    assert "secret" not in printed.out + printed.err


def test_a_mail_that_can_not_be_made_holds_up_no_other(gateway: Gateway, server: Server) -> None:
    for mail in ("first@example.org", "second@example.org"):
        gateway.order(mail=mail)
    gateway.release()
    post = gateway.rounds.post
    made: list[str] = []

    def breaks_once(letter: Any, to: str) -> None:
        made.append(to)
        if len(made) == 1:
            raise RuntimeError("no font")
        assert post is not None
        post(letter, to)

    replace(gateway.rounds, post=breaks_once).run()
    assert [mail["To"] for mail in server.mails] == made[1:]
    assert len(made) == 2
    with gateway.engine.connect() as connection:
        assert sorted(connection.execute(sa.select(posts.c.status, posts.c.error)).all()) == [
            ("sent", None),
            ("waiting", "RuntimeError"),
        ]


@pytest.mark.parametrize(
    "mail", ["", "x", "a@b", "a b@example.org", "a@example.org\r\nBcc: b@example.org", "a" * 250 + "@e.org"]
)
def test_what_is_no_address_is_refused(gateway: Gateway, mail: str) -> None:
    with pytest.raises(orders.OrderError, match="mail"):
        orders.by_mail(gateway.engine, gateway.vault, gateway.user, "talks", "release", "en", mail, NOW)


def test_the_team_is_told_once_that_somebody_must_act_and_nothing_more(gateway: Gateway, server: Server) -> None:
    """By a keyword of the codebook. The mediator is not of the team; a focal point is told where they get digests."""
    escalate = Code("escalate", {"en": "Act"}, "d", {"en": ("gunmen",)}, {"en": ()})
    themes = Codebook("themes", (), ("en",), (escalate,))
    asked = Question("settle", "open", {"en": "Settle?"}, "p", codebook="themes")
    survey = replace(SURVEY, questions=(*SURVEY.questions, asked))
    gateway.poll = replace(gateway.poll, survey=survey)
    rounds = replace(gateway.rounds, polls=lambda: Polls((gateway.poll,), codebooks=(themes,)))
    said = [(1, "Gunmen are at the well, canary-4711"), (2, "water")]
    with gateway.engine.begin() as connection:
        for person, text in said:
            about = {"person": person, "conversation": person, "channel": "sms", "language": "en", "at": NOW}
            sealed = gateway.vault.seal(text, "answer")
            row = {"survey": "talks@abc123", "question": "settle", "sealed_text": sealed, **about}
            connection.execute(sa.insert(schema.answers).values(row))
    gateway.now += timedelta(minutes=2)
    gateway.order("closing", mail="mediator@example.org")
    rounds.run()
    assert server.mails == []
    with gateway.engine.begin() as connection:
        grant = {"user": gateway.user, "role": "focal-point", "survey": "talks", "granted_at": NOW}
        connection.execute(sa.insert(schema.grants).values(grant))
    server.busy = 1
    rounds.run()
    rounds.run()
    assert server.mails == []
    gateway.now += AGAIN
    rounds.run()
    gateway.now += 4 * AGAIN
    rounds.run()
    (mail,) = server.mails
    assert "Sign in and look" in mail.get_content()
    assert "canary" not in str(mail)
    with gateway.engine.connect() as connection:
        kept = connection.execute(sa.select(raised.c.question, raised.c.code)).all()
    assert [tuple(row) for row in kept] == [("settle", "escalate")]


def test_who_asked_for_results_before_there_were_any_is_told_once(gateway: Gateway) -> None:
    """By SMS where they were last heard on USSD; nobody who left, and nobody before something is out."""
    channels = {**CHANNELS, "dial": Channel("dial", "phone", "ussd")}
    rounds = replace(gateway.rounds, channels=channels)
    with gateway.engine.begin() as connection:
        for person, (channel, survey, stopped) in enumerate(
            [("chat", "talks", False), ("dial", "", False), ("sms", "other", False), ("sms", "talks", True)], 1
        ):
            connection.execute(sa.update(schema.people).where(schema.people.c.id == person).values(stopped=stopped))
            where = {"kind": "tel", "hmac": bytes([person]), "sealed_address": b"+", "channel": channel}
            connection.execute(sa.insert(schema.addresses).values(id=person, person=person, **where))
            row = {"person": person, "survey": survey, "address": person, "at": NOW - timedelta(hours=1)}
            connection.execute(sa.insert(wanted).values(row))
        connection.execute(sa.update(schema.addresses).values(sealed_address=b""))
    rounds.run()
    assert gateway.sent() == []
    gateway.release()
    rounds.run()
    rounds.run()
    told = gateway.sent()
    assert sorted(channel for channel, _ in told) == ["chat", "sms"]
    assert all("40 people answered" in text for _, text in told)
    with gateway.engine.connect() as connection:
        assert connection.scalars(sa.select(wanted.c.survey)).all() == ["other"]


def test_a_chat_that_shows_pictures_gets_a_chart_with_words_beneath(gateway: Gateway) -> None:
    gateway.phone("chat")
    gateway.order(code="123456")
    gateway.rounds = replace(gateway.rounds, shows=lambda channel: channel.medium == "chat")
    gateway.release()
    gateway.rounds.run()
    with gateway.engine.connect() as connection:
        sealed = connection.scalar(sa.select(schema.outbox.c.sealed_reply))
    words, chart = replies.loads(gateway.vault.open_text(sealed, "reply"))
    assert "40 people answered." in words.text
    assert words.picture == b""
    assert chart.picture.startswith(b"\x89PNG")
    assert "Water 100%" in chart.text
