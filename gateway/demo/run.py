"""The demonstration: a whole gateway on this machine, with simulated providers and participants.

    run_demo(port=8000)        until it is interrupted

Everything lies in one folder: configuration, keys, database, Redis' socket. Without a folder named it is a temporary
one, and gone afterwards. The web process and the worker are the ordinary commands, in processes of their own.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path

import sqlalchemy as sa
import structlog
import yaml

from gateway import settings
from gateway.accounts import users
from gateway.accounts.roles import Role, grants
from gateway.actors import interviewers
from gateway.assembly import assemble, utc_now
from gateway.delivery.redis import Embedded
from gateway.demo import campaign, place
from gateway.demo.actors import bring_in
from gateway.demo.crowd import Client, Crowd, Hook
from gateway.demo.people import crowd as make_people
from gateway.demo.providers import Delivered, Keys, Providers
from gateway.lifecycle import open_poll
from gateway.polls import read_polls
from gateway.results.release import count, release
from gateway.results.telling import telling_of
from gateway.store import migrate, schema
from gateway.store.database import connect, reading
from gateway.store.keys import generate_wrapping_key
from gateway.store.opening import open_store
from gateway.web.ports import taken
from surveys.model import Survey

log = structlog.get_logger(__name__)

PEOPLE = 160
SPREAD = 75.0
"""Seconds within which the participants begin."""
RENEW_SECONDS = 3.0
"""Between two releases of the results. A real poll releases rarely: each release tells something of the last."""
PATIENCE = 30.0
"""Seconds until the gateway must answer, and until its processes must have ended."""

USSD_CODE = "*384*22#"


class DemoError(Exception):
    """The demonstration can't run. Its text is one sentence for whoever started it."""


@dataclass(frozen=True, slots=True)
class Way:
    """A channel of the demonstration. `secret` is the name of what its hooks are proved by."""

    adapter: str
    medium: str
    sender: str
    secret: str = ""


WAYS: Mapping[str, Way] = {
    "at-sms": Way("africastalking", "sms", "22384", "hook_token"),
    "at-ussd": Way("africastalking", "ussd", USSD_CODE, "hook_token"),
    "twilio-sms": Way("twilio", "sms", "+15005550006", "auth_token"),
    "twilio-whatsapp": Way("twilio", "chat", "whatsapp:+14155238886", "auth_token"),
    "telegram": Way("telegram", "chat", "baraza_bot", "hook_secret"),
    "web": Way("web", "web", ""),
    "phone-sms": Way("phone", "sms", "22384"),
    "phone-ussd": Way("phone", "ussd", USSD_CODE),
    "phone-chat": Way("phone", "chat", "baraza_bot"),
}


def run_demo(
    port: int = 8000,
    folder: Path | None = None,
    *,
    people: int = PEOPLE,
    spread: float = SPREAD,
    seed: int = 2026,
    say: Callable[[str], object] = print,
) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP; then end everything that was started. Raises DemoError."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    with ExitStack() as stack:
        home = folder.absolute() if folder else Path(stack.enter_context(_temporary()))
        with started(home, port, people=people, spread=spread, seed=seed, stopping=stopping) as demo:
            if stopping.is_set():
                return
            say(f"Baraza is on {demo.url} with {people} simulated participants. Ctrl-C ends it.")
            say(f"What mediators see, with the map of actors, is behind an account: {demo.invitation}")
            while not stopping.wait(0.5):
                demo.check()
            say("Stopping.")


@dataclass(frozen=True, slots=True)
class Demo:
    url: str
    processes: Sequence[subprocess.Popen[bytes]]
    crowd: Crowd
    invitation: str  # where a mediator's account is taken

    def check(self) -> None:
        """Raise DemoError where a process has ended by itself."""
        for process in self.processes:
            if process.poll() is not None:
                raise DemoError(
                    f"A process of the gateway ended with status {process.returncode}: see what it said above."
                )


