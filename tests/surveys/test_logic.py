"""What authors write as a tree, walked by people: groups, repeats, skips, drawn orders, experiments, quotas, piping."""

from __future__ import annotations

from collections import Counter

import pytest

from surveys.draws import drawn_arm, drawn_order
from surveys.flow import Choice, Conversation, Finish, Outcome, Reserve, Start, Timeout
from surveys.gazetteer_file import load_gazetteer
from surveys.load import SurveyError, load_survey
from tests.surveys.rich import RICH
from tests.surveys.test_engine import Talk

HEAD = RICH.partition("calendar:")[0].replace(", {camp}", "")


def poll(questions: str, more: str = "") -> str:
    return f"{HEAD}{more}questions:\n{questions}"


def talk(source: str = RICH, seed: int = 1) -> Talk:
    began = Talk(of=load_survey(source, "poll.yaml"))
    began.conversation = Conversation(began.flow.id, seed=seed)
    return began.hear(Start("en"), "yes")


def refused(source: str) -> list[str]:
    with pytest.raises(SurveyError) as caught:
        load_survey(source, "poll.yaml")
    return [problem.message for problem in caught.value.problems]


def granted(of: Talk) -> Talk:
    """The quota has a place."""
    (reserve,) = [effect for effect in of.last if isinstance(effect, Reserve)]
    return of.hear(Outcome(reserve, done=True))


def ids(of: Talk) -> list[str]:
    return [question.id for question in of.flow.survey.questions]


# Drawn once per person -----------------------------------------------------------------------------------------------


def test_an_order_is_drawn_from_the_seed_and_stays() -> None:
    items = ["a", "b", "c"]
    drawn = Counter(tuple(drawn_order(items, seed, "name")) for seed in range(3000))
    assert len(drawn) == 6
    assert min(drawn.values()) > 400
    assert drawn_order(items, 7, "name") == drawn_order(reversed(items), 7, "name")
    arms = Counter(drawn_arm(("peace", "war"), seed, "frame") for seed in range(3000))
    assert min(arms.values()) > 1350


def test_the_arm_is_recorded_and_words_the_question() -> None:
    texts = {}
    for seed in range(8):
        person = granted(talk(seed=seed).hear("1"))
        (arm,) = [value for name, value in person.records if name == "frame"]
        texts[arm] = person.last[-1].prompt.text
    assert texts == {"peace": "How old are you, in North?", "war": "Your age?"}


def test_options_come_in_the_order_of_the_person_and_are_stored_by_id() -> None:
    orders = set()
    for seed in range(20):
        person = talk(seed=seed).hear("2", "20", "no")
        assert person.asks == "needs"
        labels = [option.label for option in person.last[-1].prompt.options]
        orders.add(tuple(labels))
        person.hear("1")
        assert person.records[-1][1] == [labels[0].lower()]
    assert len(orders) == 6


def test_an_option_is_offered_only_where_its_condition_holds() -> None:
    person = granted(talk().hear("1")).hear("20", "no")
    assert {option.label for option in person.last[-1].prompt.options} == {"Water", "Roads"}
    assert person.hear("boats").asks == "needs"
    assert person.conversation.tries == 1


def test_what_stands_in_a_drawn_group_changes_places_and_keeps_together() -> None:
    orders = set()
    for seed in range(40):
        person = granted(talk(seed=seed).hear("1")).hear("20", "no", "1")
        asked = []
        while person.asks in {"roof", "floor", "door", "lock"}:
            asked.append(person.asks)
            person.hear("yes")
        orders.add(tuple(asked))
        assert asked.index("lock") == asked.index("door") + 1
        assert person.asks == "children"
    assert len(orders) == 6


# Groups, skips, repeats -----------------------------------------------------------------------------------------------


def test_a_group_is_asked_where_its_condition_holds() -> None:
    person = talk().hear("2", "20", "no", "1")
    assert person.asks == "children"


def test_a_skip_leaves_out_what_is_between() -> None:
    assert talk().hear("2", "20", "no").asks == "needs"
    person = talk().hear("2", "20", "yes")
    assert person.asks == "hours"
    assert person.hear("skip").asks == "pay"
    assert person.hear("3").asks == "needs"


def test_a_skip_to_the_end_says_thanks() -> None:
    person = talk().hear("2", "20", "no", "1", "0")
    assert person.asks == "leave"
    person.hear("yes")
    assert person.said == ["Thank you, small"]
    assert person.last[-1] == Finish("completed")
    assert talk().hear("2", "20", "no", "1", "0", "no").asks == "last"


