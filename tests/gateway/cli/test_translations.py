"""A poll's texts to translators and back, as somebody types it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from surveys.load import load_survey
from tests.gateway.cli.test_commands import POLL, Shell, one_line


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """Where a focal point keeps polls; the settings are not needed for this."""
    folder = tmp_path / "config" / "surveys"
    folder.mkdir(parents=True)
    shutil.copy(POLL, folder)
    return Shell(tmp_path)


def exported(desk: Shell, language: str = "sw") -> Path:
    done = desk("survey", "export", "ussd_pulse", "--po", language, "-o", "out.po")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return desk.folder / "out.po"


def test_there_and_back(desk: Shell) -> None:
    poll = desk.folder / "config" / "surveys" / "ussd_pulse.yaml"
    before = poll.read_text()
    file = exported(desk)
    assert desk("survey", "export", "ussd_pulse", "--po", "sw").stdout.count("msgctxt") == 14
    unchanged = desk("survey", "import", "ussd_pulse", "out.po")
    assert unchanged.stdout == "config/surveys/ussd_pulse.yaml: 0 texts in sw written, 0 missing.\n"
    assert poll.read_text() == before
    text = file.read_text().replace('msgstr "Hali ya usalama"', 'msgstr "Usalama: leo"')
    file.write_text(text)
    poll.chmod(0o640)
    done = desk("survey", "import", "config/surveys/ussd_pulse.yaml", "out.po")
    assert (done.returncode, done.stderr) == (0, "")
    assert poll.read_text() == before.replace("sw: Hali ya usalama", 'sw: "Usalama: leo"')
    assert poll.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in poll.parent.iterdir()] == ["ussd_pulse.yaml"]
    assert load_survey(poll.read_bytes(), "x").title["sw"] == "Usalama: leo"


def test_what_does_not_fit_is_said_and_the_rest_is_written(desk: Shell) -> None:
    file = exported(desk)
    text = file.read_text().replace('msgstr "Hali ya usalama"', 'msgstr "Hali"')
    text = text.replace("{sender}: maswali", "{asker}: maswali").replace('msgid "North"', 'msgid "The north"')
    file.write_text(re.sub(r'(?=msgctxt "sender")', "#, fuzzy\n", text))
    done = desk("survey", "import", "ussd_pulse", "out.po")
    assert done.returncode == 1
    assert done.stdout == "config/surveys/ussd_pulse.yaml: 1 texts in sw written, 0 missing.\n"
    assert re.sub(r":\d+:", ":n:", done.stderr).splitlines() == [
        "out.po:n:1: sender is marked fuzzy, and was left out; look at it and take the mark away",
        "out.po:n:1: consent.text lost {sender}; keep it as it is, in a place that fits",
        (
            "out.po:n:1: questions.region.options.north.label reads differently in the poll now; export again and "
            "translate that"
        ),
    ]
    told = json.loads(desk("survey", "import", "ussd_pulse", "out.po", "--json").stdout)
    assert (told["poll"], told["language"], told["written"], told["missing"]) == ("ussd_pulse", "sw", 0, 0)
    assert (len(told["refused"]), len(told["fuzzy"])) == (2, 1)


def test_checking_says_which_language_the_gateway_does_not_speak(desk: Shell) -> None:
    poll = desk.folder / "config" / "surveys" / "ussd_pulse.yaml"
    poll.write_text(poll.read_text().replace("languages: [en, sw, ar]", "languages: [en, sw, ar, nus]", 1))
    poll.write_text(poll.read_text().replace("  ar: [نبض]\n", "  ar: [نبض]\n  nus: [PIGEN]\n", 1))
    done = desk("survey", "check", str(poll))
    assert done.returncode == 0
    assert "there is no catalogue for nus; what the gateway itself says is in English" in done.stdout
    assert done.stdout.count("no text in nus; the one in en is used") == 14


def test_a_poll_that_asks_for_places(desk: Shell) -> None:
    poll = desk.folder / "config" / "surveys" / "ussd_pulse.yaml"
    place = "\n  - {id: village, type: place, purpose: To see where., text: Which village?, gazetteer: hills}\n"
    poll.write_text(poll.read_text() + place)
    assert "hills" in one_line(desk("survey", "export", "ussd_pulse", "--po", "sw"))
    (desk.folder / "config" / "gazetteers").mkdir()
    (desk.folder / "config" / "gazetteers" / "hills.csv").write_text("id,name\nkilima,Kilima\n")
    file = exported(desk)
    file.write_text(file.read_text().replace('"Which village?"\nmsgstr ""', '"Which village?"\nmsgstr "Kijiji gani?"'))
    assert desk("survey", "import", "ussd_pulse", "out.po").stdout.endswith("1 texts in sw written, 0 missing.\n")
    assert poll.read_text().endswith('text: {en: Which village?, sw: "Kijiji gani?"}, gazetteer: hills}\n')


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "pulse", "--po", "sw"], "There is no poll 'pulse' in config/surveys; there is ussd_pulse."),
        (["export", "pulse.yaml", "--po", "sw"], "There is no file pulse.yaml."),
        (["export", "ussd_pulse", "--po", "fr"], "ussd_pulse is not in fr; add it to `languages`, with its `keywords`"),
        (["import", "ussd_pulse", "none.po"], "There is no file none.po."),
        (["import", "ussd_pulse", "out.xliff"], "out.xliff: this kind of file is not read; there is .po"),
        (["import", "ussd_pulse", "bad.po"], "bad.po: it is not a PO file that can be read: "),
        (["import", "ussd_pulse", "mute.po"], "mute.po: it does not say its language; add `Language: sw`"),
    ],
)
def test_one_sentence(desk: Shell, words: list[str], said: str) -> None:
    (desk.folder / "bad.po").write_text("hello")
    (desk.folder / "mute.po").write_text('msgctxt "title"\nmsgid "a"\nmsgstr "b"\n')
    assert said in one_line(desk("survey", *words))


def test_a_translation_that_would_break_the_poll_is_not_written(desk: Shell) -> None:
    poll = desk.folder / "config" / "surveys" / "ussd_pulse.yaml"
    before = poll.read_bytes()
    file = exported(desk)
    file.write_text(file.read_text().replace('msgstr "Kaskazini"', 'msgstr "Pwani"'))
    done = desk("survey", "import", "ussd_pulse", "out.po")
    assert done.returncode == 1
    assert "reads the same as" in done.stderr
    assert poll.read_bytes() == before


def test_a_poll_is_needed_and_one_only(desk: Shell) -> None:
    exported(desk)
    assert "Name the poll that is translated" in desk("survey", "import", "out.po").stderr
    assert desk("survey", "import", "a", "b", "out.po").returncode == 2
