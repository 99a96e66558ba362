"""Statements: who is shown which, and what becomes of votes and of people's own."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.flow import Conversation, Finish, Propose, Resume, Start, Text, step
from surveys.load import load_survey
from surveys.statements import Deck, Votes, choose
from tests.surveys.rich import RICH
from tests.surveys.test_engine import NOW, Talk

POLL = (
    RICH.partition("calendar:")[0].replace(", {camp}", "")
    + """
questions:
  - id: views
    type: statements
    show: 2
    text: {en: "Do you agree?", sw: "Unakubali?"}
    purpose: to find where people agree
    statements:
      - {id: water, text: {en: Water must be shared., sw: Maji yagawanywe.}}
      - {id: land, text: {en: Land must be shared., sw: Ardhi igawanywe.}}
      - {id: roads, text: {en: Roads come first., sw: Barabara kwanza.}}
"""
)
OWN = {"own": {"en": "Schools first.", "sw": "Shule kwanza."}}


class Shown(Talk):
    """A conversation with a deck."""

    def __init__(self, deck: Deck, seed: int = 1, language: str = "en") -> None:
        super().__init__(of=load_survey(POLL, "poll.yaml"))
        self.facts = {"statements": {"views": deck}}
        self.conversation = Conversation(self.flow.id, seed=seed)
        self.hear(Start(language), "yes")

    def hear(self, *events: object) -> Shown:
        for event in events:
            fed = Text(event) if isinstance(event, str) else event
            self.conversation, self.last = step(self.flow, self.conversation, fed, NOW, self.facts)  # type: ignore[arg-type] # events
            self.effects += self.last
        return self

    @property
    def text(self) -> str:
        return self.last[-1].prompt.text.partition("\n")[2]  # type: ignore[attr-defined] # what was asked last


def test_a_person_votes_on_some_and_may_add_one() -> None:
    person = Shown(Deck())
    first = person.text
    assert [option.label for option in person.last[-1].prompt.options] == ["Agree", "Disagree", "Pass"]
    second = person.hear("1").text
    assert first != second
    person.hear("disagree")
    assert person.said == []
    assert person.asks == "views.own"
    person.hear("Markets must open.")
    assert Propose("views", "Markets must open.") in person.last
    assert isinstance(person.last[-1], Finish)
    votes = [value for name, value in person.records if name != "views.own"]
    assert [vote for _, vote in votes] == ["agree", "disagree"]


@pytest.mark.parametrize(
    ("typed", "vote"),
    [
        ("1", "agree"),
        ("yes", "agree"),
        ("Ndiyo", "agree"),
        ("NO", "disagree"),
        ("pass", "pass"),
        ("ruka", "pass"),
        ("3", "pass"),
    ],
)
def test_a_vote_is_understood_as_people_write_it(typed: str, vote: str) -> None:
    assert Shown(Deck()).hear(typed).records[0][1][1] == vote


def test_the_same_seed_and_votes_show_the_same_and_stay_while_it_is_open() -> None:
    deck = Deck(votes={"water": Votes(3, 1, 0)})
    assert {Shown(deck, seed=5).text for _ in range(5)} == {Shown(deck, seed=5).text}
    person = Shown(deck, seed=5)
    before = person.text
    person.facts = {"statements": {"views": Deck(votes={"water": Votes(300, 1, 0), "land": Votes(1, 300, 0)})}}
    assert person.hear("what?").text == before
    name = person.conversation.draft
    assert person.hear("1").records[0][1] == [name, "agree"]


def test_a_change_of_language_shows_the_same_statement() -> None:
    person = Shown(Deck())
    english = person.text
    swahili = person.hear(Resume("sw")).text
    assert {"Water": "Maji", "Land": "Ardhi", "Roads": "Barabara"}[english.split()[0]] == swahili.split()[0]


def test_what_was_let_in_is_shown_and_what_was_withdrawn_is_not() -> None:
    deck = Deck(added=OWN, withdrawn=frozenset({"water", "land", "roads"}))
    person = Shown(deck)
    assert person.text == "Schools first."
    assert person.hear("1").asks == "views.own"  # nothing else is left, and nothing is said of it


def test_a_statement_without_words_in_the_language_is_not_shown() -> None:
    deck = Deck(added={"own": {"sw": "Shule kwanza."}}, withdrawn=frozenset({"water", "land", "roads"}))
    assert Shown(deck).asks == "views.own"
    assert Shown(deck, language="sw").text == "Shule kwanza."


def test_what_a_person_can_no_longer_read_is_not_voted_on() -> None:
    deck = Deck(added={"own": {"en": "Schools first."}}, withdrawn=frozenset({"water", "land", "roads"}))
    person = Shown(deck)
    assert person.text == "Schools first."
    person.facts = {"statements": {"views": Deck(added=deck.added)}}
    assert person.hear(Resume("sw")).text in {"Maji yagawanywe.", "Ardhi igawanywe.", "Barabara kwanza."}
    shown = person.conversation.draft
    person.hear("1")
    assert person.records == [("views.1", [shown, "agree"])]
    # Taken back, by FORGET ME, while it is open.
    other = Shown(deck)
    other.facts = {"statements": {"views": Deck()}}
    assert other.hear("what?").text != "…"


def test_what_a_person_wrote_is_no_template() -> None:
    """Nobody reads their own earlier answers in another one's statement."""
    person = Shown(Deck(added={"own": {"en": "{views.1} first."}}, withdrawn=frozenset({"water", "land", "roads"})))
    assert person.text == "(views.1) first."


