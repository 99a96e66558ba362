"""Asking that something is taken down in which one is seen or heard: no account, no name, no number is needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.campaigns.model import Campaign
from gateway.store import audit
from gateway.store.campaign_tables import deeds, removals
from gateway.store.keys import Vault

WAITING, DONE, REFUSED = "waiting", "done", "refused"
LONGEST = 500
MOST_WAITING = 200
"""Of one campaign: more are not kept, so that nobody fills the disk with them."""
_NUMBER = re.compile(r"[1-9][0-9]{0,17}|[1-8][0-9]{18}")
"""Of a row: no database takes a larger one."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What somebody asked for. `subject` is a piece's id, or a deed's number."""

    id: int
    campaign: str
    subject: str
    text: str
    made_at: datetime


def is_subject(connection: sa.Connection, campaign: Campaign, subject: str) -> bool:
    """Whether this is a piece of the campaign, or a deed that it shows."""
    if campaign.piece(subject) is not None:
        return True
    shown = deeds.c.campaign == campaign.name, deeds.c.status == "shown"
    return bool(_NUMBER.fullmatch(subject)) and bool(
        connection.scalar(sa.select(sa.func.count()).where(deeds.c.id == int(subject), *shown))
    )


def ask(connection: sa.Connection, vault: Vault, campaign: str, subject: str, text: str, now: datetime) -> bool:
    """Keep the wish for those who decide. False where too many wait."""
    waits = removals.c.campaign == campaign, removals.c.status == WAITING
    if (connection.scalar(sa.select(sa.func.count()).where(*waits)) or 0) >= MOST_WAITING:
        return False
    sealed = vault.seal(text[:LONGEST], "removal")
    row = {"campaign": campaign, "subject": subject, "sealed_text": sealed, "status": WAITING, "made_at": now}
    connection.execute(sa.insert(removals).values(row))
    return True


def waiting(connection: sa.Connection, vault: Vault) -> tuple[Removal, ...]:
    """The oldest first."""
    rows = connection.execute(sa.select(removals).where(removals.c.status == WAITING).order_by(removals.c.id))
    return tuple(
        Removal(row.id, row.campaign, row.subject, vault.open_text(row.sealed_text, "removal"), row.made_at)
        for row in rows
    )


def decide(connection: sa.Connection, campaign: str, row: int, status: str, by: str, now: datetime) -> str:
    """DONE or REFUSED; what was written goes. Returns the subject, "" where it was decided on already, or is of another
    campaign."""
    waits = removals.c.id == row, removals.c.campaign == campaign, removals.c.status == WAITING
    subject = connection.scalar(sa.select(removals.c.subject).where(*waits))
    if subject is None:
        return ""
    decided = {"status": status, "sealed_text": None, "decided_at": now, "decided_by": by}
    connection.execute(sa.update(removals).where(*waits).values(decided))
    audit.note(connection, by, f"removal {status}", f"{campaign}/{subject}", now)
    return str(subject)
