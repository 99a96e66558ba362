"""The files of the polling app: kept on the phone as a whole, and never taken up while somebody is in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect
from werkzeug.wrappers import Response

from gateway.accounts.roles import Grant, Role
from gateway.store import schema
from tests.web.accounts import cheap, someone
from tests.web.conftest import Make
from tests.web.polling import POLL, Phone, Site, Wsgi

LOOK = """async () => {
  const registration = await navigator.serviceWorker.ready;
  await registration.update().catch(() => null);
  const coming = registration.installing;
  if (coming) await new Promise((done) => coming.addEventListener("statechange", done, { once: true }));
  return [Boolean(registration.waiting), await caches.keys()];
}"""


@dataclass
class Shell:
    """Another version of the app's files, or one that is broken."""

    version: str = ""
    broken: str = ""

    def __call__(self, pages: Wsgi) -> Wsgi:
        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            response = Response.from_app(pages, environ)
            if path == "/app/sw.js" and self.version:
                mark = b'const VERSION = "'
                assert mark in response.get_data()
                response.set_data(response.get_data().replace(mark, mark + self.version.encode()))
            if self.broken and path.endswith(self.broken):
                response = Response("gone wrong", 500)
            return response(environ, start)

        return answer


@pytest.fixture
def shell() -> Shell:
    return Shell()


@pytest.fixture
def site(make_assembly: Make, shell: Shell) -> Iterator[Site]:
    site = Site(cheap(make_assembly()), shell)
    site.poll(POLL)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Phone]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(30_000)
    phone = Phone(site, context)
    phone.sign_in(someone(site.assembly, "amina", Grant(Role.FOCAL_POINT, "wells")))
    yield phone
    context.close()
    assert phone.complaints == []


def test_a_new_version_waits_for_what_is_in_progress(phone: Phone, site: Site, shell: Shell) -> None:
    phone.begin()
    phone.context.set_offline(True)
    phone.interview()
    phone.home()
    phone.context.set_offline(False)
    phone.unsent(0)
    phone.agree()
    shell.version = "newer-"
    waiting, caches = phone.page.evaluate(LOOK)
    assert waiting
    assert len(caches) == 2
    phone.press("Pause")
    phone.is_at("home")
    expect(phone.page.get_by_role("button", name="Take it up")).to_have_count(0)  # one is in progress
    phone.press("Go on")
    phone.answer()
    phone.home()
    with phone.page.expect_navigation():
        phone.press("Take it up")
    phone.is_at("unlocker")
    phone.unlock()
    phone.unsent(0)
    kept = phone.page.evaluate("caches.keys()")
    assert len(kept) == 1
    assert kept[0].startswith("baraza-app-newer-")
    assert site.ended() == ["completed", "completed"]


def test_unsent_and_unfinished_interviews_outlive_an_update(phone: Phone, site: Site, shell: Shell) -> None:
    phone.begin()
    site.stop()
    phone.interview()
    phone.home()
    phone.agree()
    phone.press("Coast")
    phone.at("own")
    shell.version = "newer-"
    site.start()
    phone.page.evaluate(LOOK)
    site.stop()
    phone.page.close()  # the last page of the older version
    phone.open()
    assert phone.page.evaluate("caches.keys()")[0].startswith("baraza-app-newer-")
    phone.unlock()
    phone.press("Go on")
    phone.at("own")
    phone.press("They skip this question")
    phone.press("Yes")
    phone.page.get_by_label("Number to call").fill("+254 711 000 001")
    phone.press("Finish")
    site.start()
    phone.unsent(0)
    assert site.ended() == ["completed", "completed"]
    assert len(site.all(schema.addresses.c.id)) == 1


def test_an_update_that_breaks_off_changes_nothing(phone: Phone, site: Site, shell: Shell) -> None:
    phone.begin()
    before = phone.page.evaluate("caches.keys()")
    shell.version, shell.broken = "newer-", "walk.js"
    waiting, _ = phone.page.evaluate(LOOK)
    assert not waiting
    site.stop()
    phone.page.reload()
    phone.is_at("unlocker")
    phone.unlock()
    phone.interview()
    assert phone.page.evaluate("caches.keys()") == before
    shell.broken = ""
    site.start()
    phone.unsent(0)


def test_signed_out_the_app_stays_as_it_is(phone: Phone, site: Site, shell: Shell) -> None:
    phone.begin()
    before = phone.page.evaluate("caches.keys()")
    with site.assembly.engine.begin() as connection:
        connection.execute(sa.delete(schema.sessions))
    shell.version = "newer-"
    assert phone.page.evaluate(LOOK) == [False, before]
    phone.page.reload()
    phone.unlock()
    expect(phone.page.locator("section.panel")).to_have_count(1)
    expect(phone.root).to_contain_text("sign in to send")


def test_it_can_be_installed(phone: Phone) -> None:
    phone.begin()
    manifest = phone.page.evaluate("""async () => {
      const address = document.querySelector("link[rel=manifest]").href;
      const manifest = await (await fetch(address)).json();
      const icons = await Promise.all(manifest.icons.map(async ({ src, sizes, type }) => {
        const image = await createImageBitmap(await (await fetch(new URL(src, address))).blob()).catch(() => null);
        return [type, sizes, image && `${image.width}x${image.height}`];
      }));
      return [manifest.start_url, manifest.scope, manifest.display, icons];
    }""")
    assert manifest[:3] == ["/app/", "/app/", "standalone"]
    assert [(size, found) for type_, size, found in manifest[3] if type_ == "image/png"] == [
        ("192x192", "192x192"),
        ("512x512", "512x512"),
        ("512x512", "512x512"),
    ]
    client = phone.context.new_cdp_session(phone.page)
    errors = client.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in errors} <= {"in-incognito"}  # as the browsers of tests are
    assert client.send("Page.getAppManifest")["errors"] == []
