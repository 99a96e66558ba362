"""Which libraries' logs are kept back: those that would write down numbers, texts or tokens."""

from __future__ import annotations

import logging

QUIET = {
    "rq": logging.WARNING,  # job arguments and results
    "rq.worker": logging.WARNING,
    "rq.job": logging.WARNING,
    "httpx": logging.WARNING,  # whole URLs, a bot's token included
    "httpcore": logging.WARNING,
    "urllib3": logging.ERROR,  # paths and query strings, in its warnings too
    "requests": logging.WARNING,
    "telegram": logging.WARNING,
    "twilio.http_client": logging.WARNING,  # request bodies
    "africastalking": logging.WARNING,
}


def quiet_libraries() -> None:
    """For every process that sends. Errors still come through, and most warnings."""
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
