"""Forms in and polls out, as somebody types it."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from tests.gateway.cli.test_commands import POLL, Shell, one_line
from tests.surveys.xlsform.books import survey, xlsx
from tests.surveys.xlsform.forms import FORMS

GOOD = survey(
    {"type": "integer", "name": "age", "label": "How old are you?", "constraint": ". >= 18", "required": "yes"},
    {"type": "geopoint", "name": "home", "label": "Where do you live?"},
)


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    (tmp_path / "config" / "surveys").mkdir(parents=True)
    (tmp_path / "config" / "gazetteers").mkdir()
    (tmp_path / "config" / "gazetteers" / "towns.csv").write_text("id,name\nada,Ada\nbor,Bor\n")
    shutil.copy(POLL, tmp_path / "config" / "surveys")
    for name, sheets in FORMS.items():
        (tmp_path / f"{name}.xlsx").write_bytes(xlsx(sheets))
    (tmp_path / "good.xlsx").write_bytes(GOOD)
    return Shell(tmp_path)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_with_refused_rows_writes_nothing_until_partial_is_said(desk: Shell, name: str) -> None:
    """What is refused in `household` stops nothing: the phone's number, and two checks of answers."""
    done = desk("survey", "import", f"{name}.xlsx", "-o", "first.yaml")
    assert "Traceback" not in done.stderr
    if name in {"arabic", "household"}:
        assert done.returncode == 0
    else:
        assert done.returncode == 1
        assert done.stderr.startswith("Error: Nothing is written.")
        assert "refused" in done.stdout
        assert not (desk.folder / "first.yaml").exists()
    assert desk("survey", "import", f"{name}.xlsx", "--partial", "-o", "out.yaml").returncode == 0
    checked = desk("survey", "check", "out.yaml")
    assert checked.returncode == 1
    lines = checked.stderr.splitlines()
    assert lines
    assert all(": still to write: " in line for line in lines)


def test_what_is_written_passes_the_check_once_the_stand_ins_are_gone(desk: Shell) -> None:
    done = desk("survey", "import", "good.xlsx", "--gazetteer", "towns")
    assert done.returncode == 0, done
    poll = desk.folder / "config" / "surveys" / "good.yaml"
    assert "survey, row 2, age: imported: asked as number" in done.stdout.splitlines()
    source = poll.read_text()
    marked = source.count("TO WRITE:")
    assert f"{marked} places to write" in done.stdout
    assert desk("survey", "check", str(poll)).stderr.count("still to write") == marked
    poll.write_text(source.replace("TO WRITE:", "Written:"))
    assert desk("survey", "check", str(poll)).returncode == 0
    again = desk("survey", "import", "good.xlsx", "--gazetteer", "towns")
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert poll.read_text() == source.replace("TO WRITE:", "Written:")
    assert "There is no gazetteer 'seas'" in one_line(desk("survey", "import", "good.xlsx", "--gazetteer", "seas"))


def test_the_report_as_json(desk: Shell) -> None:
    done = desk("survey", "import", "household.xlsx", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert Path(told["written"]).name == "hh_2024.yaml"
    assert told["languages"] == ["en", "fr"]
    assert sum(told["rows"].values()) == len({(each["sheet"], each["row"]) for each in told["entries"]})
    refused = [each for each in told["entries"] if each["fate"] == "refused"]
    assert {each["name"] for each in refused} == {"deviceid", "children", "source"}


def test_what_is_no_form_gets_one_sentence(desk: Shell) -> None:
    (desk.folder / "text.xlsx").write_text("no workbook")
    (desk.folder / "doc.docx").write_text("a letter")
    with zipfile.ZipFile(desk.folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(64 * 1024 * 1024))
    assert "no .xlsx file" in one_line(desk("survey", "import", "text.xlsx"))
    assert "unpacks to more" in one_line(desk("survey", "import", "bomb.xlsx"))
    assert "is not read; there is .po, .xlsx" in one_line(desk("survey", "import", "doc.docx"))
    assert "There is no file" in one_line(desk("survey", "import", "gone.xlsx"))
    assert "A form makes a poll of its own" in desk("survey", "import", "ussd_pulse", "good.xlsx").stderr


def test_a_poll_goes_out_as_a_form_that_pyxform_takes(desk: Shell) -> None:
    done = desk("survey", "export", "ussd_pulse", "--xlsform", "-o", "pulse.xlsx")
    assert done.returncode == 0, done
    assert "`profile` is left out" in done.stdout
    assert convert(desk.folder / "pulse.xlsx").xform.startswith("<?xml")
    assert load_workbook(desk.folder / "pulse.xlsx").sheetnames == ["survey", "choices", "settings"]
    back = desk("survey", "import", "pulse.xlsx", "-o", "back.yaml")
    assert back.returncode == 0, back
    assert "Say what to write" in desk("survey", "export", "ussd_pulse").stderr
    assert "There is no poll 'gone'" in one_line(desk("survey", "export", "gone", "--xlsform"))
