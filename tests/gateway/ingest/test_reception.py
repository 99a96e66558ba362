"""What becomes of requests while PostgreSQL is away, and when it is back."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from channels.adapter import (
    Arrival,
    Attached,
    Inbound,
    Located,
    OptOut,
    Pressed,
    Report,
    Session,
    SessionEnd,
    Status,
    TopUp,
    Typed,
)
from gateway.ingest.intake import Intake, NotTaken
from gateway.ingest.reception import Reception
from gateway.ingest.rules import Rules, Taken
from gateway.ingest.spooled import Spooled
from gateway.ingest.spooler import Spooler
from gateway.store import migrate, schema
from gateway.store.database import connect
from gateway.store.keys import Vault
from gateway.store.spool import Spool
from tests.conftest import Clock, Server, create_database, database_url, running_postgres
from tests.gateway.ingest.conftest import SMS, USSD, number

ARRIVALS: tuple[Arrival, ...] = (
    Inbound(
        "tel", number(1), Typed("Ünïcode \ud800 'text'"), "m1", claimed_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    ),
    Inbound("tel", number(1), Typed("1*2"), "s/1", Session("s", "*384#", "1*2")),
    Inbound("telegram", "77", Pressed("consent", "1"), "u1", language="sw", callback="c"),
    Inbound("telegram", "77", Located(1.5, -2.25), "u2"),
    Inbound("telegram", "77", Attached("voice", "ref", "words"), "u3"),
    Report("p1", Status.FAILED, "403: no", retryable=True, outbound=9),
    TopUp("t1", number(1), "KES", 10_000_000, done=False, error="busy"),
    OptOut("tel", number(1), provider_id="o1"),
    SessionEnd("s", number(1)),
)


def test_a_record_gives_back_what_went_into_it(clock: Clock) -> None:
    record = Spooled("id", "sms", clock(), ARRIVALS)
    assert Spooled.loads(record.dumps()) == record
    assert tuple(record.known()) == ARRIVALS


def test_what_has_neither_id_nor_time_gets_an_id_of_its_own(clock: Clock) -> None:
    alike = Inbound("tel", number(1), Typed("1"))
    timed = Inbound("tel", number(1), Typed("1"), claimed_at=clock())
    known = Spooled("id", "sms", clock(), (alike, alike, timed, OptOut("tel", number(1)))).known()
    assert [getattr(one, "provider_id", None) for one in known] == ["spool:id:0", "spool:id:1", "", "spool:id:3"]


class Host:
    """A reception over a PostgreSQL that can be taken away, and what it was told."""

    def __init__(  # its parts, by name
        self, server: Server, url: str, folder: Path, vault: Vault, rules: Rules, clock: Clock
    ) -> None:
        self.server = server
        self.engine = connect(url)
        self.intake = Intake(self.engine, vault, lambda: rules, clock, lambda _: None)
        self.reports: list[tuple[str, Sequence[Report]]] = []
        channels = {channel.name: channel for channel in (SMS, USSD)}
        self.spool = Spool(folder, vault)
        spooler = Spooler(self.spool, rules.texts, clock)
        self.reception = Reception(self.intake, self._report, spooler, channels)

    def _report(self, channel: str, reports: Sequence[Report]) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text("SELECT 1"))
        self.reports.append((channel, reports))

    def send(self, text: str, name: str, who: int = 1) -> None:
        self.reception.take(SMS, [Inbound("tel", number(who), Typed(text), name)])

    def dial(self, transcript: str, session: str = "s", who: int = 1) -> Taken:
        inbound = Inbound(
            "tel",
            number(who),
            Typed(transcript),
            f"{session}/{who}/{transcript}",
            Session(session, USSD.sender, transcript),
        )
        return self.reception.take(USSD, [inbound])[0]

    def inbounds(self) -> list[tuple[str, datetime]]:
        with self.engine.connect() as connection:
            found = connection.execute(
                sa.select(schema.inbounds.c.provider_id, schema.inbounds.c.received_at).order_by(schema.inbounds.c.id)
            )
            return [(row.provider_id, row.received_at) for row in found]

    def close(self) -> None:
        self.spool.close()
        self.intake.close()
        self.engine.dispose()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One for the tests here: each may take it away, and has a database of its own."""
    with running_postgres(keeps=True) as server:
        create_database(server, "migrated")
        engine = connect(database_url(server, "migrated"))
        migrate.upgrade(engine)
        engine.dispose()
        yield server


_numbers = count()


@pytest.fixture
def host(server: Server, tmp_path: Path, vault: Vault, rules: Rules, clock: Clock) -> Iterator[Host]:
    name = f"host_{next(_numbers)}"
    create_database(server, name, template="migrated")
    made = Host(server, database_url(server, name), tmp_path / "spool", vault, rules, clock)
    yield made
    if server.process is None:
        server.start()
    signal_all(server, signal.SIGCONT)
    made.close()


