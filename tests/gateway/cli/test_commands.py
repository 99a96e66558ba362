"""The commands as somebody types them: in processes of their own, with the environment named here and no other."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.cli import COMMANDS
from tests import commands
from tests.commands import BARAZA

ROOT = Path(__file__).resolve().parents[3]
POLL = ROOT / "config" / "surveys" / "ussd_pulse.yaml"


@dataclass
class Shell:
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return commands.run(words, self.folder, {**self.environ, **more}, typed)

    def loads(self, *words: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
        """What a command did that was started by itself, and the packages that it loaded."""
        environ = {"PATH": os.environ["PATH"], "PYTHONPROFILEIMPORTTIME": "1", **self.environ}
        done = subprocess.run(
            [BARAZA, *words], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )
        lines = (line for line in done.stderr.splitlines() if "|" in line)
        return done, {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in lines}


@pytest.fixture
def bare_shell(tmp_path: Path) -> Shell:
    """Nothing is set."""
    return Shell(tmp_path)


@pytest.fixture
def shell(tmp_path: Path, wrapping_key: str) -> Shell:
    """Set up as docs/operator/installing.md says, with no provider."""
    config = tmp_path / "config"
    (config / "surveys").mkdir(parents=True)
    shutil.copy(POLL, config / "surveys")
    (config / "settings.yaml").write_text("languages: [en, sw]\ncountry: KE\n")
    (config / "channels.yaml").write_text("channels: {web: {adapter: web, medium: web}}\n")
    return Shell(
        tmp_path,
        {
            "BARAZA_KEYS": wrapping_key,
            "PUBLIC_BASE_URL": "https://polls.example.org",
            "BARAZA_WEB_SIGNING": "s" * 32,
        },
    )


def one_line(done: subprocess.CompletedProcess[str], status: int = 1) -> str:
    """What it said on stderr, where it failed as a command should."""
    assert done.returncode == status, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    if status == 1:
        assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_help_lists_every_command_and_loads_none_of_them(bare_shell: Shell) -> None:
    done, loaded = bare_shell.loads("--help")
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    assert "click" in loaded
    heavy = {"pandas", "sklearn", "flask", "sqlalchemy", "granian", "twilio", "telegram", "pydantic", "yaml", "redis"}
    assert loaded & heavy == set()


def test_commands_about_polls_do_not_wait_for_what_counts(shell: Shell) -> None:
    _, loaded = shell.loads("survey", "check", "config/surveys/ussd_pulse.yaml")
    assert "surveys" in loaded
    assert loaded & {"pandas", "scipy", "sklearn"} == set()


@pytest.mark.parametrize(
    "words", [["nonsense"], ["--nonsense"], ["survey", "nonsense"], ["survey", "preview"], ["keys", "rotate", "x"]]
)
def test_wrong_usage_exits_with_2(bare_shell: Shell, words: list[str]) -> None:
    assert "Error: " in one_line(bare_shell(*words), status=2)


def test_a_missing_setting_is_named_in_one_sentence(shell: Shell) -> None:
    assert "BARAZA_CONFIG" in one_line(shell("db", "upgrade", BARAZA_CONFIG="nowhere"))
    for missing in ("BARAZA_KEYS", "PUBLIC_BASE_URL"):
        assert missing in one_line(shell("serve", **{missing: ""}))
        assert missing in one_line(shell("worker", **{missing: ""}))


def test_serving_before_the_database_is_there_says_what_to_run(shell: Shell) -> None:
    assert "baraza db upgrade" in one_line(shell("serve"))
    assert "baraza db upgrade" in one_line(shell("worker"))


def test_sqlite_takes_one_process(shell: Shell) -> None:
    assert "PostgreSQL" in one_line(shell("serve", "--processes", "2"))


def test_a_secret_that_a_channel_lacks_is_named(shell: Shell) -> None:
    shell("db", "upgrade")
    assert "BARAZA_WEB_SIGNING" in one_line(shell("serve", BARAZA_WEB_SIGNING=""))


def test_the_database_is_upgraded_once(shell: Shell) -> None:
    first = json.loads(shell("db", "upgrade", "--json").stdout)
    again = json.loads(shell("db", "upgrade", "--json").stdout)
    assert first["before"] == ""
    assert again["before"] == again["after"] == first["after"] != ""


def test_a_database_that_is_away_is_one_sentence(shell: Shell) -> None:
    url = "postgresql://somebody:hidden@127.0.0.1:1/nothing"
    said = one_line(shell("db", "upgrade", DATABASE_URL=url))
    assert "DATABASE_URL" in said
    assert "hidden" not in said


def test_doctor_says_what_is_not_ready_and_then_that_all_is(shell: Shell) -> None:
    before = shell("doctor", "--json")
    assert before.returncode == 1
    states = {each["what"]: each["state"] for each in json.loads(before.stdout)["findings"]}
    assert states["database"] == "not ready"
    assert not (shell.folder / "var").exists(), "doctor changed something"
    shell("db", "upgrade")
    after = shell("doctor", "--json")
    assert after.returncode == 0, after.stdout
    assert json.loads(after.stdout)["ready"] is True
    assert {"settings", "address", "database", "keys", "spool", "redis", "channels", "polls", "languages"} == set(
        states
    )


@pytest.mark.parametrize(
    ("what", "change", "named"),
    [
        ("address", {"PUBLIC_BASE_URL": "http://polls.example.org"}, "https"),
        ("channels", {"BARAZA_WEB_SIGNING": ""}, "BARAZA_WEB_SIGNING"),
        ("database", {"DATABASE_URL": "postgresql://x:hidden@127.0.0.1:1/x"}, "DATABASE_URL"),
    ],
)
def test_doctor_names_what_is_wrong(shell: Shell, what: str, change: dict[str, str], named: str) -> None:
    shell("db", "upgrade")
    done = shell("doctor", "--json", **change)
    assert done.returncode == 1
    assert "hidden" not in done.stdout
    found = [each for each in json.loads(done.stdout)["findings"] if each["state"] == "not ready"]
    assert [each["what"] for each in found] == [what]
    assert named in found[0]["says"]


def test_doctor_names_a_poll_with_a_mistake_by_line(shell: Shell) -> None:
    shell("db", "upgrade")
    (shell.folder / "config" / "surveys" / "broken.yaml").write_text("name: broken\nlanguages: [en]\ntitel: x\n")
    done = shell("doctor")
    assert done.returncode == 1
    assert "broken.yaml:3:1: " in done.stdout


def test_checking_polls(shell: Shell) -> None:
    good = shell("survey", "check", str(POLL))
    assert good.returncode == 0, good.stderr
    assert "ussd_pulse, 3 questions, in en, sw, ar" in good.stdout
    broken = shell.folder / "broken.yaml"
    broken.write_text("name: broken\nlanguages: [en]\ntitel: x\n")
    done = shell("survey", "check", str(broken), str(POLL))
    assert done.returncode == 1
    assert f"{broken}:3:1: " in done.stderr
    problems = json.loads(shell("survey", "check", str(broken), "--json").stdout)["problems"]
    assert {"file", "line", "column", "message", "refused"} == set(problems[0])


def test_a_poll_finds_its_places_in_the_folder_that_it_lies_in(shell: Shell) -> None:
    types = ROOT / "tests" / "dialogues" / "types"
    poll = shell.folder / "config" / "surveys" / "home.yaml"
    shutil.copy(types / "surveys" / "home.yaml", poll)
    assert "there is no gazetteer 'tamani'" in one_line(shell("survey", "check", str(poll)))
    places = shell.folder / "config" / "gazetteers"
    shutil.copytree(types / "gazetteers", places)
    assert shell("survey", "check", str(poll)).returncode == 0
    done = shell("survey", "talk", str(poll), "--language", "en", typed="1\nKisima\n2\n3 May 2024\n")
    assert "2. Kisima, Pwani Juu" in done.stdout
    assert "In which month" in done.stdout
    (places / "tamani.csv").write_text("id,name\na,A\na,B\n")
    done = shell("survey", "check", str(poll))
    assert done.returncode == 1
    assert "tamani.csv:3:1: id 'a' stands in line 2 too" in done.stderr


def test_listing_polls(shell: Shell) -> None:
    assert "baraza db upgrade" in one_line(shell("survey", "list"))
    shell("db", "upgrade")
    (poll,) = json.loads(shell("survey", "list", "--json").stdout)
    assert (poll["name"], poll["status"]) == ("ussd_pulse", "draft")
    assert poll["keywords"]["en"] == ["PULSE"]
    assert "ussd_pulse" in shell("survey", "list").stdout


def test_keys_are_made_and_rotated(shell: Shell) -> None:
    assert "key file" in one_line(shell("keys", "rotate", "data"))
    fresh = shell("keys", "create").stdout.strip().removeprefix("BARAZA_KEYS=")
    shell("db", "upgrade")
    one_line(shell("digest", "ussd_pulse"))  # opens the store, which makes the key file
    assert (shell.folder / "var" / "keys.json").exists()
    assert json.loads(shell("keys", "rotate", "data", "--json").stdout)["key"] == 2
    assert json.loads(shell("keys", "rotate", "addresses", "--json").stdout)["key"] == 2
    both = f"{fresh},{shell.environ['BARAZA_KEYS']}"
    assert shell("keys", "rotate", "wrapping", BARAZA_KEYS=both).returncode == 0
    assert "BARAZA_KEYS" in one_line(shell("keys", "rotate", "data"))
    assert shell("keys", "rotate", "data", BARAZA_KEYS=fresh).returncode == 0


def test_coding_is_measured(shell: Shell) -> None:
    for name, first in (("train", 0), ("test", 40)):
        rows = [f"the well has no water {n},water\nour school is closed {n},school" for n in range(first, first + 40)]
        (shell.folder / f"{name}.csv").write_text("text,code\n" + "\n".join(rows))
    options = ["--train", "train.csv", "--test", "test.csv", "--text", "text"]
    found = json.loads(shell("coding", "evaluate", *options, "--label", "code", "--json").stdout)
    assert found["trained"] == found["tested"] == 80
    assert found["micro_f1"] > 0.95
    assert "no column 'codes'" in one_line(shell("coding", "evaluate", *options, "--label", "codes"))


def test_a_digest_is_read_from_a_release(shell: Shell) -> None:
    shell("db", "upgrade")
    assert "ever opened" in one_line(shell("digest", "ussd_pulse"))
    shell("survey", "open", "ussd_pulse")
    assert "--release" in one_line(shell("digest", "ussd_pulse"))
    assert "ussd_pulse" in one_line(shell("digest", "nothing"))
    made = shell("digest", "ussd_pulse", "--release", "--json")
    assert made.returncode == 0, made.stderr
    again = shell("digest", "ussd_pulse", "--json")
    assert json.loads(again.stdout) == json.loads(made.stdout)
    assert json.loads(again.stdout)["minimum_cell"] == 5
    for form in ("text", "sms", "participant", "page"):
        for language in ("en", "sw", "ar"):
            shown = shell("digest", "ussd_pulse", "--as", form, "--language", language)
            assert shown.returncode == 0, shown.stderr
            assert shown.stdout.strip()
    assert "'de'" in one_line(shell("digest", "ussd_pulse", "--language", "de"))


def test_a_second_gateway_on_the_same_port_is_refused(shell: Shell) -> None:
    """The server would share the port, and half of what people send would go to each."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = shell("serve", "--port", str(port))
    assert done.returncode == 1
    assert f"127.0.0.1:{port} can't be listened on" in done.stderr
    assert "or give another --port" in done.stderr
    assert "Traceback" not in done.stderr
