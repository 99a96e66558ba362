"""baraza wipe: the keys are gone, processes that run end, and nobody can begin again with what was sealed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from gateway.delivery.redis import Embedded
from gateway.store.keys import Vault
from gateway.store.schema import meta
from gateway.store.wiping import KEY_FILE, Watch, wipe
from tests.commands import BARAZA
from tests.conftest import free_port, until
from tests.gateway.cli.test_commands import Shell, bare_shell, one_line, shell

__all__ = ["bare_shell", "shell"]  # fixtures


@contextmanager
def running(shell: Shell, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    environ = {"PATH": os.environ["PATH"], **shell.environ}
    process = subprocess.Popen(
        [BARAZA, *words],
        cwd=shell.folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        Embedded(shell.folder / "var" / "redis").close()  # who ends at once leaves it behind


def test_a_wipe_ends_what_runs_and_leaves_nothing_that_opens(shell: Shell) -> None:
    shell("db", "upgrade")
    key_file = shell.folder / "var" / "keys.json"
    with running(shell, "serve", "--port", str(free_port())) as web, running(shell, "worker") as worker:
        until(key_file.exists)
        assert "Nothing was wiped" in shell("wipe", typed="yes\n").stderr
        assert key_file.exists()
        assert web.poll() is None
        done = shell("wipe", typed="wipe\n")
        assert done.returncode == 0
        assert "keys.json is destroyed." in done.stdout
        assert "Destroy BARAZA_KEYS" in done.stdout
        assert not key_file.exists()
        until(lambda: web.poll() is not None and worker.poll() is not None)
    for words in (("serve",), ("worker",), ("survey", "list")):
        assert "This gateway was wiped" in one_line(shell(*words))
    again = json.loads(shell("wipe", "--yes", "--json").stdout)
    assert again["destroyed"] is False


def test_it_needs_no_settings_that_can_be_read(shell: Shell) -> None:
    shell("db", "upgrade")
    shell("survey", "list")
    (shell.folder / "config" / "settings.yaml").write_text("no: [such")
    done = shell("wipe", "--yes", DATABASE_URL="nonsense", BARAZA_KEYS="", PUBLIC_BASE_URL="")
    assert done.returncode == 0
    assert "on other hosts" in done.stdout
    assert not (shell.folder / "var" / "keys.json").exists()


def test_another_host_destroys_its_keys_at_the_word_of_who_had_them(
    engine: sa.Engine, database_url_of_either: str, vault: Vault, key_file: Path, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(meta).values(name=KEY_FILE, value=vault.file))
    here, elsewhere = tmp_path / "here.json", tmp_path / "elsewhere.json"
    for copy in (here, elsewhere):
        copy.write_bytes(key_file.read_bytes())
    watch = Watch(engine, vault, elsewhere)
    assert not watch.wiped()
    with engine.begin() as connection:  # who can write into the database alone
        connection.execute(sa.update(meta).values(value="wiped 00"))
    assert watch.wiped()
    assert elsewhere.exists()
    done = wipe(here, database_url_of_either, vault)
    assert (done.keys, done.told, done.signed) == (True, True, True)
    assert watch.wiped()
    assert not elsewhere.exists()
