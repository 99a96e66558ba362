"""Forms as people write them become polls; every row that holds something has its fate in the report."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from surveys.load import SurveyError, load_survey
from surveys.reader import read
from surveys.xlsform.form import Imported, import_form
from surveys.xlsform.marks import TO_WRITE
from surveys.xlsform.reading import read_workbook
from surveys.xlsform.report import Entry, Fate, counted
from tests.surveys.xlsform.books import survey, xlsx
from tests.surveys.xlsform.forms import FORMS


def imported(data: bytes, **more: Any) -> Imported:
    return import_form(read_workbook(data, ".xlsx"), "form.xlsx", **more)


def filled(data: bytes) -> set[tuple[str, int]]:
    """The rows of a workbook in which something is written, by openpyxl itself."""
    return {
        (sheet.title, number)
        for sheet in load_workbook(io.BytesIO(data))
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
        if any(str(value).strip() for value in row if value is not None)
    }


def told(entries: tuple[Entry, ...]) -> set[tuple[str, int]]:
    return {(entry.sheet, row) for entry in entries for row in range(entry.row, max(entry.row, entry.last) + 1)}


def of(entries: tuple[Entry, ...], name: str, column: str = "") -> Entry:
    """The one entry of a row's name and column."""
    (found,) = [entry for entry in entries if entry.name == name and entry.column == column]
    return found


def questions(result: Imported) -> dict[str, dict[str, Any]]:
    """Every question of the YAML by its id, whatever it stands in."""
    found: dict[str, dict[str, Any]] = {}

    def gather(nodes: list[dict[str, Any]]) -> None:
        for node in nodes:
            found[node["id"]] = node
            gather(node.get("questions", []))

    data: Any = read(result.yaml, "poll").data
    gather(data["questions"])
    return found


@pytest.mark.parametrize("name", FORMS)
def test_no_row_is_dropped(name: str) -> None:
    data = xlsx(FORMS[name])
    result = imported(data)
    rows = filled(data)
    assert len(rows) > 5
    assert rows <= told(result.entries)
    assert sum(counted(result.entries).values()) == len(rows)


@pytest.mark.parametrize("name", FORMS)
def test_what_comes_out_is_a_poll(name: str) -> None:
    result = imported(xlsx(FORMS[name]))
    loaded = load_survey(result.yaml, name)
    assert loaded.languages == result.languages
    assert result.questions == len(questions(result)) - sum("questions" in each for each in questions(result).values())


@pytest.mark.parametrize("name", FORMS)
def test_every_refusal_says_why_and_how_to_mend(name: str) -> None:
    refused = [entry for entry in imported(xlsx(FORMS[name])).entries if entry.fate is Fate.REFUSED]
    assert refused or name == "arabic"
    assert all(entry.text and entry.mend for entry in refused)


@pytest.mark.parametrize("name", FORMS)
def test_what_a_form_does_not_say_is_marked_and_pointed_at(name: str) -> None:
    result = imported(xlsx(FORMS[name]))
    lines = result.yaml.splitlines()
    assert [problem.line for problem in result.to_write] == [
        number for number, line in enumerate(lines, start=1) if TO_WRITE in line
    ]
    marked = {lines[problem.line - 1].strip().split(":")[0] for problem in result.to_write}
    assert marked >= {"sender", "thanks", "consent"}
    assert marked <= {"sender", "keywords", "thanks", "consent", "text", "purpose"}


def test_a_household_form() -> None:
    result = imported(xlsx(FORMS["household"]))
    made = questions(result)
    assert result.languages == ("en", "fr")
    assert made["hh"]["when"] == "q_consent == yes"
    assert made["hh_size"] | {"purpose": ""} == {
        "id": "hh_size",
        "type": "number",
        "purpose": "",
        "text": {"en": "How many people live here?", "fr": "Combien de personnes ?"},
        "hint": {"en": "With you", "fr": "Avec vous"},
        "minimum": "1",
        "maximum": "30",
    }
    assert made["adults"]["value"] == "hh_size - children"
    assert made["distance"]["when"] == "not (source includes none) and adults > 0"
    assert made["q_thanks"]["text"]["en"] == "Thank you. You said {hh_size} people, {adults} of them adults."
    assert made["welcome"]["text"]["en"] == "Welcome. This takes 5 minutes."
    assert of(result.entries, "deviceid").fate is Fate.REFUSED
    assert of(result.entries, "children", "constraint").fate is Fate.REFUSED
    assert of(result.entries, "start").fate is Fate.ADAPTED


def test_a_messy_form() -> None:
    result = imported(xlsx(FORMS["messy"]))
    made = questions(result)
    assert list(made) == ["q_1", "region_name", "q_1st_count", "tell", "tell_2", "phone"]
    assert made["region_name"]["when"] == "q_1 == yes"
    assert made["q_1st_count"]["when"] == "not (region_name == north)"
    assert made["phone"]["required"] == "no"
    assert "did you mean 'integer'" in of(result.entries, "oops").text
    assert of(result.entries, "lost").mend == "write one, such as text or integer"
    refused = [(entry.sheet, entry.row) for entry in result.entries if entry.fate is Fate.REFUSED]
    assert [row for sheet, row in refused if sheet == "CHOICES"] == [6, 7, 8]


