"""The settings: the environment, and settings.yaml and channels.yaml in the folder that BARAZA_CONFIG names.

What is missing or wrong stops the start with one sentence that names it (SettingsError). Secrets come from the
environment or from files that it names, never from YAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import time
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, model_validator

from channels import registry
from channels.adapter import Channel, Medium
from gateway.coordination_settings import Coordination
from gateway.guarding import Incentive, Limits, Pacing, Spending
from gateway.mail_settings import Mail
from gateway.rates import Rate
from gateway.retention_settings import Retention
from gateway.setting_types import (
    STAGE,
    AdapterName,
    Clock,
    Country,
    Language,
    Languages,
    Network,
    Strict,
    Within,
    Yes,
    Zone,
    leads_inward,
    wanted,
)
from surveys.problem import SurveyError
from surveys.reader import read
from surveys.validate import Findings, validate

SECRET_NAME = re.compile(r"(^|[_-])(api[_-]?key|key|secret|token|password|passwd|auth)s?($|[_-])", re.IGNORECASE)


class SettingsError(ValueError):
    """A setting is missing or wrong. Its text is one sentence that names it, without any secret."""


# What the files hold ------------------------------------------------------------------------------------------------


class QuietHours(Strict):
    """Nothing is pushed from `start` to `end`; replies go out at any hour. Equal times: no quiet hours."""

    start: Clock = Field(default=time(21), description="from when nothing is pushed")
    end: Clock = Field(default=time(7), description="until when nothing is pushed")
    timezone: Zone = Field(default=ZoneInfo("UTC"), description="whose clock that is")


class Delivery(Strict):
    threads: Annotated[int, Within(1, 64)] = Field(
        default=16, description="calls to one provider at a time, from one worker process"
    )
    lease_seconds: Annotated[int, Within(30, 3600)] = Field(
        default=90, description="how long a worker holds a message that it sends"
    )
    unreported_after_hours: Annotated[int, Within(1, 336)] = Field(
        default=48, description="when a message without a report counts as unreported"
    )


class SigningIn(Strict):
    """How long somebody stays signed in."""

    idle_minutes: Annotated[int, Within(5, 240)] = Field(
        default=30, description="minutes without a page after which a session ends"
    )
    hours: Annotated[int, Within(1, 24)] = Field(default=10, description="hours after which every session ends")


class SettingsFile(Strict):
    """settings.yaml"""

    languages: Languages = Field(
        description="the languages of this gateway, the first where nothing else is known", examples=[["en"]]
    )
    country: Country = Field(description="the country of numbers that are written without one", examples=["KE"])
    countries: tuple[Country, ...] = Field(
        default=(), description="the countries that are served, heard and written to; none: only `country`"
    )
    phones: Yes = Field(
        default=False, description="whether the simulated phones at /phone answer, and their channels exist"
    )
    demo: Yes = Field(default=False, description="whether this is a demonstration, and says so on its pages")
    quiet_hours: QuietHours = Field(default_factory=QuietHours)
    retention: Retention = Field(default_factory=Retention)
    pacing: Pacing = Field(default_factory=Pacing)
    signing_in: SigningIn = Field(default_factory=SigningIn)
    proxies: tuple[Network, ...] = Field(
        default=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="addresses of the proxies in front, whose word is taken for where a request comes from",
    )
    delivery: Delivery = Field(default_factory=Delivery)
    spending: Spending = Field(default_factory=Spending)
    limits: Limits = Field(default_factory=Limits)
    templates: dict[str, str] = Field(
        default_factory=dict,
        description="WhatsApp templates, by the poll or broadcast that needs one a day after a person wrote",
    )
    incentives: dict[str, Incentive] = Field(
        default_factory=dict, description="airtime for whoever completes a poll, by the poll's name"
    )
    mail: Mail = Field(default_factory=Mail)
    coordination: Coordination = Field(default_factory=Coordination)
    minimum_cell: Annotated[int, Within(2, 100)] = Field(
        default=5, description="results of fewer people than this are not shown"
    )


class ChannelEntry(Strict):
    """A channel in channels.yaml. Its secrets are in the environment, as BARAZA_<CHANNEL>_<NAME>."""

    adapter: AdapterName = Field(
        description="the adapter that speaks the provider's protocol, such as twilio", examples=["phone"]
    )
    medium: Annotated[Medium, wanted("sms, ussd, chat or web")] = Field(
        description="sms, ussd, chat or web", examples=["sms"]
    )
    enabled: Yes = Field(default=True, description="whether it is used")
    sender: str = Field(default="", description="the number, short code, service code or bot name that people see")
    base_url: str = Field(default="", description="where the provider's API is, if not where its SDK looks")
    private: Yes = Field(default=False, description="whether base_url may lead into a network of your own")
    rate: Annotated[float, Field(gt=0, le=10_000), wanted("a number of messages a second, above 0")] = Field(
        default=1.0, description="segments a second; on chats, messages"
    )
    burst: Annotated[int, Within(1, 10_000)] | None = Field(
        default=None, description="how many may go out at once after a rest; a second's worth if not set"
    )
    counted: Annotated[Literal["segments", "messages"], wanted("segments or messages")] = Field(
        default="segments", description="what the provider limits: segments, or messages of any length"
    )
    screen: Annotated[int, Within(60, 182)] = Field(
        default=160, description="how many GSM-7 characters a USSD screen takes"
    )
    start: str = Field(default="", description="the keyword that dialling the code or opening the chat stands for")
    language: Language | None = Field(default=None, description="the language of people whom nobody knows yet")
    options: dict[str, str] = Field(default_factory=dict, description="what the adapter wants to know, but no secret")

    @model_validator(mode="before")
    @classmethod
    def _without_secrets(cls, entry: Any) -> Any:
        if isinstance(entry, dict):
            options = entry.get("options")
            names = [*entry, *(options if isinstance(options, dict) else ())]
            if secret := next(filter(SECRET_NAME.search, names), None):
                variable = re.sub("[^A-Z0-9]", "_", secret.upper())[:40]
                raise ValueError(f"`{secret[:40]}` is a secret: take it out, and set BARAZA_<CHANNEL>_{variable}")
            if "@" in urlsplit(str(entry.get("base_url", ""))).netloc:
                raise ValueError("`base_url` holds a secret: take out what stands before the @")
        return entry

    @model_validator(mode="after")
    def _outward(self) -> ChannelEntry:
        if not self.private and leads_inward(self.base_url):
            raise ValueError("`base_url` leads into a network of your own: say `private: true` if that is meant")
        return self


ChannelName = Annotated[
    str, Field(pattern="^[a-z][a-z0-9-]{0,62}$"), wanted("named in lower-case letters, digits and hyphens")
]


class ChannelsFile(Strict):
    """channels.yaml"""

    channels: dict[ChannelName, ChannelEntry] = Field(description="the channels, by name", examples=[{}])


# The settings -------------------------------------------------------------------------------------------------------


class Settings(SettingsFile):
    """All settings of a process: what settings.yaml says, what the environment says, and the enabled channels."""

    config: Path
    database_url: str = Field(repr=False)
    redis_url: str | None = Field(repr=False)  # None: embedded
    public_base_url: str  # without a slash at the end
    wrapping_keys: str = Field(repr=False)  # BARAZA_KEYS as given; gateway.store.keys reads it
    key_file: Path
    spool: Path  # the folder where inbounds wait while PostgreSQL is away
    channels: Mapping[str, Channel] = Field(repr=False)
    rates: Mapping[str, Rate]  # by channel
    mail_password: str = Field(default="", repr=False)
    metrics_tokens: tuple[str, ...] = Field(default=(), repr=False)  # BARAZA_METRICS_TOKEN: newest, older


def key_file_of(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("BARAZA_KEY_FILE") or "var/keys.json").absolute()


def database_url_of(environ: Mapping[str, str]) -> str:
    return environ.get("DATABASE_URL") or f"sqlite:///{Path('var/baraza.db').absolute()}"


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of this environment. Raises SettingsError."""
    config = Path(environ.get("BARAZA_CONFIG") or "config").absolute()
    if not config.is_dir():
        raise SettingsError(f"BARAZA_CONFIG names {config}, which is no folder: set it to one like config/.")
    base_url, file = _public_base_url(environ), _read(config / "settings.yaml", SettingsFile)
    demo = file.demo or environ.get("BARAZA_DEMO") == "1"
    phones = file.phones or demo
    entries = {
        name: entry
        for name, entry in _read(config / "channels.yaml", ChannelsFile).channels.items()
        if entry.enabled and (phones or entry.adapter != "phone")
    }
    secrets = _secrets(environ, entries)
    _check_incentives(file.incentives, entries)
    key_file = key_file_of(environ)
    return Settings(
        **{
            **dict(file),
            "demo": demo,
            "phones": phones,
            "countries": (*(file.countries or (file.country,)), *(STAGE if demo else ())),
            "config": config,
            "database_url": database_url_of(environ),
            "redis_url": environ.get("REDIS_URL") or None,
            "public_base_url": base_url,
            "wrapping_keys": _wrapping_keys(environ),
            "key_file": key_file,
            "spool": Path(environ.get("BARAZA_SPOOL") or key_file.parent / "spool").absolute(),
            "channels": {name: _channel(name, entry, base_url, secrets[name]) for name, entry in entries.items()},
            "mail_password": _secret(environ, "BARAZA_MAIL_PASSWORD"),
            "metrics_tokens": _live(_secret(environ, "BARAZA_METRICS_TOKEN")),
            "rates": {
                name: Rate(entry.rate, entry.burst or max(1, int(entry.rate)), entry.counted == "messages")
                for name, entry in entries.items()
            },
        }
    )


