"""The parts of one process, put together: settings, store, texts, polls, adapters, intake and delivery.

Here and nowhere else the rooms of the gateway meet: whoever adds a flow's effects or facts registers them here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa
import structlog

from channels import registry
from channels.adapter import DIRECT, Adapter, AnyReport, Channel, Fetching, Medium, Report, TopsUp, TopUp
from channels.numbers import Countries
from gateway.accounts.accounts import Accounts, open_accounts
from gateway.actors.rounds import Caller
from gateway.broadcasts.model import Shown
from gateway.broadcasts.office import Office
from gateway.campaigns import kit, shelf
from gateway.campaigns.model import Campaign
from gateway.campaigns.rounds import Rounds as Letters
from gateway.campaigns.rounds import Ways
from gateway.catalogues import load_catalogues
from gateway.coordination.heard import heard_now
from gateway.delivery.delivery import Delivery
from gateway.delivery.gate import Gate, Terms
from gateway.delivery.redis import RedisNotStartedError, Server, connect, open_server, unstarted
from gateway.delivery.reports import apply_reports
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.spending import Tariff
from gateway.delivery.sweeper import Timer, TimerHandler
from gateway.delivery.waker import Waker
from gateway.incentives.ledger import hear
from gateway.incentives.paying import Payer
from gateway.ingest.followup import FollowUp
from gateway.ingest.intake import Intake
from gateway.ingest.limits import Limits
from gateway.ingest.reception import Reception, Reporter
from gateway.ingest.rules import Rules
from gateway.ingest.spooler import Spooler
from gateway.lifecycle import CLOSING, ROUND, close_by_the_clock
from gateway.live import Live
from gateway.moderation.desk import Desk
from gateway.notices import Notices
from gateway.parts import pushing
from gateway.polls import Polls
from gateway.quiet import Quiet
from gateway.results.released import texts_of
from gateway.settings import Settings, require_secrets
from gateway.store.database import reading
from gateway.store.erasing import farewell
from gateway.store.keys import Vault, load_key_file, parse_wrapping_keys
from gateway.store.opening import open_store
from gateway.store.spool import Spool
from gateway.store.wiping import Watch
from surveys.gazetteer import Gazetteer
from surveys.model import Survey
from surveys.texts import Texts

if TYPE_CHECKING:
    from gateway.results.rounds import Rounds

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Front:
    """What requests are taken with: `reception` is a spooler alone while a process waits for the database."""

    adapters: Mapping[str, Adapter]
    reception: Reception | Spooler
    limits: Limits
    texts: Texts


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a web process, a worker or a command works with. `close` ends its threads."""

    settings: Settings
    engine: sa.Engine
    vault: Vault
    texts: Texts
    live: Live
    accounts: Accounts
    adapters: Mapping[str, Adapter]
    intake: Intake
    reception: Reception
    clock: Callable[[], datetime]
    close: Callable[[], None]

    def watch(self) -> Watch:
        """What a process that runs for long asks whether it must end."""
        return Watch(self.engine, self.vault, self.settings.key_file)

    @property
    def polls(self) -> Polls:
        return self.live.polls

    @property
    def rules(self) -> Rules:
        return self.live.rules

    def channel(self, name: str) -> Channel | None:
        return self.settings.channels.get(name)

    def delivery(self, tariff: Tariff | None = None) -> Delivery:
        """Delivery for the channels of this gateway; a worker process runs it. `tariff` is what messages cost."""
        settings = self.settings
        return Delivery(
            self.engine,
            self.vault,
            {name: self._gated(adapter) for name, adapter in self.adapters.items() if _pushes(adapter)},
            settings=DeliverySettings(
                threads=settings.delivery.threads,
                lease=settings.delivery.lease_seconds,
                report_after=settings.delivery.unreported_after_hours * 3600,
                quiet=self._quiet,
                rates=settings.rates,
                pace=settings.pacing.seconds_between,
                pushes=settings.pacing.messages_a_day,
            ),
            redis=connect(unstarted(settings.redis_url, redis_folder(settings)), hurried=True),
            tariff=tariff,
            texts=self.texts,
            timers={
                **TIMERS,
                ROUND: self._interviews_due,
                **{kind: act for part in self.live.parts for kind, act in part.timers(self.notices).items()},
            },
            clock=self.clock,
        )

    def follow_up(self, wake: Callable[[Iterable[str]], None]) -> FollowUp:
        """Reminders and expiry; a worker process runs it."""
        channels = {name: channel for name, channel in self.settings.channels.items() if name in self.adapters}
        return FollowUp(
            self.engine,
            self.vault,
            lambda: self.rules,
            channels,
            quiet=self._quiet,
            clock=self.clock,
            wake=wake,
        )

    def payer(self) -> Payer:
        """Sends the airtime that people have earned; a worker process runs it."""
        accounts = {
            name: cast("TopsUp", adapter)
            for name, adapter in self.adapters.items()
            if "airtime" in adapter.capabilities.events
        }
        return Payer(self.engine, self.vault, accounts, self.clock)

    def digests(self, wake: Callable[[Iterable[str]], None]) -> Rounds:
        """Digests to those who ordered them; a worker process runs it."""
        # Only there, and not by every command: what counts and codes takes seconds to load.
        from gateway.results.mail import poster  # noqa: PLC0415
        from gateway.results.rounds import Rounds  # noqa: PLC0415
        from gateway.results.telling import telling_of  # noqa: PLC0415

        here = self.settings
        return Rounds(
            self.engine,
            self.vault,
            lambda: self.polls,
            {name: channel for name, channel in here.channels.items() if name in self.adapters},
            poster(here.mail, here.mail_password),
            here.minimum_cell,
            self.clock,
            wake,
            lambda survey: telling_of(here.config, survey),
            lambda channel: registry.capabilities(channel.adapter).pictures,
            lambda: heard_now(self.engine, self.places, self.clock()),
            simulated=here.demo,
        )

    @property
    def notices(self) -> Notices:
        return Notices(self.vault, self.texts, pushing(self.settings))

    @property
    def places(self) -> Gazetteer:
        """Those that people name where they come together; none where they don't."""
        return self.live.places

    @property
    def desk(self) -> Desk:
        kinds = [kind for part in self.live.parts for kind in part.kinds]
        return Desk(self.engine, self.notices, kinds, self.clock, self.intake.wake)

    def letters(self, delivery: Delivery) -> Letters:
        """Messages to representatives, and reminders of pledges; a worker process runs it."""
        from gateway.results.mail import Note, poster  # noqa: PLC0415 - only a worker waits for it

        post = poster(self.settings.mail, self.settings.mail_password)

        def mail(subject: str, text: str, to: str) -> None:
            assert post is not None
            post(Note(subject, text), to)

        texting = (name for name in delivery.channels if self.settings.channels[name].medium is Medium.SMS)
        sms = next(map(delivery.direct, texting), None)
        fetching = {name: one for name, one in self.adapters.items() if isinstance(one, Fetching)}
        ways = Ways(mail if post else None, sms, fetching)
        return Letters(self.engine, self.notices, ways, self.clock, delivery.wake, self.settings.public_base_url)

    @property
    def broadcasts(self) -> Office:
        return office(self.settings, self.engine, self.vault, self.texts, lambda: self.polls, self.clock)

    @property
    def front(self) -> Front:
        """What a web process takes requests with."""
        return Front(self.adapters, self.reception, _limits(self.settings, self.texts, self.clock), self.texts)

    def _interviews_due(self, connection: sa.Connection, timer: Timer, now: datetime) -> None:
        pushing = {name: one for name, one in self.settings.channels.items() if name in self.adapters}
        Caller(self.vault, self.texts, pushing).tell(connection, self.polls, timer.subject, now)

    def _gated(self, adapter: Adapter) -> Adapter:
        terms = Terms(Countries(self.settings.countries), self.settings.templates)
        return cast("Adapter", Gate(adapter, self.engine, terms, self.clock))  # as much of one as delivery uses

    @property
    def _quiet(self) -> Quiet:
        return quiet(self.settings)


