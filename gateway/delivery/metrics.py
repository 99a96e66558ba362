"""What is counted of delivery. Labels are channel names and outcomes, never anything of a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

SENDS = Counter("baraza_sends", "Messages handed to a provider, by what came of it.", ["channel", "outcome"])
SEND_SECONDS = Histogram(
    "baraza_send_seconds",
    "How long a provider took to answer.",
    ["channel"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)
QUEUE_AGE = Gauge("baraza_queue_age_seconds", "For how long the oldest message of a channel has been due.", ["channel"])
BREAKER = Gauge("baraza_breaker", "0 closed, 1 half-open, 2 open: the channel is left alone.", ["channel"])
TIMERS = Counter("baraza_timers", "Timers that came due, by what came of them.", ["kind", "outcome"])
SPENT_UP = Gauge("baraza_spend_limit_reached", "1 where today's spend limit keeps a channel from sending.", ["channel"])
WORKERS = Gauge("baraza_workers", "Workers that were seen within half a minute.")
LOST = Gauge("baraza_lost", "Messages of the last week that failed, or are unknown.", ["channel", "status"])
SPENT = Gauge("baraza_spent_today", "What messages cost today, in units of the currency.", ["currency"])