def _check_incentives(incentives: Mapping[str, Incentive], entries: Mapping[str, ChannelEntry]) -> None:
    for poll, incentive in incentives.items():
        entry = entries.get(incentive.channel)
        if entry is None or "airtime" not in registry.capabilities(entry.adapter).events:
            raise SettingsError(
                f"`incentives.{poll}.channel` is {incentive.channel}: it must name an enabled channel that sends "
                "airtime, one with the adapter africastalking."
            )


def require_secrets(channel: Channel, names: tuple[str, ...]) -> None:
    """Raise SettingsError for the first of the adapter's secrets that this channel lacks."""
    for name in names:
        if not channel.secrets.get(name):
            variable = _prefix(channel.name) + name.upper()
            raise SettingsError(f"{variable} is missing: the channel {channel.name} needs it, or {variable}_FILE.")


def _public_base_url(environ: Mapping[str, str]) -> str:
    url = environ.get("PUBLIC_BASE_URL", "").rstrip("/")
    if not url:
        raise SettingsError(
            "PUBLIC_BASE_URL is missing: set it to the address where providers and people reach this gateway, such as "
            "https://polls.example.org."
        )
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]+)?", url):
        raise SettingsError("PUBLIC_BASE_URL must be an address such as https://polls.example.org, and nothing else.")
    return url


