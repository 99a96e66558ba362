from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa

from analysis.actors.reports import Reports
from gateway.actors.clearance import EVERYTHING, Viewer
from gateway.actors.importing import Imported, Table, import_map
from gateway.actors.names import Asked
from gateway.actors.reading import Said, reports, words
from gateway.actors.rows import Defaults
from gateway.actors.sheets import read_sheets
from gateway.store.keys import Vault
from surveys.problem import SurveyError

MEDIATOR = Viewer("mira", team=True, mediator=True)
FOCAL_POINT = Viewer("fatuma", team=True)
OUTSIDER = Viewer("otto")


class Maps:
    """A store, and short ways to bring a map into it and to read one."""

    def __init__(self, engine: sa.Engine, vault: Vault, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.vault = vault
        self.clock = clock

    def take(self, asked: Asked | None = None, defaults: Defaults | None = None, **written: str) -> Imported:
        """Import CSV texts, by what they hold."""
        given = [
            Table(f"{holds}.csv", holds, sheet)
            for holds, text in written.items()
            for sheet in read_sheets(text.encode(), ".csv")
        ]
        with self.engine.begin() as connection:
            return import_map(
                connection, self.vault, "main", given, asked or Asked(), defaults or Defaults(), self.clock()
            )

    def refused(self, asked: Asked | None = None, **written: str) -> list[str]:
        """What is said against these texts."""
        with pytest.raises(SurveyError) as raised:
            self.take(asked, **written)
        return str(raised.value).splitlines()

    def read(self, who: Viewer = EVERYTHING) -> Reports:
        with self.engine.connect() as connection:
            return reports(connection, self.vault, who, "main")

    def words(self, who: Viewer = EVERYTHING) -> tuple[Said, ...]:
        with self.engine.connect() as connection:
            return words(connection, self.vault, who, "main")


@pytest.fixture
def maps(engine: sa.Engine, vault: Vault, clock: Callable[[], datetime]) -> Maps:
    return Maps(engine, vault, clock)
