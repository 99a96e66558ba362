"""Writing polls on the pages: checking, saving, submitting, conflicts, what operators do with it, and rehearsals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.authoring.blank import blank
from gateway.polls import CLOSED, OPEN, PAUSED
from gateway.store import schema
from gateway.web.app import create_app
from gateway.web.desk import LARGEST
from tests.web.accounts import client_of, hidden, someone, token_in
from tests.web.conftest import Make

DRAFT = "/dashboard/priorities/draft"


@pytest.fixture
def assembly(make_assembly: Make) -> Assembly:
    return make_assembly()


@pytest.fixture
def app(assembly: Assembly) -> Flask:
    return create_app(assembly)


@dataclass
class Author:
    """Somebody at a browser."""

    client: FlaskClient

    def open(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status
        return answer.text

    def post(self, path: str, **fields: str | list[str]) -> TestResponse:
        given = {"csrf_token": token_in(self.open("/dashboard/polls")), **fields}
        return self.client.post(path, data=given, content_type="multipart/form-data")

    def write(self, source: str, do: str = "save", *, path: str = DRAFT, based_on: str | None = None) -> TestResponse:
        based_on = hidden_number(self.open(path)) if based_on is None else based_on
        return self.post(path, source=source, do=do, based_on=based_on)


def hidden_number(page: str) -> str:
    return hidden(page, "based_on")


@pytest.fixture
def amina(app: Flask, assembly: Assembly) -> Author:
    grants = (Grant(Role.FOCAL_POINT, "priorities"), Grant(Role.FOCAL_POINT, "wells"))
    return Author(client_of(app, someone(assembly, "amina", *grants)))


@pytest.fixture
def olga(app: Flask, assembly: Assembly) -> Author:
    return Author(client_of(app, someone(assembly, "olga", Grant(Role.OPERATOR))))


@pytest.fixture
def source(assembly: Assembly) -> str:
    return (assembly.settings.config / "surveys" / "priorities.yaml").read_text(encoding="utf-8")


def version_in(answer: TestResponse | str) -> str:
    text = answer if isinstance(answer, str) else answer.text
    found = re.search(r"Version (\d+)", text)
    assert found
    return found[1]


def submitted(author: Author, source: str, path: str = DRAFT) -> str:
    answer = author.write(source, "submit", path=path)
    assert answer.status_code == 303, answer.text
    return version_in(author.open(path))


# Writing ------------------------------------------------------------------------------------------------------------


def test_it_begins_with_what_is_there(amina: Author, source: str) -> None:
    page = amina.open(DRAFT)
    assert "name: priorities" in page
    assert "this is the file" in page
    assert "Nothing is wrong." in page
    blank = amina.open("/dashboard/wells/draft")
    assert "this is a text to begin with" in blank
    assert "name: wells" in blank
    assert "To mend: " in blank  # what is still to write
    assert amina.client.get("/dashboard/elsewhere/draft").status_code == 403


def test_a_mistake_is_said_with_its_line_and_vanishes(amina: Author, source: str) -> None:
    broken = source.replace("type: one-of", "type: oneof", 1)
    line = broken.split("type: oneof")[0].count("\n") + 1
    for path, field in ((DRAFT, "check"), (f"{DRAFT}/check", "")):
        page = amina.post(path, source=broken.replace("\n", "\r\n"), do=field).text
        assert "To mend: 1" in page
        assert f'data-line="{line}"' in page
        assert "did you mean &#39;one-of&#39;?" in page
        assert "<code" in page
        assert "type: oneof" in page
        page = amina.post(path, source=source, do=field).text
        assert "Nothing is wrong." in page
        assert f'data-line="{line}"' not in page
    assert "this is the file" in amina.open(DRAFT)  # nothing was saved by it


def test_what_is_typed_is_shown_and_never_run(amina: Author) -> None:
    page = amina.post(f"{DRAFT}/check", source='name: "<script>alert(1)</script>{{ 7*7 }}"\n').text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_a_broken_text_can_be_saved_and_not_submitted(amina: Author, assembly: Assembly) -> None:
    assert amina.write("name: priorities\n").status_code == 303
    page = amina.open(DRAFT)
    assert "name: priorities</textarea>" in page.replace("\n</textarea>", "</textarea>")
    assert "draft" in page
    answer = amina.write("name: priorities\nlanguages: [en]\n", "submit")
    assert answer.status_code == 409
    assert "Saved, and not submitted" in answer.text
    assert "languages: [en]" in amina.open(DRAFT)
    assert "waiting for an operator" not in amina.open(DRAFT)
    assert audited(assembly) == []


def test_a_draft_keeps_its_poll_s_name(amina: Author, source: str) -> None:
    answer = amina.write(source.replace("name: priorities", "name: other"), "submit")
    assert answer.status_code == 409
    assert "this is the draft of priorities" in answer.text


def test_its_words_are_held_against_the_other_polls(amina: Author, source: str) -> None:
    answer = amina.post(f"{DRAFT}/check", source=source.replace("[PEACE]", "[PULSE]"))
    assert "PULSE" in answer.text
    assert "To mend: 1" in answer.text


def test_a_limit_is_looked_at_by_check_and_not_while_typing(amina: Author, source: str) -> None:
    limited = source.replace("\nquestions:", "\nlimits: {segments: 1}\nquestions:")
    assert "looked at by Check" in amina.post(f"{DRAFT}/check", source=limited).text
    assert "the longest way takes" in amina.post(DRAFT, source=limited, do="check").text
    assert amina.write(limited, "submit").status_code == 409


def test_who_is_overtaken_sees_both_texts(amina: Author, olga: Author, source: str) -> None:
    base = hidden_number(amina.open(DRAFT))
    assert olga.write(source + "# by olga\n", based_on=base).status_code == 303
    answer = amina.write(source + "# by amina\n", based_on=base)
    assert answer.status_code == 409
    assert "olga saved version" in answer.text
    textarea = answer.text.split("<textarea")[1].split("</textarea>")[0]
    assert "# by amina" in textarea
    assert "# by olga" not in textarea
    assert "# by olga" in answer.text.split("What was saved meanwhile")[1]
    kept = re.search(r"kept as version (\d+)", answer.text)
    assert kept
    assert "# by amina" in olga.open(f"{DRAFT}/{kept[1]}")
    joined = source + "# by both\n"
    assert amina.write(joined, based_on=hidden_number(answer.text)).status_code == 303
    assert "# by both" in olga.open(DRAFT)


def test_the_size_of_a_text_has_an_end(amina: Author, olga: Author) -> None:
    large = "# " + "ب" * 300_000 + "\n"  # 600 kB: more than other pages take
    assert amina.write(large).status_code == 303
    assert "larger" in amina.post(f"{DRAFT}/check", source="# " + "a" * (1024 * 1024 + 10)).text
    assert amina.post(DRAFT, source="a" * LARGEST).status_code == 413
    assert amina.post("/dashboard/polls", name="a" * 70_000).status_code == 413


@pytest.mark.parametrize("source", ["a: &a [b]\nc: *a\n", "\x00", "a: " + "[" * 400, "\ufeffname: x", "- " * 5000, ""])
def test_anything_typed_gets_an_answer(amina: Author, source: str) -> None:
    assert "To mend: " in amina.post(f"{DRAFT}/check", source=source).text
    assert amina.write(source).status_code == 303
    assert amina.client.get(f"{DRAFT}/preview").status_code == 200
    assert amina.client.get(f"{DRAFT}/rehearsal").status_code == 200


# Operators ----------------------------------------------------------------------------------------------------------


def audited(assembly: Assembly) -> list[tuple[str, str, str]]:
    known = schema.audit.c
    query = sa.select(known.who, known.what, known.subject).where(known.what.startswith("draft")).order_by(known.id)
    with assembly.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_from_a_draft_to_an_open_poll(amina: Author, olga: Author, assembly: Assembly, source: str) -> None:
    mended = source.replace("Where do you live?", "In which region do you live?")
    version = submitted(amina, mended)
    assert "waiting for an operator" in olga.open("/dashboard/polls")
    page = olga.open(f"{DRAFT}/{version}")
    assert "mends the words of version 1" in page
    assert "In which region do you live?" in page
    assert '<li class="in">+' in page
    assert "Take it" not in amina.open(f"{DRAFT}/{version}")
    assert amina.post(f"{DRAFT}/{version}", do="take").status_code == 403
    assert olga.post(f"{DRAFT}/{version}", do="take").status_code == 303
    file = assembly.settings.config / "surveys" / "priorities.yaml"
    assert file.read_text(encoding="utf-8") == mended
    assert audited(assembly) == [
        ("amina", "draft submitted", f"priorities version {version}"),
        ("olga", "draft taken", f"priorities version {version}"),
    ]
    assert "this is the file" in amina.open(DRAFT)
    life = "/dashboard/priorities/life"
    assert "mends the words of version 1" in olga.open(life)
    assert olga.post(life, do="open").status_code == 409  # not ticked
    assert olga.post(life, do="open", sure="yes").status_code == 303
    opened = assembly.polls.named("priorities")
    assert opened is not None
    assert opened.question("region").text["en"] == "In which region do you live?"
    assert "same as what is open" in olga.open(f"{DRAFT}/{version}")


def test_a_new_poll_from_nothing(amina: Author, olga: Author, assembly: Assembly) -> None:
    assert amina.post("/dashboard/polls", name="elsewhere").status_code == 409
    assert amina.post("/dashboard/polls", name="Water Points").status_code == 409
    assert amina.post("/dashboard/polls", name="wells").headers["Location"].startswith("/dashboard/wells/draft")
    path = "/dashboard/wells/draft"
    blank = amina.open(path).split("<textarea")[1].split(">\n", 1)[1].split("</textarea>")[0]
    written = blank.replace("TO WRITE: ", "").replace("&#34;", '"').replace("&gt;", ">").replace("&#39;", "'")
    version = submitted(amina, written, path)
    assert "for the first time" in olga.open(f"{path}/{version}")
    assert olga.post(f"{path}/{version}", do="take").status_code == 303
    assert olga.post("/dashboard/wells/life", do="open", sure="yes").status_code == 303
    assert assembly.polls.named("wells") is not None
    for do, status in (("pause", PAUSED), ("resume", OPEN), ("close", CLOSED)):
        assert olga.post("/dashboard/wells/life", do=do, sure="yes").status_code == 303
        assert next(poll.status for poll in assembly.polls.polls if poll.survey.name == "wells") == status
    again = olga.post("/dashboard/wells/life", do="pause", sure="yes")
    assert again.status_code == 409
    assert "only a poll that is open" in again.text
    assert olga.post("/dashboard/wells/life", do="open", sure="yes", invite="fresh").status_code == 303
    assert olga.client.get("/dashboard/nothing/life").status_code == 404
    assert amina.client.get("/dashboard/wells/life").status_code == 403


def test_a_draft_is_given_back_with_a_note(amina: Author, olga: Author, assembly: Assembly, source: str) -> None:
    version = submitted(amina, source + "# more\n")
    assert olga.post(f"{DRAFT}/{version}", do="refuse", note="Ask about <wells>.").status_code == 303
    page = amina.open(DRAFT)
    assert "Given back by olga" in page
    assert "Ask about &lt;wells&gt;." in page
    assert olga.post(f"{DRAFT}/{version}", do="take").status_code == 409  # decided already
    assert audited(assembly)[-1] == ("olga", "draft refused", f"priorities version {version}")


def test_what_an_operator_changed_by_hand_is_kept_when_a_draft_is_taken(
    amina: Author, olga: Author, assembly: Assembly, source: str
) -> None:
    version = submitted(amina, source + "# amina's\n")
    file = assembly.settings.config / "surveys" / "priorities.yaml"
    file.write_text(source + "# by hand\n", encoding="utf-8")
    assert olga.post(f"{DRAFT}/{version}", do="take").status_code == 303
    assert file.read_text(encoding="utf-8") == source + "# amina's\n"
    with assembly.engine.connect() as connection:
        kept = connection.scalars(sa.select(schema.drafts.c.source).where(schema.drafts.c.status == "aside")).all()
    assert kept == [source + "# by hand\n"]


def test_a_folder_that_takes_nothing_leaves_the_draft_waiting(
    amina: Author, olga: Author, assembly: Assembly, source: str, tmp_path: Path
) -> None:
    version = submitted(amina, source + "# more\n")
    (assembly.settings.config / "surveys" / ".priorities.yaml.new").mkdir()  # root may write anywhere: not here
    answer = olga.post(f"{DRAFT}/{version}", do="take")
    assert answer.status_code == 503
    assert "written to" in answer.text
    assert "waiting for an operator" in olga.open("/dashboard/polls")


def test_a_file_of_another_poll_is_left_alone(amina: Author, olga: Author, assembly: Assembly, source: str) -> None:
    file = assembly.settings.config / "surveys" / "priorities.yaml"
    version = submitted(amina, source + "# more\n")
    other = blank("elsewhere").replace("TO WRITE: ", "")
    file.write_text(other, encoding="utf-8")
    answer = olga.post(f"{DRAFT}/{version}", do="take")
    assert answer.status_code == 409
    assert "holds another poll" in answer.text
    assert file.read_text(encoding="utf-8") == other


def test_each_sees_their_own_polls(amina: Author, olga: Author) -> None:
    own, all_ = amina.open("/dashboard/polls"), olga.open("/dashboard/polls")
    assert "ussd_pulse" not in own
    assert "wells" in own  # given to her, and not begun
    assert "ussd_pulse" in all_
    assert "/life" not in own


# Preview and rehearsal ----------------------------------------------------------------------------------------------


def test_the_preview_shows_each_medium_and_what_it_costs(amina: Author, assembly: Assembly, source: str) -> None:
    amina.write(source.replace("Where do you live?", "Where do you live, Łucja?"))
    page = amina.open(f"{DRAFT}/preview?in=en")
    assert "Where do you live, Łucja?" in page
    assert "LATIN CAPITAL LETTER L WITH STROKE" in page
    assert "UCS-2" in page
    for word in ("shortest", "typical", "longest", "1 SMS", "Screens of"):
        assert word in page
    assert "Where do you live, Łucja?" not in amina.open(f"{DRAFT}/preview?in=en&of=open")
    assert "أين تسكن؟" in amina.open(f"{DRAFT}/preview?in=ar")
    prices = assembly.settings.config / "prices.yaml"
    prices.write_text("prices: nonsense\n", encoding="utf-8")
    assert "have mistakes" in amina.open(f"{DRAFT}/preview?in=en")
    prices.unlink()
    assert "have mistakes" not in amina.open(f"{DRAFT}/preview?in=en")


def test_a_rehearsal_is_what_the_engine_says_and_stores_nothing(amina: Author, assembly: Assembly) -> None:
    path, did = f"{DRAFT}/rehearsal", []

    def does(do: str, text: str = "", medium: str = "sms") -> str:
        nonlocal did
        page = amina.post(path, did=did, do=do, text=text, medium=medium).text
        did = re.findall(r'name="did" value="([^"]*)"', page)
        return page

    assert "Take part?" in does("in", "PEACE")
    assert "Where do you live?" in does("in", "yes")
    page = does("in", "1")
    assert re.search(r"<dt><bdi>region</bdi></dt><dd[^>]*>north</dd>", page)
    assert re.search(r"1 SMS: \d+ of 160, GSM-7", page)
    page = does("back")
    assert did == ["in:PEACE", "in:yes"]
    assert "north</dd>" not in page
    assert "It was refused." in amina.post(path, did=["in:PEACE"], do="in", text="no", medium="sms").text
    with assembly.engine.connect() as connection:
        for table in (schema.people, schema.conversations, schema.answers, schema.outbox, schema.inbounds):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_a_rehearsal_by_ussd_dials_hangs_up_and_dials_again(amina: Author) -> None:
    path = f"{DRAFT}/rehearsal"
    assert "Dial " in amina.open(f"{path}?medium=ussd")
    page = amina.post(path, medium="ussd", do="in:*384#").text
    assert "Kiswahili" in page
    assert "One screen" in page
    did = ["in:*384#", "in:1", "in:1", "hangup:"]
    page = amina.post(path, medium="ussd", did=did, do="in:*384#").text
    assert page.count("Where do you live?") == 2  # where she hung up, and where it goes on


def test_a_rehearsal_by_chat_has_buttons(amina: Author) -> None:
    page = amina.post(f"{DRAFT}/rehearsal", medium="chat", do="in", text="PEACE").text
    button = re.search(r'value="(press:[^"]+)"[^>]*>1\. Yes', page)
    assert button
    page = amina.post(f"{DRAFT}/rehearsal", medium="chat", did=["in:PEACE"], do=button[1]).text
    assert "Where do you live?" in page


def test_a_rehearsal_has_an_end(amina: Author) -> None:
    page = amina.post(f"{DRAFT}/rehearsal", did=["in:x"] * 80, do="in", text="more", medium="sms").text
    assert "A rehearsal ends here" in page
    assert page.count('name="did"') == 60
    odd = amina.post(f"{DRAFT}/rehearsal", did=["nonsense", "press:x", "attach:virus", "at:x"], medium="chat", do="?")
    assert odd.status_code == 200
