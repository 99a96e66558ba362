"""Dialogue files of authors: mistakes have places and mends, and what is played is what people would see."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.adapter import Channel, Medium
from gateway.authoring.dialogues import filled, played, read_dialogues
from gateway.authoring.player import measured, phones_for, rehearsal
from surveys.problem import SurveyError
from tests.surveys.samples import FOLDER, SAMPLES, TEXTS, question, survey

PULSE = next(one for one in SAMPLES if one.name == "ussd_pulse")
FILES = sorted(FOLDER.glob("*.test.yaml"))

LINES = "- {dialogue: x, channel: sms, lines: [%s]}"
BROKEN = {
    "dialogue: x": "1:1: the file must be a list of dialogues: each begins with `- dialogue: its name`",
    "- x": "1:3: a dialogue is a map: lines such as `dialogue: ...`",
    "- {dialogue: x, lines: []}": "1:3: `channel` is missing: a dialogue has `dialogue` (its name), `channel` and "
    "`lines`",
    "- {dialogue: x, channel: ussd, line: []}": "1:32: there is no `line` here; did you mean 'lines'?",
    "- {dialogue: x, channel: smss, lines: []}": "1:26: there is no channel 'smss'; did you mean 'sms'?",
    "- {dialogue: x, channel: sms, lines: none}": "1:38: `lines` must be a list: each begins with `- in: ...` or "
    "`- out: ...`",
    LINES % "yes": "1:39: a line is a map: lines such as `in: ...`",
    LINES % "{as: ben}": "1:39: a line has one of in, press, at, attach, hangup or out",
    LINES % "{in: a, press: 'q:1'}": "1:39: a line says one thing; put `press` into a line of its own",
    LINES % "{out: a}": "1:45: `out` says what is shown after a line such as `in: ...`; write that above",
    LINES
    % "{in: a}, {out: b}, {out: c}": "1:64: `out` says what is shown after a line such as `in: ...`; write that above",
    LINES % "{hangup: yes}, {out: b}": "1:60: nothing is shown to somebody who hung up; take this out",
    LINES % "{press: north}": "1:47: 'north' is no button; write the question's id and the option's number: region:1",
    LINES % "{at: here}": "1:44: 'here' is no place; write two numbers such as 1.5 30.25, north and east",
    LINES % "{attach: cat}": "1:48: 'cat' can't be attached; write picture or voice",
    LINES % "{in: [a]}": "1:44: this must be one text",
    LINES % "{in: a, via: telex}": "1:52: there is no channel 'telex'; did you mean 'telegram'?",
    "- {dialogue: x, dialogue: y}": "1:17: `dialogue` is here twice (first in line 1); remove one of them",
}


@pytest.mark.parametrize(("source", "said"), BROKEN.items(), ids=BROKEN)
def test_a_mistake_is_said_with_its_place_and_mend(source: str, said: str) -> None:
    with pytest.raises(SurveyError) as refused:
        read_dialogues(source, "t.yaml")
    assert f"t.yaml:{said}" in map(str, refused.value.problems)


def test_a_file_as_it_is_written() -> None:
    source = (
        "- dialogue: x\n  channel: ussd\n  lines:\n  - in: ''\n  - out: |-\n      A\n      B\n"
        "  - {in: 2, as: ben, via: sms, out: no}\n"
    )
    (dialogue,) = read_dialogues(source, "t.yaml")
    first, second = dialogue.lines
    assert (first.does, first.value, first.who, first.via, first.out, first.line, first.out_line) == (
        *("in", "", "anna", "ussd", "A\nB"),
        *(4, 5),
    )
    assert (second.value, second.who, second.via, second.out) == ("2", "ben", "sms", "no")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_sample_polls_say_what_their_dialogues_expect(file: Path) -> None:
    of = next(one for one in SAMPLES if f"{one.name}.test.yaml" == file.name)
    source = file.read_text(encoding="utf-8")
    result = played(of, TEXTS, read_dialogues(source, file.name), file.name)
    assert result.failures == ()
    assert result.dialogues >= 3
    assert result.checked >= 10
    with rehearsal([of], TEXTS) as phones:
        assert filled(phones, read_dialogues(source, file.name), source) == source


def test_there_are_dialogues_for_every_sample_poll() -> None:
    assert {file.name for file in FILES} == {f"{one.name}.test.yaml" for one in SAMPLES}


def test_what_differs_is_told_and_what_nobody_looks_at_is_not() -> None:
    source = "- dialogue: x\n  channel: sms\n  lines:\n  - in: PULSE\n  - in: 'no'\n  - out: Thanks.\n"
    result = played(PULSE, TEXTS, read_dialogues(source, "t.yaml"), "t.yaml")
    assert result.checked == 1
    (failure,) = result.failures
    assert (failure.line, failure.did, failure.expected) == (6, "in: no", "Thanks.")
    assert failure.got == "Thank you for telling us. We ask nothing more."


def test_spaces_at_the_ends_of_lines_are_no_difference() -> None:
    said = "Thank you for telling us. We ask nothing more."
    source = f"- dialogue: x\n  channel: sms\n  lines:\n  - in: PULSE\n  - in: 'no'\n  - out: |\n\n      {said}  \n\n"
    assert played(PULSE, TEXTS, read_dialogues(source, "t.yaml"), "t.yaml").failures == ()


def test_a_session_breaks_off_and_goes_on_and_pages_turn() -> None:
    with rehearsal([SAMPLES[0]], TEXTS, phones_for(SAMPLES[0], screen=100)) as phones:
        assert "English" in phones.type("anna", "ussd", "")
        first = phones.type("anna", "ussd", "1")
        assert first.endswith("0 More")
        assert phones.type("anna", "ussd", "0") != first
        phones.hang_up("anna")
        assert phones.type("anna", "ussd", "") == first
        assert phones.type("ben", "ussd", "") != first, "somebody else begins anew"


def test_what_is_recorded_can_be_looked_at() -> None:
    of = survey(question("words", "open", ("en",)), question("needs", "many-of", ("en",)), languages=("en",))
    with rehearsal([of], TEXTS) as phones:
        for text in ("MADE", "yes", "=cmd() of my own", "1 3"):
            phones.type("anna", "sms", text)
        assert [(one.question, one.value, one.state) for one in phones.recorded()] == [
            ("words", "=cmd() of my own", "answered"),
            ("needs", ["water", "schools"], "answered"),
        ]
        assert phones.outcomes() == ("completed",)


def test_random_orders_are_the_same_every_time() -> None:
    drawn = question("q", "one-of", ("en",), draws=True)
    of = survey(drawn, languages=("en",))

    def shown() -> list[str]:
        with rehearsal([of], TEXTS) as phones:
            return [phones.type(who, "sms", text) for who in ("anna", "ben", "eve") for text in ("MADE", "yes")]

    first = shown()
    assert first == shown()
    assert len({first[1], first[3], first[5]}) > 1, "and differ from one person to the next"


def test_a_reply_is_measured_on_sms_only() -> None:
    sms, chat = Channel("s", "phone", Medium.SMS), Channel("c", "phone", Medium.CHAT)
    assert measured(sms, "a" * 161) == "GSM-7, 161 units, 2 segments"
    assert measured(chat, "a") == measured(sms, "") == ""
