"""Hooks as providers call them."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from flask.testing import FlaskClient

from channels.adapter import Status
from gateway.assembly import Assembly
from gateway.store.schema import outbox
from tests.web.conftest import CHANNELS, Make, whole

TOKEN = "a-token-of-these-tests"
HOOK = f"/hooks/own-smpp/{TOKEN}"


@pytest.fixture
def own(make_assembly: Make, tmp_path: Path) -> Assembly:
    """A gateway with a Kannel beside it."""
    make_assembly()
    config = tmp_path / "own"
    config.mkdir()
    for file in (tmp_path / "config").iterdir():
        (config / file.name).symlink_to(file)
    (config / "channels.yaml").unlink()
    channels = CHANNELS | {"own-smpp": {"adapter": "kannel", "medium": "sms", "sender": "22384"}}
    (config / "channels.yaml").write_text(yaml.safe_dump({"channels": channels}), encoding="utf-8")
    secrets = {f"BARAZA_OWN_SMPP_{name}": TOKEN for name in ("USERNAME", "PASSWORD", "HOOK_TOKEN")}
    return make_assembly(BARAZA_CONFIG=str(config), **secrets)


def status(assembly: Assembly) -> int:
    with assembly.engine.connect() as connection:
        return connection.execute(sa.select(outbox.c.status).order_by(outbox.c.id)).scalars().first() or 0


def test_a_provider_that_has_no_other_way_reports_by_get(own: Assembly) -> None:
    client: FlaskClient = whole(own)
    headers = {"x-kannel-from": "+254711000001", "content-type": "text/plain; charset=UTF-8"}
    assert client.post(f"{HOOK}/incoming?id=1", data="HELP", headers=headers).status_code == 200
    with own.engine.begin() as connection:
        row = connection.execute(sa.select(outbox.c.id)).scalars().one()
        connection.execute(sa.update(outbox).values(status=Status.SENT.value, provider_id=str(row)))
    report = f"{HOOK}/report?outbound={row}&status=1"
    assert client.post(report).status_code == 405
    assert client.get(f"{HOOK}/incoming?id=2").status_code == 405
    assert client.get(report.replace(TOKEN, "another")).status_code == 403
    assert status(own) == Status.SENT
    assert client.get(report).status_code == 200
    assert status(own) == Status.DELIVERED
