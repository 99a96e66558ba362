"""What messages cost: config/prices.yaml, a table by channel or adapter, and by country.

Money is decimal, in the currency that the row says; nothing is converted. What the gateway pays and what the
participant pays are told apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from channels import registry
from channels.adapter import Channel, Medium
from surveys.keys import Keys
from surveys.problem import Problem, SurveyError, did_you_mean
from surveys.reader import read
from surveys.scalars import Filled, Flag, shown
from surveys.validate import Findings, validate

FILE = "prices.yaml"

_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"\+[1-9][0-9]{0,5}")
_SECONDS = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Price:
    """One row. `channel` or `adapter` says what it is for, `country` the beginning of the numbers ("" for all).

    `sent` and `received` are what the gateway pays for a segment (on chats: a message), `session` for a USSD session,
    or for every `seconds` of it that begin. `person_sent` and `person_session` are what the participant pays for the
    same, None where that is not known; `free` says that it costs them nothing: the other side is billed.
    """

    currency: str
    channel: str = ""
    adapter: str = ""
    medium: Medium | None = None
    country: str = ""
    sent: Decimal = Decimal(0)
    received: Decimal = Decimal(0)
    session: Decimal = Decimal(0)
    seconds: int = 0
    person_sent: Decimal | None = None
    person_session: Decimal | None = None
    free: bool = False
    example: bool = False

    def fits(self, channel: Channel) -> bool:
        if self.channel:
            return self.channel == channel.name
        return self.adapter == channel.adapter and self.medium in (None, channel.medium)


class Prices:
    def __init__(self, rows: Iterable[Price] = ()) -> None:
        self.rows = tuple(rows)

    def of(self, channel: Channel) -> tuple[Price, ...]:
        """The rows of a channel, one a country: its own before its adapter's, those of a medium before others."""
        fitting = [price for price in self.rows if price.fits(channel)]
        fitting.sort(key=lambda price: (not price.channel, price.medium is None))
        found: dict[str, Price] = {}
        for price in fitting:
            found.setdefault(price.country, price)
        return tuple(found[country] for country in sorted(found))


def read_prices(config: Path) -> Prices:
    """The prices of a configuration folder; none where it has no such file. Raises SurveyError."""
    path = config / FILE
    return load_prices(path.read_bytes(), str(path)) if path.is_file() else Prices()


# What the file holds ------------------------------------------------------------------------------------------------


def _matching(pattern: re.Pattern[str], what: str) -> Any:
    def check(value: object) -> str:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise ValueError(f"{shown(value)} is {what}")

    return check


def _amount(value: object) -> Decimal:
    return Decimal(_matching(_AMOUNT, "no amount; write one in digits, such as 0.80 or 0")(value))


def _known(names: Iterable[str]) -> Any:
    def check(value: object) -> str:
        if isinstance(value, str) and value in names:
            return value
        raise ValueError(f"there is no {value!r}{did_you_mean(str(value), names)}")

    return check


def _seconds(value: object) -> int:
    return int(_matching(_SECONDS, "no number of seconds; write one such as 20")(value))


Amount = Annotated[Decimal, PlainValidator(_amount), WithJsonSchema({"type": ["number", "string"]})]
Currency = Annotated[
    str,
    PlainValidator(_matching(_CURRENCY, "no currency; write three capital letters, such as KES")),
    WithJsonSchema({"type": "string", "pattern": f"^{_CURRENCY.pattern}$"}),
]
Country = Annotated[
    str,
    PlainValidator(_matching(_COUNTRY, 'no beginning of numbers; write one such as "+254"')),
    WithJsonSchema({"type": "string", "pattern": f"^{_COUNTRY.pattern}$"}),
]
AdapterName = Annotated[str, PlainValidator(_known(registry.names())), WithJsonSchema({"enum": list(registry.names())})]
MediumName = Annotated[str, PlainValidator(_known(list(Medium))), WithJsonSchema({"enum": list(Medium)})]
Seconds = Annotated[int, PlainValidator(_seconds), WithJsonSchema({"type": "integer", "minimum": 1})]


