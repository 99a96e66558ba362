"""People with phones, writing to polls over the whole way in: rehearsals and dialogue tests.

    with rehearsal([survey], texts) as phones:
        phones.type("anna", "sms", "PEACE")   what is shown to her

What is stored lies in a throw-away database that goes with the rehearsal. Everything is drawn from fixed seeds, and the
clock stands still, so that the same lines show the same every time.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from channels import render
from channels.adapter import NAMED, Attached, Channel, Content, Inbound, Located, Medium, Pressed, Session, Typed
from channels.text import measure
from gateway.ingest import handlers
from gateway.ingest.intake import Intake
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules, Taken
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.part import Part, joined, own_words, topics
from gateway.statements import decks
from gateway.store import schema
from gateway.store.database import connect, reading
from gateway.store.keys import Vault
from surveys.cast import Cast, Known
from surveys.engine import SurveyFlow
from surveys.flow import Propose, Value
from surveys.flows.results import Released
from surveys.model import Survey
from surveys.texts import Texts
from surveys.walks import NOW

END = "(END)"
"""The last line of a USSD screen where the session ends."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer as it would be stored. `state` is answered, skipped or given-up."""

    question: str
    value: Value
    state: str


class Phones:
    """Everybody who takes part, each name with a telephone number of its own."""

    def __init__(self, intake: Intake, channels: Mapping[str, Channel]) -> None:
        self.intake = intake
        self.channels = channels
        self.taken = Taken()  # what came of the last thing that somebody did
        self._messages = count(1)
        self._sessions = count(1)
        self._dialled: dict[str, tuple[int, str]] = {}

    def type(self, who: str, channel: str, text: str) -> str:
        """What is shown after `who` types this; on USSD, "" dials the code where no session is open."""
        via = self.channels[channel]
        if via.medium is not Medium.USSD:
            return self._send(who, via, Typed(text))
        number, before = self._dialled.get(who, (0, ""))
        number = number or next(self._sessions)
        transcript = text if not before else f"{before}*{text}"
        self._dialled[who] = number, transcript
        session = Session(f"session-{who}-{number}", via.sender, transcript)
        return self._send(who, via, Typed(transcript), session)

    def press(self, who: str, channel: str, ask: str, key: str) -> str:
        return self._send(who, self.channels[channel], Pressed(ask, key))

    def share(self, who: str, channel: str, latitude: float, longitude: float) -> str:
        return self._send(who, self.channels[channel], Located(latitude, longitude))

    def attach(self, who: str, channel: str, kind: str) -> str:
        return self._send(who, self.channels[channel], Attached(kind, "reference"))

    def hang_up(self, who: str) -> None:
        """The USSD session breaks off; the next input dials again."""
        self._dialled.pop(who, None)

    def _send(self, who: str, channel: Channel, content: Content, session: Session | None = None) -> str:
        # A number of its own for each name, from a range that no network uses.
        number = f"+999{zlib.crc32(who.encode()) % 10**8:08d}"
        known = f"{session.id}/{session.transcript}"[:128] if session else str(next(self._messages))
        inbound = Inbound("tel", number, content, provider_id=known, session=session)
        self.taken = self.intake.take(channel, [inbound])[0]
        return shown(channel, self.taken)


def shown(channel: Channel, taken: Taken) -> str:
    """A reply as the person reads it: a chat's messages with --- between, buttons in [ ]."""
    if channel.medium is Medium.USSD:
        return taken.screen + (f"\n{END}" if taken.ends else "")
    if not taken.reply:
        return ""
    if channel.medium is Medium.SMS:
        return render.sms(taken.reply)
    parts = []
    for chat in render.chat(taken.reply):
        rows = "\n".join(" ".join(f"[{button.label}]" for button in row) for row in chat.buttons)
        parts.append(chat.text + (f"\n{rows}" if rows else ""))
    return "\n---\n".join(parts)


def measured(channel: Channel, text: str) -> str:
    """What a reply takes, in a few words: for rehearsals."""
    if not text or channel.medium is not Medium.SMS:
        return ""
    size = measure(text)
    return f"{size.encoding}, {size.units} units, {size.segments} segment{'s' if size.segments != 1 else ''}"