def test_an_own_statement_is_short_or_none() -> None:
    person = Shown(Deck()).hear("1", "1")
    assert person.hear("x" * 141).said == [person.flow.texts.say("too_long", "en", maximum=140)]
    person.hear("skip")
    assert not [effect for effect in person.effects if isinstance(effect, Propose)]


# Choosing ------------------------------------------------------------------------------------------------------


def test_what_is_new_is_shown_more_and_everything_now_and_then() -> None:
    votes = {"old": Votes(30, 2, 1), "split": Votes(16, 16, 1), "dull": Votes(5, 5, 90), "new": Votes()}
    drawn = Counter(choose(votes, (), votes, seed, "views.1") for seed in range(20_000))
    assert set(drawn) == set(votes)
    assert drawn["new"] > drawn["split"] > drawn["old"]
    total = sum(vote.gain for vote in votes.values())
    for name, vote in votes.items():
        assert drawn[name] / 20_000 == pytest.approx(vote.gain / total, abs=0.012)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_gain_is_what_a_vote_takes_from_the_variance(agree: int, disagree: int, passed: int) -> None:
    def variance(a: float, b: float) -> float:
        return a * b / ((a + b) ** 2 * (a + b + 1))

    a, b = agree + 1, disagree + 1
    after = (a * variance(a + 1, b) + b * variance(a, b + 1)) / (a + b)
    told = (agree + disagree + 1) / (agree + disagree + passed + 2)
    assert Votes(agree, disagree, passed).gain == pytest.approx(told * (variance(a, b) - after))


def test_where_people_vote_as_they_think_all_statements_are_heard_evenly() -> None:
    """A thousand people, four statements each of twenty, ten of them added in the middle: nothing is starved."""
    votes = {f"s{n}": Votes() for n in range(10)}
    for seed in range(1000):
        if seed == 500:
            votes |= {f"s{n}": Votes() for n in range(10, 20)}
        seen: list[str] = []
        for place in range(4):
            name = choose(votes, seen, votes, seed, f"views.{place}")
            seen.append(name)
            before = votes[name]
            agrees = (seed * 7 + int(name[1:]) * 13) % 100 < int(name[1:]) * 5
            votes[name] = Votes(before.agree + agrees, before.disagree + (not agrees), before.passed)
    heard = [vote.agree + vote.disagree for vote in votes.values()]
    assert sum(heard) == 4000
    assert min(heard) > 80
