"""python -m bench [part ...] [--data DIR]: measure, print a table, and write var/bench/<part>.json with the machine.

DIR holds data that other people gathered; the parts that need it are measured only where it is named.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

PARTS = {
    "engine": "Engine: the ten-question sample poll, one core, serialised and read back at every step",
    "intake": "Intake: webhooks over HTTP, committed before the answer, against a bare Flask route",
    "broadcast": "Broadcast: planned and queued, against the bare INSERT of the same rows",
    "sending": "Sending: messages a second to a provider that takes 20 ms, against its SDK alone",
    "stored": "Intake with 1,000,000 people and 10,000,000 answers stored, against an empty store",
    "polls": "Polls: a large one, and what is refused",
    "command": "Command line: baraza --help",
    "digest": "Digest: from a snapshot of people with 10 answers each, against a bare pandas read and group-by of it",
    "sealing": "Sealing 120 bytes",
    "coding": "Coding open answers: weighted F1 in percent, and speed",
    "actors": "Map of 2,000 actors with 20,000 ties in each of six waves: opened and panned in Chromium, measured",
    "ground": "Common ground: 100,000 people, 300 statements, a vote on one in twenty; and against red-dwarf",
}
FOLDER = Path("var/bench")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--data", type=Path)
    asked = parser.parse_args(arguments)
    parts: list[str] = asked.parts
    if unknown := set(parts) - set(PARTS):
        print(f"bench knows {', '.join(PARTS)}, not {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    machine = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    print(*(f"{name}: {value}" for name, value in machine.items()), sep="\n")
    for part in parts or PARTS:
        print(f"\n{PARTS[part]}", flush=True)
        module = import_module(f"bench.{part}")
        if getattr(module, "NEEDS_DATA", False):
            if asked.data is None:
                print("  not measured: name a folder of data with --data")
                continue
            found = module.measure(asked.data)
        else:
            found = module.measure()
        show(found)
        (FOLDER / f"{part}.json").write_text(json.dumps({**machine, "found": found}, indent=2) + "\n")
    print(f"\nWritten to {FOLDER}/")
    return 0


def show(found: dict[str, Any], indent: str = "  ") -> None:
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            shown = f"{round(value, 3):,}" if type(value) in (int, float) else value
            print(f"{indent}{name:<22} {shown}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
