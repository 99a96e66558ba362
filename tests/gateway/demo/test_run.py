"""The demonstration ends everything that it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.demo.run import DemoError, started
from tests.conftest import free_port

START = "import sys; from pathlib import Path; from gateway.demo.run import run_demo; "
RUN = (
    START
    + "run_demo(int(sys.argv[1]), Path(sys.argv[2]), people=3, spread=1, say=lambda line: print(line, flush=True))"
)


def processes_naming(text: str) -> list[str]:
    """Command lines and environments in which this text occurs, of every process but this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:  # gone, or not ours
            continue
        if folder.name != str(os.getpid()) and text.encode() in told:
            found.append(folder.name)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", RUN, str(free_port()), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any("simulated participants" in line for line in demo.stdout)
        assert len(processes_naming(str(tmp_path))) >= 4  # itself, the web process, the worker, Redis
        demo.send_signal(number)
        demo.communicate()
    assert demo.returncode == 0
    assert processes_naming(str(tmp_path)) == []


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(DemoError, match="port"),
            started(tmp_path, taken.getsockname()[1], people=0, spread=1, seed=1),
        ):
            pass
    assert processes_naming(str(tmp_path)) == []
