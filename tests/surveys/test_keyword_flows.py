"""The words of keyword flows stand apart, their catalogues hold together, and nothing at all confuses a flow."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from channels.text import measure
from gateway.coordination.running import NAMED
from gateway.moderation.desk import LONGEST_REASON
from surveys.clashes import clashes
from surveys.flow import Choice, Conversation, Effect, Location, Media, Outcome, Resume, Start, Text, Timeout, step
from surveys.flows.campaigns import campaign_flows, own_flows
from surveys.flows.campaigns.effects import (
    FindPledges,
    FindRepresentatives,
    JoinTopic,
    KeepPledge,
    MakePledge,
    SeenRepresentative,
    SignAppeal,
    WriteLetter,
)
from surveys.flows.campaigns.offer import Measure, Offer, Page
from surveys.flows.coordination import coordination_flows, tell
from surveys.flows.coordination.effects import (
    ComeIn,
    Endorse,
    FindConcern,
    FindConcerns,
    FindGroups,
    FindInvitation,
    InviteInto,
    Raise,
    RegisterGroup,
    SeenConcern,
    SeenGroup,
    SeenInvitation,
    StepBack,
    SupportConcern,
)
from surveys.flows.coordination.propose import LONGEST_BESIDE
from surveys.flows.coordination.words import when
from surveys.flows.menu import Menu
from surveys.gazetteer import Gazetteer, Place
from surveys.keywords import Keywords, flow_keywords, system_keywords
from tests.surveys.samples import SAMPLES, TEXTS

FOLDER = Path(__file__).parents[2] / "surveys" / "catalogues"
PARTS = {
    path.name: {one.stem: yaml.safe_load(one.read_text()) for one in path.glob("*.yaml")}
    for path in FOLDER.iterdir()
    if path.is_dir()
}
PLACEHOLDER = re.compile(r"\{[^}]*\}")
PLACES = Gazetteer("places", [Place("tunza", {"": "Tunza"}), Place("tunda", {"": "Tunda"})])
NOW = datetime(2026, 5, 1, tzinfo=UTC)
SAID = {"en": "Open the bridge on market days.", "ar": "افتحوا الجسر."}
BRIDGE = Offer(
    "bridge",
    SAID,
    {"en": ["BRIDGE"], "ar": ["الجسر"]},
    [Page("closed", SAID, SAID, "https://polls.example.org/c/bridge/closed")],
    "bridgenews",
    [Measure("meal", SAID, SAID), Measure("walk", SAID, SAID)],
    (SAID, SAID),
    SAID,
    PLACES,
)
OWN = (
    *coordination_flows(TEXTS, PLACES, ZoneInfo("Africa/Nairobi")),
    *campaign_flows(TEXTS, [BRIDGE]),
    *own_flows(TEXTS, [BRIDGE]),
)
FLOWS = (*OWN, Menu(TEXTS, OWN))
FACTS = {"carries": frozenset({"location"}), "home": "", "lives": ""}


def test_no_keyword_can_be_taken_for_another_or_for_a_system_word() -> None:
    words = flow_keywords(TEXTS)
    assert len(words) >= 8
    for word in words:
        others = [one for one in words if one.flow != word.flow]
        assert Keywords([*system_keywords(TEXTS), *others]).clash(word) is None, word


def test_the_sample_polls_can_stand_beside_them() -> None:
    for place, one in enumerate(SAMPLES):
        assert clashes(one, one.name, SAMPLES[:place], TEXTS) == ()


def test_every_part_speaks_the_languages_of_pages_and_says_the_same_in_each() -> None:
    assert PARTS
    for part, languages in PARTS.items():
        assert {"en", "fr", "sw", "ar"} <= languages.keys(), part
        english = languages["en"]
        for language, own in languages.items():
            assert own["words"].keys() <= english["words"].keys(), (part, language)
            assert own["texts"].keys() == english["texts"].keys(), (part, language)
            for key, text in own["texts"].items():
                wanted = sorted(PLACEHOLDER.findall(str(english["texts"][key])))
                assert sorted(PLACEHOLDER.findall(str(text))) == wanted, (part, language, key)


def test_what_is_called_has_a_title_in_the_menu() -> None:
    listed = [flow for flow in OWN if flow.listed]
    assert len({flow.listed for flow in listed}) == len(listed) >= 2
    assert all(flow.title(language) for flow in listed for language in TEXTS.languages)


@pytest.mark.parametrize("language", ["en", "fr", "sw", "ar"])
def test_no_text_takes_more_than_three_segments(language: str) -> None:
    """Before names and numbers are put in."""
    told = [(part, key, text) for part, own in PARTS.items() for key, text in own[language]["texts"].items()]
    assert [(part, key) for part, key, text in told if measure(str(text)).segments > 3] == []


COORDINATION = FOLDER.parents[1] / "gateway" / "coordination"
TOLD = re.compile(r'Told\(f?"([a-z_]+)')
LONGEST_TOLD: dict[str, dict[str, int]] = {
    "called_off": {},
    "place_free": {},
    "ask_done": {},
    "ask_rating": {},
    "remind_": {},
    "remind_day": {"where": LONGEST_BESIDE["where"]},
    "remind_soon": {"where": LONGEST_BESIDE["where"]},
    "remind_named_day": {"where": LONGEST_BESIDE["where"], "text": NAMED},
    "from_organiser": {"text": tell.LONGEST},
    "concern_public": {},
    "initiative_public": {},
    "group_public": {},
    "refused_because": {"reason": LONGEST_REASON},
    "space_news": {},
}
"""What coordination sends people by itself, with the most letters that somebody's words may have in it."""


