"""For whoever watches the process: /healthz (it runs), /readyz (it can take messages), and /metrics."""

from __future__ import annotations

import contextlib

import sqlalchemy as sa
from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from channels.adapter import same_secret
from gateway.assembly import Assembly
from gateway.delivery import watching
from gateway.delivery.metrics import LOST, QUEUE_AGE, SPENT, WORKERS
from gateway.delivery.spending import UNIT, spent
from gateway.store.database import reading

SPOOLING = "The database does not take messages now: they go to the spool."
"""With status 200: a balancer that turned providers away would lose what can be kept."""

FULL = "Neither the database nor the spool takes messages: they are refused."


def blueprint(assembly: Assembly) -> Blueprint:
    probes = Blueprint("probes", __name__)

    @probes.get("/healthz")
    def healthz() -> Response:
        return _plain("ok")

    @probes.get("/readyz")
    def readyz() -> Response:
        reception = assembly.reception
        if reception.full:
            return _plain(FULL, 503)
        if reception.spooling:
            return _plain(SPOOLING)
        try:
            with reading(assembly.engine) as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError:
            return _plain("The database does not answer.", 503) if reception.spooler is None else _plain(SPOOLING)
        return _plain("ready")

    return probes


def metrics(assembly: Assembly) -> Blueprint:
    """For Prometheus, with the bearer token that the environment sets; without one only the demonstration answers."""
    counted = Blueprint("metrics", __name__)
    settings = assembly.settings

    @counted.get("/metrics")
    def page() -> Response:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and same_secret(given.strip(), settings.metrics_tokens)
        if not (settings.demo or known):
            return _plain("Not without the token.", 403)
        with contextlib.suppress(sa.exc.SQLAlchemyError):  # what is counted in this process is told all the same
            _look(assembly)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return counted


def _look(assembly: Assembly) -> None:
    """What the database knows, whichever process counted it."""
    now = assembly.clock()
    with reading(assembly.engine) as connection:
        for channel, age in watching.since_when(connection, assembly.adapters, now).items():
            QUEUE_AGE.labels(channel).set(age)
        WORKERS.set(len(watching.present(connection, now)))
        LOST.clear()
        for lost in watching.reasons(connection, now):
            LOST.labels(lost.channel, lost.status.name.lower()).inc(lost.rows)
        SPENT.clear()
        day = now.astimezone(assembly.settings.quiet_hours.timezone).date().isoformat()
        for currency, millionths in spent(connection, day).items():
            SPENT.labels(currency).set(millionths / UNIT)


def _plain(text: str, status: int = 200) -> Response:
    return Response(text + "\n", status, content_type="text/plain; charset=utf-8")
