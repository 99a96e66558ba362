"""The transport of adapters whose gateway has no SDK: a POST within a total deadline, its failures as SendErrors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from channels.adapter import Channel
from channels.session import CONNECTIONS, session
from channels.transport import PerProcess, connecting, failed, hand_over, hush, total

hush("urllib3")

Refuse = Callable[[str], bool]
"""Whether an IP address may not be connected to."""


def is_inward(address: str) -> bool:
    """Whether an IP address lies in a network of one's own (or in none), beside this machine itself."""
    found = ip_address(address.partition("%")[0])
    return not (found.is_global or found.is_loopback)


class Poster:
    """POSTs to the gateway of one channel. Connections are kept, and redirects are not followed: the credentials would
    go where they lead. An inward address is connected to only where the channel says so, whatever name led there."""

    def __init__(self, channel: Channel, base_url: str, refuse: Refuse = is_inward) -> None:
        self._url = (channel.base_url or base_url).rstrip("/")
        self._seconds = total(channel)
        self._session = PerProcess(partial(_session, self._url, _anywhere if channel.private else refuse))

    def __call__(self, path: str, **what: Any) -> requests.Response:
        """The gateway's answer, whatever its status. `what` is what `requests` takes. Raises SendError."""
        seconds = self._seconds
        return hand_over(
            seconds,
            lambda: self._session().post(
                self._url + path, timeout=(connecting(seconds), seconds), allow_redirects=False, **what
            ),
            failed,
        )


def _anywhere(_address: str) -> bool:
    return False


def _session(url: str, refuse: Refuse) -> requests.Session:
    made = session(url)
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter(refuse))
    return made


class _Adapter(HTTPAdapter):
    """Asks about the address that was connected to, before anything is said there: a name may lead anywhere."""

    def __init__(self, refuse: Refuse) -> None:
        class Plain(HTTPConnection):
            def _new_conn(self) -> Any:
                return _checked(self, super()._new_conn(), refuse)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> Any:
                return _checked(self, super()._new_conn(), refuse)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self._pools = {"http": PlainPool, "https": SecurePool}
        super().__init__(pool_maxsize=CONNECTIONS)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = self._pools


def _checked(connection: HTTPConnection, connected: Any, refuse: Refuse) -> Any:
    if refuse(connected.getpeername()[0]):
        connected.close()
        raise NewConnectionError(connection, "the address is inward")
    return connected
