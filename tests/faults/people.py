"""People who write to the gateway through a provider that never gives up, and what they saw.

Each of them goes through a poll of numbers: every reply names the question and the answer before it (see POLL), so that
the replies alone tell which messages had an effect, and in which order. A message is posted until it is acknowledged,
then once more, and only then does the person write the next one; nobody waits for replies.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.faults.checker import Sent

ANSWERS = 8
MESSAGES = ANSWERS + 2
"""Of each person: the keyword, the consent, the answers."""

CONSENT = "Take part?\n1. Yes\n2. No"
POLL = """
name: chain
languages: [en]
title: Chain
sender: Nobody
keywords: [CHAIN]
consent: {version: "1", text: "Take part?"}
thanks: "Done after {%(last)s}"
questions:
"""
QUESTION = """
  - id: q%(number)d
    type: number
    purpose: To see what arrives.
    text: "Q%(number)d%(after)s"
"""


def poll() -> str:
    """The poll as YAML."""
    questions = [
        QUESTION % {"number": number, "after": f" after {{q{number - 1}}}" if number > 1 else ""}
        for number in range(1, ANSWERS + 1)
    ]
    return POLL % {"last": f"q{ANSWERS}"} + "".join(questions)


@dataclass(frozen=True, slots=True)
class Line:
    """What a person writes, and the reply that must come of it."""

    text: str
    expects: str


def script(seed: int) -> list[Line]:
    """The lines of one person: no two answers of theirs are alike."""
    answers = random.Random(seed).sample(range(10, 1000), ANSWERS)
    asked = ["Q1", *(f"Q{place} after {answer}" for place, answer in enumerate(answers[:-1], start=2))]
    replies = [CONSENT, *(f"{question}\nSend a number" for question in asked), f"Done after {answers[-1]}"]
    texts = ["CHAIN", "1", *map(str, answers)]
    return [Line(text, expects) for text, expects in zip(texts, replies, strict=True)]


class Callers:
    """Posts to a hook from several threads. `begin` starts some people and returns at once; `sent` grows meanwhile."""

    def __init__(self, url: str, seed: int, threads: int = 8, rate: float = 0.0) -> None:
        self._host = urlsplit(url).netloc
        self._path = urlsplit(url).path
        self._seed = seed
        self._pool = ThreadPoolExecutor(threads)
        self._local = threading.local()
        self._pause = threads / rate if rate else 0.0
        self.sent: list[Sent] = []
        self.refused: Counter[int] = Counter()  # by status, 0 for no answer
        self.slowest = 0.0

    def begin(self, people: Sequence[int]) -> Sequence[object]:
        return [self._pool.submit(self._write_all, who) for who in people]

    def acknowledged(self) -> int:
        return sum(sent.acknowledged is not None for sent in list(self.sent))

    def _write_all(self, who: int) -> None:
        for place, line in enumerate(script(self._seed * 1_000_003 + who)):
            self.write(number(who), f"{who}-{place}", line)
            time.sleep(self._pause)

    def write(self, person: str, message: str, line: Line, seconds: float = 300) -> None:
        began = time.time()
        body = urlencode(
            {"date": "2026-11-22 10:00:00", "from": person, "id": message, "text": line.text, "to": "22384"}
        )
        acknowledged = None
        while acknowledged is None and time.time() < began + seconds:
            status = self.post(body)
            if status == 200:
                acknowledged = time.time()
            else:
                self.refused[status] += 1
                time.sleep(0.2)
        self.sent.append(Sent(person, line.expects, began, acknowledged))
        self.post(body)  # the provider is not sure that it was heard

    def post(self, body: str) -> int:
        """The status, 0 where there was no answer."""
        began = time.monotonic()
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(self._host, timeout=20)
        try:
            connection.request("POST", self._path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0
        self.slowest = max(self.slowest, time.monotonic() - began)
        return response.status

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def number(who: int) -> str:
    return f"+2547110{who:05d}"
