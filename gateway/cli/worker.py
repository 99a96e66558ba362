"""baraza worker: the process that sends."""

from __future__ import annotations

import os

import click

from gateway import settings
from gateway.assembly import assemble, redis_folder
from gateway.delivery.worker import run_worker
from gateway.housekeeping import Housekeeper


@click.command()
def worker() -> None:
    """Send what waits in the outbox, until SIGTERM or SIGINT; then finish what is being sent."""
    here = settings.load(os.environ)
    assembly = assemble(here, wake=lambda _: None)
    housekeeper = Housekeeper(assembly.engine, here.retention, assembly.clock)
    housekeeper.start()
    try:
        run_worker(assembly.delivery(), here.redis_url, redis_folder(here))
    finally:
        housekeeper.stop()
        assembly.close()
