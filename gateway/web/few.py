"""So many requests an hour from one address, for what anybody may send without an account."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime


class Few:
    """Counts in memory, by the hour, each process for itself; where a request came from is forgotten with its hour."""

    def __init__(self, most: int, clock: Callable[[], datetime]) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._hour = ""
        self._counts: Counter[str] = Counter()

    def let_in(self, address: str) -> bool:
        with self._lock:
            hour = f"{self._clock():%Y%m%d%H}"
            if hour != self._hour:
                self._hour, self._counts = hour, Counter()
            self._counts[address] += 1
            return self._counts[address] <= self._most