class PriceDefinition(Keys):
    """What one channel, or every channel of one adapter, costs."""

    currency: Currency = Field(description="the currency of the row, such as KES", examples=["XXX"])
    channel: Filled | None = Field(default=None, description="the channel's name in channels.yaml")
    adapter: AdapterName | None = Field(default=None, description="the adapter, in place of a channel")
    medium: MediumName | None = Field(default=None, description="of an adapter: sms, ussd, chat or web only")
    country: Country | None = Field(default=None, description='what the numbers begin with, such as "+254"')
    example: Flag = Field(default=False, description="yes where the amounts are made up, which every cost then says")
    sent: Amount = Field(default=Decimal(0), description="for each segment sent; on chats for each message")
    received: Amount = Field(default=Decimal(0), description="for each segment received; on chats for each message")
    session: Amount = Field(default=Decimal(0), description="for each USSD session")
    seconds: Seconds | None = Field(default=None, description="`session` is for every so many seconds that begin")
    free: Flag = Field(default=False, description="yes where it costs the participant nothing: reverse-billed")
    person_sent: Amount | None = Field(default=None, description="what the participant pays for each segment they send")
    person_session: Amount | None = Field(default=None, description="what the participant pays for a USSD session")


class PricesDefinition(Keys):
    """prices.yaml"""

    prices: list[PriceDefinition] = Field(description="the rows of the table", examples=[[]])


def load_prices(source: str | bytes, file: str) -> Prices:
    """The table written in `source`. Raises SurveyError with everything that is wrong with it."""
    findings = Findings(read(source, file))
    definition = validate(PricesDefinition, findings)
    seen: dict[tuple[object, ...], int] = {}
    for place, row in enumerate(definition.prices if definition else ()):
        path = "prices", place
        if (row.channel is None) == (row.adapter is None):
            findings.add(path, "a row is for a `channel` or for an `adapter`; write one of the two")
        if row.medium and row.channel:
            findings.add((*path, "medium"), "a channel has one medium, channels.yaml says which; take this out")
        if row.seconds and not row.session:
            findings.add((*path, "seconds"), "`seconds` says how long `session` pays for; add `session`")
        for key in ("person_sent", "person_session"):
            if row.free and getattr(row, key):
                findings.add((*path, key), f"`free: yes` says that the participant pays nothing; take `{key}` out")
        what = row.channel, row.adapter, row.medium, row.country
        if what in seen:
            findings.add(path, f"row {seen[what] + 1} is for the same; put them together, or say another `country`")
        seen.setdefault(what, place)
    if findings.problems or definition is None:
        raise SurveyError(findings.problems)
    return Prices(map(_price, definition.prices))


def _price(row: PriceDefinition) -> Price:
    nothing = Decimal(0) if row.free else None
    return Price(
        currency=row.currency,
        channel=row.channel or "",
        adapter=row.adapter or "",
        medium=Medium(row.medium) if row.medium else None,
        country=row.country or "",
        sent=row.sent,
        received=row.received,
        session=row.session,
        seconds=row.seconds or 0,
        person_sent=nothing if row.person_sent is None else row.person_sent,
        person_session=nothing if row.person_session is None else row.person_session,
        free=row.free,
        example=row.example,
    )


def unknown_channels(source: str | bytes, file: str, known: Mapping[str, object]) -> tuple[Problem, ...]:
    """Rows for channels that channels.yaml does not have."""
    document = read(source, file)
    rows = document.data.get("prices", []) if isinstance(document.data, dict) else []
    return tuple(
        document.problem(
            ("prices", place, "channel"),
            f"there is no channel '{row['channel']}' in channels.yaml{did_you_mean(row['channel'], known)}",
        )
        for place, row in enumerate(rows)
        if row.get("channel", "") not in (*known, "")
    )


def schema() -> str:
    """The JSON Schema that editors check the file with: config/prices.schema.json."""
    return json.dumps(PricesDefinition.model_json_schema(), indent=2, ensure_ascii=False, default=str) + "\n"
