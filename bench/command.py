"""How long `baraza --help` takes, from start to end of its process."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROUNDS = 11


def measure() -> dict[str, Any]:
    baraza = Path(sys.executable).with_name("baraza")
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([baraza, "--help"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return {
        "help_seconds": round(statistics.median(seconds), 3),
        "highest": round(max(seconds), 3),
        "goal": 0.333,
    }
