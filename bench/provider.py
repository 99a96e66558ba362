"""A provider on this machine that takes every message after 20 ms and counts: python -m bench.provider <port>.

Answers Twilio's and Africa's Talking's way of sending; GET /seen says when messages came, in seconds of this machine's
monotonic clock. Written on bare sockets so that it takes little of the processor that senders are measured on.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import count

LATENCY = 0.02
_numbers = count(1)
_arrived: list[float] = []


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        if head.startswith(b"GET"):
            self._answer(json.dumps(_arrived).encode())
            return
        _arrived.append(time.monotonic())
        body = _twilio() if b"Messages.json" in head.split(b"\r\n", 1)[0] else _africastalking()
        asyncio.get_running_loop().call_later(LATENCY, self._answer, body)

    def _answer(self, body: bytes) -> None:
        head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)  # type: ignore[attr-defined]  # a TCP connection's can write


def _twilio() -> bytes:
    sid = f"SM{next(_numbers):032x}"
    account = "AC00000000000000000000000000000001"
    return json.dumps(
        {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": "How is the water where you live?",
            "date_created": "Sun, 22 Nov 2026 19:00:00 +0000",
            "date_sent": None,
            "date_updated": "Sun, 22 Nov 2026 19:00:00 +0000",
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": "+15005550006",
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "queued",
            "subresource_uris": {"media": f"/2010-04-01/Accounts/{account}/Messages/{sid}/Media.json"},
            "to": "+254711000001",
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{sid}.json",
        }
    ).encode()


def _africastalking() -> bytes:
    recipient = {
        "statusCode": 101,
        "number": "+254711000001",
        "status": "Success",
        "cost": "KES 0.8000",
        "messageId": f"ATXid_{next(_numbers):032x}",
    }
    said = {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [recipient]}
    return json.dumps({"SMSMessageData": said}).encode()


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
