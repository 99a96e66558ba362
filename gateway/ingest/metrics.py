"""What is counted of the way in. Labels are channel names, never anything of a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

INBOUNDS = Counter("baraza_inbounds", "Messages that were taken in, those that came twice among them.", ["channel"])
INTAKE_SECONDS = Histogram(
    "baraza_intake_seconds",
    "How long a batch of them took, from its first to what is on disk.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
LEFT_OUT = Counter(
    "baraza_left_out", "Messages that were not taken in, or not answered, by why: pumped traffic.", ["channel", "why"]
)
SPOOLED = Counter("baraza_spooled", "Requests that were put into the spool.", ["channel"])
REPLAYED = Counter("baraza_spool_replayed", "Requests that were taken up from the spool.")
SPOOL_BYTES = Gauge("baraza_spool_bytes", "What waits in this host's spool.")
SPOOL_FULL = Gauge("baraza_spool_full", "1 where the spool could not be written: requests are refused.")
