"""A running process takes up what an operator does, and the commands say it in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from channels.adapter import Inbound, Typed
from gateway import settings
from gateway.assembly import Assembly, assemble
from gateway.housekeeping import Every
from tests.gateway.cli.test_commands import Shell, one_line
from tests.gateway.life.conftest import SMS, written


@pytest.fixture
def shell(tmp_path: Path, wrapping_key: str) -> Shell:
    config = tmp_path / "config"
    (config / "surveys").mkdir(parents=True)
    (config / "surveys" / "water.yaml").write_text(written())
    (config / "settings.yaml").write_text("languages: [en]\ncountry: KE\n")
    (config / "channels.yaml").write_text("channels: {web: {adapter: web, medium: web}}\n")
    made = Shell(
        tmp_path,
        {
            "BARAZA_CONFIG": str(config),
            "BARAZA_KEYS": wrapping_key,
            "BARAZA_KEY_FILE": str(tmp_path / "keys.json"),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'baraza.db'}",
            "PUBLIC_BASE_URL": "https://polls.example.org",
            "BARAZA_WEB_SIGNING": "s" * 32,
        },
    )
    assert made("db", "upgrade").returncode == 0
    return made


def said(here: Assembly, text: str, number: int) -> str:
    inbound = Inbound("tel", "+999000000001", Typed(text), provider_id=f"n{number}")
    return "\n".join(prompt.text for prompt in here.intake.take(SMS, [inbound])[0].reply)


def test_the_commands_and_what_a_process_that_runs_makes_of_them(shell: Shell) -> None:
    file = shell.folder / "config" / "surveys" / "water.yaml"
    here = assemble(settings.load(shell.environ), wake=lambda _: None)
    try:
        assert said(here, "WATER", 1) == ""
        assert "never opened" in one_line(shell("survey", "close", "water"))
        assert "water is open." in shell("survey", "open", "water").stdout
        assert here.live.refresh()
        assert not here.live.refresh()
        assert "May we" in said(here, "WATER", 2)
        assert "has not changed" in one_line(shell("survey", "open", "water"))
        assert "There is no poll 'wtaer'" in one_line(shell("survey", "open", "wtaer"))
        file.write_text(written(enough="Is there water?"))
        mended = shell("survey", "open", "water").stdout
        assert "The words of water are mended: version 1 still. Those in the middle (1) go on" in mended
        assert "enough, text (en): 'Is there enough water?' -> 'Is there water?'" in mended
        file.write_text("name: water\nnonsense: [")
        assert "water.yaml:3:1: this is not YAML" in one_line(shell("survey", "open", "water"))
        file.write_text(written(enough="Is there water?"))
        assert here.live.refresh()
        said(here, "yes", 3)
        assert said(here, "1", 4) == "Is there water?"
        assert "pauses" in shell("survey", "pause", "water").stdout
        here.live.refresh()
        assert "pauses" in said(here, "yes", 5)
        assert "open again" in shell("survey", "resume", "water").stdout
        (listed,) = json.loads(shell("survey", "list", "--json").stdout)
        assert (listed["status"], listed["version"], listed["wave"]) == ("open", 1, 1)
        assert listed["dispositions"] == {"started": 1}
        assert listed["changed"] is False
        assert "1 started" in shell("survey", "list").stdout
        assert json.loads(shell("survey", "close", "water", "--json").stdout)["status"] == "closed"
        here.live.refresh()
        assert "over" in said(here, "yes", 6)
        opened = json.loads(shell("survey", "open", "water", "--wave", "fresh", "--json").stdout)
        assert (opened["how"], opened["wave"]) == ("wave", 2)
    finally:
        here.close()


def test_a_keyword_that_an_open_poll_has_can_not_be_opened_twice(shell: Shell) -> None:
    surveys = shell.folder / "config" / "surveys"
    shell("survey", "open", "water")
    shutil.move(surveys / "water.yaml", surveys / "rain.yaml")
    (surveys / "rain.yaml").write_text(written().replace("name: water", "name: rain"))
    assert "water" in one_line(shell("survey", "open", "rain"))
    shell("survey", "close", "water")
    assert shell("survey", "open", "rain").returncode == 0


def test_rounds_go_on_after_one_failed() -> None:
    rounds: list[int] = []

    def act() -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise RuntimeError
        every.stop_soon()

    class Until(Every):
        def stop_soon(self) -> None:
            self._stopping.set()

    every = Until("test", act, 0.001)
    every.start()
    every._thread.join(30)
    assert rounds == [0, 1]
