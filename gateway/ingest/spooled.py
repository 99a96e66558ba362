"""What a request brought, as a record of the spool: channel, time of receipt, arrivals. JSON, which the spool seals."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, cast

from channels.adapter import (
    Arrival,
    Attached,
    Inbound,
    Located,
    OptOut,
    Pressed,
    Report,
    Session,
    SessionEnd,
    Status,
    TopUp,
    Typed,
)

_KINDS = {
    kind.__name__: kind
    for kind in (Inbound, OptOut, Report, TopUp, SessionEnd, Session, Typed, Pressed, Located, Attached)
}


@dataclass(frozen=True, slots=True)
class Spooled:
    """The arrivals of one request. `id` is unique, and stands for those to which the provider gave none."""

    id: str
    channel: str
    received_at: datetime
    arrivals: tuple[Arrival, ...]

    def dumps(self) -> bytes:
        record = [self.id, self.channel, self.received_at.isoformat(), [_plain(each) for each in self.arrivals]]
        return json.dumps(record, separators=(",", ":")).encode()

    @staticmethod
    def loads(record: bytes) -> Spooled:
        name, channel, at, arrivals = json.loads(record)
        return Spooled(name, channel, datetime.fromisoformat(at), tuple(map(_revived, arrivals)))

    def known(self) -> list[Arrival]:
        """The arrivals, each with an id by which a second replay knows it: two that look alike are two."""
        return [_named(arrival, f"spool:{self.id}:{place}") for place, arrival in enumerate(self.arrivals)]


def _named(arrival: Arrival, name: str) -> Arrival:
    """Without the provider's id or time the intake tells a repeat by what is open just then, which a replay changes."""
    if isinstance(arrival, Inbound) and not (arrival.provider_id or arrival.claimed_at):
        return replace(arrival, provider_id=name)
    if isinstance(arrival, OptOut) and not arrival.provider_id:
        return replace(arrival, provider_id=name)
    return arrival


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"": "datetime", "iso": value.isoformat()}
    if is_dataclass(value):
        return {"": type(value).__name__} | {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value


def _revived(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    given = {name: _revived(each) for name, each in value.items() if name}
    if value[""] == "datetime":
        return datetime.fromisoformat(given["iso"])
    if value[""] == Report.__name__:
        given["status"] = Status(given["status"])
    return cast("Any", _KINDS[value[""]])(**given)