def test_a_repeat_asks_once_for_each() -> None:
    person = talk().hear("2", "20", "no", "1", "2")
    assert person.last[-1].prompt.text == "How old is child 1?"
    assert person.hear("5").last[-1].prompt.text == "How old is child 2?"
    assert person.hear("9").last[-1].prompt.text == "Does child 2, 9 years old, go to school?"
    assert person.hear("yes").asks == "leave"
    assert dict(person.records)["years.2"] == 9
    assert person.conversation.answers["camp"] == "small"


def test_no_more_are_asked_than_the_repeat_has() -> None:
    person = talk().hear("2", "20", "no", "1", "10")
    for _ in range(3):
        person.hear("17", "no")
    assert person.asks == "leave"
    assert person.conversation.answers["camp"] == "large"
    assert person.said[0].startswith("You said ")


# Ends -----------------------------------------------------------------------------------------------------------------


def test_who_is_not_eligible_is_told_so() -> None:
    person = talk().hear("2", "17")
    assert person.said == ["For people of 18 and older."]
    assert person.last[-1] == Finish("ineligible")
    assert person.conversation.outcome == "ineligible"


def test_a_quota_is_asked_for_a_place_at_once() -> None:
    person = talk().hear("1")
    assert person.last[-1] == Reserve("northern", 25)
    assert granted(person).asks == "age"
    assert talk().hear("2").asks == "age"


def test_a_full_quota_ends_kindly() -> None:
    person = talk().hear("1")
    person.hear(Outcome(Reserve("northern", 25), done=False, detail="full"))
    assert person.last[-1] == Finish("quota-full")
    assert person.said == [person.flow.texts.say("quota_full", "en")]


def test_enough_answers_make_a_broken_off_interview_partial() -> None:
    assert talk().hear("2", "20", Timeout()).last == (Finish("break-off"),)
    assert talk().hear("2", "20", "no", Timeout()).last == (Finish("partial"),)


def test_what_buttons_chose_is_kept_when_nothing_more_comes() -> None:
    person = talk().hear("2", "20", "no", Choice("needs", "1"), Timeout())
    assert person.records[-1][0] == "needs"
    assert len(person.records[-1][1]) == 1
    assert person.last[-1] == Finish("partial")


# Piping ---------------------------------------------------------------------------------------------------------------


def test_what_was_answered_is_put_in_by_name_and_never_read_again() -> None:
    source = poll(
        "  - {id: a, type: open, text: A?, purpose: p}\n"
        "  - {id: b, type: yes-no, required: no, text: 'B, {a}?', purpose: p}\n"
        "  - {id: c, type: note, text: 'C {a} {b}'}\n"
    )
    person = talk(source).hear("{b} {sender} %s {{ 7*7 }}\nx")
    assert person.last[-1].prompt.text == "B, {b} {sender} %s {{ 7*7 }} x?"
    person.hear("skip")
    assert person.said[0] == "C {b} {sender} %s {{ 7*7 }} x …"


def test_a_long_answer_is_cut_where_it_is_repeated() -> None:
    source = poll("  - {id: a, type: open, text: A?, purpose: p}\n  - {id: b, type: open, text: 'B {a}', purpose: p}\n")
    assert talk(source).hear("x" * 900).last[-1].prompt.text == "B " + "x" * 100


# What is refused  ----------------------------------------------------------------------------------------

Q = "{type: yes-no, text: Q?, purpose: p"


@pytest.mark.parametrize(
    ("questions", "says"),
    [
        (
            f"  - {{id: g, type: group, order: random, questions: [{Q}, id: a}}, {Q}, id: b, when: a == yes}}]}}\n",
            "'a' stands in the drawn order of 'g' too, and either may come first; it can't be named here",
        ),
        (
            f"  - {{id: r, type: repeat, count: n, most: 2, questions: [{Q}, id: a}}]}}\n",
            "there is no number 'n' before this repeat; ask for the number first",
        ),
        (
            (
                "  - {id: n, type: number, text: N?, purpose: p}\n"
                f"  - {{id: r, type: repeat, count: n, most: 9, questions: [{Q}, id: a}}]}}\n"
            ),
            "9 times is not possible; write 1 to 8",
        ),
        (
            (
                "  - {id: n, type: number, text: N?, purpose: p}\n"
                f"  - {{id: r, type: repeat, count: n, most: 2, questions: [{Q}, id: a}}]}}\n"
                f"  - {Q}, id: b, when: a == yes}}\n"
            ),
            "'a' stands in the repeat 'r': there are several of it; it can't be named here",
        ),
        (
            f"  - {Q}, id: a, skip: {{to: x}}}}\n  - {Q}, id: b}}\n",
            "there is no question 'x' after this one in the same list; there is b, end",
        ),
        (f"  - {Q}, id: eligible}}\n", "'eligible' means something to the poll itself; choose another id"),
        (f"  - {Q}, id: a}}\n  - {{id: g, type: group, questions: []}}\n", "nothing stands in 'g'; add a question"),
        (
            "  - {id: a, type: yes-no, text: 'Q {b}', purpose: p}\n  - {id: b, type: yes-no, text: Q, purpose: p}\n",
            "`{b}` is no placeholder; write {sender} or {title}, or leave it out",
        ),
        (
            "  - {id: a, type: date, minimum: 5, text: Q, purpose: p}\n",
            "5 is not a date; write one such as 2026-05-31",
        ),
        (
            "  - {id: a, type: place, gazetteer: nowhere, text: Q, purpose: p}\n",
            "there is no gazetteer 'nowhere', or it has mistakes of its own; put nowhere.csv into config/gazetteers",
        ),
        (
            "  - {id: a, type: statements, text: Q, purpose: p, statements: [{id: x, text: X}]}\n",
            "people need two statements or more; add one",
        ),
        (
            f"  - {Q}, id: a}}\n  - {{id: e, type: end, when: a == maybe}}\n",
            "'a' has no option 'maybe'; there is yes, no",
        ),
    ],
)
def test_what_can_not_be_written_out_is_refused(questions: str, says: str) -> None:
    assert says in refused(poll(questions))


