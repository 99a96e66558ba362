"""From frames to a digest and to what people read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import render
from analysis.digest import digest
from analysis.findings import Digest
from analysis.frames import Frames
from analysis.render.language import language
from analysis.render.short import ONE, TWO
from analysis.render.words import summary
from analysis.since import since
from surveys.codebook import Codebook
from surveys.model import Question, Survey

LANGUAGES = ("en", "sw", "ar", "fr")
NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def found(survey: Survey, codebook: Codebook, many: Frames) -> Digest:
    return digest(many, survey, {"themes": codebook}, now=NOW)


def test_counts_shares_and_codes(found: Digest) -> None:
    assert (found.turnout.asked, found.turnout.began, found.turnout.finished) == (60, 60, 60)
    assert {group.id: group.began for group in found.turnout.by_channel} == {"sms": 20, "ussd": 40}
    assert {group.id: group.began for group in found.turnout.by_language} == {"en": 45, "ar": 15}
    assert {group.id: group.began for group in found.turnout.by_region} == {"north": 30, "south": 20, "east": 10}
    north = found.question("region").cells[0]
    assert (north.count, north.share) == (30, 0.5)
    assert (north.low, north.high) == pytest.approx((0.3773, 0.6227), abs=1e-4)
    settle = found.question("settle")
    assert {cell.id: cell.count for cell in settle.cells} == {"water": 36, "land": 24}
    assert settle.coding is not None
    assert settle.coding.method == "keywords"
    safety = found.question("safety").mean
    assert safety is not None
    assert (safety.value, safety.low, safety.high) == (3.0, 2.6, 3.4)
    assert found.question("why").n == 20
    assert found.hidden == 2  # of the ten in the east, four raised land: that, and the others who did not


def test_mediators_read_of_what_people_were_asked(survey: Survey, codebook: Codebook, many: Frames) -> None:
    """A quota, an arm, a note, and one place of a person's few statements are no questions to them."""
    silent = [Question(kind, kind, {}) for kind in ("quota", "arm", "note", "end", "value", "statement", "proposal")]
    fuller = replace(survey, questions=(*silent, *survey.questions))
    found = digest(many, fuller, {"themes": codebook}, now=NOW)
    assert [one.id for one in found.questions] == [question.id for question in survey.questions]


def test_is_json_and_back(found: Digest) -> None:
    assert Digest.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def without(frames: Frames, question: str, choice: str, kept: int) -> Frames:
    """The same answers, but only `kept` of this choice."""
    rows = frames.answers
    chosen = rows.index[(rows["question"] == question) & (rows["choice"] == choice)]
    return replace(frames, answers=rows.drop(chosen[kept:]))


def test_a_small_cell_takes_another_with_it(survey: Survey, codebook: Codebook, many: Frames) -> None:
    found = digest(without(many, "hope", "no", 3), survey, {"themes": codebook}, now=NOW)
    hope = found.question("hope")
    assert hope.n == 43
    assert [(cell.count, cell.share, cell.low) for cell in hope.cells] == [(None, None, None)] * 2


def test_who_was_asked_a_question_does_not_tell_a_hidden_answer(
    survey: Survey, codebook: Codebook, many: Frames
) -> None:
    """`why` is asked of those who said no: were its count shown, so would be theirs."""
    noes = many.answers[(many.answers["question"] == "hope") & (many.answers["choice"] == "yes")].index[3:]
    found = digest(replace(many, answers=many.answers.drop(noes)), survey, {"themes": codebook}, now=NOW)
    assert [cell.count for cell in found.question("hope").cells] == [None, None]
    assert found.question("why").n is None
    assert not found.question("why").cells