def signal_all(server: Server, number: signal.Signals) -> None:
    """Signal a server and the processes of its sessions."""
    assert server.process is not None
    pid = server.process.pid
    for each in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
        os.kill(each, number)


def test_what_comes_while_postgresql_is_away_is_taken_up_once_and_in_order(host: Host, clock: Clock) -> None:
    """Safety 9: inbounds, opt-outs and reports; with the time at which they were received."""
    host.send("PULSE", "m0")
    host.server.kill()
    away = clock.advance(minutes=1)
    host.send("1", "m1")
    host.send("1", "m1")  # the provider is not sure that we heard
    host.send("1", "m2")
    host.reception.take(SMS, [Report("p1", Status.DELIVERED)])
    host.reception.take(SMS, [OptOut("tel", number(2))])
    host.reception.replay()  # in vain
    assert host.reception.spooling
    assert host.reports == []

    host.server.start()
    clock.advance(minutes=1)
    host.send("2", "m3")  # behind those that wait
    assert host.reception.spooling
    host.reception.replay()
    host.reception.replay()
    assert not host.reception.spooling
    taken = host.inbounds()
    assert [name for name, _ in taken if name.startswith("m")] == ["m0", "m1", "m2", "m3"]
    assert dict(taken)["m2"] == away
    assert host.reports == [("sms", [Report("p1", Status.DELIVERED)])]
    host.send("HELP", "m4")
    assert host.inbounds()[-1][0] == "m4"


def test_a_replay_that_is_killed_takes_nothing_twice(host: Host) -> None:
    """Killed after the commit and before the spool knows of it: all of it is offered again."""
    host.server.kill()
    for place in range(5):
        host.reception.take(SMS, [Inbound("tel", number(1), Typed(str(place)))])  # without an id
    host.server.start()
    (segment,) = host.spool.folder.glob("*.spool")
    copy = segment.read_bytes()
    host.reception.replay()
    before = host.inbounds()
    assert len(before) == 5
    segment.write_bytes(copy)
    host.reception.replay()
    assert host.inbounds() == before


def test_a_session_ends_kindly_in_the_language_it_was_held_in_and_goes_on_later(host: Host, rules: Rules) -> None:
    host.dial("")
    assert host.dial("2").reply[-1].language == "sw"
    host.server.kill()
    told = host.dial("2*1")
    assert told.screen == rules.texts.say("trouble", "sw")
    assert told.ends
    stranger = host.dial("", "t", who=2)
    assert stranger.screen == rules.texts.say("trouble", "")
    host.server.start()
    host.reception.replay()
    again = host.dial("", "u")
    assert again.screen != told.screen
    assert not again.ends


def test_a_frozen_postgresql_is_not_waited_for_twice(host: Host) -> None:
    host.send("PULSE", "m0")
    signal_all(host.server, signal.SIGSTOP)
    host.intake.patience = 0.3
    host.send("1", "m1")
    assert host.reception.spooling
    host.intake.patience = 300  # whoever waited for it now would wait as long as the test may
    for place in range(20):
        host.send("1", f"n{place}")
    signal_all(host.server, signal.SIGCONT)
    host.reception.replay()
    assert [name for name, _ in host.inbounds()] == ["m0", "m1", *(f"n{place}" for place in range(20))]


def test_where_the_spool_is_full_nothing_is_acknowledged(host: Host, tmp_path: Path) -> None:
    """Safety 10: a file in the place of the folder stands for a disk that takes nothing."""
    (tmp_path / "spool").touch()
    host.reception.replay()
    host.send("PULSE", "m0")
    host.server.kill()
    with pytest.raises(NotTaken, match="neither"):
        host.send("1", "m1")
    with pytest.raises(NotTaken, match="neither"):
        asyncio.run(host.reception.take_soon(SMS, [Report("p1", Status.SENT)]))


def test_an_event_loop_waits_for_the_spool_too(host: Host, clock: Callable[[], datetime]) -> None:
    host.server.kill()

    async def several() -> list[list[Taken]]:
        inbounds = [[Inbound("tel", number(who), Typed("PULSE"), f"m{who}")] for who in range(100)]
        return await asyncio.gather(*(host.reception.take_soon(SMS, one) for one in inbounds))

    assert len(asyncio.run(several())) == 100
    host.server.start()
    host.reception.replay()
    assert sorted(name for name, _ in host.inbounds()) == sorted(f"m{who}" for who in range(100))


def test_without_a_spool_it_is_refused(host: Host) -> None:
    reception = Reception(host.intake, host._report, None, {})
    host.server.kill()
    with pytest.raises(NotTaken):
        reception.take(SMS, [Inbound("tel", number(1), Typed("PULSE"), "m0")])
    with pytest.raises(NotTaken):
        asyncio.run(reception.take_soon(SMS, [Report("p1", Status.SENT)]))
    reception.replay()
