"""Opening every poll of a configuration folder, as an operator would one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gateway.lifecycle import open_poll
from gateway.polls import read_polls
from gateway.store.database import connect

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def open_all(database_url: str, config: Path) -> None:
    drafts, _, problems = read_polls(config)
    assert drafts
    assert not problems
    engine = connect(database_url)
    for survey in drafts:
        open_poll(engine, survey, NOW, "test")
    engine.dispose()
