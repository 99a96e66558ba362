"""What sending is compared with: an SDK alone, called by threads: python -m bench.sdk <sdk> <url> <threads> <count>.

Prints how many messages a second were taken, and the CPU time that one took, in milliseconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

TEXT = "How is the water where you live? 1 Good 2 Bad 3 There is none"


def twilio(url: str) -> Callable[[int], object]:
    from twilio.http.http_client import TwilioHttpClient  # noqa: PLC0415 - one of the two is measured
    from twilio.rest import Client  # noqa: PLC0415

    client = Client("AC00000000000000000000000000000001", "token", http_client=TwilioHttpClient(timeout=10))
    client.api.base_url = url
    return lambda number: client.messages.create(
        to=f"+2547{number:08}", from_="+15005550006", body=TEXT, status_callback="https://polls.example.org/report"
    )


def africastalking(url: str) -> Callable[[int], object]:
    from africastalking.SMS import SMSService  # noqa: PLC0415

    service = SMSService("user", "key")
    service._baseUrl = url + "/version1"  # noqa: SLF001 - it has no other way in
    return lambda number: service.send(TEXT, [f"+2547{number:08}"], "22384")


def main(sdk: str, url: str, threads: int, count: int) -> None:
    send = {"twilio": twilio, "africastalking": africastalking}[sdk](url)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(threads * 2)))  # bench/sending.py leaves out as many
        began, spent = time.monotonic(), time.process_time()
        list(pool.map(send, range(count)))
        seconds, spent = time.monotonic() - began, time.process_time() - spent
    print(json.dumps({"a_second": count / seconds, "cpu_ms": spent / count * 1000}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
