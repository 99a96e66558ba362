"""Nobody outside a closed space can tell that it, or who is in it, exists: every page is the same to the byte."""

from __future__ import annotations

import re

import sqlalchemy as sa

from channels.adapter import Channel, Medium
from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.authoring.player import Phones
from gateway.coordination.spaces import Spaces
from gateway.store.schema import users
from gateway.web.app import create_app
from tests.web.accounts import client_of, someone, token_in
from tests.web.conftest import Make

SECRET = re.compile(r'(name="(?:csrf_token|nonce)" value=")[^"]*|(?<=id=)[^"]{22}')
SKIPPED = ("static", "probes.readyz", "actors.data", "account.authenticator")
"""No pages, or drawn anew each time; and the data of a map, which there is none of."""
OUTSIDERS = {
    "olga": (Grant(Role.OPERATOR),),
    "mira": (Grant(Role.MEDIATOR), Grant(Role.MODERATOR)),
    "nadia": (),
}


WORDS = ("HELP", "MENU", "1", "Garuna", "MINE", "JOIN 4821", "SUPPORT", "LEAVE", "INVITE", "RESULTS", "LINK 123456")


def heard(phones: Phones, number: str) -> list[str]:
    """What a phone is answered to these words."""
    return [phones.type(number, "sms", word) for word in WORDS]


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
    phones = Phones(assembly.intake, {"sms": Channel("sms", "phone", Medium.SMS)})
    told = heard(phones, "one phone")
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
    assert heard(phones, "another phone") == told

    app = create_app(assembly)
    outside, inside = (
        client_of(app, sessions["mira"]),
        client_of(app, someone(assembly, "second", Grant(Role.MEDIATOR))),
    )
    paths = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/spaces/<space>")]
    assert len(paths) >= 6
    form = {"csrf_token": token_in(outside.get("/spaces").text), "text": "Hello", "code": "123456"}
    for rule in paths:
        (method,) = {"GET", "POST"} & (rule.methods or set())
        path = rule.rule.replace("<int:row>", "1")
        real, none = (
            outside.open(path.replace("<space>", name), method=method, data=form if method == "POST" else None)
            for name in (space, "x" * len(space))
        )
        said = [SECRET.sub(r"\1", answer.text) for answer in (real, none)]
        assert (real.status_code, said[0]) == (none.status_code, said[1]) == (404, said[1]), path
    assert len(spaces.open(amina, space)[1]) == 1
    page = inside.get(f"/spaces/invitation/{token}")
    wrong = inside.get(f"/spaces/invitation/{'x' * len(token)}")
    assert SECRET.sub("", page.text) == SECRET.sub("", wrong.text)  # whoever has no token learns nothing by asking
