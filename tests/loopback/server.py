"""A provider as a small real server on 127.0.0.1, which can be told to fail; and addresses where nobody answers.

What each provider takes and says is in providers.py and gateways.py. Nothing here knows of pytest, or of our adapters.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl

# What a provider can be told to do with a request -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Take:
    """As always: for an order in which a later request fails."""


@dataclass(frozen=True, slots=True)
class Answer:
    """This status and body. `after` makes a Retry-After header, `location` a Location."""

    status: int
    body: str = ""
    after: int | None = None
    content_type: str = "text/plain"
    location: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The provider's own refusal, by its code."""

    code: str


@dataclass(frozen=True, slots=True)
class Throttle:
    """Too many requests; wait this many seconds."""

    after: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Take the request and never answer."""


@dataclass(frozen=True, slots=True)
class Trickle:
    """Answer a header now and then, and never come to an end."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Take the request and reset the connection."""


Fault = Take | Answer | Refuse | Throttle | Silence | Trickle | Cut


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that the provider took. `fields` is all that was posted."""

    address: str
    text: str
    id: str
    fields: Mapping[str, str] = field(repr=False)


class Provider:
    """A server that takes messages until told otherwise. `heard` counts requests, `connections` what they came on."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.taken: list[Taken] = []
        self.heard = 0
        self.connections = 0
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(self, address)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://{address}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def will(self, *faults: Fault) -> None:
        with self._lock:
            self._faults.extend(faults)

    # What a provider says

    def read(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """What was posted, by name."""
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def authorised(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        """The refusal where the credentials are wrong."""
        raise NotImplementedError

    def refused(self, fields: Mapping[str, str]) -> Answer | None:
        """The refusal where what was posted is wrong, credentials among it included."""
        return None

    def take(self, fields: Mapping[str, str], number: int) -> tuple[Taken, Answer]:
        raise NotImplementedError

    def refuse(self, fields: Mapping[str, str], code: str) -> Answer:
        raise NotImplementedError

    def throttle(self, after: int) -> Answer:
        return Answer(429, "Too many requests", after)

    def listed(self, path: str, headers: Mapping[str, str]) -> Answer:
        """What it says that it has taken."""
        return Answer(404)

    # For the handler

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer | Silence | Trickle | Cut:
        fields = self.read(headers, body)
        with self._lock:
            self.heard += 1
            fault = self._faults.popleft() if self._faults else None
            match fault:
                case Refuse(code):
                    return self.refuse(fields, code)
                case Throttle(after):
                    return self.throttle(after)
                case None | Take():
                    refusal = self.authorised(path, headers) or self.refused(fields)
                    if refusal:
                        return refusal
                    taken, answer = self.take(fields, len(self.taken) + 1)
                    self.taken.append(taken)
                    return answer
                case _:
                    return fault

    def wait_for_close(self, seconds: float | None = None) -> bool:
        return self._closing.wait(seconds)


def json_answer(status: int, body: Mapping[str, object]) -> Answer:
    return Answer(status, json.dumps(body), content_type="application/json")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, provider: Provider, address: str) -> None:
        super().__init__((address, 0), _Handler)
        self.provider = provider

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are what this is for, and stderr is searched for numbers."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: small ones wait for each other's acknowledgement
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.provider.connections += 1

    def do_GET(self) -> None:
        self._say(self.server.provider.listed(self.path, self.headers))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        match self.server.provider.answer(self.path, self.headers, body):
            case Answer() as answer:
                self._say(answer)
            case Silence():
                self.close_connection = True
                self.server.provider.wait_for_close()
            case Trickle():
                self.close_connection = True
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not self.server.provider.wait_for_close(0.05):
                    self.wfile.write(b"X-More: 1\r\n")
                    self.wfile.flush()
            case Cut():
                self.close_connection = True
                # Without lingering, closing sends a reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

    def _say(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if answer.after is not None:
            self.send_header("Retry-After", str(answer.after))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing, as above."""


# Addresses where nobody is -------------------------------------------------------------------------------------------


@contextmanager
def nobody() -> Iterator[str]:
    """A URL whose port is taken by nobody who listens: connections are refused."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def unreachable() -> Iterator[str]:
    """A URL whose connections are never accepted: the queue of the listening socket is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(address)
            yield f"http://127.0.0.1:{address[1]}"
        finally:
            for one in waiting:
                one.close()
