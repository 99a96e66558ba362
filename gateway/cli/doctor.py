"""baraza doctor: what is ready to run, and what is not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError

from channels import registry
from channels.adapter import Inspectable, SendError
from gateway import settings
from gateway.authoring.tariff import tariff
from gateway.catalogues import load_catalogues
from gateway.cli import output
from gateway.cli.errors import sentence
from gateway.delivery import watching
from gateway.delivery.shares import open_channels
from gateway.delivery.spending import UNIT, spent
from gateway.polls import read_polls
from gateway.settings import Settings
from gateway.store import database, migrate
from gateway.store.keys import load_key_file, parse_wrapping_keys
from gateway.store.schema import meta
from gateway.store.spool import UNREADABLE, waiting
from gateway.store.wiping import KEY_FILE

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class State(StrEnum):
    READY = "ready"
    NOTE = "note"  # it runs, but somebody should know
    NOT_READY = "not ready"


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    state: State
    says: str


@click.command()
@output.as_json
def doctor(*, as_json: bool) -> None:
    """Say what is ready to run, and what is not. Changes nothing. Exit status 1 where something is not ready."""
    findings = list(examine())
    ready = all(finding.state is not State.NOT_READY for finding in findings)
    if as_json:
        output.data({"ready": ready, "findings": [asdict(finding) for finding in findings]})
    else:
        output.table((finding.state, finding.what, finding.says) for finding in findings)
    if not ready:
        raise click.exceptions.Exit(1)


def examine() -> Iterator[Finding]:
    """All findings. Without settings there is nothing else to look at."""
    try:
        here = settings.load(os.environ)
    except settings.SettingsError as error:
        yield Finding("settings", State.NOT_READY, str(error))
        return
    yield Finding("settings", State.READY, str(here.config))
    for what, look in CHECKS.items():
        try:
            yield from (Finding(what, state, says) for state, says in look(here))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one part, the others are looked at
            yield Finding(what, State.NOT_READY, sentence(error))


Look = Iterator[tuple[State, str]]


def _address(here: Settings) -> Look:
    parts = urlsplit(here.public_base_url)
    if parts.scheme == "https":
        yield State.READY, here.public_base_url
    elif parts.hostname in LOOPBACK:
        yield State.NOTE, f"{here.public_base_url} can be reached from this machine only: providers can't."
    else:
        yield State.NOT_READY, f"PUBLIC_BASE_URL is {here.public_base_url}: it must begin with https."


def _not_made(here: Settings) -> str:
    """SQLite's file, where it is not there yet; else ""."""
    file = sa.engine.make_url(here.database_url).database if here.database_url.startswith("sqlite") else None
    return file if file and not Path(file).exists() else ""


def _database(here: Settings) -> Look:
    if file := _not_made(here):
        yield State.NOT_READY, f"{file} is not there yet: run `baraza db upgrade`."
        return
    engine = database.connect(here.database_url)
    try:
        at, needed = migrate.current(engine), migrate.head()
    finally:
        engine.dispose()
    if at == needed:
        yield State.READY, f"{engine.dialect.name}, at revision {at}"
    else:
        yield State.NOT_READY, f"It is at revision {at or 'none'} and needs {needed}: run `baraza db upgrade`."


def _keys(here: Settings) -> Look:
    wrapping = parse_wrapping_keys(here.wrapping_keys)
    known = _key_file_of_database(here)
    if not here.key_file.exists() and known is None:
        yield State.NOTE, f"{here.key_file} is made when the gateway first starts."
        return
    vault = load_key_file(here.key_file, wrapping)
    if known in (None, vault.file):
        yield State.READY, f"{here.key_file} opens with BARAZA_KEYS"
    else:
        yield State.NOT_READY, f"{here.key_file} is not the one that this database was written with."


def _key_file_of_database(here: Settings) -> str | None:
    """None where the database can't say: what is wrong with it has a finding of its own."""
    try:
        if _not_made(here):
            return None
        engine = database.connect(here.database_url)
        with database.reading(engine) as connection:
            return connection.scalar(sa.select(meta.c.value).where(meta.c.name == KEY_FILE))
    except (sa.exc.SQLAlchemyError, database.DatabaseUrlError):
        return None


