"""How a campaign is written: what is refused, with line, column and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.campaigns import shelf
from gateway.campaigns.definition import Known, load_campaign, schema
from gateway.campaigns.errors import CampaignError
from gateway.campaigns.model import Campaign
from gateway.catalogues import load_catalogues
from surveys.keywords import Keywords, flow_keywords, system_keywords
from surveys.problem import SurveyError

CONFIG = Path(__file__).parents[3] / "config"
KNOWN = Known(("tamani",), ("well.jpg",))
WRITTEN = """
name: well
languages: [en, ar]
title: {en: A well, ar: بئر}
summary: {en: One well for all., ar: بئر واحدة للجميع.}
sender: {en: Water Forum, ar: منتدى الماء}
keywords: {en: WELL, ar: بئر}
pieces:
  - id: first
    kind: photo
    file: well.jpg
    title: {en: The well, ar: البئر}
    text: {en: It is dry., ar: إنها جافة.}
    alt: {en: A dry well., ar: بئر جافة.}
    people: no
"""


def load(source: str) -> Campaign:
    return load_campaign(source, "well.yaml", KNOWN)


def refused(source: str) -> str:
    with pytest.raises(SurveyError) as error:
        load(source)
    return "\n".join(str(problem).removeprefix("well.yaml:") for problem in error.value.problems)


def test_a_campaign_as_written() -> None:
    made = load(WRITTEN)
    assert (made.languages, made.keywords["ar"], made.said_in("sw")) == (("en", "ar"), ("بئر",), "en")
    assert made.pieces[0].alt["en"] == "A dry well."
    assert made.piece("first") is made.pieces[0]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: well", "name: wells", "2:7: the file is well.yaml; give both the same name"),
        ("    alt: {en: A dry well., ar: بئر جافة.}\n", "", "9:5: `alt` is missing: say what is to be seen or heard"),
        ("    people: no\n", "", "9:5: `people` is missing: write yes where somebody can be recognised"),
        ("people: no", "people: yes", "9:5: `consent` is missing: say who agreed to be shown, when and how"),
        ("id: first", "id: kept", "9:9: 'kept' is the address of another page of the campaign; choose another id"),
        ("kind: photo", "kind: foto", "10:11: a piece is no 'foto'; did you mean 'photo'?"),
        ("kind: photo", "kind: text", "11:11: a text has no `file`; take it out, or change its `kind`"),
        ("well.jpg", "wel.jpg", "11:11: there is no 'wel.jpg' in campaigns/well; did you mean 'well.jpg'?"),
        ("well.jpg", "../../keys.json", "11:11: '../../keys.json' is no name of a file; write one without folders"),
        ("ar: البئر}", "fr: Le puits}", "12:27: 'fr' is not one of `languages`"),
        ("title: {en: The well", 'title: {en: "The {name}"', "12:22: `{name}` is no placeholder"),
        ("pieces:\n", "peices:\n", "8:1: there is no `peices` here; did you mean 'pieces'?"),
        ("people: no", "people: no\n  - {id: first, kind: text, title: A, text: B}", "16:10: 'first' is here twice"),
        (
            "people: no",
            "people: no\nletter: {suggested: Hello, gazetteer: taman}",
            "no gazetteer 'taman'; did you mean",
        ),
        ("people: no", f"people: no\n    sms: {'x' * 301}", "16:10: this has 301 letters, and may have 300"),
        ("people: no", "people: &a no", "anchors and aliases are not read"),
    ],
)
def test_mistakes_say_where_and_how_to_mend(old: str, new: str, says: str) -> None:
    assert old in WRITTEN
    assert says in refused(WRITTEN.replace(old, new, 1))


def test_the_schema_for_editors_is_that_of_the_definition() -> None:
    assert (CONFIG / "campaign.schema.json").read_text(encoding="utf-8") == schema()


def test_the_sample_has_everything_in_every_language() -> None:
    path = CONFIG / "campaigns" / "bridge.yaml"
    files = [one.name for one in (CONFIG / "campaigns" / "bridge").iterdir()]
    made = load_campaign(path.read_bytes(), str(path), Known(("tamani",), files))
    assert len(made.pieces) == 3
    for piece in made.pieces:
        for texts in (piece.title, piece.text, piece.sms, piece.alt or piece.text):
            assert len(set(texts.values())) == len(made.languages) == 3


@pytest.mark.parametrize(("word", "other"), [("STOP", "STOP"), ("SINGN", "SIGN"), ("WRITE", "WRITE")])
def test_a_keyword_that_could_be_taken_for_another_word_is_refused(word: str, other: str) -> None:
    texts = load_catalogues()
    table = Keywords([*system_keywords(texts), *flow_keywords(texts)])
    shelf.check_words(load(WRITTEN.replace("en: WELL", "en: BRIDGE")), table)
    with pytest.raises(CampaignError, match=f"could be taken for {other}: choose another"):
        shelf.check_words(load(WRITTEN.replace("en: WELL", f"en: {word}")), table)
