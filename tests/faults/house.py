"""The real processes: web, two workers, Redis, PostgreSQL, and a provider; each of which can be taken away."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
import sqlalchemy as sa

from channels import render
from channels.adapter import Status
from gateway.store import migrate, replies, schema
from gateway.store.database import connect
from gateway.store.keys import Vault, generate_wrapping_key, load_key_file, parse_wrapping_keys
from tests.conftest import Server, create_database, database_url, free_port, running_postgres, running_redis, until
from tests.faults import people
from tests.faults.checker import Got, History
from tests.faults.hosts import Network
from tests.faults.supervised import LIVES_NO_LONGER, Supervised
from tests.loopback.providers import AfricasTalking
from tests.opening import open_all

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
TOKEN = "faults-hook-token"
LEASE = 30

SETTINGS = f"""
languages: [en]
country: KE
quiet_hours: {{start: "00:00", end: "00:00"}}
pacing: {{seconds_between: 0, messages_a_day: 1000}}
delivery: {{lease_seconds: {LEASE}}}
"""
CHANNELS = """
channels:
  at-sms:
    adapter: africastalking
    medium: sms
    sender: "22384"
    rate: 1000
    private: true
    base_url: "{provider}"
    options: {{timeout: "4"}}
  at-ussd: {{adapter: africastalking, medium: ussd, sender: "*384*22#", start: CHAIN}}
  web: {{adapter: web, medium: web}}
"""

OPEN = (Status.QUEUED, Status.SENDING, Status.SENT)
"""What a message may not stay: of each that was sent a report comes."""


@dataclass
class House:
    folder: Path
    environ: dict[str, str]
    provider_url: str
    url: str
    programs: dict[str, Supervised]
    vault: Vault
    seed: int
    engine: sa.Engine = field(repr=False)
    """Of whoever looks into it afterwards."""
    postgres: Server = field(init=False)
    redis: Server = field(init=False)

    @property
    def spool(self) -> Path:
        return Path(self.environ["BARAZA_SPOOL"])

    def hook(self, event: str, channel: str = "at-sms") -> str:
        return f"{self.url}/hooks/{channel}/{TOKEN}/{event}"

    def mood(self, mood: str) -> None:
        assert requests.post(f"{self.provider_url}/mood", mood, timeout=5).ok

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=20).ok
        except requests.RequestException:
            return False

    def dial(self, person: str, session: str, transcript: str) -> str:
        form = {
            "sessionId": session,
            "phoneNumber": person,
            "networkCode": "99999",
            "serviceCode": "*384*22#",
            "text": transcript,
        }
        return requests.post(self.hook("ussd", "at-ussd"), data=form, timeout=20).text

    def fill_in(self, browser: requests.Session, page: str, **fields: str) -> str:
        """Send the form on a page of the web form, as a browser behind TLS would, and give the page that follows."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
        answer = browser.post(f"{self.url}/s/chain", data=hidden | fields, headers={"Cookie": cookies}, timeout=20)
        assert answer.ok
        return answer.text

    # What came of it ------------------------------------------------------------------------------------------

    def settle(self, seconds: float = 900) -> None:
        """Wait until nothing is on its way any more: no spool, nothing to send, every report in."""
        until(lambda: self.unsettled() == 0, seconds, lambda: f"{self.unsettled()} messages are still open")

    def unsettled(self) -> int:
        if any(self.spool.glob("*.spool")):
            return -1
        with self.engine.connect() as connection:
            counted = sa.select(sa.func.count()).where(schema.outbox.c.status.in_(OPEN))
            return int(connection.scalar(counted) or 0)

    def fates(self) -> dict[str, int]:
        with self.engine.connect() as connection:
            found = connection.execute(
                sa.select(schema.outbox.c.status, sa.func.count()).group_by(schema.outbox.c.status)
            )
            return {Status(status).name.lower(): count for status, count in found}

    def doubtful(self) -> set[tuple[str, str]]:
        """What the gateway says that it is not sure of: (person, text)."""
        asked = (
            sa.select(schema.addresses.c.sealed_address, schema.outbox.c.sealed_reply)
            .join(schema.addresses, schema.addresses.c.id == schema.outbox.c.address)
            .where(sa.or_(schema.outbox.c.status == Status.UNKNOWN, schema.outbox.c.repeats > 0))
        )
        with self.engine.connect() as connection:
            return {
                (self.vault.open_text(row.sealed_address, "address"), _text(self.vault, row.sealed_reply))
                for row in connection.execute(asked)
            }

    def got(self) -> list[Got]:
        return [Got(**json.loads(line)) for line in (self.folder / "provider.jsonl").read_text().splitlines()]

    def history(self, callers: people.Callers) -> History:
        """Of those who wrote through these callers."""
        who = {sent.person for sent in callers.sent}
        got = sorted((one for one in self.got() if one.person in who), key=lambda one: one.began)
        return History(tuple(callers.sent), got, {reply for reply in self.doubtful() if reply[0] in who})

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))


