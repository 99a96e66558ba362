"""What is asked at the very moment of sending, whoever put the message into the outbox: may this number be written to,
and in free words?

WhatsApp takes free words for a day after the person wrote last. Later it takes only a template that was approved
beforehand; the settings name one for each poll or broadcast that may need it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from channels.adapter import SIMULATED, Adapter, Medium, Outbound, Permanent, Retryable, Searchable, Sent
from channels.numbers import Countries
from gateway.store.broadcast_tables import broadcasts
from gateway.store.database import reading
from gateway.store.schema import inbounds, outbox

MARGIN = timedelta(minutes=5)
"""Before the provider's day is over, it is over for us: its clock is not ours, and a message takes a while."""

_about = (
    sa.select(outbox.c.address, outbox.c.poll, broadcasts.c.name.label("broadcast"))
    .outerjoin(broadcasts, broadcasts.c.id == outbox.c.broadcast)
    .where(outbox.c.id == sa.bindparam("row"))
)
_heard = sa.select(sa.func.max(inbounds.c.received_at, type_=inbounds.c.received_at.type)).where(
    inbounds.c.address == sa.bindparam("of"), inbounds.c.channel == sa.bindparam("on")
)
_known = sa.select(outbox.c.provider_id).where(
    outbox.c.channel == sa.bindparam("on"), outbox.c.provider_id.in_(sa.bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Terms:
    """`templates` by the name of a poll or broadcast: the provider's id of what was approved."""

    countries: Countries
    templates: Mapping[str, str]


class Gate:
    """An adapter as delivery uses one, behind these terms. Safe to use in threads."""

    def __init__(self, adapter: Adapter, engine: sa.Engine, terms: Terms, clock: Callable[[], datetime]) -> None:
        self.capabilities = adapter.capabilities
        self.channel = adapter.channel
        self._adapter = adapter
        self._engine = engine
        self._terms = terms
        self._clock = clock
        self._numbers = adapter.capabilities.address_kind == "tel" and adapter.channel.adapter != SIMULATED
        hours = adapter.capabilities.free_hours if adapter.channel.medium is Medium.CHAT else 0
        self._free = timedelta(hours=hours) - MARGIN if hours else None
        if isinstance(adapter, Searchable):  # else the gate is not searchable either
            self._searchable = adapter
            self.find = self._find

    def send(self, outbound: Outbound) -> Sent:
        """As an adapter's. Permanent where it may not be sent: nothing is tried then."""
        if self._numbers and outbound.address not in self._terms.countries:
            raise Permanent("The number is of no country that may be written to: see `countries`.", "country")
        return self._adapter.send(outbound if self._free is None else self._in_time(outbound, self._free))

    def _find(self, outbound: Outbound, since: datetime) -> tuple[Sent, ...]:
        """As an adapter's, without those that are known to be other messages: a question asked twice in a minute."""
        found = self._searchable.find(outbound, since)
        with reading(self._engine) as connection:
            ids = {"on": self.channel.name, "ids": [one.provider_id for one in found]}
            others = set(connection.scalars(_known, ids))
        return tuple(one for one in found if one.provider_id not in others)

    def _in_time(self, outbound: Outbound, free: timedelta) -> Outbound:
        """The same, or with the template that must take its place."""
        problem = False
        try:
            with reading(self._engine) as connection:
                about = connection.execute(_about, {"row": outbound.id}).one()
                heard = connection.execute(_heard, {"of": about.address, "on": self.channel.name}).scalar()
        except sa.exc.SQLAlchemyError:
            problem = True
        if problem:
            raise Retryable("The database could not be asked when the person wrote last.", "database")
        if heard is not None and heard > self._clock() - free:
            return outbound
        template = self._terms.templates.get(about.broadcast or "") or self._terms.templates.get(about.poll or "")
        if not template:
            raise Permanent("A day after the person wrote it takes a template only: see `templates`.", "template")
        return replace(outbound, template=template)
