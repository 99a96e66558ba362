"""The parts of one process, put together: settings, store, texts, polls, adapters, intake and delivery.

Here and nowhere else the rooms of the gateway meet: whoever adds a flow's effects or facts registers them here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
import structlog

from channels import registry
from channels.adapter import Adapter, Channel
from gateway.accounts.accounts import Accounts, open_accounts
from gateway.catalogues import load_catalogues
from gateway.delivery.delivery import Delivery
from gateway.delivery.redis import RedisNotStartedError, Server, connect, open_server
from gateway.delivery.settings import DeliverySettings, Quiet, Rate
from gateway.delivery.sweeper import Timer, TimerHandler
from gateway.delivery.waker import Waker
from gateway.ingest import handlers
from gateway.ingest.conversing import DIRECT, Rules
from gateway.ingest.intake import Intake
from gateway.ingest.routing import Router
from gateway.polls import Polls, load_polls
from gateway.results.released import reader as released_reader
from gateway.settings import Settings, require_secrets
from gateway.store.keys import Vault
from gateway.store.opening import open_store
from surveys.engine import SurveyFlow
from surveys.texts import Texts

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a web process, a worker or a command works with. `close` ends its threads."""

    settings: Settings
    engine: sa.Engine
    vault: Vault
    texts: Texts
    polls: Polls
    accounts: Accounts
    adapters: Mapping[str, Adapter]
    rules: Rules
    intake: Intake
    clock: Callable[[], datetime]
    close: Callable[[], None]

    def channel(self, name: str) -> Channel | None:
        return self.settings.channels.get(name)

    def delivery(self) -> Delivery:
        """Delivery for the channels of this gateway; a worker process runs it."""
        settings = self.settings
        quiet = settings.quiet_hours
        return Delivery(
            self.engine,
            self.vault,
            {name: adapter for name, adapter in self.adapters.items() if adapter.capabilities.media - set(DIRECT)},
            settings=DeliverySettings(
                lease=settings.delivery.lease_seconds,
                report_after=settings.delivery.unreported_after_hours * 3600,
                quiet=Quiet(quiet.start, quiet.end, quiet.timezone),
                rates={name: Rate(rate, max(1, int(rate))) for name, rate in settings.rates.items()},
            ),
            timers=TIMERS,
            clock=self.clock,
        )


def assemble(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    wake: Callable[[Iterable[str]], None] | None = None,
) -> Assembly:
    """Open everything these settings name. Raises SettingsError, StoreError, KeyFileError or DatabaseUrlError.

    `wake` is for tests and for processes that deliver by themselves; without it the workers are woken by Redis.
    """
    adapters = {}
    for channel in settings.channels.values():
        require_secrets(channel, registry.capabilities(channel.adapter).secrets)
        adapters[channel.name] = registry.adapter(channel)
    store = open_store(settings)
    texts = load_catalogues(settings.config)
    polls = load_polls(settings.config, store.engine, clock())
    flows = {survey.name: SurveyFlow(survey, texts) for survey in polls.open}
    earlier = {survey.id: SurveyFlow(survey, texts) for survey in polls.earlier}
    rules = Rules(
        router=Router(flows, texts, earlier),
        texts=texts,
        handlers=handlers.HANDLERS,
        readers={**handlers.READERS, "released": released_reader(polls.open)},
    )
    close_waker = _nothing
    if wake is None:
        wake, close_waker = _waker(settings)
    intake = Intake(store.engine, store.vault, lambda: rules, clock, wake)

    def close() -> None:
        intake.close()
        close_waker()
        store.engine.dispose()

    accounts = open_accounts(settings, store.engine, store.vault, clock)
    return Assembly(settings, store.engine, store.vault, texts, polls, accounts, adapters, rules, intake, clock, close)


def redis_folder(settings: Settings) -> Path:
    """Where the embedded Redis has its socket."""
    return settings.key_file.parent / "redis"


def _waker(settings: Settings) -> tuple[Callable[[Iterable[str]], None], Callable[[], None]]:
    try:
        server: Server = open_server(settings.redis_url, redis_folder(settings))
    except RedisNotStartedError as error:
        log.warning("redis unavailable", error=str(error))
        return _nothing_to_wake, _nothing
    waker = Waker(connect(server, hurried=True))

    def close() -> None:
        waker.close()
        server.close()

    return waker.wake, close


def _nothing() -> None:
    pass


def _nothing_to_wake(_channels: Iterable[str]) -> None:
    """Without Redis the workers' sweepers find what is due."""


def _farewell(connection: sa.Connection, timer: Timer, _now: datetime) -> None:
    handlers.farewell(connection, int(timer.subject))


TIMERS: Mapping[str, TimerHandler] = {"farewell": _farewell}