# Rehearsals ---------------------------------------------------------------------------------------------------------


class Rehearsal(Phones):
    """Phones whose answers can be looked at: nobody's but the author's own."""

    def __init__(self, intake: Intake, channels: Mapping[str, Channel], engine: sa.Engine, vault: Vault) -> None:
        super().__init__(intake, channels)
        self.engine, self.vault = engine, vault

    def recorded(self) -> tuple[Recorded, ...]:
        """Every answer so far, in order."""
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(schema.answers).order_by(schema.answers.c.id)).all()
        return tuple(
            Recorded(
                row.question,
                row.value if row.sealed_text is None else self.vault.open(row.sealed_text, "answer").decode(),
                row.state,
            )
            for row in rows
        )

    def outcomes(self) -> tuple[str, ...]:
        """Where each conversation with a poll stands, in the order in which they began: active, completed ..."""
        kept = schema.conversations.c
        polls = sa.select(kept.status).where(kept.flow.startswith("survey:")).order_by(kept.id)
        with reading(self.engine) as connection:
            return tuple(connection.scalars(polls))


@contextmanager
def rehearsal(
    surveys: Sequence[Survey],
    texts: Texts,
    channels: Mapping[str, Channel] | None = None,
    released: Sequence[Released] = (),
    parts: Sequence[Part] = (),
) -> Iterator[Rehearsal]:
    """A gateway of its own for these polls; `channels` are those of the first one (`phones_for`) unless told.
    `released` is what is out already, `parts` bring keyword flows."""
    flows = {survey.name: SurveyFlow(survey, texts) for survey in surveys}
    readers = {
        **handlers.READERS,
        "released": lambda *_of: tuple(released),
        "statements": decks.reader(),
        "actors": _cast,
    }
    acts = {**handlers.HANDLERS, Propose: decks.propose}
    for part in parts:
        acts |= part.handlers
        readers |= part.readers
    readers["joined"] = joined(parts)
    keyed = [flow for part in parts for flow in part.flows]
    router = Router(flows, texts, keyed=keyed, own=own_words(parts), topics=topics(parts))
    rules = Rules(router, texts, acts, readers, seed=count(1).__next__)
    with TemporaryDirectory(prefix="baraza-") as folder:
        engine = connect(f"sqlite:///{Path(folder, 'rehearsal.db')}")
        sa.event.listen(engine, "connect", _forgetful)
        schema.metadata.create_all(engine)
        vault = Vault("rehearsal", {1: os.urandom(32)}, {1: os.urandom(32)})
        intake = Intake(engine, vault, lambda: rules, lambda: NOW, lambda _channels: None)
        try:
            yield Rehearsal(intake, channels or phones_for(surveys[0]), engine, vault)
        finally:
            intake.close()
            engine.dispose()


def _forgetful(connection: Any, _record: object) -> None:
    """Nobody misses a rehearsal that a power cut ends: nothing waits for the disk."""
    connection.execute("PRAGMA synchronous = OFF").close()


def _cast(_unit: Unit, _visitor: Visitor, _held: Held, channel: Channel) -> Cast:
    """Made-up actors, so that a guide can be rehearsed without anybody's map."""
    return Cast(EXAMPLES, named=channel.medium in NAMED)


EXAMPLES = (
    Known("BCDFG", "Lake Council", ("Council of the Lakes",)),
    Known("HJKLM", "Karu Front"),
    Known("NPQRS", "Governor's Office"),
)


def phones_for(survey: Survey, screen: int = 160) -> dict[str, Channel]:
    """A channel of each kind, on which dialling the code or opening the chat begins this poll."""
    return {
        "sms": Channel("sms", "phone", Medium.SMS),
        "ussd": Channel("ussd", "phone", Medium.USSD, sender="*384#", start=survey.name, screen=screen),
        "chat": Channel("chat", "phone", Medium.CHAT, start=survey.name),
        "telegram": Channel("telegram", "telegram", Medium.CHAT, start=survey.name),
    }
