"""The polling app in a real Chromium: what it keeps, what it sends, and what it never loses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Route, expect

from gateway import lifecycle
from gateway.accounts.roles import Grant, Role
from gateway.ingest.interviews import TAKEN, Interviews, Sender
from gateway.store import schema
from gateway.store.envelopes import Envelope
from gateway.store.interview_tables import interviews
from tests.web.accounts import cheap, someone
from tests.web.conftest import Make
from tests.web.polling import POLL, WORDS, Phone, Site

Phones = Callable[..., Phone]


@pytest.fixture
def site(make_assembly: Make) -> Iterator[Site]:
    site = Site(cheap(make_assembly()))
    site.poll(POLL)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def phones(site: Site, browser: Browser) -> Iterator[Phones]:
    made: list[Phone] = []

    def make(name: str = "amina", language: str = "en") -> Phone:
        context = browser.new_context(viewport={"width": 360, "height": 740}, accept_downloads=True)
        context.set_default_timeout(30_000)
        phone = Phone(site, context, language)
        phone.sign_in(someone(site.assembly, name, Grant(Role.FOCAL_POINT, "wells")))
        made.append(phone)
        return phone

    yield make
    for phone in made:
        phone.context.close()
        assert phone.complaints == []


@pytest.fixture
def phone(phones: Phones) -> Phone:
    return phones()


def users(site: Site) -> list[tuple[object, ...]]:
    joined = sa.select(schema.users.c.name, interviews.c.sent_by, interviews.c.late).join_from(interviews, schema.users)
    with site.assembly.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(joined)]


# Without a network ----------------------------------------------------------------------------------------------------


def test_the_network_is_cut_in_the_middle_and_the_page_is_closed(phone: Phone, site: Site) -> None:
    phone.begin()
    phone.agree()
    phone.context.set_offline(True)
    phone.press("Coast")
    phone.at("own")
    phone.page.close()
    phone.open()
    phone.is_at("unlocker")
    phone.unlock()
    phone.press("Go on")
    phone.at("own")
    expect(phone.page.locator("h1")).to_have_text("What is wrong in Coast?")
    phone.page.locator("textarea").fill(WORDS)
    phone.press("Next")
    phone.press("No")
    expect(phone.root).to_contain_text("Thank you")
    phone.press("Finish")
    phone.unsent(1)
    # Which of the two depends on what the browser knows of its network when a page is opened without one.
    expect(phone.state).to_contain_text(re.compile("no network|does not answer"))
    phone.page.close()
    site.stop()  # a page that opens may ask for something before the browser has cut it off
    phone.open()
    phone.unsent(1)  # while it is locked, too
    site.start()
    assert site.ended() == []
    phone.context.set_offline(False)
    phone.unsent(0)
    assert site.ended() == ["completed"]
    assert users(site) == [("amina", "amina", False)]
    assert site.all(schema.addresses.c.id) == []
    assert "baraza queue 0" in phone.lying()


def test_the_gateway_is_away_and_comes_back(phone: Phone, site: Site) -> None:
    phone.begin()
    site.stop()
    for _ in range(2):
        phone.interview()
        phone.home()
    phone.unsent(2)
    expect(phone.state).to_contain_text("does not answer")
    site.start()
    phone.unsent(0)
    assert site.ended() == ["completed", "completed"]


def test_an_answer_that_is_lost_on_its_way_back_counts_once(phone: Phone, site: Site) -> None:
    phone.begin()
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(route.request.post_data or "")
        answer = route.fetch()
        assert answer.ok
        if len(sent) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    phone.context.route("**/app/interviews", lose)
    phone.interview()
    phone.unsent(0)
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert site.ended() == ["completed"]
    assert len(site.all(interviews.c.id)) == 1


def test_two_phones_send_at_once(phones: Phones, site: Site) -> None:
    both = [phones("amina"), phones("bakari")]
    for phone in both:
        phone.begin()
        phone.context.set_offline(True)
        phone.interview()
        phone.home()
        phone.interview()
    for phone in both:
        phone.context.set_offline(False)
    for phone in both:
        phone.unsent(0)
    assert site.ended() == ["completed"] * 4
    assert sorted(name for name, *_ in users(site)) == ["amina", "amina", "bakari", "bakari"]


# What changes meanwhile -----------------------------------------------------------------------------------------------


def test_the_poll_changes_while_answers_wait(phone: Phone, site: Site) -> None:
    phone.begin()
    phone.context.set_offline(True)
    phone.interview()
    phone.home()
    phone.agree()
    phone.press("Pause")
    before, after = POLL, POLL.replace("id: coast", "id: shore")
    survey = site.poll(after)
    phone.context.set_offline(False)
    phone.unsent(0)
    phone.press("Fetch polls")
    expect(phone.page.locator("section.panel")).to_have_count(2)
    phone.press("Go on")  # in the version in which it began
    phone.at("region")
    phone.answer()
    phone.unsent(0)
    phone.home()
    phone.interview()
    phone.unsent(0)
    assert site.ended() == ["completed"] * 3
    flows = [flow for (flow,) in site.all(schema.conversations.c.flow)]
    assert len(set(flows)) == 2
    assert flows[2] == survey.id
    assert [late for (late,) in site.all(interviews.c.late)] == [True, True, False]
    values = [
        value for (value, name) in site.all(schema.answers.c.value, schema.answers.c.question) if name == "region"
    ]
    assert values == ["coast", "coast", "shore"]
    assert before != after


def test_the_poll_is_closed_while_answers_wait(phone: Phone, site: Site) -> None:
    phone.begin()
    phone.context.set_offline(True)
    phone.interview()
    lifecycle.close(site.assembly.engine, "wells", site.assembly.clock(), "tests")
    site.assembly.live.refresh()
    phone.context.set_offline(False)
    phone.unsent(0)
    assert site.ended() == ["completed"]
    assert users(site) == [("amina", "amina", True)]
    phone.home()
    phone.press("Fetch polls")
    expect(phone.root).to_contain_text("There is no open poll")


def test_a_session_that_has_ended_loses_nothing(phone: Phone, site: Site) -> None:
    phone.begin()
    with site.assembly.engine.begin() as connection:
        connection.execute(sa.delete(schema.sessions))
    phone.interview()
    expect(phone.state).to_contain_text("sign in to send")
    phone.unsent(1)
    phone.press("Sign in")
    phone.page.wait_for_url("**/signin?to=/app/")
    assert site.ended() == []
    phone.sign_in(someone(site.assembly, "bakari", Grant(Role.FOCAL_POINT, "wells")))
    phone.open()
    phone.unsent(0)
    assert users(site) == [("amina", "bakari", False)]  # who asked, and who sent it


def test_who_may_not_ask_this_poll_any_more_loses_nothing_either(phone: Phone, site: Site) -> None:
    phone.begin()
    with site.assembly.engine.begin() as connection:
        connection.execute(sa.update(schema.grants).values(survey="priorities"))
    phone.interview()
    phone.unsent(0)
    expect(phone.root).to_contain_text("1 were put aside")
    assert site.all(interviews.c.status, interviews.c.note) == [("aside", "who sent it may not ask this poll")]


# What lies on the phone -----------------------------------------------------------------------------------------------


def test_nothing_that_was_said_lies_on_the_phone_in_clear(phone: Phone) -> None:
    phone.begin()
    phone.context.set_offline(True)
    phone.interview()
    phone.home()
    phone.agree()
    phone.press("Coast")
    phone.page.locator("textarea").fill(WORDS)
    phone.press("Next")
    phone.at("call")
    lying = phone.lying()
    assert "baraza queue 1" in lying
    assert len(lying) > 10_000
    for said in (WORDS, "poisoned", "coast", "Coast", "What is wrong", "wells", "amina", "consent_version"):
        assert said not in lying.split("== http")[0], said
    assert WORDS not in lying


def test_another_passphrase_opens_nothing_and_a_lost_one_loses_no_finished_interview(phone: Phone, site: Site) -> None:
    phone.begin()
    phone.context.set_offline(True)
    phone.interview()
    phone.home()
    phone.press("Lock")
    phone.page.locator("input[type=password]").fill("another passphrase")
    phone.press("Unlock")
    expect(phone.page.get_by_role("alert")).to_have_text("This is not the passphrase.")
    phone.page.locator("summary").click()
    phone.press("Start over")
    phone.press("Start over, and lose interviews in progress")
    phone.is_at("chooser")
    phone.unsent(1)
    phone.context.set_offline(False)
    phone.unsent(0)
    assert site.ended() == ["completed"]


def test_everything_can_be_removed_once_nothing_is_lost_by_it(phone: Phone, site: Site, tmp_path: Path) -> None:
    phone.begin()
    phone.context.set_offline(True)
    phone.interview()
    phone.page.locator("summary").click()
    expect(phone.page.get_by_role("button", name="Remove everything")).to_have_count(0)
    with phone.page.expect_download() as download:
        phone.press("Save to a file")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    expect(phone.root).to_contain_text("in a file too")
    text = saved.read_text()
    assert WORDS not in text
    assert "wells" not in text
    envelopes = [Envelope.read(one) for one in json.loads(text)["interviews"]]
    assembly = site.assembly
    taking = Interviews(assembly.engine, assembly.vault, lambda: assembly.rules, assembly.clock, "KE")
    assert [one.status for one in taking.take(envelopes, Sender("operator", lambda _: True))] == [TAKEN]
    phone.context.set_offline(False)
    phone.unsent(0)
    assert site.ended() == ["completed"]  # by the file and by the network, and once
    phone.page.locator("summary").click()
    phone.press("Remove everything from this phone")
    phone.press("Remove it now")
    phone.is_at("chooser")
    assert "baraza kept 0" in phone.lying()


STRAND = """async () => {
  const { openStore } = await import("/s/static/app/store.js");
  const store = await openStore();
  await store.unlock("four words not together");
  const [draft] = await store.all("draft ");
  await store.put(`draft ${draft.id}`, { ...draft, given: [["another", "x"], ...draft.given] });
}"""


def test_an_interview_that_can_not_go_on_is_not_lost(phone: Phone, site: Site) -> None:
    """As if another version of the app had asked in another order."""
    phone.begin()
    phone.agree()
    phone.press("Coast")
    phone.at("own")
    phone.press("Pause")
    phone.is_at("home")
    phone.page.evaluate(STRAND)
    phone.page.reload()
    phone.unlock()
    phone.press("Go on")
    expect(phone.page.locator("h1")).to_contain_text("can't go on")
    phone.press("Break off")
    phone.press("Break off for good")
    phone.is_at("unsent")
    phone.unsent(0)
    assert site.all(interviews.c.status, interviews.c.note) == [("aside", "another was answered where region is asked")]


def test_it_locks_when_nobody_touches_it(phone: Phone) -> None:
    phone.begin()
    phone.page.clock.install()
    phone.agree()
    phone.page.clock.fast_forward(9 * 60_000)
    phone.at("region")
    phone.press("Coast")
    phone.at("own")
    phone.page.clock.fast_forward(9 * 60_000)
    phone.at("own")
    phone.page.clock.fast_forward(2 * 60_000)
    phone.is_at("unlocker")
    phone.unlock()
    phone.press("Go on")
    phone.at("own")


def test_leaving_with_something_unsent_is_asked_about(phone: Phone) -> None:
    phone.begin()
    phone.context.set_offline(True)
    phone.interview()
    asked: list[str] = []
    phone.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    phone.page.close(run_before_unload=True)
    phone.page.wait_for_event("close")
    assert asked == ["beforeunload"]
