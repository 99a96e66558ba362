"""Every flow of campaigns on every kind of channel in three languages, right-to-left among them: to its end, and with
STOP at each of its questions, which is answered in the person's language and leaves nothing of what was begun."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from gateway.authoring.dialogues import Line, do, plain
from gateway.authoring.player import Rehearsal, rehearsal
from gateway.catalogues import load_catalogues
from gateway.store.campaign_tables import deeds, letters, pledges, signatures
from tests.dialogues.scenes import SCENES
from tests.dialogues.test_dialogues import CHANNELS

TEXTS = load_catalogues()
BRIDGE = {"en": "BRIDGE", "sw": "DARAJA", "ar": "الجسر"}
FLOWS: dict[str, tuple[int, tuple[str, ...]]] = {
    "campaign": (1, ("bridge",)),
    "write": (1, ("write", "North", "1")),
    "pledge": (1, ("pledge", "1")),
    "sign": (1, ("sign", "2", "Duswari 7")),
    "kept": (4, ("pledge", "1", "1", "kept", "Duswari 7")),
}
"""After how many of what is sent the flow's first question stands; and what is sent, words of the catalogue or as it
stands."""
ENDS = {"write": "write_on_its_way", "pledge": "pledge_thanks", "sign": "sign_thanks", "kept": "kept_shown"}
"""What is said once the last question was answered with yes."""


@pytest.fixture(scope="module")
def phones() -> Iterator[Rehearsal]:
    scene = SCENES["campaigns"]
    with rehearsal([], TEXTS, CHANNELS, [], scene.parts) as made:
        scene.prepare(made.engine, made.vault)
        yield made


@pytest.mark.parametrize("language", ["en", "sw", "ar"])
@pytest.mark.parametrize("channel", ["sms", "menu", "telegram"])
@pytest.mark.parametrize("flow", FLOWS)
def test_stop_in_the_middle(phones: Rehearsal, flow: str, channel: str, language: str) -> None:
    first, sent = FLOWS[flow]
    before = kept(phones)
    for sends in range(first, len(sent) + 1):
        who = f"{flow} {channel} {language} {sends}"
        asked = send(phones, who, channel, language, sent[:sends])
        assert asked
        assert "(END)" not in asked
        said = say(phones, who, channel, TEXTS.word("stop", language))
        start = TEXTS.word("start", language)
        assert said.replace("\n(END)", "") == TEXTS.say("stopped", language, start=start)
    after = kept(phones)
    made = len(sent) - first + 1 if flow == "kept" else 0  # pledges that were made and not kept
    assert (after[:4], after[4] - before[4]) == (before[:4], made)


@pytest.mark.parametrize("language", ["en", "sw", "ar"])
@pytest.mark.parametrize("channel", ["sms", "menu", "telegram"])
@pytest.mark.parametrize("flow", ENDS)
def test_to_its_end(phones: Rehearsal, flow: str, channel: str, language: str) -> None:
    said = send(phones, f"{flow} {channel} {language} all", channel, language, (*FLOWS[flow][1], "1"))
    fills = {"name": "Amina Sefu", "count": "", "kept": TEXTS.word("kept", language)}
    told = TEXTS.say(ENDS[flow], language, **fills).removesuffix(".")
    assert said.startswith(told)


def send(phones: Rehearsal, who: str, channel: str, language: str, texts: tuple[str, ...]) -> str:
    """What is shown for the last of these."""
    if channel == "menu":
        say(phones, who, channel, "")
    said = ""
    for text in texts:
        word = TEXTS.word(text, language) if text.isalpha() and text.islower() and text != "bridge" else text
        said = say(phones, who, channel, BRIDGE[language] if text == "bridge" else word)
    return said


def say(phones: Rehearsal, who: str, channel: str, text: str) -> str:
    return plain(do(phones, Line("in", text, who, channel, None, 0, 0), who))


def kept(phones: Rehearsal) -> tuple[int, ...]:
    """Letters, signatures, deeds, pledges that were kept, and those that were not."""
    done = pledges.c.status == "done"
    of = (letters, sa.true()), (signatures, sa.true()), (deeds, sa.true()), (pledges, done), (pledges, ~done)
    with phones.engine.connect() as connection:
        return tuple(
            connection.scalar(sa.select(sa.func.count()).select_from(table).where(where)) or 0 for table, where in of
        )
