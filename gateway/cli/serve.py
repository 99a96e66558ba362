"""baraza serve: the web process."""

from __future__ import annotations

import os

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from gateway import settings
from gateway.assembly import assemble
from gateway.web.app import create_app

THREADS = 16
"""Requests in flight in one process: on SQLite, what one commit can hold."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="On SQLite, one.")
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1, 256), help="Of each process.")
def serve(host: str, port: int, processes: int, threads: int) -> None:
    """Answer the providers' hooks and the pages, behind a proxy that ends TLS."""
    here = settings.load(os.environ)
    if processes > 1 and here.database_url.startswith("sqlite"):
        raise click.ClickException("SQLite has one writer: --processes must be 1; set DATABASE_URL to a PostgreSQL.")
    assemble(here, wake=lambda _: None).close()  # what is wrong is said here, once, and not by every process
    Granian(
        "gateway.cli.serve:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=processes,
        blocking_threads=threads,
        backpressure=max(threads, 64),
        websockets=False,
        log_access=False,  # it would hold hook tokens and query strings
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()


def application() -> Flask:
    """The application of one web process; granian calls this in each."""
    return create_app(assemble(settings.load(os.environ)))
