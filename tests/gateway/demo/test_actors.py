"""The demonstration's map comes in, and has something of everything that a map can show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from gateway.actors.clearance import EVERYTHING
from gateway.actors.seeing import see
from gateway.demo.actors import bring_in
from gateway.store.keys import Vault


def test_the_map_comes_in_with_three_waves(
    sqlite_engine: sa.Engine, vault: Vault, clock: Callable[[], datetime]
) -> None:
    bring_in(sqlite_engine, vault, clock())
    with sqlite_engine.connect() as connection:
        seen = see(connection, vault, EVERYTHING, "main")
    assert (len(seen.known), seen.waves, seen.issues) == (11, (1, 2, 3), ("disarmament", "land"))
    changed = seen.changed(2, 3)
    assert changed.appeared
    assert changed.vanished
    assert changed.not_asked
    assert {one.kind for one in seen.said} >= {"power", "fear", "value", "driver"}
