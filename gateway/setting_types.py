"""The kinds of values that settings have, each saying what is wanted where something else stands."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import time
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers
from annotated_types import Ge, GroupedMetadata, Le
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    WrapValidator,
)

from channels import registry
from gateway.money import Money, money

STAGE = ("GB", "GG", "IM", "JE")
"""Where the demonstration's people are: their numbers are of a British range that is kept for films."""


def wanted(what: str) -> WrapValidator:
    """Whatever is wrong with a value, say what is wanted."""

    def check(value: Any, parse: Any, info: ValidationInfo) -> Any:
        try:
            return parse(value)
        except (ValidationError, ValueError):
            raise ValueError(f"`{info.field_name}` must be {what}") from None

    return WrapValidator(check)


@dataclass(frozen=True, slots=True)
class Within(GroupedMetadata):
    """The bounds of a whole number, both included."""

    least: int
    most: int

    def __iter__(self) -> Iterator[Any]:
        yield Ge(self.least)
        yield Le(self.most)
        yield wanted(f"a whole number, {self.least} to {self.most}")


def leads_inward(url: str) -> bool:
    """Whether a URL names an IP address of a private network. Names are asked about when they are connected to."""
    try:
        found = ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return not (found.is_global or found.is_loopback)


def one_of(value: str, known: Container[str]) -> str:
    if value not in known:
        raise ValueError(value)
    return value


Yes = Annotated[bool, wanted("true or false")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"), wanted("a language code such as sw")]
Languages = Annotated[tuple[Language, ...], Field(min_length=1), wanted("language codes such as [en, sw]")]
Country = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}$"),
    WrapValidator(lambda value, parse: one_of(parse(value), phonenumbers.SUPPORTED_REGIONS)),
    wanted("two capital letters as in ISO 3166, such as KE"),
]
AdapterName = Annotated[
    str,
    Field(json_schema_extra={"enum": list(registry.names())}),
    WrapValidator(lambda value, parse: one_of(parse(value), registry.names())),
    wanted(f"one of {', '.join(registry.names())}"),
]
Clock = Annotated[time, wanted('a time of day such as "21:00"')]
Zone = Annotated[ZoneInfo, wanted("a time zone such as Africa/Nairobi")]
Network = Annotated[IPvAnyNetwork, wanted("addresses or networks such as [127.0.0.1, 10.0.0.0/8]")]
Worth = Annotated[
    Money,
    PlainValidator(money),
    WithJsonSchema({"type": "string", "pattern": r"^[A-Z]{3} [0-9]{1,9}(\.[0-9]{1,2})?$"}),
    wanted("an amount such as KES 20"),
]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
