"""The polling app's evaluator, draws, dates and planner in Chromium, held to what Python does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Route

import gateway.web
from surveys import dates
from surveys.cast import Cast, Known
from surveys.draws import drawn_arm, drawn_order
from surveys.engine import CONSENT, SurveyFlow
from surveys.expressions import parse, parse_value, resolve, to_json
from surveys.flow import Ask, Choice, Conversation, Given, Outcome, Reserve, Say, Start, Timeout, Value, step
from surveys.load import SurveyError, load_survey
from surveys.match import normalise
from surveys.model import Question, Survey
from surveys.portable_survey import portable, portable_cast
from surveys.types.base import Scene
from tests.gateway.actors.guides import GUIDE
from tests.surveys.language import ANSWERS, COMES_TO, HOLDS, NAMES
from tests.surveys.samples import PLACES, SAMPLES, TAMANI, TEXTS
from tests.surveys.written import written_polls

STATIC = Path(str(gateway.web.__file__)).parent / "static" / "app"
HOST = "http://app.test"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CAST = Cast(
    (Known("BCDFG", "Lake {Council}", ("LC",)), Known("HJKLM", "Karu Front"), Known("NPQRS", "Office of <b>")),
    named=True,
    last={
        ("tie", "", "BCDFG", "HJKLM"): "conflict",
        ("attitude", "land", "HJKLM"): "unknown",
        ("need", "", "NPQRS"): "Water {and} land",
    },
)
FACTS: dict[str, object] = {"carries": frozenset(), "statements": {}, "actors": CAST}

OFFERED = {"one-of", "many-of", "ranking", "yes-no", "phone-consent", "tie", "attitude", "power"}
LOAD = """async () => {
  const names = ["evaluate", "draws", "dates", "walk"];
  const [evaluate, draws, dates, walk] = await Promise.all(names.map((name) => import(`/${name}.js`)));
  Object.assign(window, { evaluate, draws, dates, walk });
}"""
WALKED = """([poll, interview]) => {
  const { consent, given } = interview;
  return [...given, null].map((_, length) => {
    const way = walk.walk(poll, { ...interview, given: given.slice(0, length) });
    const { at, says, outcome, answers, asked } = way;
    const options = (asked?.options ?? []).map((o) => o.label);
    return { at, says, outcome, answers, text: asked?.text ?? "", options, last: asked?.report ? asked.hint : "" };
  });
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    """A page that has loaded the modules; nothing leaves the process."""

    def fulfil(route: Route) -> None:
        name = route.request.url.removeprefix(f"{HOST}/")
        if name:
            route.fulfill(path=STATIC / name, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    opened = browser.new_page()
    opened.route(f"{HOST}/**", fulfil)
    opened.goto(f"{HOST}/")
    opened.evaluate(LOAD)
    return opened


def test_every_expression_of_the_table_comes_to_the_same(page: Page) -> None:
    holds = [to_json(resolve(parse(source), NAMES)) for source, _ in HOLDS]
    comes_to = [to_json(resolve(parse_value(source), NAMES)) for source, _ in COMES_TO]
    found = page.evaluate(
        "([all, answers]) => all.map((one) => evaluate.evaluate(one, answers))", [[*holds, *comes_to], ANSWERS]
    )
    assert len(found) > 60
    told = dict(zip([source for source, _ in (*HOLDS, *COMES_TO)], found, strict=True))
    assert told == {**dict(HOLDS), **dict(COMES_TO)}


def test_an_expression_without_answers_is_nothing(page: Page) -> None:
    sources = [to_json(resolve(parse(source), NAMES)) for source, _ in HOLDS]
    wanted = [resolve(parse(source), NAMES)({}) for source, _ in HOLDS]
    assert page.evaluate("(all) => all.map((one) => evaluate.holds(one, {}))", sources) == wanted


def test_digests_and_draws_are_the_same(page: Page) -> None:
    texts = ["", "abc", "x" * 55, "x" * 56, "x" * 64, "ኅዳር", "peace " * 400]
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert page.evaluate("(all) => all.map(draws.sha256)", texts) == digests
    items = ["water", "roads", "schools", "ماء"]
    for seed in (0, 7, 2**32 - 1):
        assert page.evaluate("(given) => draws.drawnOrder(...given)", [items, seed, "q"]) == drawn_order(
            items, seed, "q"
        )
        assert page.evaluate("(given) => draws.drawnArm(...given)", [items, seed, "q"]) == drawn_arm(items, seed, "q")


@pytest.mark.parametrize("calendar", ["gregorian", "ethiopian", "islamic"])
def test_dates_are_counted_and_written_alike(page: Page, calendar: str) -> None:
    days = [date.fromordinal(ordinal).isoformat() for ordinal in range(693_596, 748_000, 97)]
    assert len(days) > 500
    written = """([days, calendar, months]) => days.map((day) => {
      const parts = dates.parts(calendar, ...day.split("-").map(Number));
      return [dates.value("day", calendar, ...parts), dates.value("month", calendar, parts[0], parts[1]),
        dates.value("year", calendar, parts[0]),
        ...[10, 7, 4].map((width) => dates.written(day.slice(0, width), calendar, months))];
    })"""
    months = list(dates.values.month_names(calendar, "en"))
    for day, found in zip(days, page.evaluate(written, [days, calendar, months]), strict=True):
        year, month, _ = dates.values.CALENDARS[calendar].parts(date.fromisoformat(day))
        coarse = [dates.values._coarse(year, month, calendar), dates.values._coarse(year, None, calendar)]
        assert found == [day, *coarse, *(dates.written(day[:width], "en", calendar) for width in (10, 7, 4))]


# Whole polls ---------------------------------------------------------------------------------------------------------


@dataclass
class Walked:
    """An interview as the engine takes it: what was given, and what stood open before each answer and at the end."""

    survey: Survey
    language: str
    seed: int
    given: list[tuple[str, Value]] = field(default_factory=list)
    steps: list[dict[str, object]] = field(default_factory=list)

    def run(self, data: st.DataObject) -> None:
        flow = SurveyFlow(self.survey, TEXTS)
        conversation = Conversation(flow.id, seed=self.seed)
        conversation, _ = step(flow, conversation, Start(self.language), NOW, FACTS)
        fed: Any = Choice(CONSENT, "1")
        while True:
            says: list[str] = []
            asked = None
            events = [fed]
            while events:
                conversation, effects = step(flow, conversation, events.pop(), NOW, FACTS)
                for effect in effects:
                    match effect:
                        case Say(prompt):
                            says.append(prompt.text)
                        case Ask(prompt):
                            asked = prompt
                        case Reserve():
                            events.append(Outcome(effect, done=True))
            at = conversation.at
            options = [option.label for option in asked.options] if asked else []
            self.steps.append(
                {
                    "at": at,
                    "says": says,
                    "outcome": conversation.outcome,
                    "answers": dict(conversation.answers),
                    "text": asked.text if asked else "",
                    "options": options,
                    "last": self.last(at, asked.hint) if asked else "",
                }
            )
            if conversation.outcome:
                return
            question = self.survey.question(at)
            if not question.required and question.type in OFFERED:
                options.pop()  # the one that says "skip"
            if question.type in {"scale", "actor"}:
                options.clear()
            scene = Scene(self.language, NOW, self.seed, conversation.answers, FACTS)
            form = flow.plan.asked(at, conversation.answers, self.seed)
            taken = form.taken(scene) if question.type == "actor" else set()
            value = data.draw(_values(question, form, form.opening(scene), taken))
            self.given.append((at, value))
            fed = Given(at, value)

    def last(self, at: str, hint: str) -> str:
        """What the same reporter said before, without how to answer."""
        if at not in self.survey.places or self.survey.question(at).report is None:
            return ""
        usual = (TEXTS.say("hint_many", self.language), TEXTS.say("hint_skip", self.language, word="SKIP"))
        return "\n".join(line for line in hint.splitlines() if line not in usual)

    def portable(self) -> list[object]:
        interview = {"language": self.language, "seed": self.seed, "consent": "yes", "given": self.given}
        return [{**portable(self.survey, TEXTS), "actors": portable_cast(CAST)}, interview]


def _values(question: Question, form: Any, opening: object, taken: set[str]) -> st.SearchStrategy[Value]:
    """What this person may answer, as it is stored."""
    ids = getattr(form, "ids", [])
    some: st.SearchStrategy[Any]
    match question.type:
        case "actor":
            named = [one.code for one in CAST.known if one.code not in taken]
            new = [["Boats {x}", "group", ""], ["Aunt", "individual", "Leads"]] if question.new else []
            left = [*named, *(one for one in new if normalise(one[0]) not in taken)]
            some = st.sampled_from(left) if left else st.none()
        case "one-of" | "yes-no" | "phone-consent" | "tie" | "attitude":
            some = st.sampled_from(ids)
        case "many-of" | "power":
            some = st.sets(st.sampled_from(ids), min_size=1, max_size=form.most).map(
                lambda chosen: [name for name in ids if name in chosen]
            )
        case "ranking":
            some = st.permutations(ids).map(lambda order: list(order)[: form.most])
        case "number" | "scale":
            low, high = int(question.minimum or 0), int(question.maximum or 9)
            some = st.integers(low, high)
        case "date":
            days = st.dates(date(1990, 1, 1), date(2025, 1, 1))
            some = days.map(lambda day: day.isoformat()[: dates.WIDTHS[question.precision]])
        case "place":
            some = st.sampled_from([place.id for place in TAMANI if question.level in ("", place.level)])
        case "statement":
            some = st.sampled_from(["agree", "disagree", "pass"]).map(lambda vote: [opening, vote])
        case _:
            some = st.sampled_from(["words of my own", "  two\nlines ", "{q1}", "<b>"])
    return some if question.required else st.one_of(st.none(), some)


def compared(page: Page, survey: Survey, language: str, data: st.DataObject) -> Walked:
    walked = Walked(survey, language, data.draw(st.integers(0, 2**32 - 1)))
    walked.run(data)
    found = page.evaluate(WALKED, walked.portable())
    assert found == walked.steps
    return walked


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
@given(written_polls(), st.data())
def test_random_polls_are_walked_alike(page: Page, source: str, data: st.DataObject) -> None:
    try:
        survey = load_survey(source, "made.yaml")
    except SurveyError:
        event("refused by the loader")
        return
    walked = compared(page, survey, data.draw(st.sampled_from(survey.languages)), data)
    event(f"{walked.steps[-1]['outcome']}, {min(len(walked.given), 8)} answers or more")


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=12)
@given(st.sampled_from(SAMPLES), st.data())
def test_the_sample_polls_are_walked_alike(page: Page, survey: Survey, data: st.DataObject) -> None:
    walked = compared(page, survey, data.draw(st.sampled_from(survey.languages)), data)
    assert walked.steps[-1]["outcome"] == "completed"
    assert len(walked.given) >= 2


FULL = """
name: full
languages: [en, am, ar]
title: Full
sender: Forum
keywords: [FULL]
consent: {version: "1", text: Join?}
thanks: "Thanks to {home}, {since}, {height}"
calendar: ethiopian
questions:
  - {id: home, type: place, gazetteer: tamani, text: Where?, purpose: p, required: no}
  - {id: since, type: date, text: "Since, {home}?", purpose: p, required: no}
  - {id: year, type: date, precision: year, text: Which year?, purpose: p}
  - {id: height, type: number, whole: no, maximum: 3, text: How high?, purpose: p}
  - {id: call, type: phone-consent, version: "1", text: "May we call? {since} {year}", purpose: p}
  - {id: proof, type: picture, text: A picture?, purpose: p}
  - id: rank
    type: ranking
    order: random
    maximum: 2
    text: Rank
    purpose: p
    options: [{id: a, label: One}, {id: b, label: Two}, {id: c, label: Three, when: call == yes}]
  - {id: after, type: note, text: "You said {rank}, {call}, {proof}"}
  - id: views
    type: statements
    show: 4
    own: yes
    text: Agree?
    purpose: p
    statements: [{id: x, text: X}, {id: y, text: Y}, {id: z, text: Z}]
"""


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(st.sampled_from(["en", "am", "ar"]), st.data())
def test_every_type_is_walked_alike(page: Page, language: str, data: st.DataObject) -> None:
    survey = load_survey(FULL, "full.yaml", {"tamani": TAMANI})
    compared(page, survey, language, data)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)
@given(st.data())
def test_interview_guides_are_walked_alike(page: Page, data: st.DataObject) -> None:
    survey = load_survey(GUIDE, "guide.yaml")
    walked = compared(page, survey, "en", data)
    assert walked.steps[-1]["outcome"] == "completed"


def test_who_refuses_is_asked_nothing(page: Page) -> None:
    survey = SAMPLES[0]
    interview = {"language": "en", "seed": 1, "consent": "no", "given": []}
    way = page.evaluate("([poll, interview]) => walk.walk(poll, interview)", [portable(survey, TEXTS), interview])
    assert (way["outcome"], way["asked"], way["answers"]) == ("refused", None, {})


def test_places_beyond_what_a_phone_keeps_are_counted() -> None:
    survey = load_survey(FULL, "full.yaml", {"tamani": TAMANI})
    kept = portable(survey, TEXTS)["gazetteers"]["tamani"]
    assert kept["left_out"] == 0
    assert {one["id"] for one in kept["places"]} == {place.id for place in TAMANI}
    assert PLACES.is_file()
    assert step(SurveyFlow(survey, TEXTS), Conversation(survey.id), Timeout(), NOW, FACTS)[0].outcome == "break-off"
