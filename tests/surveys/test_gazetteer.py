"""Places are found as people name them; where two are close, both are offered and none is taken."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.gazetteer import MOST, NEAR_KM, Found, Gazetteer, Place, kilometres
from surveys.gazetteer_file import MAX_BYTES, MAX_PLACES, load_gazetteer
from surveys.problem import SurveyError

FILE = Path(__file__).parents[2] / "config" / "gazetteers" / "tamani.csv"
TAMANI = load_gazetteer(FILE.read_bytes(), FILE.name, "tamani")


def ids(found: Found) -> str | list[str]:
    """The id of what was taken, or a list of those that are offered."""
    return found.id if isinstance(found, Place) else [place.id for place in found]


def test_the_sample_has_places_of_three_levels_in_two_languages() -> None:
    assert len(TAMANI) == 60
    assert TAMANI.levels == ("region", "district", "town")
    assert sum(place.level == "region" for place in TAMANI) == 4
    assert all("ar" in place.names for place in TAMANI)
    assert {place.id for place in TAMANI if not place.parent} == {"north", "coast", "highlands", "lakes"}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Zerika", "zerika"),
        ("  zerika. ", "zerika"),
        ("ＺÉＲＩＫＡ", "zerika"),
        ("زريقا", "zerika"),
        ("TM010304", "zerika"),
        ("tm010304", "zerika"),
        ("Um Telha", "um_telha"),
        ("umtelha", "um_telha"),
        ("Telha Um", "um_telha"),
        ("Umm Talha", "um_telha"),  # an alternative name
        ("أم تلحه", "um_telha"),
        ("ام تلحة", "um_telha"),
        ("فرق", "el_faraq"),  # without its article
        ("Kaskazini", "north"),
        ("الشمال", "north"),
        # a small mistake
        ("Zerica", "zerika"),
        ("Chumvl", "chumvi"),
        ("Namwerra", "namwera"),
        ("Abu Serall", "abu_seral"),
        # a name, and what it lies in
        ("Kisima, Garuna", "kisima"),
        ("Kisima, North", "kisima"),
        ("Kisima, Garuna, North", "kisima"),
        ("Kisima (Pwani Juu)", "kisima_pwaniju"),
        ("Kisima Pwani Juu", "kisima_pwaniju"),
        ("kisima garuna", "kisima"),
        ("كسيما، قرونا", "kisima"),
        ("Kisima, Garunna", "kisima"),
        ("Kisimma, Garuna", "kisima"),
        ("Mtoni / Lakes", "mtoni_ndolera"),
        # two or more that are close
        ("Kisima", ["kisima", "kisima_pwaniju"]),
        ("كسيما", ["kisima", "kisima_pwaniju"]),
        ("Kisimo", ["kisima", "kisima_pwaniju"]),
        ("Mtoni", ["mtoni", "mtoni_ndolera"]),
        ("Mtoni, Garuna", ["mtoni", "mtoni_ndolera"]),  # named so, but neither lies there
        ("Tawila", ["tawila_gharb", "tawila_sharq"]),
        ("Kalmaro village", ["kalmaro"]),  # a part of it: to be confirmed
        ("I live in Kalmaro", ["kalmaro"]),
        ("Faraq", ["el_faraq"]),
        # nothing near
        ("", []),
        ("?", []),
        ("Berlin", []),
        ("7", []),
        ("xx", []),
        (", ,", []),
    ],
)
def test_a_place_is_found_as_people_name_it(typed: str, found: str | list[str]) -> None:
    assert ids(TAMANI.find(typed)) == found


@pytest.mark.parametrize(
    ("typed", "level", "found"),
    [
        ("Bandari", "district", "bandari"),
        ("Zerika", "district", "halfeya"),  # a town stands for its district
        ("Zerika", "region", "north"),
        ("Mtoni", "district", ["bandari", "ndolera"]),
        ("Mtoni", "region", ["coast", "lakes"]),
        ("Garuna", "town", ["garuna_town"]),
        ("North", "district", []),
        ("Zerika", "village", []),
        ("Temmera", "district", "temera"),
        ("Garuna, North", "district", "garuna"),
    ],
)
def test_only_places_of_the_level_asked_for(typed: str, level: str, found: str | list[str]) -> None:
    assert ids(TAMANI.find(typed, level)) == found


def test_no_more_are_offered_than_a_person_can_choose_from() -> None:
    places = [Place("top", {"": "Top"}), *(Place(f"p{n}", {"": "Kalma"}, parent="top") for n in range(9))]
    found = Gazetteer("made", places).find("Kalma")
    assert ids(found) == [f"p{n}" for n in range(MOST)]


def test_namesakes_are_told_apart_by_what_they_lie_in() -> None:
    places = [
        Place("a", {"": "Hill", "ar": "تل"}),
        Place("b", {"": "Coast"}),
        Place("a1", {"": "Kalma"}, parent="a"),
        Place("b1", {"": "Kalma"}, parent="b"),
        Place("a2", {"": "Mill", "ar": "طاحونة"}, parent="a1"),
        Place("b2", {"": "Mill"}, parent="b1"),
        Place("b3", {"": "Mill"}, parent="b1", code="C7"),
    ]
    made = Gazetteer("made", places)
    assert made.labels([places[2], places[3]], "en") == ("Kalma, Hill", "Kalma, Coast")
    assert made.labels([places[0], places[2]], "ar") == ("تل", "Kalma, تل")
    assert made.labels(places[4:], "en") == ("Mill, Kalma, Hill", "Mill, Kalma, Coast (b2)", "Mill, Kalma, Coast (C7)")


@given(st.text(max_size=40), st.sampled_from(["", *TAMANI.levels, "planet"]))
def test_whatever_is_typed_there_is_an_answer(typed: str, level: str) -> None:
    found = TAMANI.find(typed, level)
    offered = (found,) if isinstance(found, Place) else found
    assert len(set(map(id, offered))) == len(offered) <= MOST
    assert all(not level or place.level == level for place in offered)


@given(st.sampled_from(list(TAMANI)), st.data())
def test_every_name_finds_its_place_or_offers_it(place: Place, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*place.names.values(), *place.alternatives, place.code]))
    found = TAMANI.find(name)
    assert place in ((found,) if isinstance(found, Place) else found)


@given(st.sampled_from([place for place in TAMANI if len(place.name("")) >= 7]), st.data())
def test_one_slip_never_gives_another_place(place: Place, data: st.DataObject) -> None:
    name = place.name("")
    at = data.draw(st.integers(1, len(name) - 1))
    slip = data.draw(
        st.sampled_from([name[:at] + name[at + 1 :], f"{name[:at]}x{name[at:]}", f"{name[:at]}x{name[at + 1 :]}"])
    )
    found = TAMANI.find(slip)
    assert place in ((found,) if isinstance(found, Place) else found)


# By coordinates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ((52.52, 13.405), (48.8566, 2.3522), 877),  # Berlin to Paris
        ((0, 179.9), (0, -179.9), 22.24),
        ((90, 0), (-90, 0), 20015),
        ((12, 24), (12, 24), 0),
    ],
)
def test_distances_over_the_earth(one: tuple[float, float], other: tuple[float, float], distance: float) -> None:
    assert kilometres(*one, *other) == pytest.approx(distance, rel=0.002)


def test_the_nearest_place_is_taken_where_it_clearly_is() -> None:
    zerika = TAMANI.get("zerika")
    assert zerika is not None
    assert zerika.latitude is not None
    assert zerika.longitude is not None
    assert TAMANI.near(zerika.latitude, zerika.longitude) == zerika
    assert ids(TAMANI.near(zerika.latitude + 0.01, zerika.longitude)) == "zerika"
    assert ids(TAMANI.near(zerika.latitude + 0.01, zerika.longitude, "district")) == "halfeya"
    assert ids(TAMANI.near(zerika.latitude + 0.01, zerika.longitude, "region")) == "north"
    assert TAMANI.near(zerika.latitude, zerika.longitude, "planet") == ()
    assert TAMANI.near(50, 10) == ()
    assert TAMANI.near(-91, 400) == ()


def test_between_two_places_both_are_offered() -> None:
    made = Gazetteer(
        "made",
        [
            Place("a", {"": "A"}, latitude=0, longitude=10),
            Place("b", {"": "B"}, latitude=0, longitude=10.1),
            Place("c", {"": "C"}),
        ],
    )
    assert ids(made.near(0.0, 10.049)) == ["a", "b"]
    assert ids(made.near(0.0, 10.01)) == "a"
    degrees = NEAR_KM / 111.2
    assert ids(made.near(0.0, 10 - degrees * 0.99)) == "a"
    assert ids(made.near(0.0, 10 - degrees * 1.01)) == []


# Files --------------------------------------------------------------------------------------------------------------

GOOD = "id,name,alternatives,parent,level,code,latitude,longitude,name_ar\n"


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ("", ["1:1: the first line must name the columns, and `id` is missing; add it"]),
        (b"PK\x03\x04\x14", ["1:1: this is a spreadsheet; save it as CSV UTF-8"]),
        ("id,code\na,1\n", ["1:1: the first line must name the columns, and `name` is missing; add it"]),
        ("id,name\n", ["1:1: there is no place; add one a line"]),
        ("id,name,id\na,A,b\n", ["1:3: column `id` is here twice; remove one"]),
        ("id,name,latitde\na,A,3\n", ["1:3: there is no column 'latitde'; did you mean 'latitude'?"]),
        ("id,name\na,A\n\na,B\n", ["4:1: id 'a' stands in line 2 too; give one of them another id"]),
        ("id,name\na b,A\n", ["2:1: 'a b' can't be an id; write letters a-z, digits, `_`, `-` and `.`, 40 at most"]),
        ("id,name\n,A\n", ["2:1: a place without an id; write letters a-z, digits, `_`, `-` and `.`, 40 at most"]),
        ("id,name\na,\n", ["2:2: a place without a name; write it"]),
        ("id,name,parent\nnorth,N,\na,A,nort\n", ["3:3: parent 'nort' is not here; did you mean 'north'?"]),
        ("id,name,parent\na,A,zz\n", ["2:3: parent 'zz' is not here; add it, or leave the cell empty"]),
        ("id,name,parent\na,A,b\nb,B,a\nc,C,a\n", ["2:3: 'a' lies in itself, by its parents; correct one of them"]),
        ("id,name,parent\na,A,a\n", ["2:3: 'a' lies in itself, by its parents; correct one of them"]),
        (GOOD + "a,A,,,,,91,10\n", ["2:7: a latitude lies within -90 and 90, not at 91; correct it"]),
        (GOOD + "a,A,,,,,9,-181\n", ["2:8: a longitude lies within -180 and 180, not at -181; correct it"]),
        (
            GOOD + 'a,A,,,,,"12,5",10\n',
            ["2:7: '12,5' is not a latitude; write decimal degrees with a point, such as 12.05"],
        ),
        (
            GOOD + "a,A,,,,,nan,10\n",
            ["2:7: 'nan' is not a latitude; write decimal degrees with a point, such as 12.05"],
        ),
        (GOOD + "a,A,,,,,9,\n", ["2:7: `latitude` and `longitude` go together; write both, or none"]),
        ("id,name\na,A,B\n", ["2:1: 3 cells under 2 columns; put a name with a comma in quotes"]),
        (
            'id,name\na,"A" B\n',
            ['2:1: the quotes of this line don\'t fit; write a quote within a cell twice: ""'],
        ),
        ('id,name\na,"A\n', ['2:1: the quotes of this line don\'t fit; write a quote within a cell twice: ""']),
        (b"id,name\na,\xff\n", ["2:1: this is not UTF-8; save the file as CSV UTF-8"]),
        ("id,name\na,A\x00\n", ["2:1: a control character (U+0000) that can't be seen; remove it"]),
        (f"id,name\na,{'A' * 501}\n", ["2:2: `name` has more than 500 characters; shorten it"]),
        (
            "id,name\n" + "x" * MAX_BYTES,
            ["1:1: the file is larger than 16 MiB; keep only the levels that are asked for"],
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_cell(source: str | bytes, problems: list[str]) -> None:
    with pytest.raises(SurveyError) as refused:
        load_gazetteer(source, "places.csv", "places")
    assert str(refused.value).splitlines() == [f"places.csv:{problem}" for problem in problems]


def test_everything_is_said_at_once_and_there_is_an_end_to_it() -> None:
    with pytest.raises(SurveyError) as refused:
        load_gazetteer("id,name,latitude,longitude\na,,x,1\na,A,2,200\n", "p.csv", "p")
    assert [(problem.line, problem.column) for problem in refused.value.problems] == [(2, 2), (2, 3), (3, 1), (3, 4)]
    with pytest.raises(SurveyError) as refused:
        load_gazetteer("id,name\n" + "a,\n" * 10_000, "p.csv", "p")
    assert len(refused.value.problems) <= 500
    with pytest.raises(SurveyError, match=f"more than {MAX_PLACES:,} places"):
        load_gazetteer("id,name\n" + "".join(f"p{n},P\n" for n in range(MAX_PLACES + 1)), "p.csv", "p")


@pytest.mark.parametrize(
    "source",
    [
        "id,name,parent,alternatives\nn,North,,\nk,Kalma,n,Kelma; Kalmah\n",
        '\ufeffid;name;parent;alternatives\r\nn;North;;\r\nk; Kalma ;n;"Kelma; Kalmah"\r\n',
        "ID,Name,Parent,Alternatives\nn,North,,\nk,Kalma,n,Kelma; Kalmah\n",
        "id\tname\tparent\talternatives\nn\tNorth\t\t\nk\tKalma\tn\tKelma;Kalmah\n",
        "parent,alternatives,name,id\nn,Kelma;Kalmah;,Kalma,k\n,,North,n,,,\n",
    ],
)
def test_spreadsheets_write_csv_in_several_ways(source: str) -> None:
    made = load_gazetteer(source.encode(), "p.csv", "p")
    assert made.get("k") == Place("k", {"": "Kalma"}, ("Kelma", "Kalmah"), "n")
    assert ids(made.find("kalmah")) == "k"


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(',;"\n'), max_size=200))
def test_any_file_is_read_or_refused(text: str) -> None:
    for source in (text, "id,name,parent\n" + text):
        with contextlib.suppress(SurveyError):
            assert len(load_gazetteer(source, "p.csv", "p"))
