"""baraza serve: the web process."""

from __future__ import annotations

import os
import signal

import click
import structlog
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from gateway import settings
from gateway.assembly import assemble, assemble_spooling
from gateway.cli.errors import sentence
from gateway.cores import keep_to_one, take_turns
from gateway.housekeeping import NOTICE, REPLAY, TAKE_OVER, Every, Vigil
from gateway.store.opening import DatabaseAway
from gateway.web.app import LARGEST, create_server
from gateway.web.hooks import Asgi, Hooks
from gateway.web.ports import taken
from gateway.web.starting import Starting

log = structlog.get_logger(__name__)

WAITING = 1024
"""Requests in flight in one process, most of them waiting for their commit; above that they wait unread."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="On SQLite, one.")
@click.option("--one-core/--any-core", default=True, help="Whether each process keeps to a core of its own.")
def serve(host: str, port: int, processes: int, one_core: bool) -> None:
    """Answer the providers' hooks and the pages, behind a proxy that ends TLS."""
    here = settings.load(os.environ)
    if processes > 1 and here.database_url.startswith("sqlite"):
        raise click.ClickException("SQLite has one writer: --processes must be 1; set DATABASE_URL to a PostgreSQL.")
    if why := taken(host, port):
        raise click.ClickException(why)
    try:
        assemble(here, wake=lambda _: None).close()  # what is wrong is said here, once, and not by every process
    except DatabaseAway as error:
        if here.database_url.startswith("sqlite"):
            raise
        assemble_spooling(here)
        log.warning("messages go to the spool", why=str(error))
    Granian(
        f"gateway.cli.serve:{'on_one_core' if one_core else 'application'}",
        factory=True,
        interface=Interfaces.ASGINL,
        address=host,
        port=port,
        workers=processes,
        backpressure=WAITING,
        websockets=False,
        log_access=False,  # it would hold hook tokens and query strings
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()


def application() -> Asgi:
    """The application of one web process; granian calls this in each."""
    here = settings.load(os.environ)
    try:
        return _begin(here)
    except DatabaseAway:
        return Starting(assemble_spooling(here), lambda: _begin(here), LARGEST, _end)


def _begin(here: settings.Settings) -> Hooks:
    assembly = assemble(here)
    server = os.getppid()
    Vigil(assembly.watch().wiped, lambda: _stop(server)).start()  # all of them end with the process
    Every("polls", assembly.live.refresh, NOTICE).start()
    Every("spool", assembly.reception.replay, REPLAY).start()
    if here.database_url.startswith("sqlite"):
        Every("log", assembly.intake.take_over_log, TAKE_OVER).start()
    return create_server(assembly)


def on_one_core() -> Asgi:
    """The same on a core of its own."""
    keep_to_one()
    take_turns()
    return application()


def _stop(server: int) -> None:
    """Who would start another process in the place of this one."""
    if os.getppid() == server:
        os.kill(server, signal.SIGTERM)


def _end(error: Exception) -> None:
    """The server starts another process in the place of this one."""
    log.error("can't begin", why=sentence(error))
    os._exit(1)