def quiet(settings: Settings) -> Quiet:
    """The gateway's own quiet hours."""
    hours = settings.quiet_hours
    return Quiet(hours.start, hours.end, hours.timezone)


def office(
    settings: Settings,
    engine: sa.Engine,
    vault: Vault,
    texts: Texts,
    polls: Callable[[], Polls],
    clock: Callable[[], datetime],
) -> Office:
    """Broadcasts, for a process that need not send by itself."""

    def released(survey: Survey) -> Mapping[str, str]:
        with reading(engine) as connection:
            return texts_of(connection, survey)

    def campaigns() -> Mapping[str, Shown]:
        with reading(engine) as connection:
            return {one.name: _shown(one, texts) for one in shelf.published(connection)}

    return Office(
        config=settings.config,
        engine=engine,
        vault=vault,
        texts=texts,
        polls=polls,
        channels=settings.channels,
        rates={name: rate.per_second for name, rate in settings.rates.items()},
        quiet=quiet(settings),
        released=released,
        campaigns=campaigns,
        clock=clock,
    )


def _shown(campaign: Campaign, texts: Texts) -> Shown:
    """A campaign as broadcasts know it."""
    pieces = {
        piece.id: {code: kit.sms(campaign, piece, code, texts) for code in campaign.languages}
        for piece in campaign.pieces
    }
    return Shown(campaign.languages, campaign.sender, campaign.topic, pieces)


