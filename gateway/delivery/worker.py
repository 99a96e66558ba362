"""The worker process: delivery, and rq's worker that wakes it.

rq's SimpleWorker runs jobs in this process. The forking one would not do: the threads that keep connections to the
providers alive (Telegram's event loop among them) don't survive a fork, and a job does no more than to wake a lane.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from gateway.delivery import jobs
from gateway.delivery.delivery import Delivery
from gateway.delivery.logs import quiet_libraries
from gateway.delivery.redis import RedisNotStartedError, Server, connect, open_server

log = structlog.get_logger("gateway.delivery")

AWAY_SECONDS = 1.0
"""Between two tries to reach a Redis that is away. The sweeper delivers meanwhile."""


def run_worker(delivery: Delivery, redis_url: str | None, folder: Path) -> None:
    """Deliver until SIGTERM or SIGINT; then finish what is being sent. Must be called in the main thread.

    Redis at `redis_url`, else the embedded one of `folder`. Where it is away, messages go out all the same, found by
    the sweeper, and rq is taken up again when it is back.
    """
    quiet_libraries()
    stopping = threading.Event()
    _on_signals(stopping.set)
    delivery.start()
    log.info("worker started", channels=delivery.channels)
    server: Server | None = None
    away = False
    try:
        while not stopping.is_set():
            try:
                server = server or open_server(redis_url, folder)
                _listen(delivery, server, stopping)
                away = False
            except StopRequested:
                pass  # told while rq was being taken down
            except (RedisError, RedisNotStartedError, OSError) as error:
                if not away:
                    log.warning("redis unavailable", error=type(error).__name__)
                away = True
            _on_signals(stopping.set)
            stopping.wait(AWAY_SECONDS)
    finally:
        log.info("worker stopping")
        finished = delivery.stop()
        log.info("worker stopped", finished=finished)
        if server is not None:
            server.close()


def _listen(delivery: Delivery, server: Server, stopping: threading.Event) -> None:
    server.ensure()
    connection = connect(server)
    jobs.serve(delivery, connect(server, hurried=True))
    worker = _Worker([jobs.QUEUE], connection=connection, serializer=JSONSerializer, log_job_description=False)
    worker.server = server
    worker.stopping = stopping
    worker.work(logging_level="WARNING")


class _Worker(SimpleWorker):
    max_connection_wait_time = 2.0
    log_result_lifespan = False
    server: Server
    stopping: threading.Event

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        # rq calls this before each look at the queue, and again and again while Redis is away.
        if pipeline is None and not self.stopping.is_set():
            self.server.ensure()
        super().heartbeat(timeout, pipeline)

    def _install_signal_handlers(self) -> None:
        _on_signals(self._stop)
        self._stop_requested = self.stopping.is_set()  # told while rq was still being set up

    def _stop(self) -> None:
        if not self.stopping.is_set():
            self.stopping.set()
            self._stop_requested = True  # should a job of this moment swallow what is raised
            raise StopRequested


def _on_signals(act: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: act())
