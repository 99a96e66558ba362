"""A gateway and phones for the tests of the polling app."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from gateway.assembly import Assembly
from gateway.lifecycle import open_poll
from gateway.store import schema
from gateway.web.app import create_app
from surveys.load import load_survey
from surveys.model import Survey
from tests.conftest import free_port
from tests.surveys.samples import TAMANI
from tests.web.accounts import COOKIE

PASSPHRASE = "four words not together"
POLL = """
name: wells
languages: [en, ar]
title: {en: Wells, ar: الآبار}
sender: Forum
keywords: [WELLS]
consent: {version: "2", text: {en: Will you answer?, ar: هل تجيب؟}}
thanks: {en: Thank you, ar: شكرا}
partial: 1
questions:
  - id: region
    type: one-of
    text: {en: Where do you live?, ar: أين تسكن؟}
    purpose: p
    relevant: yes
    options: [{id: north, label: {en: North, ar: الشمال}}, {id: coast, label: {en: Coast, ar: الساحل}}]
  - {id: own, type: open, text: {en: "What is wrong in {region}?", ar: "ما المشكلة في {region}؟"}, purpose: p, required: no}
  - {id: call, type: phone-consent, version: "1", text: {en: May we call?, ar: هل نتصل بك؟}, purpose: p}
"""  # noqa: E501 - a poll reads best as it is
WORDS = "The well is poisoned"

Wsgi = Callable[..., Iterable[bytes]]


@dataclass
class Site:
    """A gateway that can be stopped and started again at the same address. `around` wraps its pages."""

    assembly: Assembly
    around: Callable[[Wsgi], Wsgi] = lambda pages: pages
    port: int = field(default_factory=free_port)
    server: BaseWSGIServer | None = None
    thread: threading.Thread | None = None

    def start(self) -> None:
        app: Flask = create_app(self.assembly)
        app.wsgi_app = self.around(app.wsgi_app)  # type: ignore[method-assign,assignment]  # a wrapper of it
        self.server = make_server("127.0.0.1", self.port, app, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        if self.server is not None and self.thread is not None:
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
            self.server = None

    def poll(self, source: str) -> Survey:
        survey = load_survey(source, "poll.yaml", {"tamani": TAMANI})
        open_poll(self.assembly.engine, survey, self.assembly.clock(), "tests")
        self.assembly.live.refresh()
        return survey

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def all(self, *columns: Any) -> list[tuple[Any, ...]]:
        with self.assembly.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.select(*columns))]

    def ended(self) -> list[str]:
        """How conversations of the app ended."""
        return [status for (status,) in self.all(schema.conversations.c.status)]


@dataclass
class Phone:
    """One device with its own browser."""

    site: Site
    context: BrowserContext
    language: str = "en"
    complaints: list[str] = field(default_factory=list)
    page: Page = field(init=False)

    def sign_in(self, token: str) -> None:
        self.context.add_cookies([{"name": COOKIE, "value": token, "url": self.site.url}])

    def open(self) -> Page:
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{self.site.url}/app/?language={self.language}")
        expect(self.root).to_have_attribute("data-page", re.compile(".+"))
        return self.page

    @property
    def root(self) -> Locator:
        return self.page.locator("#app")

    @property
    def state(self) -> Locator:
        return self.page.locator("#state")

    def is_at(self, page: str) -> None:
        expect(self.root).to_have_attribute("data-page", page)

    def begin(self) -> None:
        """Installed, with a passphrase and the polls of now."""
        self.open()
        self.begin_here()

    def begin_here(self) -> None:
        for box in self.page.locator("input[type=password]").all():
            box.fill(PASSPHRASE)
        self.page.locator("form button").click()
        self.is_at("home")
        expect(self.page.locator("section.panel").first).to_be_visible()
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    def unlock(self) -> None:
        self.page.locator("input[type=password]").fill(PASSPHRASE)
        self.page.locator("form button").first.click()
        self.is_at("home")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def at(self, question: str) -> None:
        expect(self.page.locator("section.question")).to_have_attribute("data-question", question)

    def agree(self) -> None:
        self.press("Begin an interview")
        self.at("consent")
        self.press("Yes")
        self.at("region")

    def answer(self, words: str = WORDS) -> None:
        """From the first question to the end."""
        self.press("Coast")
        self.at("own")
        self.page.locator("textarea").fill(words)
        self.press("Next")
        self.at("call")
        self.press("No")
        self.press("Finish")
        self.is_at("unsent")

    def interview(self, words: str = WORDS) -> None:
        self.agree()
        self.answer(words)

    def home(self) -> None:
        self.page.get_by_role("button", name="Polls", exact=True).click()
        self.is_at("home")

    def unsent(self, count: int) -> None:
        expect(self.state).to_contain_text(f"Unsent: {count}" if count else "Nothing is unsent")

    def lying(self) -> str:
        """Everything in the databases of this browser, and in its caches, as one text."""
        return str(self.page.evaluate(LYING))


LYING = """async () => {
  const text = (value) => {
    if (value instanceof ArrayBuffer) return text(new Uint8Array(value));
    if (ArrayBuffer.isView(value)) return new TextDecoder("latin1").decode(value);
    if (value && typeof value === "object") {
      return Object.entries(value).map(([name, one]) => `${name}: ${text(one)}`).join("\\n");
    }
    return String(value);
  };
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
    });
    for (const store of database.objectStoreNames) {
      const rows = await new Promise((done) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => done(request.result);
      });
      found.push(`== ${name} ${store} ${rows.length}`, ...rows.map(text));
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) {
      const answer = await (await caches.open(name)).match(request);
      found.push(`== ${request.url}`, await answer.text());
    }
  }
  return found.concat(Object.entries(localStorage).flat(), Object.entries(sessionStorage).flat()).join("\\n");
}"""