@pytest.mark.parametrize("language", ["en", "fr", "sw", "ar"])
def test_what_is_sent_unasked_takes_two_segments_at_most_with_the_longest_words(language: str) -> None:
    sent = {key for path in COORDINATION.glob("*.py") for key in TOLD.findall(path.read_text())}
    assert sent | {"remind_day", "remind_soon"} == LONGEST_TOLD.keys()  # whose step is put in
    letter = "ش" if language == "ar" else "x"
    days = (when(NOW + timedelta(days=day), language, UTC) for day in range(366))
    values = {meaning: TEXTS.word(meaning, language) for meaning in TEXTS.called}
    values |= {"code": "48210", "when": max(days, key=len)}
    for key in LONGEST_TOLD.keys() - {"remind_"}:
        words = {name: letter * most for name, most in LONGEST_TOLD[key].items()}
        text = TEXTS.say(key, language, **values | words)
        assert measure(text).segments <= 2, text
        assert not PLACEHOLDER.search(text), text


ONE, OTHER = SeenRepresentative(1, "Amina Sefu", "Member"), SeenRepresentative(2, "Yusuf Tarik", "")
SEEN = SeenConcern("4821", "Water", 0)
MOTHERS, YOUTH = SeenGroup("7741", "Mothers"), SeenGroup("7742", "Youth")
INVITED = SeenInvitation("7741", "Mothers", "speaker")
OUTCOMES: dict[type[Effect], st.SearchStrategy[Outcome]] = {
    SupportConcern: st.builds(Outcome, st.just(SupportConcern("4821")), st.booleans(), st.just(""), st.just(SEEN)),
    FindConcerns: st.builds(
        Outcome, st.just(FindConcerns()), st.just(True), st.just(""), st.sampled_from([(), (SEEN,)])
    ),
    FindConcern: st.builds(Outcome, st.just(FindConcern("4821")), st.booleans(), st.just("unknown"), st.just(SEEN)),
    FindGroups: st.builds(
        Outcome, st.just(FindGroups()), st.just(True), st.just(""), st.sampled_from([(), (MOTHERS,), (MOTHERS, YOUTH)])
    ),
    RegisterGroup: st.builds(
        Outcome,
        st.just(RegisterGroup("Mothers", "women", "tunza", "", "chair")),
        st.booleans(),
        st.sampled_from(["taken", "many"]),
    ),
    InviteInto: st.builds(
        Outcome,
        st.just(InviteInto("7741", "member")),
        st.booleans(),
        st.sampled_from(["many", "unknown"]),
        st.just("1"),
    ),
    **{
        kind: st.builds(
            Outcome, st.just(effect), st.booleans(), st.sampled_from(["used", "old", "tries", ""]), st.just(INVITED)
        )
        for kind, effect in ((FindInvitation, FindInvitation("48210573")), (ComeIn, ComeIn("48210573")))
    },
    **{
        kind: st.builds(Outcome, st.just(effect), st.booleans(), st.sampled_from(["", "already"]), st.just(SEEN))
        for kind, effect in ((Endorse, Endorse("4821", "7741")), (StepBack, StepBack("4821", "7741")))
    },
    Raise: st.builds(Outcome, st.just(Raise("Water", "")), st.booleans(), st.just("many")),
    FindRepresentatives: st.builds(
        Outcome,
        st.just(FindRepresentatives("bridge", "tunza")),
        st.just(True),
        st.just(""),
        st.sampled_from([(), (ONE,), (ONE, OTHER)]),
    ),
    FindPledges: st.builds(
        Outcome,
        st.just(FindPledges()),
        st.just(True),
        st.just(""),
        st.sampled_from([(), (("bridge", "meal"),), (("bridge", "meal"), ("bridge", "walk"), ("gone", "gone"))]),
    ),
    **{
        kind: st.builds(Outcome, st.just(effect), st.booleans(), st.sampled_from(["", "gone", "none"]), st.just(12))
        for kind, effect in (
            (WriteLetter, WriteLetter("bridge", 1, "tunza", "Open it", False)),
            (MakePledge, MakePledge("bridge", "meal", "")),
            (KeepPledge, KeepPledge("bridge", "meal", "", "", shown=False)),
            (SignAppeal, SignAppeal("bridge", "person", "", "")),
            (JoinTopic, JoinTopic("bridgenews")),
        )
    },
}
"""What may become of each effect."""
EVENTS = st.one_of(
    st.builds(Start, st.sampled_from(["", "en", "ar"]), st.text(max_size=20)),
    st.builds(Text, st.text(max_size=40)),
    st.builds(Text, st.sampled_from(["1", "2", "Tunza", "skip", "yes", "no", "4821", "12/5/2026", "14:30"])),
    st.builds(Choice, st.text(max_size=10), st.sampled_from(["1", "2", ""])),
    st.builds(Location, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(Media, st.just("picture"), st.just("x"), st.text(max_size=10)),
    st.just(Timeout()),
    st.builds(Resume, st.sampled_from(["", "fr"])),
)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.word)
@given(events=st.lists(EVENTS, max_size=12), outcomes=st.data())
def test_any_event_in_any_state_gives_a_result(flow: Menu, events: list[object], outcomes: st.DataObject) -> None:
    conversation = Conversation(flow.id, "en")
    for event in [Start("en"), *events]:
        conversation, effects = step(flow, conversation, event, NOW, FACTS)  # type: ignore[arg-type]
        assert Conversation.loads(conversation.dumps()) == conversation
        for effect in effects:
            if type(effect) in OUTCOMES:
                conversation, _ = step(flow, conversation, outcomes.draw(OUTCOMES[type(effect)]), NOW, FACTS)
