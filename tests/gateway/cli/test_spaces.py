"""baraza spaces, as an operator types it, in one process."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from gateway.cli import baraza
from tests.gateway.cli.test_commands import Shell, shell

__all__ = ["shell"]  # a fixture


def test_a_space_is_made_invited_to_listed_and_closed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shell.folder)

    def types(*words: str, fails: str = "") -> str:
        done = CliRunner(env=shell.environ).invoke(baraza, words)
        said = str(done.exception) if done.exception else done.output
        assert (done.exit_code != 0, fails in said) == (bool(fails), True), said
        return said

    types("db", "upgrade")
    types("spaces", "create", "Elders of both sides", "--steward", "amina", fails="no user 'amina'")
    types("users", "add", "amina", "--role", "mediator", "--survey", "ussd_pulse")
    space = types("spaces", "create", "Elders of both sides", "--steward", "amina").strip()
    link = types("spaces", "invite", space)
    assert re.fullmatch(r"https://polls\.example\.org/spaces/invitation/[\w-]{32}\n", link)
    listed = types("spaces", "list", "--json")
    (one,) = json.loads(listed)
    assert (one["space"], one["members"], one["last"]) == (space, 1, None)
    assert "Elders" not in listed
    assert types("spaces", "close", space, "--yes") == "It is closed.\n"
    assert "There is no space" in types("spaces", "list")