@contextmanager
def started(
    home: Path, port: int, *, people: int, spread: float, seed: int, stopping: threading.Event | None = None
) -> Iterator[Demo]:
    """A running demonstration in this folder; when left, nothing of it runs any more."""
    stopping = stopping or threading.Event()
    if why := taken("127.0.0.1", port):
        raise DemoError(why)
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        surveys = _configure(home)
        keys = Keys(*(secrets.token_urlsafe(16) for _ in range(4)))
        waiting: list[Crowd] = []
        providers = Providers(keys, lambda delivered: _pass_on(waiting, delivered))
        stack.callback(providers.close)
        redis = Embedded(home / "redis")
        redis.ensure()
        stack.callback(redis.close)
        environment = _environment(home, url, redis.url, keys)
        _write_channels(home / "config", providers.url, surveys)
        engine = connect(environment["DATABASE_URL"])
        migrate.upgrade(engine)
        for survey in read_polls(home / "config")[0]:
            open_poll(engine, survey, utc_now(), "demo")
        engine.dispose()
        campaign.show(environment)
        place.come_together(environment)
        invitation = _mediator(environment)
        processes: list[subprocess.Popen[bytes]] = []
        stack.callback(_end, processes)
        processes.append(_start(environment, "serve", "--port", str(port)))
        processes.append(_start(environment, "worker"))
        client = Client(url)
        _until_ready(client, processes, stopping)
        hooks = {
            name: Hook(name, way.adapter, way.medium, way.sender, environment.get(_variable(name, way.secret), ""))
            for name, way in WAYS.items()
            if way.adapter != "phone"
        }
        crowd = Crowd(make_people(surveys, _ways(surveys), people, seed), hooks, client, spread=spread, seed=seed)
        waiting.append(crowd)
        stack.callback(crowd.stop)
        crowd.start()
        stack.callback(_renewing(environment))
        yield Demo(url, processes, crowd, invitation)


INTERVIEWER = "amina"
INTERVIEWS_FROM = "+13035550100"
"""A number that is kept free for plays, and that no simulated phone draws."""


def _mediator(environment: Mapping[str, str]) -> str:
    """A map of actors, an account to see it with, and somebody who interviews for it from a simulated phone. Returns
    the link of the account's invitation."""
    here = settings.load(environment)
    store = open_store(here)
    now = utc_now()
    bring_in(store.engine, store.vault, now)
    with store.engine.begin() as connection:
        users.add(connection, "mediator", (*grants(Role.MEDIATOR, ()), *grants(Role.MODERATOR, ())), "demo", now)
        token = users.invite(connection, store.vault, "mediator", "demo", now)
        guides = [survey.name for survey in read_polls(here.config)[0] if survey.guide]
        if guides:
            users.add(connection, INTERVIEWER, grants(Role.FOCAL_POINT, guides), "demo", now)
            interviewers.reach(connection, store.vault, INTERVIEWER, "tel", INTERVIEWS_FROM, "phone-sms", now)
    store.engine.dispose()
    return f"{here.public_base_url}/invitation/{token}"


def _pass_on(waiting: Sequence[Crowd], delivered: Delivered) -> None:
    for crowd in waiting:
        crowd.heard(delivered)


# The folder ---------------------------------------------------------------------------------------------------------


@contextmanager
def _temporary() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="baraza-demo-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configure(home: Path) -> tuple[Survey, ...]:
    """Copy the configuration there, and begin with an empty database. Returns its polls, longest first."""
    source = Path(os.environ.get("BARAZA_CONFIG") or "config")
    if not (source / "surveys").is_dir():
        source = Path(__file__).resolve().parents[2] / "config"
    if not (source / "surveys").is_dir():
        raise DemoError("There is no config folder here: run this in a checkout, or set BARAZA_CONFIG.")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in ("demo.db", "demo.db-wal", "demo.db-shm", "keys.json"):
        (home / leftover).unlink(missing_ok=True)
    shutil.rmtree(home / "config", ignore_errors=True)
    shutil.copytree(source, home / "config")
    for guide in sorted((source / "guides").glob("*.yaml")):  # samples, that nobody opens but a demonstration
        shutil.copy(guide, home / "config" / "surveys")
    surveys = [survey for survey in read_polls(home / "config")[0] if survey.guide is None]
    if not surveys:
        raise DemoError(f"There is no poll in {source / 'surveys'}: write one, or set BARAZA_CONFIG.")
    return tuple(sorted(surveys, key=lambda survey: -len(survey.questions)))


def _write_channels(config: Path, providers: str, surveys: Sequence[Survey]) -> None:
    """Every adapter, sending to the providers of this process. Dialling the code starts the shortest poll."""
    channels = {
        name: {
            "adapter": way.adapter,
            "medium": way.medium,
            "sender": way.sender,
            "rate": 500,
            **({"base_url": providers} if way.adapter not in ("phone", "web") else {}),
            **({"start": surveys[-1].name} if way.medium == "ussd" else {}),
        }
        for name, way in WAYS.items()
    }
    (config / "channels.yaml").write_text(yaml.safe_dump({"channels": channels}), encoding="utf-8")


