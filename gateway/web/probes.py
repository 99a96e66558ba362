"""For whoever watches the process: /healthz (it runs), /readyz (it can take messages), and in the demo /metrics."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response

from gateway.assembly import Assembly
from gateway.store.database import reading

SPOOLING = "The database does not take messages now: they go to the spool."
"""With status 200: a balancer that turned providers away would lose what can be kept."""


def blueprint(assembly: Assembly) -> Blueprint:
    probes = Blueprint("probes", __name__)

    @probes.get("/healthz")
    def healthz() -> Response:
        return _plain("ok")

    @probes.get("/readyz")
    def readyz() -> Response:
        reception = assembly.reception
        if reception.full:
            return _plain("The spool can't be written: messages are refused.", 503)
        if reception.spooling:
            return _plain(SPOOLING)
        try:
            with reading(assembly.engine) as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError:
            return _plain("The database does not answer.", 503) if reception.spool is None else _plain(SPOOLING)
        return _plain("ready")

    return probes


def metrics() -> Blueprint:
    counted = Blueprint("metrics", __name__)

    @counted.get("/metrics")
    def page() -> Response:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest  # noqa: PLC0415 - in the demo only

        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return counted


def _plain(text: str, status: int = 200) -> Response:
    return Response(text + "\n", status, content_type="text/plain; charset=utf-8")