def _wrapping_keys(environ: Mapping[str, str]) -> str:
    keys = _secret(environ, "BARAZA_KEYS")
    if not keys:
        raise SettingsError(
            "BARAZA_KEYS is missing: `baraza keys create` prints a line that sets it; keep a copy in a safe place."
        )
    return keys


def _channel(name: str, entry: ChannelEntry, base_url: str, secrets: Mapping[str, tuple[str, ...]]) -> Channel:
    return Channel(
        name=name,
        adapter=entry.adapter,
        medium=entry.medium,
        sender=entry.sender,
        base_url=entry.base_url,
        hook=f"{base_url}/hooks/{name}",
        secrets=secrets,
        options=entry.options,
        screen=entry.screen,
        start=entry.start,
        language=entry.language or "",
        private=entry.private,
    )


def _secrets(environ: Mapping[str, str], names: Mapping[str, ChannelEntry]) -> dict[str, dict[str, tuple[str, ...]]]:
    """The secrets of each channel by name, newest first. A variable belongs to the channel with the longest prefix."""
    found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in names}
    prefixes = sorted(((_prefix(name), name) for name in names), key=lambda pair: len(pair[0]), reverse=True)
    for variable in sorted(environ):
        for prefix, name in prefixes:
            if variable.startswith(prefix):
                variable = variable.removesuffix("_FILE")  # noqa: PLW2901 - the same setting, written in a file
                live = _live(_secret(environ, variable))
                if live and variable != prefix:
                    found[name][variable.removeprefix(prefix).lower()] = live
                break
    return found


def _live(value: str) -> tuple[str, ...]:
    """Secrets that are separated by commas, newest first."""
    return tuple(filter(None, map(str.strip, value.split(","))))


def _secret(environ: Mapping[str, str], variable: str) -> str:
    """The value of a variable, or what is in the file that <variable>_FILE names; "" for neither."""
    value, file = environ.get(variable, "").strip(), environ.get(f"{variable}_FILE", "")
    if not file:
        return value
    if value:
        raise SettingsError(f"{variable} and {variable}_FILE are both set: unset one of them.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SettingsError(
            f"{variable}_FILE names a file that can't be read: check where it is and who owns it."
        ) from None


def _prefix(channel: str) -> str:
    return f"BARAZA_{channel.upper().replace('-', '_')}_"


# Reading and describing the files -----------------------------------------------------------------------------------

File = TypeVar("File", bound=BaseModel)


def _read(path: Path, model: type[File]) -> File:
    """One of the two files. Raises SettingsError with the first problem in it."""
    try:
        source = path.read_bytes()
    except OSError:
        raise SettingsError(f"{path} can't be read: BARAZA_CONFIG must name a folder like config/.") from None
    try:
        findings = Findings(read(source, str(path)))
    except SurveyError as error:
        raise SettingsError(str(error.problems[0])) from None
    result = validate(model, findings)
    if findings.problems or result is None:
        first, *others = sorted(findings.problems)
        raise SettingsError(f"{first}{f' (and {len(others)} more)' if others else ''}")
    return result


def schemas() -> dict[str, str]:
    """The JSON Schemas that editors check the two files with, by file name."""
    dumps = partial(json.dumps, indent=2, ensure_ascii=False)
    return {
        "settings.schema.json": dumps(SettingsFile.model_json_schema()) + "\n",
        "channels.schema.json": dumps(ChannelsFile.model_json_schema()) + "\n",
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        Path("config", name).write_text(text, encoding="utf-8")
