"""Nobody outside a closed space can tell that it, or who is in it, exists: every page is the same to the byte."""

from __future__ import annotations

import re

import sqlalchemy as sa

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.coordination.spaces import Spaces
from gateway.store.schema import users
from gateway.web.app import create_app
from tests.web.accounts import client_of, someone
from tests.web.conftest import Make

SECRET = re.compile(r'(name="(?:csrf_token|nonce)" value=")[^"]*|(?<=id=)[^"]{22}')
SKIPPED = ("static", "probes.readyz", "actors.data", "account.authenticator")
"""No pages, or drawn anew each time; and the data of a map, which there is none of."""
OUTSIDERS = {
    "olga": (Grant(Role.OPERATOR),),
    "mira": (Grant(Role.MEDIATOR), Grant(Role.MODERATOR)),
    "nadia": (),
}


def seen(assembly: Assembly, sessions: dict[str, str]) -> dict[tuple[str, str], tuple[int, str, str]]:
    """Every page that an outsider gets, with its status and where it leads; without what is drawn anew each time."""
    app = create_app(assembly)
    adapter = app.url_map.bind("localhost")
    found = {}
    for who, session in {**sessions, "": ""}.items():
        client = client_of(app, session) if session else client_of(app)
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in SKIPPED:
                continue
            address = adapter.build(
                rule.endpoint, {name: "priorities" if name == "survey" else "1" for name in rule.arguments}
            )
            answer = client.get(address, headers={"Accept-Language": "en"})
            found[who, address] = (
                answer.status_code,
                answer.headers.get("Location", ""),
                SECRET.sub(r"\1", answer.text),
            )
    return found


def test_every_page_of_an_outsider_is_the_same_with_and_without_a_space(make_assembly: Make) -> None:
    assembly = make_assembly()
    sessions = {name: someone(assembly, name, *grants) for name, grants in OUTSIDERS.items()}
    someone(assembly, "amina")
    before = seen(assembly, sessions)
    spaces = Spaces(assembly.engine, assembly.vault, assembly.notices, assembly.clock)
    with assembly.engine.begin() as connection:
        (amina,) = connection.scalars(sa.select(users.c.id).where(users.c.name == "amina"))
        space = spaces.make(connection, "Elders of both sides", {amina: "en"})
    spaces.post(amina, space, "Hear, hear", "list.txt", b"names")
    token = spaces.invite(amina, space)
    after = seen(assembly, sessions)
    assert len(before) > 150
    assert [key for key in before if before[key] != after[key]] == []

    app = create_app(assembly)
    outside, inside = (
        client_of(app, sessions["mira"]),
        client_of(app, someone(assembly, "second", Grant(Role.MEDIATOR))),
    )
    for path in ("", "/documents/1"):
        real, none = (outside.get(f"/spaces/{name}{path}") for name in (space, "x" * len(space)))
        assert (real.status_code, real.text) == (none.status_code, none.text) == (404, none.text)
    page = inside.get(f"/spaces/invitation/{token}")
    wrong = inside.get(f"/spaces/invitation/{'x' * len(token)}")
    assert SECRET.sub("", page.text) == SECRET.sub("", wrong.text)  # whoever has no token learns nothing by asking
