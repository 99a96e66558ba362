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


def test_twilio_gives_out_files_of_its_account_and_the_keys_go_to_no_other_host() -> None:
    setup = SETUPS["twilio"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        assert isinstance(adapter, Fetching)
        here = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM01/Media"
        assert adapter.fetch(f"{here}/ME01", 100) == b"the file"
        with pytest.raises(Permanent, match="larger"):
            adapter.fetch(f"{here}/ME01", 4)
        for other in (f"{here}/../../../secrets", "http://127.0.0.1/admin", here.replace("0001/", "0002/") + "/ME01"):
            with pytest.raises(Permanent, match="no address of a file"):
                adapter.fetch(other, 100)
