"""What people attach is given out by their provider: through its SDK from a server on this machine."""

from __future__ import annotations

import pytest

from channels import registry
from channels.adapter import Fetching, Permanent
from tests.channels.setups import SETUPS
from tests.channels.test_sending import running


def test_telegram_gives_out_what_people_attach() -> None:
    setup = SETUPS["telegram"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        assert isinstance(adapter, Fetching)
        assert adapter.fetch("AgAC-photo", 100) == b"the file"
        with pytest.raises(Permanent, match="larger"):
            adapter.fetch("AgAC-photo", 4)
