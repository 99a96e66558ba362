"""A provider in a process of its own: it writes down what it got, and behaves as badly as it is told to.

    python -m tests.faults.provider_process LOG HOOK SEED ADDRESS

It prints its URL. LOG gets a line of JSON for each message: person, text, began, ended, outcome (see checker.py). Of
each message that it has it sends reports to HOOK: one before it answers, half of the time, and both kinds twice in all.
`POST /mood` with one of MOODS changes how it behaves from then on.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl

import requests

from tests.faults.checker import REFUSED, SILENT, TAKEN
from tests.loopback.providers import AfricasTalking
from tests.loopback.server import Answer, Cut, Silence, Trickle

MOODS: Mapping[str, Mapping[str, float]] = {
    "well": {},
    "slow": {"slow": 0.1},
    "throttling": {"throttle": 0.01},
    "failing": {"fail": 0.15},
    "silent": {"silence": 0.02},
    "garbled": {"garble": 0.15},
    "all": {"slow": 0.05, "throttle": 0.005, "fail": 0.03, "silence": 0.01, "garble": 0.03, "cut": 0.02},
}
"""How often it does what, of all requests. Seldom enough that the channel's breaker stays closed, which has
tests of its own; and each throttle stops the channel for a second."""

SLOW = 0.5
GARBAGE = ("", "<html>502 Bad Gateway</html>", '{"SMSMessageData": {"Recipients": [{}]}}', "\x00\x01\x02", "[1, 2")


class Moody(AfricasTalking):
    def __init__(self, log: Path, hook: str, seed: int, address: str) -> None:
        super().__init__(address)
        self.mood: Mapping[str, float] = {}
        self._random = random.Random(seed)
        self._hook = hook
        self._log = log.open("a", buffering=1)
        self._writing = threading.Lock()
        self._reporting = ThreadPoolExecutor(8)
        self._sessions = threading.local()

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer | Silence | Trickle | Cut:
        if path == "/mood":
            self.mood = MOODS[body.decode()]
            return Answer(200, "as you wish")
        refusal = self.authorised(path, headers)
        if refusal:
            return refusal
        began = time.time()
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        with self._lock:
            act, heads, garbage = self._drawn(), self._random.random() < 0.5, self._random.choice(GARBAGE)
        if act not in ("", "slow"):
            # Nobody knows of a 500 whether it came before or after the provider had the message.
            has_it = act != "throttle" and (act != "fail" or heads)
            self._write(fields, began, SILENT if has_it else REFUSED)
            return self._misbehaved(act, garbage)
        with self._lock:
            taken, answer = self.take(fields, len(self.taken) + 1)
            self.taken.append(taken)
        time.sleep(SLOW if act else 0)
        reporting = self._reporting.submit(self._report, taken.id, "Sent")
        if heads:  # the report before the answer
            with suppress(TimeoutError):
                reporting.result(0.5)
        self._write(fields, began, TAKEN)
        for status in ("Success", "Sent", "Success"):
            self._reporting.submit(self._report, taken.id, status)
        return answer

    def _misbehaved(self, act: str, garbage: str) -> Answer | Silence | Cut:
        match act:
            case "throttle":
                return self.throttle(1)
            case "fail":
                return Answer(500, "Internal Server Error")
            case "garble":
                return Answer(200, garbage, content_type="application/json")
            case "cut":
                return Cut()
        return Silence()

    def _drawn(self) -> str:
        at = self._random.random()
        for act, share in self.mood.items():
            at -= share
            if at < 0:
                return act
        return ""

    def _write(self, fields: Mapping[str, str], began: float, outcome: str) -> None:
        line = {
            "person": fields["to"],
            "text": fields["message"],
            "began": began,
            "ended": time.time(),
            "outcome": outcome,
        }
        with self._writing:
            self._log.write(json.dumps(line) + "\n")

    def _report(self, message: str, status: str) -> None:
        """Until the gateway has it, as a provider would, if not for so long."""
        session = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
        form = {"id": message, "status": status, "phoneNumber": "+99900000000", "networkCode": "99999"}
        for _ in range(300):
            with suppress(requests.RequestException):
                if session.post(self._hook, data=form, timeout=15).status_code == 200:
                    return
            time.sleep(0.2)


def main(log: str, hook: str, seed: str, address: str) -> None:
    with Moody(Path(log), hook, int(seed), address) as provider:
        sys.stdout.write(provider.url + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
