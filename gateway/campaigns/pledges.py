"""Pledges to do something that builds confidence, what is sent in once it is done, and the reminder before.

What came in on a campaign's page is of nobody: it is shown like what came by phone, and settles no pledge, because
nobody knows whose it would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from channels.adapter import Channel, Medium
from gateway.campaigns import shelf
from gateway.campaigns.errors import CampaignError
from gateway.campaigns.media import Variant
from gateway.ingest.rules import Handler
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.moderation.desk import Decision, DeskError, Kind, New, complete, held_words, may_submit, submit, take_back
from gateway.notices import Notices, Told
from gateway.store import audit, ids
from gateway.store.campaign_tables import campaign_media, deeds, pledges
from gateway.store.database import insert_ignoring, reading
from gateway.store.keys import Vault
from surveys.flow import Effect, Outcome
from surveys.flows.campaigns.effects import FindPledges, KeepPledge, MakePledge

KIND = "deed"
MADE, DONE = "made", "done"
FETCHING, WAITING, SHOWN, REFUSED, WITHDRAWN = "fetching", "waiting", "shown", "refused", "withdrawn"
REFERENCE = "deed reference"
AT_ONCE = 200
"""Reminders in one round."""
MOST_OPEN = 100
"""Of one campaign, sent in on its page and not decided on: more are not kept, so that nobody fills the disk."""
WORDLESS = "..."
"""What a moderator writes over: what is to be seen in a picture that came without words."""

_p, _d = pledges.c, deeds.c


# What people do -----------------------------------------------------------------------------------------------------


def make(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("MakePledge", effect)
    unit.flush()
    campaign = shelf.find(unit.connection, effect.campaign)
    if campaign is None or campaign.measure(effect.measure) is None:
        return Outcome(effect, done=False, detail="gone")
    row = {
        "campaign": effect.campaign,
        "measure": effect.measure,
        "person": visitor.person,
        "language": held.conversation.language,
        "place": effect.place,
        "channel": channel.name,
        "status": MADE,
        "made_at": unit.now,
    }
    made = insert_ignoring(unit.connection.dialect.name, pledges).returning(_p.id)
    new = unit.connection.execute(made, row).first() is not None
    # Nobody is reminded by a page that was closed.
    told = "page" if channel.medium is Medium.WEB else ""
    return Outcome(effect, done=new, detail=told if new else "already")


def find(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    unit.flush()
    mine = sa.select(_p.campaign, _p.measure).where(_p.person == visitor.person, _p.status == MADE).order_by(_p.id)
    return Outcome(effect, done=True, found=tuple(tuple(row) for row in unit.connection.execute(mine)))


def keep(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("KeepPledge", effect)
    unit.flush()
    connection = unit.connection
    mine = _p.person == visitor.person, _p.campaign == effect.campaign, _p.measure == effect.measure, _p.status == MADE
    if not connection.execute(sa.update(pledges).where(*mine).values(status=DONE, done_at=unit.now)).rowcount:
        return Outcome(effect, done=False, detail="none")
    if not effect.shown or not (effect.text or effect.picture):
        return Outcome(effect, done=True)
    if not may_submit(connection, visitor.person, unit.now):
        return Outcome(effect, done=False, detail="many")
    language = held.conversation.language
    sent = Sent(effect.campaign, effect.measure, effect.text, language, channel.name, visitor.person, effect.picture)
    take_in(connection, unit.vault, sent, unit.now)
    return Outcome(effect, done=True)


@dataclass(frozen=True, slots=True)
class Sent:
    """What shows that something was done. `person` is None where it came in on the page, `reference` that of a picture
    which is still with its provider, `picture` one that is here."""

    campaign: str
    measure: str
    text: str
    language: str
    channel: str
    person: int | None = None
    reference: str = ""
    picture: Sequence[Variant] = ()


def take_in(connection: sa.Connection, vault: Vault, sent: Sent, now: datetime) -> None:
    """Keep it, and put it before the desk: once its picture is here, for nobody lets out what they did not see."""
    row, waits = ids.rising(), bool(sent.reference)
    values = {
        "id": row,
        "campaign": sent.campaign,
        "measure": sent.measure,
        "person": sent.person,
        "sealed_reference": vault.seal(sent.reference, REFERENCE) if waits else None,
        "file": _file(row) if sent.picture else None,
        "channel": sent.channel,
        "language": sent.language,
        "status": FETCHING if waits else WAITING,
        "attempts": 0,
        "made_at": now,
        "fetch_at": now if waits else None,
    }
    connection.execute(sa.insert(deeds).values(values))
    if sent.picture:
        shelf.keep_file(connection, sent.campaign, _file(row), sent.picture)
    words, facts = {"text": sent.text or WORDLESS}, {"campaign": sent.campaign}
    submit(connection, vault, New(KIND, row, words, sent.language, sent.person, facts, whole=not waits), now)


def _file(row: int) -> str:
    return f"{shelf.DEED}{row}"


def is_full(connection: sa.Connection, campaign: str) -> bool:
    """Whether so much was sent in on the page that more is not taken."""
    waits = _d.campaign == campaign, _d.person.is_(None), _d.status == WAITING
    return (connection.scalar(sa.select(sa.func.count()).where(*waits)) or 0) >= MOST_OPEN


# What moderators do -------------------------------------------------------------------------------------------------


def desk_kind(base: str) -> Kind:
    """`base` is where the pages are: who sent it in is told where its removal is asked for."""

    def show(decision: Decision) -> Told | None:
        if decision.words["text"] == WORDLESS:
            raise DeskError("words")
        row = decision.submission.subject
        campaign = decision.connection.scalar(sa.select(_d.campaign).where(_d.id == row))
        shown = {"status": SHOWN, "text": decision.words["text"], "sealed_reference": None, "fetch_at": None}
        decision.connection.execute(sa.update(deeds).where(_d.id == row).values(shown))
        return Told("deed_public", {"link": f"{base}/c/{campaign}/remove/{row}"})

    def refuse(decision: Decision) -> Told | None:
        row = decision.submission.subject
        _take_off(decision.connection, row, REFUSED)
        return Told("deed_refused", {"reason": decision.reason})

    return Kind(KIND, show, refuse, look=lambda row: f"/dashboard/campaigns/pictures/{row}")


def _take_off(connection: sa.Connection, row: int, status: str) -> None:
    """Its words and its picture go."""
    file = connection.scalar(sa.select(_d.file).where(_d.id == row))
    gone = {"status": status, "text": None, "file": None, "sealed_reference": None, "fetch_at": None}
    connection.execute(sa.update(deeds).where(_d.id == row).values(gone))
    if file:
        connection.execute(sa.delete(campaign_media).where(campaign_media.c.file == file))


def take_down(connection: sa.Connection, campaign: str, row: int, by: str, now: datetime) -> None:
    """One click: others see it no more, and nothing of it is kept. Raises CampaignError where the campaign shows no
    such deed."""
    if connection.scalar(sa.select(_d.status).where(_d.id == row, _d.campaign == campaign)) != SHOWN:
        raise CampaignError("It is not shown: it was taken down already, or never let out.")
    _take_off(connection, row, WITHDRAWN)
    audit.note(connection, by, "deed taken down", str(row), now)


# Pictures -----------------------------------------------------------------------------------------------------------


def to_fetch(engine: sa.Engine, now: datetime) -> list[Any]:
    """Deeds whose picture is still with its provider, as rows."""
    with reading(engine) as connection:
        due = _d.status == FETCHING, _d.fetch_at <= now
        return list(connection.execute(sa.select(deeds).where(*due).order_by(_d.id).limit(20)).all())


def ask_again(connection: sa.Connection, deed: Any, at: datetime) -> None:
    """Its picture is asked for once more."""
    later = {"fetch_at": at, "attempts": deed.attempts + 1}
    connection.execute(sa.update(deeds).where(_d.id == deed.id, _d.status == FETCHING).values(later))


def fetched(
    connection: sa.Connection, notices: Notices, deed: Any, found: Sequence[Variant], base: str, now: datetime
) -> str | None:
    """Keep its picture. Without one it goes on in its words, or, where it has none, not at all: its sender is told
    where to send another. Returns the channel to wake. `base` is where the pages are."""
    still = sa.update(deeds).where(_d.id == deed.id, _d.status == FETCHING)
    file = _file(deed.id) if found else None
    values = {"status": WAITING, "file": file, "sealed_reference": None, "fetch_at": None}
    if not connection.execute(still.values(values)).rowcount:
        return None
    if file:
        shelf.keep_file(connection, deed.campaign, file, found)
        complete(connection, KIND, deed.id)
        return None
    if held_words(connection, notices.vault, KIND, deed.id).get("text") != WORDLESS:
        complete(connection, KIND, deed.id)
    else:
        take_back(connection, KIND, deed.id)
        connection.execute(sa.update(deeds).where(_d.id == deed.id).values(status=REFUSED))
    told = Told("deed_no_picture", {"link": f"{base}/c/{deed.campaign}/kept"})
    return notices.tell(connection, deed.person, deed.language, told, now) if deed.person else None


def picture_of(connection: sa.Connection, row: int) -> tuple[str, bytes] | None:
    """What a moderator looks at: the media type and the bytes of its picture."""
    named = sa.select(_d.campaign, _d.file).where(_d.id == row, _d.file.is_not(None))
    found = connection.execute(named).first()
    forms = shelf.shown(connection, found.campaign).get(found.file, ()) if found else ()
    jpegs = [form for form in forms if form.type == "image/jpeg"]
    return shelf.content(connection, found.campaign, jpegs[-1].digest) if found and jpegs else None


# Reminders ----------------------------------------------------------------------------------------------------------


def is_any_due(connection: sa.Connection, now: datetime) -> bool:
    """Whether there is anybody to remind."""
    for campaign in shelf.published(connection):
        for measure in campaign.measures:
            due = _due(campaign.name, measure.id, now - measure.remind_after)
            if connection.scalar(sa.select(_p.id).where(*due).limit(1)) is not None:
                return True
    return False


def _due(campaign: str, measure: str, before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    of = _p.campaign == campaign, _p.measure == measure
    return *of, _p.status == MADE, _p.reminded_at.is_(None), _p.made_at <= before


def remind(connection: sa.Connection, notices: Notices, now: datetime) -> set[str]:
    """Tell those whose time has come, each once. Returns the channels to wake."""
    woken: set[str] = set()
    for campaign in shelf.published(connection):
        for measure in campaign.measures:
            due = (
                sa.select(_p.id, _p.person, _p.language)
                .where(*_due(campaign.name, measure.id, now - measure.remind_after))
                .order_by(_p.id)
                .limit(AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            for row in connection.execute(due).all():
                connection.execute(sa.update(pledges).where(_p.id == row.id).values(reminded_at=now))
                told = Told("pledge_reminder", {"title": measure.title[campaign.said_in(row.language)]})
                channel = notices.tell(connection, row.person, row.language, told, now)
                woken |= {channel} if channel else set()
    return woken


HANDLERS: Mapping[type[Effect], Handler] = {MakePledge: make, FindPledges: find, KeepPledge: keep}
