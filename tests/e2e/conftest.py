"""A whole gateway: web process and worker as an operator starts them, with providers on the loopback that answer as the
real ones do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from gateway.store.database import connect
from gateway.store.keys import generate_wrapping_key
from gateway.store.schema import answers, conversations, outbox
from tests.conftest import copied, create_database, database_url, free_port, running_redis
from tests.loopback import providers
from tests.loopback.providers import Provider, Taken
from tests.opening import open_all

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
AT_TOKEN, TELEGRAM_SECRET = "e2e-at-hook-token", "e2e-telegram-hook-secret"
SECONDS = 90
COUNTED = (answers, conversations, outbox)

SETTINGS = """
languages: [en, sw, ar]
country: KE
delivery: {lease_seconds: 30}
"""

CHANNELS = """
channels:
  at-sms: {{adapter: africastalking, medium: sms, sender: "22384", rate: 500, base_url: "{at}"}}
  at-ussd: {{adapter: africastalking, medium: ussd, sender: "*384*22#", start: PULSE}}
  twilio-sms: {{adapter: twilio, medium: sms, sender: "+15005550006", rate: 500, base_url: "{twilio}"}}
  twilio-whatsapp: {{adapter: twilio, medium: chat, sender: "whatsapp:+14155238886", rate: 500, base_url: "{twilio}"}}
  telegram: {{adapter: telegram, medium: chat, sender: baraza_bot, rate: 500, base_url: "{telegram}"}}
  web: {{adapter: web, medium: web}}
"""


@dataclass
class Gateway:
    """What the outside sees of it: its address, and what the providers were given."""

    url: str
    folder: Path
    environ: Mapping[str, str]
    at: providers.AfricasTalking
    twilio: providers.Twilio
    telegram: providers.Telegram
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    updates: int = 1000
    session: requests.Session = field(default_factory=requests.Session)
    seen: dict[Provider, int] = field(default_factory=dict)
    rows: dict[sa.Table, list[int]] = field(default_factory=dict)

    def begin(self) -> None:
        """What was taken and stored until now was other tests'."""
        self.seen = {provider: len(provider.taken) for provider in (self.at, self.twilio, self.telegram)}
        with self._connected() as connection:
            self.rows = {table: list(connection.scalars(sa.select(table.c.id))) for table in COUNTED}

    def taken(self, provider: Provider) -> list[Taken]:
        return provider.taken[self.seen[provider] :]

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        counted = sa.select(sa.func.count()).select_from(table).where(table.c.id.not_in(self.rows[table]), *where)
        with self._connected() as connection:
            return connection.scalar(counted) or 0

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        engine = connect(self.environ["DATABASE_URL"])
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(BIN / "baraza"), *command], env=dict(self.environ), cwd=self.folder, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        subprocess.run(["pkill", "-KILL", "-P", str(self.processes[name].pid)], check=False)
        self.processes[name].kill()
        self.processes[name].wait()

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    # As the providers call ------------------------------------------------------------------------------------

    def at_sms(self, number: str, text: str, message: str) -> requests.Response:
        form = {"date": "2026-11-22 10:00:00", "from": number, "id": message, "text": text, "to": "22384"}
        return self.session.post(f"{self.url}/hooks/at-sms/{AT_TOKEN}/incoming", data=form, timeout=20)

    def at_report(self, message: str, status: str) -> requests.Response:
        form = {"id": message, "status": status, "phoneNumber": "+254711000000", "networkCode": "63902"}
        return self.session.post(f"{self.url}/hooks/at-sms/{AT_TOKEN}/report", data=form, timeout=20)

    def dial(self, number: str, session: str, transcript: str) -> str:
        form = {
            "sessionId": session,
            "phoneNumber": number,
            "networkCode": "63902",
            "serviceCode": "*384*22#",
            "text": transcript,
        }
        return self.session.post(f"{self.url}/hooks/at-ussd/{AT_TOKEN}/ussd", data=form, timeout=20).text

    def twilio_message(
        self, number: str, text: str, message: str, channel: str = "twilio-sms", token: str = providers.Twilio.TOKEN
    ) -> requests.Response:
        form = {"MessageSid": message, "AccountSid": providers.Twilio.SID, "From": number, "To": "x", "Body": text}
        form["NumMedia"] = "0"
        hook = f"/hooks/{channel}/incoming"
        signature = RequestValidator(token).compute_signature(self.environ["PUBLIC_BASE_URL"] + hook, form)
        headers = {"X-Twilio-Signature": signature}
        return self.session.post(self.url + hook, data=form, headers=headers, timeout=20)

    def telegram_update(self, update: Mapping[str, object], number: int | None = None) -> requests.Response:
        self.updates += 1
        headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
        body = {"update_id": number or self.updates, **update}
        return self.session.post(f"{self.url}/hooks/telegram/update", json=body, headers=headers, timeout=20)

    def telegram_text(self, chat: int, text: str) -> requests.Response:
        return self.telegram_update({"message": _message(chat, text)})

    def telegram_press(self, chat: int, data: str) -> requests.Response:
        query = {"id": "77", "from": _user(chat), "chat_instance": "1", "data": data, "message": _message(chat, "x")}
        return self.telegram_update({"callback_query": query})


