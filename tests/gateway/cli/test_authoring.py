"""The commands of focal points, run as they run them: in a folder with polls, and nothing else set."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from surveys.definition import survey_schema
from tests import commands

CONFIG = Path(__file__).parents[3] / "config"


class Folder:
    """A folder to work in, with a copy of the sample configuration."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.surveys = path / "config" / "surveys"

    def __call__(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        done = commands.run(["survey", *words], self.path, {}, typed)
        assert "Traceback" not in done.stderr
        return done

    def change(self, name: str, old: str, new: str) -> None:
        file = self.surveys / name
        source = file.read_text(encoding="utf-8")
        assert old in source
        file.write_text(source.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    shutil.copytree(CONFIG, tmp_path / "config")
    return Folder(tmp_path)


# check --------------------------------------------------------------------------------------------------------------


def test_the_whole_folder_is_checked_at_once(folder: Folder) -> None:
    done = folder("check")
    assert done.returncode == 0, done.stderr
    assert "config/surveys/ussd_pulse.yaml: ussd_pulse, 3 questions, in en, sw, ar" in done.stdout
    assert "config/surveys/priorities.test.yaml: dialogues" in done.stdout


def test_every_problem_of_every_file_is_said_with_its_place(folder: Folder) -> None:
    folder.change("priorities.yaml", "codebook: priorities", "codebook: priority")
    folder.change("ussd_pulse.yaml", "en: [PULSE]", "en: [PEACH]")
    folder.change("ussd_pulse.test.yaml", "- in: ''", "- inn: ''")
    (folder.path / "config" / "prices.yaml").write_text("prices: [{adapter: phone}]\n")
    (folder.path / "config" / "codebooks" / "broken.yaml").write_text("name: broken\n")
    (folder.path / "config" / "gazetteers" / "broken.csv").write_text("id\n1\n")
    done = folder("check")
    assert done.returncode == 1
    files = [line.split(":")[0] for line in done.stderr.splitlines()]
    assert [name for name in files if name.endswith(("broken.yaml", "broken.csv", "prices.yaml"))]
    other = "'PEACH' is a slip away from 'PEACE', which is a keyword of the poll 'priorities'"
    for said in (
        "config/surveys/priorities.yaml:184:15: there is no codebook 'priority'; did you mean 'priorities'?",
        f"config/surveys/ussd_pulse.yaml:15:8: {other}; choose another word, further from it",
        "config/surveys/ussd_pulse.test.yaml:6:5: there is no `inn` here; did you mean 'in'?",
        "config/prices.yaml:1:10: `currency` is missing: the currency of the row, such as KES",
    ):
        assert said in done.stderr.splitlines(), done.stderr
    assert done.stderr.count("ussd_pulse.test.yaml") == 1, "one mistake is said once"
    problems = json.loads(folder("check", "--json").stdout)["problems"]
    assert {"file", "line", "column", "message", "refused"} == set(problems[0])
    assert len(problems) >= 6


def test_what_is_not_translated_is_a_note(folder: Folder) -> None:
    folder.change("ussd_pulse.yaml", "  sw: Hali ya usalama\n", "")
    done = folder("check", "config/surveys/ussd_pulse.yaml")
    assert done.returncode == 0
    assert "config/surveys/ussd_pulse.yaml:7:3: no text in sw; the one in en is used (a note)" in done.stdout


def test_a_limit_that_is_passed_is_an_error_at_its_line(folder: Folder) -> None:
    folder.change("priorities.yaml", "region: region\n", "region: region\nlimits:\n  segments: 12\n  cost: 2.00 KES\n")
    done = folder("check", "config/surveys/priorities.yaml")
    assert done.returncode == 1
    assert [line.split(": ", 1)[0] for line in done.stderr.splitlines()] == [
        "config/surveys/priorities.yaml:38:13",
        "config/surveys/priorities.yaml:39:9",
    ]
    assert "the longest way takes" in done.stderr


def test_a_keyword_for_a_channel_that_is_not_there(folder: Folder) -> None:
    restrict = "restrict: [{keyword: PULSE, channels: [at-ussd, at-uss]}]\n"
    folder.change("ussd_pulse.yaml", "consent:\n", f"{restrict}consent:\n")
    done = folder("check", "config/surveys/ussd_pulse.yaml")
    (said,) = done.stderr.splitlines()
    assert said.startswith(
        "config/surveys/ussd_pulse.yaml:18:49: there is no channel 'at-uss' in channels.yaml; did you"
    )


def test_one_file_is_held_against_the_others(folder: Folder) -> None:
    folder.change("priorities.yaml", "en: [PEACE]", "en: [SAFER]")
    done = folder("check", "config/surveys/priorities.yaml")
    assert "'SAFER' is what people answer to 'week' of the poll 'ussd_pulse' (\"Safer\")" in done.stderr


def test_a_test_without_its_poll_is_named(folder: Folder) -> None:
    (folder.surveys / "gone.test.yaml").write_text("- {dialogue: x, channel: sms, lines: []}\n")
    assert "there is no poll gone.yaml that this tests" in folder("check").stderr


def test_an_empty_folder_says_so(folder: Folder) -> None:
    shutil.rmtree(folder.surveys)
    assert folder("check").stderr == "Error: There is no poll in config/surveys.\n"


# preview, schema ----------------------------------------------------------------------------------------------------


def test_a_preview_shows_every_message_and_what_an_interview_costs(folder: Folder) -> None:
    found = json.loads(folder("preview", "ussd_pulse", "--json").stdout)
    assert {message["language"] for message in found["messages"]} == {"en", "sw", "ar"}
    assert [message["name"] for message in found["messages"]][:3] == ["language", "consent", "region"]
    for message in found["messages"]:
        assert message["sms"]["segments"] >= 1
        assert all(len(screen) <= 160 for ussd in message["ussd"] for screen in ussd["screens"])
        assert message["chat"]
    assert {row["way"] for row in found["interviews"]} == {"shortest", "typical", "longest"}
    assert all(row["example"] and row["exact"] for row in found["interviews"])


def test_a_preview_in_a_pipe_is_plain_and_says_what_is_made_up(folder: Folder) -> None:
    shown = folder("preview", "config/surveys/ussd_pulse.yaml", "--language", "en", "--channel", "phone-sms").stdout
    assert "\x1b" not in shown
    assert "GSM-7, 58 units, 1 segment, 102 left" in shown
    assert "phone-sms  en        longest   5 segments  5         1        4.00 KES  5.00 KES     example" in shown
    assert "phone-ussd" not in shown


def test_a_smaller_screen_takes_more_pages(folder: Folder) -> None:
    wide, small = (
        json.loads(folder("preview", "ussd_pulse", "--language", "en", "--screen", size, "--json").stdout)["messages"]
        for size in ("160", "80")
    )
    assert len(small[1]["ussd"][0]["screens"]) > len(wide[1]["ussd"][0]["screens"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["preview", "nothing"], "There is no poll 'nothing' in config/surveys; there is priorities, ussd_pulse."),
        (["preview", "nothing.yaml"], "There is no file nothing.yaml."),
        (["preview", "ussd_pulse", "--language", "fr"], "ussd_pulse is not in 'fr'; it is in en, sw, ar."),
        (
            ["preview", "ussd_pulse", "--channel", "x"],
            "There is no enabled channel 'x' in channels.yaml; there is phone-",
        ),
        (["talk", "nothing"], "There is no poll 'nothing'"),
        (["test", "nothing"], "There is no poll 'nothing'"),
    ],
)
def test_what_is_not_there_is_one_sentence(folder: Folder, words: list[str], said: str) -> None:
    done = folder(*words)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {said}")
    assert done.stderr.count("\n") == 1


def test_the_schema_is_printed(folder: Folder) -> None:
    assert json.loads(folder("schema").stdout) == survey_schema()


# talk ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("medium", ["sms", "ussd", "chat"])
def test_a_rehearsal_to_the_end(folder: Folder, medium: str) -> None:
    done = folder("talk", "ussd_pulse", "--medium", medium, "--language", "en", typed="1\ncoast\nxyz\n1\n2\n")
    assert done.returncode == 0, done.stderr
    assert "Where do you live?" in done.stdout
    assert "did not understand" in done.stdout
    assert "Ended: completed" in done.stderr
    assert "region: coast" in done.stderr


def test_a_rehearsal_knows_what_the_gateway_knows(folder: Folder) -> None:
    typed = "1\nHELP\n:press region:2\nLANGUAGE\n2\n:press nothing\nSTOP\n"
    done = folder("talk", "ussd_pulse", "--language", "en", typed=typed)
    assert "Send a poll's keyword to begin: PULSE" in done.stdout
    assert "Je, kuna usalama zaidi" in done.stdout
    assert "is no button" in done.stdout
    assert "region: coast" in done.stderr
    assert "left before the end" in done.stderr


# test ---------------------------------------------------------------------------------------------------------------


def test_the_sample_polls_pass_their_own_tests(folder: Folder) -> None:
    done = folder("test")
    assert done.returncode == 0, done.stderr
    assert "ussd_pulse.test.yaml: 3 dialogues, 16 messages checked, 0 differ" in done.stdout
    assert len(done.stdout.splitlines()) == 2


def test_what_differs_is_shown_with_its_line(folder: Folder) -> None:
    folder.change("ussd_pulse.yaml", "en: Is it safer near you than last week?", "en: Is it safer now?")
    done = folder("test", "ussd_pulse")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "config/surveys/ussd_pulse.test.yaml:55:1: who feels safer is not asked about the road: after `in: coast`\n"
        "  expected\n    Is it safer near you than last week?\n    1. Safer\n"
    )
    assert "  got\n    Is it safer now?\n" in done.stderr
    (result,) = json.loads(folder("test", "ussd_pulse", "--json").stdout)
    assert len(result["failures"]) == 3


def test_what_the_poll_says_is_filled_in(folder: Folder) -> None:
    file = folder.surveys / "ussd_pulse.test.yaml"
    before = file.read_text(encoding="utf-8")
    file.write_text(
        "# Mine.\n- dialogue: x\n  channel: sms\n  lines:\n  - in: PULSE\n  - in: 'no'\n    as: ben\n", encoding="utf-8"
    )
    assert "written, now read it" in folder("test", "ussd_pulse", "--write").stdout
    after = file.read_text(encoding="utf-8")
    assert after.startswith("# Mine.\n- dialogue: x\n")
    assert "  - out: |-\n      Tamani Peace Forum: 3 questions" in after
    assert "as: ben" in after
    assert folder("test", "ussd_pulse").returncode == 0
    file.write_text(before, encoding="utf-8")
    folder("test", "ussd_pulse", "--write")
    assert file.read_text(encoding="utf-8") == before


def test_a_poll_without_dialogues_says_where_to_write_them(folder: Folder) -> None:
    (folder.surveys / "ussd_pulse.test.yaml").unlink()
    assert "There is no config/surveys/ussd_pulse.test.yaml: write" in folder("test", "ussd_pulse").stderr
    assert folder("test").returncode == 0, "the others are played"
