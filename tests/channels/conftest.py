"""Nothing that these tests cause to be written may hold a number, a text or a secret: each is searched afterwards."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from tests.channels.setups import SETUPS, leaks


@pytest.fixture(autouse=True)
def quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[io.StringIO]:
    """Everything that is logged, from DEBUG on, and what goes to stdout and stderr. Fails the test where it leaks."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(pathname)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)
    captured = capfd.readouterr()
    found = leaks(written.getvalue() + captured.out + captured.err, *SETUPS.values())
    assert not found, f"what was written holds {found}"
