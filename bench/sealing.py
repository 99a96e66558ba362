"""What sealing costs: our AES-GCM with key ids, beside cryptography's MultiFernet, for a text of 120 bytes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from cryptography.fernet import Fernet, MultiFernet

from gateway.store.keys import Vault

TIMES, ROUNDS = 5_000, 7
TEXT = os.urandom(120)


def measure() -> dict[str, Any]:
    vault = Vault("bench", {1: os.urandom(32), 2: os.urandom(32)}, {1: os.urandom(32)})
    fernet = MultiFernet([Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())])
    sealed, token = vault.seal(TEXT, "bench"), fernet.encrypt(TEXT)
    return {
        "bytes": len(TEXT),
        "seal_us": _microseconds(lambda: vault.seal(TEXT, "bench")),
        "open_us": _microseconds(lambda: vault.open(sealed, "bench")),
        "fingerprint_us": _microseconds(lambda: vault.fingerprint("tel", "x" * 13)),
        "multifernet_seal_us": _microseconds(lambda: fernet.encrypt(TEXT)),
        "multifernet_open_us": _microseconds(lambda: fernet.decrypt(token)),
        "sealed_bytes": len(sealed),
        "multifernet_bytes": len(token),
    }


def _microseconds(work: Callable[[], object]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(TIMES):
            work()
        rounds.append((time.process_time() - began) / TIMES * 1e6)
    return round(statistics.median(rounds), 2)
