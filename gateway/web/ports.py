"""Whether there is room for a server."""

from __future__ import annotations

import os
import socket


def taken(host: str, port: int) -> str:
    """Why a web process can't listen there, as a sentence; "" where it can. It shares its port between its processes,
    and would share it with another gateway's too."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed a minute ago is free
        try:
            trial.bind(address)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            return f"{host}:{port} can't be listened on ({reason}): stop what listens there, or give another --port."
    return ""
