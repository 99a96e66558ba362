"""A worker process for the tests: real delivery, sending by HTTP to a provider on this machine.

Its argument is JSON: database, key_file, redis (null for the embedded one), folder, providers (URLs by channel), and
settings. BARAZA_KEYS comes from the environment.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

import requests

from channels.adapter import (
    Ambiguous,
    Arrival,
    Capabilities,
    Channel,
    Medium,
    Outbound,
    Permanent,
    Request,
    Response,
    Retryable,
    Sent,
    Throttled,
)
from gateway.catalogues import load_catalogues
from gateway.delivery.delivery import Delivery
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.worker import run_worker
from gateway.store.database import connect
from gateway.store.keys import load_key_file, parse_wrapping_keys


class Loopback:
    """Posts what is to be sent to a provider on this machine."""

    capabilities: ClassVar[Capabilities] = Capabilities(frozenset(), frozenset({Medium.SMS}), False, False, "tel", ())

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def send(self, outbound: Outbound) -> Sent:
        message = {
            "id": outbound.id,
            "address": outbound.address,
            "text": outbound.reply[0].text,
            "repeat": outbound.repeat,
        }
        try:
            response = requests.post(self.channel.base_url, json=message, timeout=(3, 30))
        except requests.ConnectTimeout:
            raise Retryable("The provider can't be reached.") from None
        except requests.Timeout:
            raise Ambiguous("The provider did not answer in time.") from None
        except requests.ConnectionError:
            raise Ambiguous("The connection broke.") from None
        match response.status_code:
            case 200:
                return Sent(response.text)
            case 429:
                raise Throttled("Too fast.", float(response.headers["Retry-After"]), "429")
            case 503:
                raise Retryable("The provider is busy.", "503")
            case 400:
                raise Permanent("The provider refuses it.", "400")
        raise RuntimeError(f"unexpected answer for {outbound.address}")

    def verify(self, request: Request) -> None:
        raise NotImplementedError

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        raise NotImplementedError

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        raise NotImplementedError


def main(told: dict[str, Any]) -> None:
    adapters = {
        name: Loopback(Channel(name, "loopback", Medium.SMS, base_url=url)) for name, url in told["providers"].items()
    }
    vault = load_key_file(Path(told["key_file"]), parse_wrapping_keys(os.environ["BARAZA_KEYS"]))
    delivery = Delivery(
        connect(told["database"]),
        vault,
        adapters,
        settings=DeliverySettings(**told["settings"]),
        texts=load_catalogues(),
    )
    run_worker(delivery, told["redis"], Path(told["folder"]))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
