"""Commands as somebody types them, without the seconds that a process takes to load everything: each runs in a process
of its own, forked from one that has loaded what commands need.

What loads when, and processes that run for long, are tested with `BARAZA` itself.
"""

from __future__ import annotations

import atexit
import gc
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

BARAZA = Path(sys.executable).with_name("baraza")
LATE = ("analysis.coding", "gateway.results.mail", "gateway.results.rounds", "gateway.results.telling")
"""What commands load while they run."""


def run(
    words: Sequence[str], folder: Path, environ: Mapping[str, str], typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """`baraza` with these words, in this folder, with this environment and no other."""
    asking, answering = _commands()
    with TemporaryDirectory(prefix="baraza-") as name:
        streams = [str(Path(name, stream)) for stream in ("in", "out", "err")]
        Path(streams[0]).write_text(typed, encoding="utf-8")
        environ = {"PATH": os.environ["PATH"], **environ}
        asked = {"words": [*words], "folder": str(folder), "environ": environ, "streams": streams}
        print(json.dumps(asked), file=asking, flush=True)
        status = answering.readline()
        assert status, "the process from which commands are forked has ended"
        out, err = (Path(stream).read_text(encoding="utf-8") for stream in streams[1:])
    return subprocess.CompletedProcess([BARAZA, *words], int(status), out, err)


@cache
def _commands() -> tuple[TextIO, TextIO]:
    """Where to ask for commands and where their exit statuses come. It ends with this process, whose pipe it reads."""
    process = subprocess.Popen(
        [sys.executable, "-P", __file__],
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _serve() -> None:
    import gateway.cli  # noqa: PLC0415 - here and not where tests import this file

    for path in Path(gateway.cli.__file__).parent.glob("*.py"):
        import_module(f"gateway.cli.{path.stem}")
    for module in LATE:
        import_module(module)
    gc.freeze()  # what is loaded stays shared with the processes that are forked
    context = multiprocessing.get_context("fork")
    while asked := sys.stdin.readline():
        command = context.Process(target=_type, kwargs=json.loads(asked))
        command.start()
        command.join()
        sys.stdout.write(f"{command.exitcode}\n")
        sys.stdout.flush()


def _type(words: list[str], folder: str, environ: dict[str, str], streams: list[str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, _WRITE, _WRITE), strict=True)):
        os.dup2(os.open(path, flags, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    sys.argv = [str(BARAZA), *words]
    try:
        import_module("gateway.cli").main()
    finally:
        atexit._run_exitfuncs()  # which multiprocessing leaves out


_WRITE = os.O_WRONLY | os.O_CREAT


if __name__ == "__main__":
    _serve()