def assemble(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    wake: Callable[[Iterable[str]], None] | None = None,
) -> Assembly:
    """Open everything these settings name. Raises SettingsError, StoreError, KeyFileError or DatabaseUrlError.

    `wake` is for tests and for processes that deliver by themselves; without it the workers are woken by Redis.
    """
    adapters = _adapters(settings)
    store = open_store(settings)
    texts = load_catalogues(settings.config)
    live = Live(settings, store.engine, texts)
    close_waker = _nothing
    if wake is None:
        wake, close_waker = _waker(settings)
    intake = Intake(store.engine, store.vault, lambda: live.rules, clock, wake)
    spooler = None if settings.database_url.startswith("sqlite") else _spooler(settings, store.vault, texts, clock)
    reception = Reception(intake, _reporter(store.engine, store.vault, clock), spooler, settings.channels)

    def close() -> None:
        if spooler is not None:
            spooler.spool.close()
        intake.close()
        close_waker()
        store.engine.dispose()

    accounts = open_accounts(settings, store.engine, store.vault, clock)
    return Assembly(
        settings, store.engine, store.vault, texts, live, accounts, adapters, intake, reception, clock, close
    )


def redis_folder(settings: Settings) -> Path:
    """Where the embedded Redis has its socket."""
    return settings.key_file.parent / "redis"


def assemble_spooling(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Front:
    """What can take requests while the database can't be asked for anything: not whether the key file is the one that
    it needs, for one, so there must be one. Raises SettingsError or KeyFileError."""
    vault = load_key_file(settings.key_file, parse_wrapping_keys(settings.wrapping_keys))
    texts = load_catalogues(settings.config)
    spooler = _spooler(settings, vault, texts, clock)
    return Front(_adapters(settings), spooler, _limits(settings, texts, clock), texts)


def _limits(settings: Settings, texts: Texts, clock: Callable[[], datetime]) -> Limits:
    """What a web process does not take in."""
    return Limits(settings.limits, Countries(settings.countries), texts, clock)


def _adapters(settings: Settings) -> Mapping[str, Adapter]:
    adapters = {}
    for channel in settings.channels.values():
        require_secrets(channel, registry.capabilities(channel.adapter).secrets)
        adapters[channel.name] = registry.adapter(channel)
    return adapters


def _spooler(settings: Settings, vault: Vault, texts: Texts, clock: Callable[[], datetime]) -> Spooler:
    return Spooler(Spool(settings.spool, vault), texts, clock)


def _reporter(engine: sa.Engine, vault: Vault, clock: Callable[[], datetime]) -> Reporter:
    def report(channel: str, reports: Sequence[AnyReport]) -> None:
        with engine.begin() as connection:
            apply_reports(connection, channel, [one for one in reports if isinstance(one, Report)], clock())
            for one in reports:
                if isinstance(one, TopUp):
                    hear(connection, vault, channel, one, clock())

    return report


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


def _pushes(adapter: Adapter) -> bool:
    return bool(adapter.capabilities.media - set(DIRECT))


def _nothing() -> None:
    pass


def _nothing_to_wake(_channels: Iterable[str]) -> None:
    """Without Redis the workers' sweepers find what is due."""


def _farewell(connection: sa.Connection, timer: Timer, _now: datetime) -> None:
    farewell(connection, int(timer.subject))


def _close(connection: sa.Connection, timer: Timer, now: datetime) -> None:
    close_by_the_clock(connection, timer.subject, now)


TIMERS: Mapping[str, TimerHandler] = {"farewell": _farewell, CLOSING: _close}