def _spool(here: Settings) -> Look:
    if here.database_url.startswith("sqlite"):
        yield State.READY, "not needed: the database is on this machine's disk"
        return
    folder = next(each for each in (here.spool, *here.spool.parents) if each.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield State.NOT_READY, f"{folder} can't be written: messages are refused while the database is away."
        return
    if size := waiting(here.spool):
        yield State.NOTE, f"{size} bytes wait in {here.spool}: `baraza serve` takes them up when the database is there."
    if (here.spool / UNREADABLE).exists():
        yield State.NOTE, f"{here.spool / UNREADABLE} holds messages that don't open with this key file: keep it."
    yield State.READY, f"{here.spool}, {shutil.disk_usage(folder).free // 2**20} MiB free"


def _redis(here: Settings) -> Look:
    if here.redis_url is None:
        yield State.READY, "embedded: started by the first process that needs it"
        return
    try:
        Redis.from_url(here.redis_url, socket_timeout=2, socket_connect_timeout=2).ping()
    except (RedisError, ValueError) as error:
        yield State.NOTE, f"REDIS_URL can't be reached ({type(error).__name__}): messages go out a second later."
    else:
        yield State.READY, "reached"


def _channels(here: Settings) -> Look:
    if not here.channels:
        yield State.NOT_READY, f"No channel is enabled in {here.config / 'channels.yaml'}."
    for name, channel in here.channels.items():
        try:
            capabilities = registry.capabilities(channel.adapter)
            settings.require_secrets(channel, capabilities.secrets)
        except LookupError as error:
            yield State.NOT_READY, f"{name}: {error}"
        except settings.SettingsError as error:
            yield State.NOT_READY, str(error)
        else:
            yield State.READY, f"{name}: {channel.adapter}, {channel.medium}"


def _polls(here: Settings) -> Look:
    polls, codebooks, problems = read_polls(here.config)
    for problem in problems:
        yield State.NOT_READY, str(problem)
    if polls:
        yield State.READY, f"{', '.join(poll.name for poll in polls)}; {len(codebooks)} codebooks"
    else:
        yield State.NOT_READY, f"There is no poll in {here.config / 'surveys'}."


def _languages(here: Settings) -> Look:
    texts = load_catalogues(here.config)
    for language in here.languages:
        if language not in texts.languages:
            yield State.NOT_READY, f"{language} has no catalogue; there are {', '.join(texts.languages)}."
        elif missing := texts.missing(language):
            yield State.NOTE, f"{language} lacks {', '.join(missing)}: said in the first language."
        else:
            yield State.READY, f"{language}: {texts.name(language)}"


def _sending(here: Settings) -> Look:
    """How delivery stands, as /dashboard/operations says it."""
    if _not_made(here):
        return  # what is wrong with the database has a finding of its own
    rates, now = tariff(here), datetime.now(UTC)
    engine = database.connect(here.database_url)
    try:
        with database.reading(engine) as connection:
            workers = watching.present(connection, now)
            lost = sum(each.rows for each in watching.reasons(connection, now))
            ages = watching.since_when(connection, here.channels, now)
            nobody_s = set(open_channels(connection)) - set(here.channels)
            spent_today = spent(connection, rates.day(now))
    except sa.exc.DBAPIError:
        return
    finally:
        engine.dispose()
    if workers:
        yield State.READY, f"{len(workers)} workers"
    else:
        yield State.NOTE, "no worker is running: nothing is sent"
    if late := max(ages.values(), default=0.0):
        yield State.NOTE, f"the oldest message has been due for {late:.0f} s"
    for channel in sorted(nobody_s):
        yield (
            State.NOTE,
            f"messages wait on {channel}, which is no channel of channels.yaml: they fail after a day",
        )
    if lost:
        yield State.NOTE, f"{lost} messages of the last week did not arrive: `baraza outbox list` says why"
    for currency, limit in rates.limits.items():
        if spent_today.get(currency, 0) >= limit:
            yield State.NOTE, f"today's limit of {currency} {limit / UNIT:.2f} is spent: nothing is sent until tomorrow"
        if not any(price.currency == currency for prices in rates.prices.values() for price in prices):
            yield State.NOTE, f"`spending` limits {currency}, in which prices.yaml has no price of a channel"


def _hooks(here: Settings) -> Look:
    """What providers say of how they call us, where they can be asked."""
    for name, channel in here.channels.items():
        adapter = registry.adapter(channel)
        if not isinstance(adapter, Inspectable):
            continue
        try:
            amiss = adapter.inspect()
        except SendError as error:
            yield State.NOTE, f"{name}: {error} Its hooks could not be looked at."
            continue
        for wrong in amiss:
            yield State.NOTE, f"{name}: {wrong}"
        if not amiss:
            yield State.READY, f"{name}: called with retries and a fallback"


CHECKS: dict[str, Callable[[Settings], Look]] = {
    "address": _address,
    "database": _database,
    "keys": _keys,
    "spool": _spool,
    "redis": _redis,
    "channels": _channels,
    "hooks": _hooks,
    "sending": _sending,
    "polls": _polls,
    "languages": _languages,
}
