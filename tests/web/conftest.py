"""A gateway over a migrated SQLite database, as a web process has it: an ordinary one, and one of the demonstration."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from a2wsgi import ASGIMiddleware, WSGIMiddleware
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect, sync_playwright

from gateway import settings
from gateway.assembly import Assembly, assemble, utc_now
from gateway.web.app import LARGEST, create_app
from gateway.web.hooks import Hooks
from tests.conftest import copied, find_program
from tests.opening import open_all

CONFIG = Path(__file__).parents[2] / "config"
CHANNELS = {
    "web": {"adapter": "web", "medium": "web"},
    "phone-sms": {"adapter": "phone", "medium": "sms", "sender": "22384", "rate": 500},
    "phone-ussd": {"adapter": "phone", "medium": "ussd", "sender": "*384*22#", "start": "ussd_pulse"},
    "phone-chat": {"adapter": "phone", "medium": "chat", "sender": "baraza_bot", "rate": 500},
}
TOKEN = "a-hook-token-of-these-tests"

Make = Callable[..., Assembly]

expect.set_options(timeout=30_000)  # no test fails for a busy machine


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module and no longer: while Playwright is there, nothing else can run a loop of asyncio."""
    program = find_program("chromium", "chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def opened_sqlite(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """A migrated database's file in which every poll of config/ is open, to be copied."""
    path = tmp_path_factory.mktemp("opened") / "baraza.db"
    shutil.copy(migrated_sqlite, path)
    open_all(f"sqlite:///{path}", CONFIG)
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, opened_sqlite: Path) -> str:
    """The URL of a database in which every poll of config/ is open."""
    return copied(opened_sqlite, tmp_path / "database")


@pytest.fixture
def make_assembly(tmp_path: Path, sqlite_url: str, wrapping_key: str) -> Iterator[Make]:
    made: list[Assembly] = []

    def make(clock: Callable[[], datetime] = utc_now, **environment: str) -> Assembly:
        config = tmp_path / "config"
        shutil.copytree(CONFIG, config, dirs_exist_ok=True)
        (config / "channels.yaml").write_text(yaml.safe_dump({"channels": CHANNELS}), encoding="utf-8")
        environ = {
            "BARAZA_CONFIG": str(config),
            "BARAZA_KEYS": wrapping_key,
            "BARAZA_KEY_FILE": str(tmp_path / "keys.json"),
            "DATABASE_URL": sqlite_url,
            "PUBLIC_BASE_URL": "http://localhost",
            "BARAZA_WEB_SIGNING": "a-signing-key-of-these-tests",
            **{f"BARAZA_PHONE_{kind}_HOOK_TOKEN": TOKEN for kind in ("SMS", "USSD", "CHAT")},
        }
        made.append(assemble(settings.load({**environ, **environment}), clock=clock, wake=lambda _: None))
        return made[-1]

    yield make
    for assembly in made:
        assembly.close()


@pytest.fixture
def ordinary(make_assembly: Make) -> Flask:
    """Outside the demonstration."""
    return create_app(make_assembly())


@pytest.fixture
def demo_assembly(make_assembly: Make) -> Assembly:
    return make_assembly(BARAZA_DEMO="1")


@pytest.fixture
def demo(demo_assembly: Assembly) -> Flask:
    return create_app(demo_assembly)


@pytest.fixture
def client(make_assembly: Make) -> FlaskClient:
    return whole(make_assembly())


@pytest.fixture
def demo_client(demo_assembly: Assembly) -> FlaskClient:
    return whole(demo_assembly)


def whole(assembly: Assembly) -> FlaskClient:
    """A client of the pages and of the hooks in front of them, through the server's interface."""
    app = create_app(assembly)
    app.wsgi_app = ASGIMiddleware(Hooks(assembly.front, WSGIMiddleware(app.wsgi_app), LARGEST))  # type: ignore[method-assign]
    return app.test_client()
