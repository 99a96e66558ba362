"""Planning and queueing a broadcast, against the bare INSERT of the same rows.

Each measurement is a process of its own: people are put in, a broadcast is planned, drawn and queued without waiting
for anything to be sent, and memory is looked at before and after. Then the tables are emptied, and the same rows put
into them again, with the same indexes and foreign keys, 5,000 in a transaction: that is the bare INSERT. An
invitation's rows are those of the outbox, of the respondents, and of the ledger; a message's those of the outbox.
SQLite has synchronous=FULL, PostgreSQL fsync and synchronous_commit on. BENCH_PEOPLE is how many people, 100000
without; several with a comma between them.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import servers
from channels.adapter import Channel, Medium
from gateway.broadcasts.audience import roads
from gateway.broadcasts.definition import load_broadcast
from gateway.broadcasts.known import known_by, started_one
from gateway.broadcasts.life import start
from gateway.broadcasts.plan import Ways, plan
from gateway.broadcasts.saying import sayings
from gateway.broadcasts.sending import Means, Sending
from gateway.catalogues import load_catalogues
from gateway.gazetteers import read_gazetteers
from gateway.lifecycle import open_poll
from gateway.polls import load_polls
from gateway.store import ids, many, migrate
from gateway.store.broadcast_tables import PLACE
from gateway.store.database import connect, reading, take_time
from gateway.store.keys import Vault
from gateway.store.poll_tables import dispositions, respondents
from gateway.store.schema import addresses, outbox, people, profiles
from surveys.load import load_survey

SIZES = tuple(int(size) for size in os.environ.get("BENCH_PEOPLE", "100000").split(","))
KINDS = ("message", "poll")
GOAL = 1 / 3
BATCH = 5_000
CHANNELS = {"sms": Channel("sms", "phone", Medium.SMS)}
CONFIG = Path("config")
SOURCES = {
    "message": "name: bench\nlanguages: [en, sw]\nsender: We\nmessage: {en: The well is open., sw: Kisima kipo.}\n",
    "poll": "name: bench\npoll: priorities\n",
}


def measure() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for database in ("sqlite", "postgresql"):
        for size in SIZES:
            for kind in KINDS:
                with _url(database) as url:
                    command = [sys.executable, "-m", "bench.broadcast", url, str(size), kind]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                found[f"{database}, {size:,} people, {kind}"] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _url(database: str) -> Iterator[str]:
    if database == "postgresql":
        with servers.postgresql() as url:
            yield url
    else:
        with servers.folder() as path:
            yield f"sqlite:///{path / 'bench.db'}"


def one(url: str, size: int, kind: str) -> dict[str, Any]:
    engine = connect(url)
    migrate.upgrade(engine)
    vault = Vault("bench", {1: os.urandom(32)}, {1: os.urandom(32)})
    now = datetime.now(UTC)
    _populate(engine, vault, size, now)
    gazetteers, _ = read_gazetteers(CONFIG)
    for file in ("priorities",):
        source = (CONFIG / "surveys" / f"{file}.yaml").read_text()
        open_poll(engine, load_survey(source, f"{file}.yaml", gazetteers), now, "bench")
    polls = load_polls(CONFIG, engine)
    broadcast = load_broadcast(SOURCES[kind], "bench", known_by(polls, CHANNELS, engine))
    said = sayings(broadcast, load_catalogues(CONFIG), polls.named(broadcast.poll) if broadcast.poll else None, {})
    ways = roads(CHANNELS, "")
    before = _peak()
    began = time.perf_counter()
    planned = plan(engine, vault, broadcast, said, Ways(CHANNELS, ways, {"sms": 100.0}, lambda _: (), None), now)
    planning = time.perf_counter() - began
    start(engine, vault, broadcast, said, now, "bench")
    means = Means(
        engine=engine,
        load=lambda text, name: started_one(text, name, known_by(polls, CHANNELS, engine)),
        polls=lambda: {poll.survey.name: poll for poll in polls.polls},
        roads=lambda _: ways,
        rates={},
        quiet=None,
        clock=lambda: datetime.now(UTC),
        wake=lambda _: None,
        ahead=None,
    )
    began, work = time.perf_counter(), _cpu(engine)
    Sending(means).run()
    queueing, working = time.perf_counter() - began, _cpu(engine) - work
    after = _peak()
    queued = _count(engine)
    bare, bare_working = _bare(engine, kind)
    engine.dispose()
    return {
        "people": planned.people,
        "queued": queued,
        "plan_seconds": round(planning, 2),
        "draw_and_queue_seconds": round(queueing, 2),
        "queued_a_second": round(queued / queueing),
        "bare_insert_a_second": round(queued / bare),
        "ratio": round(bare / queueing, 2),
        "ratio_by_cpu": round(bare_working / working, 2),
        "ratio_with_planning": round(bare / (queueing + planning), 2),
        "goal": round(GOAL, 2),
        "peak_mib_before": before,
        "peak_mib_after": after,
    }


def _populate(engine: sa.Engine, vault: Vault, size: int, now: datetime) -> None:
    sealed = vault.seal("+254700000000", "address")
    for first in range(0, size, BATCH):
        some = [ids.pseudonym() for _ in range(min(BATCH, size - first))]
        with engine.begin() as connection:
            many.insert(
                connection,
                people,
                [
                    {
                        "id": one,
                        "language": ("en", "sw", "")[one % 3],
                        "stopped": False,
                        "created_at": now,
                        "seen_at": now,
                    }
                    for one in some
                ],
            )
            many.insert(
                connection,
                addresses,
                [
                    {
                        "id": ids.rising(),
                        "person": one,
                        "kind": "tel",
                        "hmac": vault.fingerprint("tel", str(one)),
                        "sealed_address": sealed,
                        "channel": "sms",
                    }
                    for one in some
                ],
            )
            many.insert(connection, profiles, [{"person": one, "fact": PLACE, "value": f"r{one % 7}"} for one in some])
    with engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))


def _bare(engine: sa.Engine, kind: str) -> tuple[float, float]:
    """Seconds that the bare INSERT of the rows takes, and those of processors' time; reading them back is left out."""
    seconds = working = 0.0
    tables = (outbox, *((respondents, dispositions) if kind == "poll" else ()))
    for table in tables:
        names = ", ".join(column.name for column in table.columns)
        with engine.begin() as connection:
            take_time(connection)
            connection.execute(sa.text(f"CREATE TABLE copied AS SELECT {names} FROM {table.name}"))
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text(f"TRUNCATE {table.name}"))
            else:
                connection.execute(sa.text("DROP TRIGGER IF EXISTS dispositions_delete"))
                connection.execute(sa.text(f"DELETE FROM {table.name}"))
        copied = sa.Table("copied", sa.MetaData(), *(sa.Column(each.name, each.type) for each in table.columns))
        with reading(engine) as source:
            for some in source.execution_options(yield_per=BATCH).execute(sa.select(copied)).mappings().partitions():
                rows = [dict(row) for row in some]
                began, work = time.perf_counter(), _cpu(engine)
                with engine.begin() as connection:  # begun by SQLAlchemy: the driver alone would commit each row
                    many.insert(connection, table, rows)
                seconds += time.perf_counter() - began
                working += _cpu(engine) - work
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE copied"))
    return seconds, working


def _cpu(engine: sa.Engine) -> float:
    """Seconds of processors' time that this process and its connections' servers have used."""
    own = time.process_time()
    if engine.dialect.name != "postgresql":
        return own
    with engine.connect() as connection:
        pids = connection.scalars(
            sa.text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
        ).all()
    ticks = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids]
    return own + sum(int(one) for pair in ticks for one in pair) / os.sysconf("SC_CLK_TCK")


def _count(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(outbox)) or 0)


def _peak() -> int:
    """The most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    print(json.dumps(one(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
