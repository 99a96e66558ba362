"""What is there already in dialogues about keyword flows: by the folder that a dialogue lies in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from gateway.catalogues import load_catalogues
from gateway.coordination import part as coordination
from gateway.gazetteers import read_gazetteers
from gateway.ingest.part import Part
from gateway.store.coordination_tables import concerns
from gateway.store.moderation_tables import codes
from surveys.walks import NOW

CONFIG = Path(__file__).parents[2] / "config"


@dataclass(frozen=True, slots=True)
class Scene:
    """`prepare` fills an empty store."""

    parts: Sequence[Part]
    prepare: Callable[[sa.Engine], None]


def _concern(connection: sa.Connection, row: int, code: str, texts: dict[str, str]) -> None:
    connection.execute(sa.insert(codes).values(code=code, kind="concern", subject=row))
    values = {"id": row, "code": code, "texts": texts, "place": "kalma", "status": "public", "source": ""}
    connection.execute(sa.insert(concerns).values(**values, made_at=NOW, public_at=NOW))


def _coordination(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        _concern(connection, 1, "4821", {"en": "The bridge at Tunza is closed.", "ar": "جسر تونزا مغلق."})
        _concern(
            connection,
            2,
            "5304",
            {
                "en": "Herders and farmers need an agreed cattle route.",
                "sw": "Wafugaji na wakulima wanahitaji njia ya ng'ombe.",
            },
        )


SCENES = {
    "coordination": Scene(
        [coordination.part(load_catalogues(), read_gazetteers(CONFIG)[0]["tamani"], ZoneInfo("Africa/Nairobi"))],
        _coordination,
    )
}