def test_a_place_is_asked_for_at_a_level_that_there_is() -> None:
    camps = {"camps": load_gazetteer("id,name,level\na,Amani,site\n", "camps.csv", "camps")}
    asks = poll("  - {id: a, type: place, gazetteer: camps, level: site, text: Q, purpose: p}\n")
    assert load_survey(asks, "poll.yaml", camps).questions[0].level == "site"
    with pytest.raises(SurveyError, match="'camps' has no place of level 'sites'; did you mean 'site'"):
        load_survey(asks.replace("level: site", "level: sites"), "poll.yaml", camps)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            "closes: 2026-01-01\nopens: 2026-02-01\n",
            "it closes before it opens, at 2026-02-01 00:00:00; change one of them",
        ),
        ("zone: Mars/North\n", "there is no time zone 'Mars/North'; write one such as Africa/Nairobi"),
        ("expires: soon\n", "'soon' is no length of time; write one such as 30m, 24h or 3d"),
        ("limits: {cost: 5}\n", "'5' is no amount; write one with its currency, such as 0.80 USD"),
        ("invite: friends\n", "'friends' can't stand here; write everybody or panel or fresh"),
        ("partial: 2\n", "2 answers are wanted, but 0 questions have `relevant: yes`; mark more, or want fewer"),
        ("experiments: [{id: f, arms: [a]}]\n", "an experiment draws from two different words or more; add one"),
        ("quotas: [{id: a, when: a == yes, limit: 3}]\n", "'a' is here twice; give this one another id"),
    ],
)
def test_what_a_poll_says_of_itself_must_hold(more: str, says: str) -> None:
    assert says in refused(poll(f"  - {Q}, id: a}}\n", more))


def test_a_repeat_writes_out_no_more_than_500_questions() -> None:
    many = "".join(f"      - {Q}, id: q{place}}}\n" for place in range(70))
    source = poll(
        "  - {id: n, type: number, text: N?, purpose: p}\n"
        f"  - id: r\n    type: repeat\n    count: n\n    most: 8\n    questions:\n{many}"
    )
    assert refused(source) == ["561 questions, with repeats written out; 500 at most, make it shorter"]


def test_equal_shapes_differ_by_wording_only() -> None:
    one = load_survey(RICH, "a")
    typo = load_survey(RICH.replace("Do you work?", "Do you have work?").replace("title: Rich", "title: Rych"), "b")
    assert (typo.shape, typo.hash == one.hash) == (one.shape, False)
    for before, after in [
        ("id: roads", "id: streets"),
        ("Join?", "Will you join?"),
        ("limit: 25", "limit: 26"),
        ("when: region == north\n    order", "order"),
        ("maximum: 120", "maximum: 110"),
    ]:
        assert before in RICH
        assert load_survey(RICH.replace(before, after), "c").shape != one.shape


@pytest.mark.parametrize(
    "written",
    [
        "type: number, minimum: 0, unit: 'days in {own}'",
        "type: scale, minimum: 1, maximum: 3, ends: {low: 'like {own}', high: good}",
        "type: one-of, options: [{id: same, label: 'As {own}'}, {id: other, label: Other}]",
        "type: statements, statements: [{id: same, text: 'As {own}'}, {id: other, text: Other}]",
    ],
)
def test_no_answer_is_put_into_what_is_made_once_for_everybody(written: str) -> None:
    asked = "  - {id: own, type: open, text: Say, purpose: to hear}\n"
    (message,) = refused(poll(f"{asked}  - {{id: next, text: Next, purpose: to know, {written}}}\n"))
    assert message == "`{own}` can't stand here: answers go into texts and hints only; leave it out"
