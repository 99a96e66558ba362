"""The embedded Redis: one for all processes of a folder, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from gateway.delivery.redis import Embedded, RedisNotStartedError, connect, open_server

HOLD = """
import sys, time
from pathlib import Path
from gateway.delivery.redis import open_server
server = open_server(None, Path(sys.argv[1]))
print("up", flush=True)
sys.stdin.readline()
server.close()
"""


def process_of(server: object) -> int:
    return int(connect(server).info("server")["process_id"])  # type: ignore[arg-type, index]


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server, until it reads a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_a_configured_server_is_used_as_it_is(redis_url: str, tmp_path: Path) -> None:
    server = open_server(redis_url, tmp_path / "none")
    assert connect(server, hurried=True).ping()
    server.close()
    assert connect(server).ping()
    assert not (tmp_path / "none").exists()


def test_two_share_a_server_and_the_last_stops_it(tmp_path: Path) -> None:
    first = open_server(None, tmp_path)
    second = holder(tmp_path)
    number = process_of(first)
    first.close()
    third = open_server(None, tmp_path)
    assert process_of(third) == number
    second.communicate("done\n")
    assert second.returncode == 0
    assert process_of(third) == number
    third.close()
    with pytest.raises(RedisError):
        connect(third).ping()


def test_many_at_once_start_one(tmp_path: Path) -> None:
    holders = [holder(tmp_path) for _ in range(3)]
    with_server = Embedded(tmp_path)
    with_server.ensure()
    assert connect(with_server).info("server")
    for process in holders:
        process.communicate("done\n")
    with_server.close()


def test_the_server_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    killed = holder(tmp_path)
    probe = Embedded(tmp_path)
    number = process_of(probe)
    killed.kill()
    killed.wait()
    server = open_server(None, tmp_path)
    assert process_of(server) == number
    server.close()
    with pytest.raises(RedisError):
        connect(server).ping()


def test_a_server_that_was_killed_is_started_again(tmp_path: Path) -> None:
    server = open_server(None, tmp_path)
    number = process_of(server)
    os.kill(number, signal.SIGKILL)
    server.ensure()
    assert process_of(server) != number
    server.close()


def test_a_folder_too_deep_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    server = open_server(None, folder)
    assert connect(server).ping()
    server.close()
    Path(server.url.removeprefix("unix://")).parent.rmdir()


def test_a_server_that_does_not_start_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "redis.log").mkdir()
    with pytest.raises(RedisNotStartedError, match=r"redis\.log"):
        open_server(None, tmp_path)


def test_secrets_are_kept_from_the_server(tmp_path: Path) -> None:
    server = open_server(None, tmp_path)
    environment = Path(f"/proc/{process_of(server)}/environ").read_bytes()
    server.close()
    assert b"PATH=" not in environment
