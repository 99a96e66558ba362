"""baraza worker: the process that sends."""

from __future__ import annotations

import os

import click
from prometheus_client import start_http_server

from gateway import settings
from gateway.assembly import assemble, redis_folder
from gateway.authoring.tariff import tariff
from gateway.campaigns import rounds
from gateway.cores import keep_to_one, take_turns
from gateway.delivery.worker import run_worker
from gateway.housekeeping import BROADCASTS, DIGESTS, FOLLOW_UP, NOTICE, Every, Housekeeper, Vigil
from gateway.incentives import paying


@click.command()
@click.option("--metrics-port", type=click.IntRange(1, 65535), help="Answer Prometheus there, on this machine only.")
@click.option("--one-core/--any-core", default=True, help="Whether it keeps to a core of its own.")
def worker(metrics_port: int | None, one_core: bool) -> None:
    """Send what waits in the outbox, until SIGTERM or SIGINT; then finish what is being sent."""
    here = settings.load(os.environ)
    if one_core:
        keep_to_one()
        take_turns()
    assembly = assemble(here, wake=lambda _: None)
    delivery = assembly.delivery(tariff(here))
    beside: tuple[Every, ...] = (
        Housekeeper(assembly.engine, here.retention, assembly.clock),
        Vigil(assembly.watch().wiped, lambda: None),
        Every("polls", assembly.live.refresh, NOTICE),
        Every("digests", assembly.digests(delivery.wake).run, DIGESTS),
        Every("follow-up", assembly.follow_up(delivery.wake).run, FOLLOW_UP),
        Every("letters", assembly.letters(delivery).run, rounds.EVERY),
        Every("broadcasts", assembly.broadcasts.sending(delivery.wake).run, BROADCASTS),
    )
    if here.incentives:
        beside += (Every("incentives", assembly.payer().run, paying.EVERY),)
    if metrics_port:
        start_http_server(metrics_port, "127.0.0.1")
    for each in beside:
        each.start()
    try:
        run_worker(delivery, here.redis_url, redis_folder(here))
    finally:
        for each in beside:
            each.stop()
        assembly.close()
