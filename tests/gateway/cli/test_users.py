"""baraza users, as an operator types it."""

from __future__ import annotations

import json
import re

import pytest

from tests.gateway.cli.test_commands import Shell, bare_shell, one_line, shell

__all__ = ["bare_shell", "shell"]  # fixtures


@pytest.fixture
def ready(shell: Shell) -> Shell:
    assert shell("db", "upgrade").returncode == 0
    return shell


def test_a_user_is_added_and_the_link_is_all_that_is_printed(ready: Shell) -> None:
    done = ready("users", "add", "amina", "--role", "focal-point", "--survey", "ussd_pulse", "--survey", "another")
    assert re.fullmatch(r"https://polls\.example\.org/invitation/[\w-]{43}\n", done.stdout)
    assert done.stderr == "Note: there is no poll another yet.\n"
    (listed,) = json.loads(ready("users", "list", "--json").stdout)
    assert (listed["name"], listed["state"]) == ("amina", "invited")
    assert listed["grants"] == [
        {"role": "focal-point", "survey": "another"},
        {"role": "focal-point", "survey": "ussd_pulse"},
    ]
    again = json.loads(ready("users", "invite", "amina", "--json").stdout)
    assert again["link"] != done.stdout.strip()


def test_roles_are_given_and_taken(ready: Shell) -> None:
    assert "no user yet" in ready("users", "list").stdout
    ready("users", "add", "amina", "--role", "operator")
    assert (
        "coder for ussd_pulse" in ready("users", "grant", "amina", "--role", "coder", "--survey", "ussd_pulse").stdout
    )
    assert ready("users", "list").stdout == "amina  invited  coder for ussd_pulse, operator\n"
    assert "not operator any more" in ready("users", "revoke", "amina", "--role", "operator").stdout
    assert ready("users", "disable", "amina").returncode == 0
    assert ready("users", "list").stdout == "amina  disabled  coder for ussd_pulse\n"
    assert ready("users", "enable", "amina").returncode == 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["add", "amina", "--role", "focal-point"], "--survey"),
        (["add", "amina", "--role", "operator", "--survey", "ussd_pulse"], "--survey"),
        (["add", "Amina A.", "--role", "mediator"], "Amina A."),
        (["disable", "nobody"], "no user 'nobody'"),
        (["revoke", "nobody", "--role", "coder"], "no user"),
        (["invite", "nobody"], "users list"),
    ],
)
def test_what_can_not_be_is_one_sentence(ready: Shell, words: list[str], named: str) -> None:
    assert named in one_line(ready("users", *words))


def test_a_user_twice_is_one_sentence_and_changes_nothing(ready: Shell) -> None:
    ready("users", "add", "amina", "--role", "operator")
    assert "users invite amina" in one_line(ready("users", "add", "amina", "--role", "mediator"))
    assert ready("users", "list").stdout == "amina  invited  operator\n"


@pytest.mark.parametrize("words", [["users", "add", "amina"], ["users", "add", "amina", "--role", "king"]])
def test_wrong_usage_exits_with_2(ready: Shell, words: list[str]) -> None:
    one_line(ready(*words), status=2)


def test_before_the_database_is_there_it_says_what_to_run(shell: Shell) -> None:
    assert "baraza db upgrade" in one_line(shell("users", "list"))
