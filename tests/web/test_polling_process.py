"""The polling app against a gateway as an operator starts it, which is killed in the middle and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from gateway.accounts.roles import Grant, Role
from tests.web.accounts import someone
from tests.web.conftest import Make
from tests.web.polling import POLL, Phone, Site

BARAZA = Path(sys.executable).with_name("baraza")


class Process:
    """`baraza serve`, in a process group of its own."""

    def __init__(self, port: int, environ: dict[str, str], folder: Path) -> None:
        self.port, self.environ, self.folder = port, environ, folder
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "serve.log").open("ab") as log:
            command = [str(BARAZA), "serve", "--port", str(self.port)]
            self.running = subprocess.Popen(
                command, env=self.environ, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except OSError:
                assert self.running.poll() is None, (self.folder / "serve.log").read_text()
                time.sleep(0.1)
        pytest.fail((self.folder / "serve.log").read_text())

    def kill(self) -> None:
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            self.running = None


@pytest.fixture
def site(make_assembly: Make) -> Site:
    site = Site(make_assembly())
    site.poll(POLL)
    return site


@pytest.fixture
def process(site: Site, tmp_path: Path, sqlite_url: str, redis_url: str, wrapping_key: str) -> Iterator[Process]:
    environ = {
        **os.environ,
        "BARAZA_CONFIG": str(tmp_path / "config"),
        "BARAZA_KEYS": wrapping_key,
        "BARAZA_KEY_FILE": str(tmp_path / "keys.json"),
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": redis_url,  # one of its own would outlive who is killed
        "PUBLIC_BASE_URL": site.url,
        "BARAZA_WEB_SIGNING": "a-signing-key-of-these-tests",
        **{f"BARAZA_PHONE_{kind}_HOOK_TOKEN": "a-hook-token-of-these-tests" for kind in ("SMS", "USSD", "CHAT")},
    }
    process = Process(site.port, environ, tmp_path)
    process.start()
    yield process
    process.kill()


def test_a_gateway_that_is_killed_while_it_takes_interviews_takes_each_once(
    site: Site, process: Process, browser: Browser
) -> None:
    phone = Phone(site, browser.new_context(viewport={"width": 360, "height": 740}))
    phone.context.set_default_timeout(100_000)
    phone.sign_in(someone(site.assembly, "amina", Grant(Role.FOCAL_POINT, "wells")))
    phone.begin()
    process.kill()
    for _ in range(3):
        phone.interview()
        phone.home()
    phone.unsent(3)
    process.start()
    killed: list[str] = []

    def taken_and_killed(route: Route) -> None:
        """The gateway has taken them, and is gone before its answer is there."""
        if not killed:
            killed.append(route.fetch(timeout=90_000).text())
            process.kill()
            route.abort()
        else:
            route.continue_()

    phone.context.route("**/app/interviews", taken_and_killed)
    phone.page.reload()
    phone.page.wait_for_function("() => document.getElementById('state').textContent.includes('does not answer')")
    phone.unsent(3)
    assert killed[0].count('"taken"') == 3
    process.start()
    phone.unsent(0)
    assert site.ended() == ["completed"] * 3
    assert phone.complaints == []
    phone.context.close()
