"""The pages of results before Chromium at phone width: nothing hangs over, and axe-core finds nothing serious."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.coordination.concerns import lift
from gateway.results.release import count, release
from gateway.store import schema
from gateway.web.app import create_app
from surveys.model import Survey
from tests.web.accounts import COOKIE, someone
from tests.web.answers import answered
from tests.web.conftest import Make

PICTURES = os.environ.get("BARAZA_PICTURES")
"""A folder for pictures of the pages, for somebody to look at."""


@dataclass
class Site:
    url: str
    assembly: Assembly


PEOPLE = 60
PAGES = ("results", "digest", "agenda", "outcomes", "orders", "quotes")


def fill(assembly: Assembly, survey: Survey) -> None:
    """Everybody answers everything that is chosen or counted, each as their number has it, and says one thing."""
    said = answered(assembly, survey, "settle", [("Water first, then land", "en")] * PEOPLE)
    key, rows = survey.id.removeprefix("survey:"), []
    for person in range(1, len(said) + 1):
        told = {"conversation": person, "person": person, "channel": "web", "language": "en", "at": assembly.clock()}
        for question in survey.questions:
            options = [option.id for option in question.options]
            choice = options[person % len(options)] if options else 1 + person % 5
            values = {"one-of": choice, "many-of": [choice], "scale": choice, "number": choice, "yes-no": "yes"}
            if question.type in values:
                rows.append({"survey": key, "question": question.id, "value": values[question.type], **told})
    with assembly.engine.begin() as connection:
        connection.execute(sa.insert(schema.answers), rows)


@pytest.fixture
def site(make_assembly: Make) -> Iterator[Site]:
    assembly = make_assembly()
    survey = assembly.polls.named("priorities")
    assert survey is not None
    fill(assembly, survey)
    with assembly.engine.begin() as connection:
        lift(connection, "The bridge is closed", "en", "priorities/settle", "mod", assembly.clock())
    known = {codebook.name: codebook for codebook in assembly.polls.codebooks}
    now = assembly.clock()
    rows = count(assembly.engine, assembly.vault, survey, known, now)
    made = release(assembly.engine, assembly.vault, rows, survey, known, now)
    assert made.digest.turnout.finished == PEOPLE
    server = make_server("127.0.0.1", 0, create_app(assembly), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", assembly)
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_of_results_fit_a_phone_and_are_accessible(site: Site, browser: Browser, language: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
    session = someone(site.assembly, "mediator", Grant(Role.MEDIATOR))
    context.add_cookies([{"name": COOKIE, "value": session, "url": site.url}])
    page = context.new_page()
    for name in PAGES:
        page.goto(f"{site.url}/dashboard/priorities/{name}?language={language}")
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{language}.png"), full_page=True)
        found = Axe().run(page)
        serious = [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert len(found.response["passes"]) > 5
        assert serious == [], name
        raised = page.get_by_text("The bridge is closed").count()
        assert (name, raised) == (name, 1 if name in ("digest", "agenda") else 0)
    context.close()