def _ways(surveys: Sequence[Survey]) -> Mapping[str, Sequence[str]]:
    """On which channels each poll is answered: the shortest by USSD, every one by all else."""
    written = ("at-sms", "at-sms", "twilio-sms", "twilio-whatsapp", "telegram", "telegram", "web")
    return {
        survey.name: ("at-ussd", "at-ussd", "at-ussd", *written) if survey is surveys[-1] else written
        for survey in surveys
    }


def _environment(home: Path, url: str, redis_url: str, keys: Keys) -> dict[str, str]:
    """The environment of the gateway's processes. Its secrets live as long as they do."""
    made = {
        **{_variable(name, "hook_token"): secrets.token_urlsafe(24) for name in WAYS},
        **{_variable(name, "username"): "sandbox" for name in WAYS},
        **{_variable(name, "api_key"): keys.api_key for name in WAYS},
        **{_variable(name, "account_sid"): keys.account for name in WAYS},
        **{_variable(name, "auth_token"): keys.auth_token for name in WAYS},
        _variable("telegram", "bot_token"): keys.bot_token,
        _variable("telegram", "hook_secret"): secrets.token_urlsafe(24),
        _variable("web", "signing"): secrets.token_urlsafe(32),
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BARAZA_")}
    return {
        **inherited,
        **made,
        "BARAZA_DEMO": "1",
        "BARAZA_CONFIG": str(home / "config"),
        "BARAZA_KEYS": generate_wrapping_key(),
        "BARAZA_KEY_FILE": str(home / "keys.json"),
        "DATABASE_URL": f"sqlite:///{home / 'demo.db'}",
        "REDIS_URL": redis_url,
        "PUBLIC_BASE_URL": url,
    }


def _variable(channel: str, name: str) -> str:
    return f"BARAZA_{channel.upper().replace('-', '_')}_{name.upper()}"


# Processes ----------------------------------------------------------------------------------------------------------

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PARENT_DEATH_SIGNAL = 1


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _start(environment: Mapping[str, str], *command: str) -> subprocess.Popen[bytes]:
    """A command of the gateway, in a session of its own: an interrupt on the terminal is for us to pass on."""
    return subprocess.Popen(
        [sys.executable, "-c", "from gateway.cli import main; main()", *command],
        env=dict(environment),
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, before any thread of ours holds a lock
    )


def _until_ready(client: Client, processes: Sequence[subprocess.Popen[bytes]], stopping: threading.Event) -> None:
    end = time.monotonic() + PATIENCE
    while not stopping.wait(0.1):
        if any(process.poll() is not None for process in processes):
            raise DemoError("The gateway did not start: see what it said above.")
        if time.monotonic() > end:
            raise DemoError(f"The gateway did not answer within {PATIENCE:.0f} seconds.")
        try:
            if client("GET", "/readyz").status == 200:
                return
        except (OSError, HTTPException):
            continue


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    end = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


# Results ------------------------------------------------------------------------------------------------------------


def _renewing(environment: Mapping[str, str]) -> Callable[[], None]:
    """Renew the releases while answers come in, in a thread of this process. Returns what ends it."""
    here = assemble(settings.load(environment), wake=lambda _: None)
    codebooks = {codebook.name: codebook for codebook in here.polls.codebooks}
    done = threading.Event()

    def run() -> None:
        seen = None
        failed: set[tuple[str, str]] = set()
        while not done.wait(RENEW_SECONDS):
            with reading(here.engine) as connection:
                newest = connection.scalar(sa.select(sa.func.max(schema.conversations.c.updated_at)))
            if newest == seen:
                continue
            seen = newest
            for survey in here.polls.opened:
                minimum = here.settings.minimum_cell
                try:
                    now = here.clock()
                    rows = count(here.engine, here.vault, survey, codebooks, now)
                    rows = replace(rows, telling=telling_of(here.settings.config, survey))
                    release(here.engine, here.vault, rows, survey, codebooks, now, minimum_cell=minimum, simulated=True)
                except Exception as error:  # noqa: BLE001 - the gateway is shown all the same
                    seen = None  # tried again, also where no more answers come
                    kind = (survey.name, type(error).__name__)
                    if kind not in failed:
                        failed.add(kind)
                        # Without the traceback, whose text may hold an answer.
                        log.error("release failed: the results shown are older", survey=kind[0], error=kind[1])  # noqa: TRY400

    thread = threading.Thread(target=run, name="results", daemon=True)
    thread.start()

    def end() -> None:
        done.set()
        thread.join(PATIENCE)
        here.close()

    return end
