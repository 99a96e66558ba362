"""The demonstration's place: Garuna, with concerns, initiatives, a coalition and an agreement, for phones and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway import settings
from gateway.assembly import utc_now
from gateway.coordination import concerns, groups, provisions
from gateway.coordination.initiatives import KIND, PUBLIC, WHERE
from gateway.store import codes, ids
from gateway.store.coordination_tables import concerns as rows
from gateway.store.coordination_tables import initiatives, tasks
from gateway.store.group_tables import coalition_groups, coalitions, spaces
from gateway.store.keys import Vault
from gateway.store.opening import open_store

BY = "demo"
RAISED = {
    "bridge": {
        "en": "The bridge at Garuna is closed, and nobody reaches the market.",
        "ar": "جسر قرونا مغلق ولا يصل أحد إلى السوق.",
    },
    "route": {
        "en": "Herders and farmers need a cattle route that both accept.",
        "sw": "Wafugaji na wakulima wanahitaji njia ya mifugo.",
    },
    "teachers": {"en": "Teachers in the camps are not paid."},
}
WELL = {
    "en": "Mend the well of Kisima together.",
    "ar": "نصلح بئر كسيما معا.",
    "sw": "Tutengeneze kisima pamoja.",
}
MEAL = {"en": "Women of both sides cook and talk.", "ar": "نساء من الجانبين يطبخن ويتحدثن."}
WALK = {"en": "Walk the cattle route with the elders.", "sw": "Tutembee njia ya mifugo na wazee."}
SHOVELS, DRIVER = {"en": "shovels", "ar": "مجارف", "sw": "majembe"}, {"en": "driver", "ar": "سائق", "sw": "dereva"}
RICE = {"en": "rice", "ar": "أرز", "sw": "mchele"}
PLANNED = (
    (WELL, "kisima", 2, 20, "bridge", ((SHOVELS, 5), (DRIVER, 1))),
    (MEAL, "garuna_town", 4, None, "bridge", ((RICE, 3),)),
    (WALK, "abu_seral", 6, 40, "route", ()),
)
GROUPS = (
    ("Mothers of Garuna", "women", "bridge"),
    ("Garuna Youth Forum", "youth", "bridge"),
    ("Cattle Traders of the North", "business", "route"),
)
AGREED = (
    provisions.Provision("1", {"en": "Roads and bridges between the districts are opened."}, "begun"),
    provisions.Provision("2", {"en": "Cattle move on routes that both sides have walked."}, "not-begun"),
)


def come_together(environment: Mapping[str, str]) -> None:
    """Furnish the place. Raises what opening the store raises."""
    here, now = settings.load(environment), utc_now()
    store = open_store(here)
    with store.engine.begin() as connection:
        raised = {name: concerns.lift(connection, texts["en"], "en", "demo", BY, now) for name, texts in RAISED.items()}
        for name, texts in RAISED.items():
            shown = sa.update(rows).where(rows.c.code == raised[name])
            connection.execute(shown.values(texts=texts, place="garuna"))
        planned = [_plan(connection, store.vault, raised, one, now) for one in PLANNED]
        _say_together(connection, store.vault, raised, now)
        provisions.take_in(connection, AGREED, BY, now)
        provisions.attach(connection, "1", planned[0], BY, now)
        provisions.attach(connection, "2", planned[2], BY, now)
    store.engine.dispose()


def _plan(
    connection: sa.Connection,
    vault: Vault,
    raised: Mapping[str, str],
    what: tuple[Mapping[str, str], str, int, int | None, str, Sequence[tuple[Mapping[str, str], int]]],
    now: datetime,
) -> str:
    """An initiative that is public already. Returns its code."""
    texts, place, days, capacity, concern, needs = what
    row = ids.rising()
    code = codes.draw(connection, KIND, row)
    values = {
        "id": row,
        "code": code,
        "language": "en",
        "texts": texts,
        "languages": ["en", "ar"],
        "gathering": True,
        "starts_at": (now + timedelta(days=days)).replace(hour=11, minute=0, second=0, microsecond=0),
        "place": place,
        "sealed_where": vault.seal("At the big tree behind the market", WHERE),
        "capacity": capacity,
        "named": False,
        "concern": codes.find(connection, concerns.KIND, raised[concern]),
        "status": PUBLIC,
        "made_at": now,
    }
    connection.execute(sa.insert(initiatives).values(values))
    for need, wanted in needs:
        connection.execute(sa.insert(tasks).values(initiative=row, texts=need, wanted=wanted))
    return code


def _say_together(connection: sa.Connection, vault: Vault, raised: Mapping[str, str], now: datetime) -> None:
    """Groups, of which the first two have a coalition."""
    for name, kind, _ in GROUPS:
        groups.register(connection, groups.Group(0, name, kind, {"en": "A group of Garuna."}, "garuna", ()), BY, now)
    known = {one.name: one.id for one in groups.every(connection)}
    for name, _, concern in GROUPS:
        groups.stand_behind(connection, known[name], raised[concern], now)
    row, space = ids.rising(), "demonstration-of-a-space"
    name, statement = "Open the bridge", "We ask both sides to open the bridge at Garuna on market days."
    connection.execute(sa.insert(spaces).values(id=space, sealed_name=vault.seal(name, "space"), made_at=now))
    values = {
        "id": row,
        "sealed_name": vault.seal(name, groups.NAME),
        "sealed_statement": vault.seal(statement, groups.STATEMENT),
        "name": name,
        "texts": {"en": statement},
        "language": "en",
        "concern": codes.find(connection, concerns.KIND, raised["bridge"]),
        "space": space,
        "status": groups.PUBLIC,
        "made_at": now,
    }
    connection.execute(sa.insert(coalitions).values(values))
    for name, _, _ in GROUPS[:2]:
        connection.execute(sa.insert(coalition_groups).values(coalition=row, group=known[name], confirmed_at=now))
