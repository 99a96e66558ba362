"""A program under a supervisor, as a host would run it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LIVES_NO_LONGER = ("setpriv", "--pdeathsig", "KILL")
"""Than the thread that starts it, however this run ends: faults happen in the main thread."""


@dataclass
class Supervised:
    """A program that is started again whenever it ends, as a supervisor would, until `stop`."""

    command: list[str]
    environ: Mapping[str, str]
    log: Path
    starts: int = 0
    process: subprocess.Popen[bytes] | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [*LIVES_NO_LONGER, *self.command],
                    env=dict(self.environ),
                    cwd=self.log.parent,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self.starts += 1
            self.process.wait()
            self._stopping.wait(0.2)

    def kill(self) -> None:
        """kill -9, of it and of what it started."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self) -> None:
        self._stopping.set()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self.kill()
        if self._thread is not None:
            self._thread.join(10)