def _text(vault: Vault, sealed: bytes) -> str:
    return render.sms(replies.loads(vault.open_text(sealed, "reply")))


@contextmanager
def running(
    folder: Path,
    seed: int,
    *,
    processes: int = 1,
    spool: Path | None = None,
    network: Network | None = None,
    megabytes: int = 0,
) -> Iterator[House]:
    """Everything started, and the poll open; on three hosts where there is a network, and with PostgreSQL on a disk of
    this size where one is said. Ends with all of it stopped."""
    place = (network.address("database"), network.within("database")) if network else ("", [])
    with running_postgres(keeps=True, at=place, megabytes=megabytes) as postgres, running_redis(at=place) as server:
        create_database(postgres, "baraza")
        nearby = database_url(postgres, "baraza")
        environ = environment(folder, spool)
        environ["DATABASE_URL"] = f"postgresql://postgres@{place[0]}/baraza" if network else nearby
        environ["REDIS_URL"] = f"redis://{place[0]}:6379" if network else server.url
        with _living(folder, seed, environ, nearby, processes, network) as house:
            house.postgres = postgres
            house.redis = server
            yield house


@contextmanager
def embedded(folder: Path, seed: int, database: Path) -> Iterator[House]:
    """The same on SQLite and an embedded Redis."""
    environ = environment(folder, None)
    environ["DATABASE_URL"] = url = f"sqlite:///{database}"
    environ.pop("REDIS_URL", None)
    with _living(folder, seed, environ, url) as house:
        yield house


@contextmanager
def _living(
    folder: Path,
    seed: int,
    environ: dict[str, str],
    nearby: str,
    processes: int = 1,
    network: Network | None = None,
) -> Iterator[House]:
    """A provider, a web process and two workers. `nearby` is the database as this process reaches it."""
    address = network.address if network else lambda _: "127.0.0.1"
    within = network.within if network else lambda _: []
    port = free_port()
    url = f"http://{address('web')}:{port}"
    engine = connect(nearby)
    migrate.upgrade(engine)
    engine.dispose()
    command = [*within("outside"), sys.executable, "-m", "tests.faults.provider_process"]
    hook = f"{url}/hooks/at-sms/{TOKEN}/report"
    provider = subprocess.Popen(
        [*LIVES_NO_LONGER, *command, str(folder / "provider.jsonl"), hook, str(seed), address("outside")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert provider.stdout is not None
    provider_url = provider.stdout.readline().strip()
    prepare_config(folder, provider_url, nearby)
    programs = {
        "serve": ["serve", "--host", address("web"), "--port", str(port), "--processes", str(processes)],
        "worker-1": ["worker"],
        "worker-2": ["worker"],
    }
    supervised = {
        name: Supervised(
            [*within("web" if name == "serve" else "worker"), str(BIN / "baraza"), *command],
            environ,
            folder / f"{name}.log",
        )
        for name, command in programs.items()
    }
    vault_file = Path(environ["BARAZA_KEY_FILE"])
    try:
        supervised["serve"].start()
        until(vault_file.exists, 120)
        for name in ("worker-1", "worker-2"):
            supervised[name].start()
        vault = load_key_file(vault_file, parse_wrapping_keys(environ["BARAZA_KEYS"]))
        looker = sa.create_engine(nearby, poolclass=sa.pool.NullPool)  # no connection from before a fault
        house = House(folder, environ, provider_url, url, supervised, vault, seed, looker)
        until(house.is_ready, 120, house.logs)
        yield house
    finally:
        for program in supervised.values():
            program.stop()
        provider.kill()
        provider.wait()


def prepare_config(folder: Path, provider: str, database: str) -> None:
    """A configuration folder with the poll; it is opened."""
    config = folder / "config"
    (config / "surveys").mkdir(parents=True)
    (config / "surveys" / "chain.yaml").write_text(people.poll())
    (config / "settings.yaml").write_text(SETTINGS)
    (config / "channels.yaml").write_text(CHANNELS.format(provider=provider))
    open_all(database, config)


def environment(folder: Path, spool: Path | None) -> dict[str, str]:
    secrets = {"USERNAME": "faults", "API_KEY": AfricasTalking.KEY, "HOOK_TOKEN": TOKEN}
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BARAZA_CONFIG": str(folder / "config"),
        "PUBLIC_BASE_URL": "https://polls.example.org",
        "BARAZA_KEYS": generate_wrapping_key(),
        "BARAZA_KEY_FILE": str(folder / "keys.json"),
        "BARAZA_SPOOL": str(spool or folder / "spool"),
        "BARAZA_WEB_SIGNING": "faults-web-signing",
        **{f"BARAZA_{channel}_{name}": value for channel in ("AT_SMS", "AT_USSD") for name, value in secrets.items()},
    }