@pytest.mark.parametrize(("fives", "size", "shown"), [(1, 20, False), (3, 400, True)])
def test_a_mean_is_shown_beside_hidden_counts_only_where_rounding_protects(
    survey: Survey, codebook: Codebook, fives: int, size: int, shown: bool
) -> None:
    """Of 20: 12 fours, 7 threes, a five; the mean would say how the hidden ones are split. Of 400 it can't."""
    points = [5] * fives + [4] * (size * 3 // 5) + [3] * (size - fives - size * 3 // 5)
    rows = pd.DataFrame({"person": range(size), "number": [float(point) for point in points]})
    rows["question"], rows["choice"] = pd.Categorical(["safety"] * size), pd.Categorical([None] * size)
    people = pd.DataFrame({"person": range(size), "channel": "sms", "language": "en", "region": None})
    people = people.astype({"channel": "category", "language": "category", "region": "category"})
    people["began"], people["finished"] = True, True
    safety = digest(Frames(people, rows), survey, {"themes": codebook}, now=NOW).question("safety")
    assert [cell.count for cell in safety.cells][4] is None
    assert (safety.mean is not None) == shown


def test_nobody_answered(survey: Survey, codebook: Codebook, many: Frames) -> None:
    nobody = replace(many, conversations=many.conversations.iloc[:0], answers=many.answers.iloc[:0])
    found = digest(nobody, survey, {"themes": codebook}, now=NOW)
    assert found.turnout.began == 0
    assert "Nobody" in render.page(found, "en")
    assert render.sms(found, "en")


@given(kept=st.sets(st.integers(0, 59), min_size=1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_shows_a_small_count(survey: Survey, codebook: Codebook, many: Frames, kept: set[int]) -> None:
    people, answers = many.conversations, many.answers
    some = replace(
        many, conversations=people[people["person"].isin(kept)], answers=answers[answers["person"].isin(kept)]
    )
    found = digest(some, survey, {"themes": codebook}, now=NOW)
    groups = (*found.turnout.by_channel, *found.turnout.by_language, *found.turnout.by_region)
    counts = [cell.count for one in found.questions for cell in one.cells]
    counts += [group.began for group in groups]
    stages = (found.turnout.asked, found.turnout.began, found.turnout.finished)
    counts += [one - next_ for one, next_ in pairwise(stages) if one is not None and next_ is not None]
    counts += [*stages, *(one.n for one in found.questions), *(one.skipped for one in found.questions)]
    assert len(counts) > 20
    assert not [count for count in counts if count is not None and 0 < count < 5]


@pytest.mark.parametrize(
    ("refused", "left", "shown"),
    [
        (0, 0, (60, 60, 60)),
        (9, 12, (60, 51, 39)),
        (2, 12, (None, 58, 46)),
        (9, 2, (60, 51, None)),
        (1, 1, (None, 59, None)),
    ],
)
def test_who_refused_or_left_can_not_be_subtracted(
    survey: Survey, codebook: Codebook, many: Frames, refused: int, left: int, shown: tuple[int | None, ...]
) -> None:
    people = many.conversations.copy()
    began = people["person"] >= refused
    people["region"] = people["region"].where(began)
    people["began"], people["finished"] = began, people["person"] >= refused + left
    answers = many.answers[many.answers["person"] >= refused]
    found = digest(replace(many, conversations=people, answers=answers), survey, {"themes": codebook}, now=NOW)
    assert (found.turnout.asked, found.turnout.began, found.turnout.finished) == shown
    assert all(text for text in (render.page(found, "en"), render.sms(found, "en"), render.telegram(found, "sw")))
    assert "not shown came" not in render.telegram(found, "en")


# Renderings ---------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("fr", "ltr"), ("ar", "rtl"), ("xx", "ltr")])
def test_page_needs_nothing_else(found: Digest, language: str, direction: str) -> None:
    html = render.page(found, language)
    tags = Tags()
    tags.feed(html)
    names = [tag for tag, _ in tags.seen]
    assert dict(tags.seen)["html"]["dir"] == direction
    assert not {"script", "link", "img", "iframe"} & set(names)
    assert "http" not in html
    assert names.count("svg") == names.count("title") - 1 == names.count("desc") > 15
    assert "None" not in html
    ids = [attributes["id"] for _, attributes in tags.seen if "id" in attributes]
    assert len(ids) == len(set(ids))


class Sources(HTMLParser):
    """What stands in each block of the page: its text, and the sources that it links to."""

    BLOCKS = frozenset({"p", "h3", "table", "section", "li"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, list[str], set[str]]] = []
        self.blocks: list[tuple[str, str, set[str]]] = []
        self.under = ""
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.anchors.add(str(told.get("id")))
        if tag in self.BLOCKS:
            self.open.append((tag, [], set()))
        if tag == "a" and told.get("class") == "source":
            for _, _, links in self.open:
                links.add(str(told["href"]).removeprefix("#"))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            name, texts, links = self.open.pop()
            self.blocks.append((name, "".join(texts), links))

    def handle_data(self, data: str) -> None:
        for _, texts, _ in self.open:
            texts.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_without_its_source(found: Digest, language: str) -> None:
    """A number's sentence, its section, or the heading of its table links to what says how it was made."""
    parser = Sources()
    parser.feed(render.page(found, language))
    linked = {link for _, _, links in parser.blocks for link in links}
    assert linked == {f"source-{place}" for place in range(1, len(found.questions) + 2)}
    assert linked <= parser.anchors
    summary = parser.blocks[: next(place for place, block in enumerate(parser.blocks) if block[0] == "section")]
    numbered = [block for block in summary if block[0] == "p" and re.search(r"\d", re.sub(r"\[\d+\]", "", block[1]))]
    without = [text for _, text, links in numbered if not links]
    assert len(numbered) > 5
    assert len(without) <= 4, without  # the date, the share of the ranges (95%), "under five", "fewer than 30"
    assert all(links for tag, text, links in parser.blocks if tag == "section" and re.search(r"\d", text))
    tables = [place for place, block in enumerate(parser.blocks) if block[0] == "table"]
    assert len(tables) > 8
    assert all(any(links for _, _, links in parser.blocks[place - 2 : place]) for place in tables)


def test_what_changed_comes_first(survey: Survey, codebook: Codebook, many: Frames) -> None:
    """Hope fell from 40 of 60 to 10 of 30."""
    before = digest(many, survey, {"themes": codebook}, now=datetime(2026, 2, 1, tzinfo=UTC))
    fewer = without(many, "hope", "yes", 10)
    now = digest(fewer, survey, {"themes": codebook}, now=NOW)
    now = replace(now, since=since(before, now))
    first, *_ = summary(now, language("en")).items()
    assert first[0] == "changed"
    assert [one.text for one in first[1]] == [
        "To “hope?”, “Yes” was 67% and is now 33% (19–51%).",
        "To “hope?”, “No” was 33% and is now 67% (49–81%).",
    ]


def test_few_and_groups_that_differ_are_told(
    survey: Survey, codebook: Codebook, made: Callable[[list[dict[str, object]]], Frames]
) -> None:
    people: list[dict[str, object]] = [
        {"region": "north" if number < 100 else "south", "settle": "land" if number >= 100 or number < 8 else "water"}
        for number in range(130)
    ]
    found = digest(made(people), survey, {"themes": codebook}, now=NOW)
    told = [one.text for one in summary(found, language("en"))["minority"]]
    assert "South: 100% (89–100%) say “Land”, of all 29%. Answered there: 30." in told


def test_script_in_a_label_is_text(survey: Survey, codebook: Codebook, many: Frames) -> None:
    survey = _with_title(survey, "<script>alert(1)</script>")
    html = render.page(digest(many, survey, {"themes": codebook}, now=NOW), "en")
    assert "<script" not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_texts_fit(found: Digest, language: str) -> None:
    assert ONE(render.sms(found, language))
    assert TWO(render.participant(found, language))
    assert len(render.telegram(found, language)) <= 4096


def test_one_sms_by_hand(found: Digest) -> None:
    assert render.sms(found, "en") == "Talks: 60 answered. Most named: Water 60%; Land 40%. Not a sample of all."


def test_simulated_is_said_everywhere(survey: Survey, codebook: Codebook, many: Frames) -> None:
    found = digest(many, survey, {"themes": codebook}, now=NOW, simulated=True)
    assert all("imulated" in text for text in (render.page(found, "en"), render.telegram(found, "en")))
    assert all(text.startswith("SIMULATED") for text in (render.sms(found, "en"), render.participant(found, "en")))


def test_arabic_has_its_digits(found: Digest) -> None:
    assert "٦٠٪" in render.sms(found, "ar")


def test_catalogues_say_the_same_things() -> None:
    folder = files("analysis") / "texts"
    texts = {name: yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8")) for name in LANGUAGES}
    assert len(texts["en"]) > 60
    for name in LANGUAGES[1:]:
        assert texts[name].keys() == texts["en"].keys()
        for key, sentence in texts["en"].items():
            wanted, there = (set(re.findall(r"{(\w+)}", text)) for text in (sentence, texts[name][key]))
            assert there <= wanted, (name, key)
            assert there == wanted or key.startswith("sms"), (name, key)


def _with_title(survey: Survey, title: str) -> Survey:
    return replace(survey, title=dict.fromkeys(survey.languages, title))