def _user(chat: int) -> dict[str, object]:
    return {"id": chat, "is_bot": False, "first_name": "A"}


def _message(chat: int, text: str) -> dict[str, object]:
    place = {"id": chat, "type": "private", "first_name": "A"}
    return {"message_id": 1, "date": 1795374000, "chat": place, "from": _user(chat), "text": text}


def wait_for(found: Callable[[], object], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not found():
        assert time.monotonic() < end, f"after {SECONDS} s: no {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    if request.param == "sqlite":
        url = copied(request.getfixturevalue("migrated_sqlite"), folder / "database")
    else:
        server = request.getfixturevalue("postgres_server")
        create_database(server, folder.name, request.getfixturevalue("migrated_postgres"))
        url = database_url(server, folder.name)
    with ExitStack() as stack:
        redis = stack.enter_context(running_redis())
        at = stack.enter_context(providers.AfricasTalking())
        twilio = stack.enter_context(providers.Twilio())
        telegram = stack.enter_context(providers.Telegram())
        yield from _running(folder, url, redis.url, at, twilio, telegram)


@pytest.fixture
def gateway(running: Gateway) -> Gateway:
    """Shared by the tests of a database: people and messages of each are its own."""
    running.begin()
    return running


def _running(
    folder: Path,
    database_url: str,
    redis_url: str,
    at: providers.AfricasTalking,
    twilio: providers.Twilio,
    telegram: providers.Telegram,
) -> Iterator[Gateway]:
    config = folder / "config"
    shutil.copytree(ROOT / "config", config)
    (config / "settings.yaml").write_text(SETTINGS, encoding="utf-8")
    channels = CHANNELS.format(at=at.url, twilio=twilio.url, telegram=telegram.url)
    (config / "channels.yaml").write_text(channels, encoding="utf-8")
    port = free_port()
    account = {"ACCOUNT_SID": providers.Twilio.SID, "AUTH_TOKEN": providers.Twilio.TOKEN}
    africa = {"USERNAME": "e2e", "API_KEY": providers.AfricasTalking.KEY, "HOOK_TOKEN": AT_TOKEN}
    secrets = {
        "AT_SMS": africa,
        "AT_USSD": africa,
        "TWILIO_SMS": account,
        "TWILIO_WHATSAPP": account,
        "TELEGRAM": {"BOT_TOKEN": providers.Telegram.TOKEN, "HOOK_SECRET": TELEGRAM_SECRET},
        "WEB": {"SIGNING": "e2e-web-signing"},
    }
    environ = {
        **os.environ,
        "BARAZA_CONFIG": str(config),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_BASE_URL": "https://polls.example.org",
        "BARAZA_KEYS": generate_wrapping_key(),
        "BARAZA_KEY_FILE": str(folder / "keys.json"),
        **{
            f"BARAZA_{channel}_{name}": value for channel, several in secrets.items() for name, value in several.items()
        },
    }
    open_all(database_url, config)
    made = Gateway(f"http://127.0.0.1:{port}", folder, environ, at, twilio, telegram)
    made.start("serve", "serve", "--port", str(port))
    made.start("worker", "worker")
    try:
        wait_for(lambda: _answers(made), f"answer of the web process\n{made.logs()}")
        yield made
    finally:
        made.session.close()
        for process in made.processes.values():
            process.terminate()
        for process in made.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(gateway: Gateway) -> bool:
    try:
        return requests.get(f"{gateway.url}/healthz", timeout=2).ok
    except requests.ConnectionError:
        return False


def form(fields: Mapping[str, str]) -> str:
    return urlencode(fields)
