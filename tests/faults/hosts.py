"""Three hosts and a switch between them, as network namespaces of this machine. Nothing outside of them is touched."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CLONE_NEWNET = 0x40000000
NETWORK = "10.77.0"
HOSTS = ("web", "worker", "database", "outside")
"""The three, and where people and the provider are."""


@dataclass(frozen=True, slots=True)
class Network:
    name: str

    def address(self, host: str) -> str:
        return f"{NETWORK}.{HOSTS.index(host) + 1}"

    def within(self, host: str) -> list[str]:
        """What a command begins with to run there."""
        return ["ip", "netns", "exec", self.of(host)]

    @contextmanager
    def entered(self, host: str) -> Iterator[None]:
        """The calling thread is there meanwhile, with what it starts: its new sockets are that host's."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.of(host)}", os.O_RDONLY)
        try:
            _enter(there)
            yield
        finally:
            _enter(before)
            os.close(there)
            os.close(before)

    def cut(self, host: str) -> None:
        """Pull its cable: packets are lost, and nobody is told."""
        _ip("-n", self.of("switch"), "link", "set", host, "down")

    def mend(self, host: str) -> None:
        _ip("-n", self.of("switch"), "link", "set", host, "up")

    def of(self, host: str) -> str:
        return f"{self.name}-{host}"


@contextmanager
def network() -> Iterator[Network]:
    """Raises OSError or CalledProcessError where namespaces can't be made."""
    made = Network(f"baraza-{os.getpid()}")
    try:
        for host in (*HOSTS, "switch"):
            _ip("netns", "add", made.of(host))
            _ip("-n", made.of(host), "link", "set", "lo", "up")
        switch = made.of("switch")
        _ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        _ip("-n", switch, "link", "set", "bridge", "up")
        for host in HOSTS:
            peer = ("peer", "name", host, "netns", switch)
            _ip("-n", made.of(host), "link", "add", "eth0", "type", "veth", *peer)
            _ip("-n", switch, "link", "set", host, "master", "bridge", "up")
            _ip("-n", made.of(host), "address", "add", f"{made.address(host)}/24", "dev", "eth0")
            _ip("-n", made.of(host), "link", "set", "eth0", "up")
        yield made
    finally:
        for host in (*HOSTS, "switch"):
            subprocess.run(["ip", "netns", "delete", made.of(host)], check=False, capture_output=True)


def _enter(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