def test_choices_that_depend_on_an_earlier_choice() -> None:
    result = imported(xlsx(FORMS["cascade"]))
    made = questions(result)
    assert [option.get("when") for option in made["district"]["options"]] == [
        "region == o1",
        "region == o1",
        "region == o2",
    ]
    assert made["town"]["options"][0]["when"] == "district == o11 and region == o1"
    assert [option["id"] for option in made["town"]["options"]] == ["o111", "o112", "o211"]
    assert "'district' has no choice '31'" in next(
        entry.text for entry in result.entries if entry.name == "311" and entry.fate is Fate.REFUSED
    )
    assert "no column 'zone'" in of(result.entries, "camp").text
    assert made["market_other"]["when"] == "market == other"


def test_repeats() -> None:
    result = imported(xlsx(FORMS["repeats"]))
    made = questions(result)
    child = made["child"]
    assert {key: child[key] for key in ("when", "count", "most")} == {"when": "n > 0", "count": "n", "most": "6"}
    assert made["nick"]["text"] == {"en": "What do you call child {number}?"}
    assert made["age"]["text"] == {"en": "How old is {nick}?"}
    assert made["school"]["when"] == "age >= 6"
    assert made["total"]["value"] == "sum(age)"
    assert made["trip_count"]["value"] == "3"
    assert made["many"]["most"] == "8"
    assert "how often" in of(result.entries, "open_end").text
    assert "repeat" in of(result.entries, "bad").text
    loaded = load_survey(result.yaml, "poll")
    assert [question.id for question in loaded.questions if question.id.startswith("nick")][-1] == "nick.6"


def test_numbers_in_all_their_disguises() -> None:
    result = imported(xlsx(FORMS["numbers"]))
    made = questions(result)
    assert (made["safe"]["type"], made["share"]["type"], made["plain"]["type"]) == ("scale", "number", "scale")
    assert made["hope"]["when"] == "trust in (o3, o4)"
    assert made["why"]["when"] == "band in (low, middle)"
    assert made["band"]["value"] == "if(score >= 6, high, if(score >= 4, middle, low))"
    assert made["after"]["when"] == "plain > 3"
    assert (made["order"]["type"], made["order"]["order"], made["needs"]["order"]) == ("ranking", "random", "random")
    assert made["count"]["value"] == "count(needs)"
    assert made["wave"]["value"] == "3"
    assert of(result.entries, "young").fate is Fate.REFUSED


def test_media_and_what_a_message_cannot_carry() -> None:
    result = imported(xlsx(FORMS["media"]))
    made = questions(result)
    assert {name: made[name]["type"] for name in made} == {
        "photo": "picture",
        "voice": "voice",
        "ok": "yes-no",
        "seen": "note",
        "shown": "note",
        "hour": "open",
        "moment": "date",
        "month": "date",
        "eth": "date",
    }
    assert made["month"]["precision"] == "month"
    data: Any = read(result.yaml, "poll").data
    assert data["calendar"] == "ethiopian"


def test_other_scripts() -> None:
    result = imported(xlsx(FORMS["arabic"]))
    made = questions(result)
    assert result.languages == ("ar", "sw", "en")
    assert [option["id"] for option in made["region"]["options"]] == ["north", "coast"]
    assert [each["when"] for each in made.values() if "when" in each] == ["region == north"]
    data: Any = read(result.yaml, "poll").data
    assert data["keywords"] == ["RAI"]


def test_a_place_is_looked_up_in_a_gazetteer() -> None:
    from surveys.gazetteer_file import load_gazetteer  # noqa: PLC0415

    data = survey({"type": "geopoint", "name": "home", "label": "Where is your home?"})
    assert "--gazetteer" in of(imported(data).entries, "home").mend
    places = load_gazetteer("id,name\nada,Ada\nbor,Bor\n", "places.csv", "places")
    result = imported(data, gazetteer="places", gazetteers={"places": places})
    assert questions(result)["home"]["gazetteer"] == "places"
    assert of(result.entries, "home").fate is Fate.ADAPTED
    assert load_survey(result.yaml, "poll", {"places": places}).questions[0].type == "place"


def test_what_the_polls_own_check_finds_is_told_by_row() -> None:
    data = survey(
        {"type": "select_one x", "name": "a", "label": "A?"},
        {"type": "note", "name": "never", "label": "N", "relevant": "${a} = 'one' and ${a} = 'two'"},
        choices=[["x", "one", "One"], ["x", "two", "Two"]],
    )
    result = imported(data)
    with pytest.raises(SurveyError):
        load_survey(result.yaml, "poll")
    assert of(tuple(entry for entry in result.entries if entry.fate is Fate.REFUSED), "never").row == 3


def test_pyxform_has_its_say() -> None:
    data = survey(
        {"type": "text", "name": "a", "label": "A?", "parameters": "rows=x"},
        {"type": "text", "name": "b", "label": "B?"},
    )
    (said,) = [entry for entry in imported(data).entries if entry.column == "pyxform"]
    assert (said.sheet, said.row, said.fate) == ("survey", 2, Fate.ADAPTED)
    assert "rows" in said.text
