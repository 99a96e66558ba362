"""What the tests of delivery share."""

import pytest
import sqlalchemy as sa

from gateway.store.keys import Vault
from tests.conftest import Clock
from tests.gateway.delivery.parts import Outbox


@pytest.fixture
def box(engine: sa.Engine, vault: Vault, clock: Clock) -> Outbox:
    return Outbox(engine, vault, clock)
