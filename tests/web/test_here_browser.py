"""The pages of coordination in Chromium: at phone width, from right to left, without scripts, and for axe."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.coordination.spaces import Spaces
from gateway.store.schema import users
from tests.web.test_drafting_browser import NARROW, Site, pictured, readable, site
from tests.web.test_here import furnish

__all__ = ["site"]


@pytest.fixture
def furnished(site: Site) -> Site:
    with site.assembly.engine.begin() as connection:
        furnish(connection, site.assembly.vault, site.assembly.clock())
    return site


def _space(assembly: Assembly) -> tuple[str, str]:
    """A space of amina's in which something was said, and the path of an invitation."""
    spaces = Spaces(assembly.engine, assembly.vault, assembly.notices, assembly.clock)
    with assembly.engine.begin() as connection:
        (amina,) = connection.scalars(sa.select(users.c.id).where(users.c.name == "amina"))
        space = spaces.make(connection, "Elders of both sides", {amina: "ar"})
    spaces.post(amina, space, "The draft is here.", "draft.pdf", b"%PDF")
    return space, f"/spaces/invitation/{spaces.invite(amina, space)}"


def test_the_pages_are_readable_by_everybody(furnished: Site) -> None:
    page = furnished.sign_in("amina", Grant(Role.MODERATOR), Grant(Role.MEDIATOR), size=NARROW)
    space, invitation = _space(furnished.assembly)
    for path in (
        "/here?language=en",
        "/here/7210?language=ar",
        "/here/4821?language=fr",
        "/here/concerns?language=ar",
        "/s/do/join?code=7210&language=en",
        "/dashboard/moderation?language=en",
        "/dashboard/concerns?language=en",
        "/dashboard/initiatives?language=ar",
        "/dashboard/groups?language=ar",
        "/here/groups?language=ar",
        "/here/agreement?language=ar",
        "/groups?language=ar",
        "/spaces?language=ar",
        f"/spaces/{space}?language=ar",
        f"{invitation}?language=ar",
        "/dashboard/agreement?language=ar",
    ):
        page.goto(f"{furnished.url}{path}")
        found = Axe().run(page)
        serious = [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert (path, serious) == (path, [])
        readable(page)
        pictured(page, "here" + path.partition("?")[0].replace(space, "one").replace("/", "-"))

    narrow = furnished.sign_in("musa", Grant(Role.MEDIATOR), size=NARROW, scripts=False)
    narrow.goto(f"{furnished.url}{invitation}?language=en")
    narrow.get_by_role("button", name="Come in").click()
    expect(narrow.get_by_text("The draft is here.")).to_be_visible()
    narrow.get_by_label("What you say").fill("I read it.")
    narrow.get_by_label("A document").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Page 2 is missing"}
    )
    narrow.get_by_role("button", name="Send").click()
    expect(narrow.get_by_text("I read it.")).to_be_visible()
    with narrow.expect_download() as taken:
        narrow.get_by_role("link", name="notes.txt").click()
    assert taken.value.path().read_bytes() == b"Page 2 is missing"
    narrow.goto(f"{furnished.url}{invitation}?language=en")
    narrow.get_by_role("button", name="Come in").click()
    expect(narrow.get_by_text("This invitation was used")).to_be_visible()

    narrow.goto(f"{furnished.url}/dashboard/agreement?language=en")
    listed = {"name": "agreement.csv", "mimeType": "text/csv", "buffer": b"number,text_en\n7.1,Wells are shared\n"}
    narrow.get_by_label("Provisions, as YAML or CSV").set_input_files(listed)
    narrow.get_by_role("button", name="Take them in").click()
    expect(narrow.get_by_text("Wells are shared")).to_be_visible()

    narrow.goto(f"{furnished.url}/here?language=en")
    narrow.get_by_label("Near which place?").fill("Rusende")
    narrow.get_by_role("button", name="Look").click()
    narrow.get_by_role("link", name="Mend the bridge").click()
    narrow.get_by_role("link", name="Join on this page").click()
    narrow.get_by_role("button", name="Begin").click()
    expect(narrow.get_by_text("Mend the bridge")).to_be_visible()
    narrow.get_by_role("button", name="Yes").click()
    expect(narrow.get_by_text("waiting list")).to_be_visible()
