"""Finds the adapters. Each lies in a module of this room and is imported only when asked for: their SDKs are heavy."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Protocol, cast

import channels
from channels.adapter import Adapter, Capabilities, Channel


class _Made(Protocol):
    """An adapter's class."""

    @property
    def capabilities(self) -> Capabilities: ...
    def __call__(self, channel: Channel) -> Adapter: ...


HELPERS = frozenset(
    {"adapter", "body", "numbers", "posting", "registry", "render", "session", "text", "transport", "ussd"}
)
"""The modules of this room that are no adapters. Any other is one, and names its class ADAPTER."""


def names() -> tuple[str, ...]:
    return tuple(
        sorted(module.name for module in pkgutil.iter_modules(channels.__path__) if module.name not in HELPERS)
    )


def capabilities(name: str) -> Capabilities:
    """Raises LookupError for a name that no adapter has."""
    return _find(name).capabilities


def adapter(channel: Channel) -> Adapter:
    """A new adapter for this channel: keep it, it holds the SDK's client. Raises LookupError as above."""
    return _find(channel.adapter)(channel)


@cache
def _find(name: str) -> _Made:
    if name not in names():
        raise LookupError(f"There is no adapter {name!r}. There are: {', '.join(names())}.")
    return cast("_Made", import_module(f"channels.{name}").ADAPTER)
