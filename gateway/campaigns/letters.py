"""Messages to representatives: written by keyword, looked at where they are somebody's own words, and handed over.

waiting > passed > sending > sent;  refused by a moderator;  failed and unknown where a provider says so or nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from channels.adapter import Channel, Medium
from gateway.campaigns import representatives, shelf
from gateway.ingest.rules import Handler
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.moderation.desk import Decision, Kind, New, may_submit, submit
from gateway.notices import Told
from gateway.store import ids
from gateway.store.campaign_tables import letters
from gateway.store.campaign_tables import representatives as table
from surveys.flow import Effect, Outcome
from surveys.flows.campaigns.effects import WriteLetter

KIND = "letter"
WAITING, PASSED, SENDING, SENT = "waiting", "passed", "sending", "sent"
REFUSED, FAILED, UNKNOWN = "refused", "failed", "unknown"
PURPOSE = "letter"

_l = letters.c


def write(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("WriteLetter", effect)
    unit.flush()  # the person's row must be there
    connection = unit.connection
    campaign = shelf.find(connection, effect.campaign)
    whom = representatives.one(connection, effect.representative)
    if campaign is None or campaign.letter is None or whom is None:
        return Outcome(effect, done=False, detail="gone")
    if _written(connection, visitor.person, effect.campaign, unit.now) >= campaign.letter.most_a_day:
        return Outcome(effect, done=False, detail="many")
    if not effect.suggested and not may_submit(connection, visitor.person, unit.now):
        return Outcome(effect, done=False, detail="many")
    # Who forgets a page's cookie is somebody new: on the web no limit for each person holds, so all are looked at.
    known = effect.suggested and channel.medium is not Medium.WEB
    row, language = ids.rising(), held.conversation.language
    values = {
        "id": row,
        "campaign": effect.campaign,
        "representative": effect.representative,
        "person": visitor.person,
        "sealed_text": unit.vault.seal(effect.text, PURPOSE) if known else None,
        "suggested": effect.suggested,
        "language": language,
        "place": effect.place,
        "channel": channel.name,
        "status": PASSED if known else WAITING,
        "made_at": unit.now,
        "decided_at": unit.now if known else None,
        "attempts": 0,
    }
    connection.execute(sa.insert(letters).values(values))
    if not known:
        facts = {"to": f"{whom.name}, {whom.post}".strip(", "), "campaign": effect.campaign}
        submit(connection, unit.vault, New(KIND, row, {"text": effect.text}, language, visitor.person, facts), unit.now)
    return Outcome(effect, done=True, detail="" if known else "read")


def _written(connection: sa.Connection, person: int, campaign: str, now: datetime) -> int:
    """How many this person wrote within a day, refused ones too."""
    today = _l.person == person, _l.campaign == campaign, _l.made_at > now - timedelta(days=1)
    return connection.scalar(sa.select(sa.func.count()).where(*today)) or 0


def addressee(connection: sa.Connection, row: int) -> str:
    """Whom a letter is to."""
    named = sa.select(table.c.name).join(letters, _l.representative == table.c.id).where(_l.id == row)
    return connection.scalar(named) or ""


# What moderators do -------------------------------------------------------------------------------------------------


def _pass(decision: Decision) -> None:
    """On its way, in the words that are left. Its writer is told when it was handed over."""
    change = sa.update(letters).where(_l.id == decision.submission.subject, _l.status == WAITING)
    sealed = decision.notices.vault.seal(decision.words["text"], PURPOSE)
    passed = {"status": PASSED, "sealed_text": sealed, "decided_at": decision.now, "decided_by": decision.by}
    decision.connection.execute(change.values(passed))


def _refuse(decision: Decision) -> Told:
    connection, row = decision.connection, decision.submission.subject
    refused = {"status": REFUSED, "decided_at": decision.now, "decided_by": decision.by}
    connection.execute(sa.update(letters).where(_l.id == row).values(refused))
    return Told("letter_held", {"name": addressee(connection, row), "reason": decision.reason})


DESK_KIND = Kind(KIND, _pass, _refuse)
HANDLERS: Mapping[type[Effect], Handler] = {WriteLetter: write}
