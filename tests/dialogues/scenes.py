"""What is there already in dialogues about keyword flows: by the folder that a dialogue lies in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from channels.numbers import Countries
from gateway.campaigns import part as campaigns
from gateway.campaigns import representatives, shelf
from gateway.campaigns.definition import load_campaign
from gateway.campaigns.popolo import Rules, read_popolo
from gateway.catalogues import load_catalogues
from gateway.coordination import part as coordination
from gateway.coordination.membership import NUMBER
from gateway.gazetteers import read_gazetteers
from gateway.part import Part
from gateway.store.coordination_tables import concerns, initiatives, tasks
from gateway.store.group_tables import group_invitations, groups
from gateway.store.keys import Vault
from gateway.store.moderation_tables import codes
from surveys.walks import NOW

CONFIG = Path(__file__).parents[2] / "config"


@dataclass(frozen=True, slots=True)
class Scene:
    """`prepare` fills an empty store."""

    parts: Sequence[Part]
    prepare: Callable[[sa.Engine, Vault], None]


def _concern(connection: sa.Connection, row: int, code: str, texts: dict[str, str]) -> None:
    connection.execute(sa.insert(codes).values(code=code, kind="concern", subject=row))
    values = {"id": row, "code": code, "texts": texts, "place": "garuna", "status": "public", "source": ""}
    connection.execute(sa.insert(concerns).values(**values, made_at=NOW, public_at=NOW))


def _initiative(
    connection: sa.Connection, row: int, code: str, text: str, place: str, days: float, **more: object
) -> None:
    connection.execute(sa.insert(codes).values(code=code, kind="initiative", subject=row))
    values = {
        "id": row,
        "code": code,
        "language": "en",
        "languages": ["en"],
        "texts": {"en": text},
        "gathering": True,
        "starts_at": NOW + timedelta(days=days),
        "place": place,
        "named": False,
        "sealed_where": None,
        "status": "public",
        "made_at": NOW,
    }
    connection.execute(sa.insert(initiatives).values(values | more))


SPEAKERS = [str(number) for number in range(60317700, 60317720)]
"""Numbers that let somebody in as a speaker, beside those of dialogues."""


def _groups(connection: sa.Connection, vault: Vault) -> None:
    """A group, with numbers that let somebody into it; one was used, and one is too old."""
    connection.execute(sa.insert(codes).values(code="7741", kind="group", subject=1))
    values = {"code": "7741", "name": "Mothers of Garuna", "kind": "women", "texts": {}, "place": "garuna"}
    connection.execute(sa.insert(groups).values(id=1, **values, made_at=NOW))
    week = NOW + timedelta(days=7)
    for number, role, until, used in (
        ("48210573", "member", week, None),
        ("77778888", "member", week, None),
        ("55667788", "speaker", week, None),
        ("11112222", "member", week, NOW),
        ("33334444", "member", NOW - timedelta(hours=1), None),
        *((number, "speaker", week, None) for number in SPEAKERS),
    ):
        values = {"number": vault.fingerprint(NUMBER, number), "role": role, "expires_at": until, "used_at": used}
        connection.execute(sa.insert(group_invitations).values(group=1, **values, made_at=NOW))


def _coordination(engine: sa.Engine, vault: Vault) -> None:
    tree = vault.seal("At the big tree", "where")
    with engine.begin() as connection:
        _groups(connection, vault)
        _concern(connection, 1, "4821", {"en": "The bridge at Tunza is closed.", "ar": "جسر تونزا مغلق."})
        cattle = {
            "en": "Herders and farmers need an agreed cattle route.",
            "sw": "Wafugaji na wakulima wanahitaji njia.",
        }
        _concern(connection, 2, "5304", cattle)
        _initiative(connection, 3, "7210", "Clean the well of Kisima together.", "kisima", 3, sealed_where=tree)
        connection.execute(sa.insert(tasks).values(id=1, initiative=3, texts={"en": "shovels"}, wanted=5))
        _initiative(
            connection, 4, "3356", "Women of both sides cook and talk.", "abu_seral", 9, capacity=0, sealed_where=tree
        )
        _initiative(connection, 5, "8842", "A radio evening on the cease-fire.", "garuna", 0.5)
        for row in range(6, 9):
            _initiative(connection, row, f"60{row}0", f"Football for peace, round {row - 5}.", "garuna_town", row + 5)
        _initiative(connection, 9, "9077", "Mend the school of Rusenda.", "rusenda", 0.9, sealed_where=tree)
        _initiative(connection, 10, "1509", "A meeting that is over.", "rusenda", -2)


BRIDGE = load_campaign((CONFIG / "campaigns" / "bridge.yaml").read_bytes(), "bridge")
PLACES = read_gazetteers(CONFIG)[0]


def _campaigns(engine: sa.Engine, vault: Vault) -> None:
    """The sample campaign is out, with the sample representatives."""
    file = CONFIG / "representatives" / "tamani.json"
    rows = read_popolo(file.read_bytes(), str(file), Rules(PLACES["tamani"], "KE", Countries(("KE",))))
    with engine.begin() as connection:
        shelf.publish(connection, BRIDGE, {}, NOW, "tests")
        representatives.take(connection, vault, representatives.List(rows, "tamani", "en", 24), NOW, "tests")


SCENES = {
    "campaigns": Scene([campaigns.part(load_catalogues(), [BRIDGE], PLACES, "https://polls.example.org")], _campaigns),
    "coordination": Scene(
        [coordination.part(load_catalogues(), read_gazetteers(CONFIG)[0]["tamani"], ZoneInfo("Africa/Nairobi"))],
        _coordination,
    ),
}
