"""Campaigns in the database: checked, cleaned and published from a folder or a page, found by name, taken back.

What is published is frozen: pages and flows read the database, and config/campaigns is not looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway.campaigns import media
from gateway.campaigns.definition import FOLDER, SUFFIX, Known, load_campaign
from gateway.campaigns.errors import CampaignError, MediaError
from gateway.campaigns.media import Variant
from gateway.campaigns.model import Campaign, Piece
from gateway.gazetteers import read_gazetteers
from gateway.store import audit
from gateway.store.campaign_tables import PUBLISHED, WITHDRAWN, campaign_media, campaigns
from gateway.store.database import reading
from surveys.keywords import Keyword, Keywords
from surveys.problem import did_you_mean

_c, _m = campaigns.c, campaign_media.c


@dataclass(frozen=True, slots=True)
class Shown:
    """One stored form of a file, without its content. `size` is in bytes."""

    file: str
    form: str
    type: str
    width: int
    height: int
    size: int
    digest: str

    @property
    def kib(self) -> int:
        return max(1, round(self.size / 1024))

    @property
    def address(self) -> str:
        """The last part of its address."""
        return f"{self.digest}.{EXTENSIONS[self.type]}"


EXTENSIONS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A campaign as it stands."""

    name: str
    status: str
    changed_at: datetime
    published_at: datetime | None
    by: str


# Reading ------------------------------------------------------------------------------------------------------------


def seen(connection: sa.Connection) -> object:
    """What the database says now of its campaigns: equal as long as none was published or taken back."""
    rows = connection.execute(sa.select(_c.name, _c.status, _c.published_at, _c.hidden).order_by(_c.name))
    return [tuple(row) for row in rows]


def published(connection: sa.Connection) -> tuple[Campaign, ...]:
    """Those that are out, in the order in which they came out."""
    query = _out.order_by(_c.published_at, _c.name)
    return tuple(_parsed(*row) for row in connection.execute(query))


def find(connection: sa.Connection, name: str) -> Campaign | None:
    """The one of this name that is out."""
    row = connection.execute(_out.where(_c.name == name)).first()
    return _parsed(*row) if row is not None else None


_out = sa.select(_c.name, _c.source, _c.hidden).where(_c.status == PUBLISHED)


@lru_cache(maxsize=64)
def _parsed(name: str, source: str, hidden: str | None) -> Campaign:
    """Without the pieces that were taken down."""
    campaign = load_campaign(source, name)
    return replace(campaign, pieces=tuple(piece for piece in campaign.pieces if piece.id not in (hidden or "").split()))


def listed(engine: sa.Engine) -> tuple[Listed, ...]:
    with reading(engine) as connection:
        query = sa.select(_c.name, _c.status, _c.changed_at, _c.published_at, _c.by).order_by(_c.name)
        return tuple(Listed(*row) for row in connection.execute(query))


def shown(connection: sa.Connection, campaign: str) -> Mapping[str, tuple[Shown, ...]]:
    """The forms of each file, by its name: the smallest first."""
    columns = (_m.file, _m.form, _m.type, _m.width, _m.height, _m.size, _m.digest)
    found: dict[str, list[Shown]] = {}
    for row in connection.execute(sa.select(*columns).where(_m.campaign == campaign).order_by(_m.width, _m.size)):
        found.setdefault(row.file, []).append(Shown(*row))
    return {file: tuple(forms) for file, forms in found.items()}


def content(connection: sa.Connection, campaign: str, digest: str) -> tuple[str, bytes] | None:
    """The media type and the bytes of a file of this campaign that is not a draft's alone."""
    found = _m.campaign == campaign, _m.digest == digest, ~_m.file.startswith(UPLOAD)
    row = connection.execute(sa.select(_m.type, _m.content).where(*found)).first()
    return (row.type, row.content) if row else None


# From a folder ------------------------------------------------------------------------------------------------------


def read(config: Path, name: str) -> Campaign:
    """The campaign config/campaigns/<name>.yaml. Raises SurveyError or CampaignError."""
    path = config / FOLDER / f"{name}{SUFFIX}"
    if not path.is_file():
        there = [one.stem for one in sorted((config / FOLDER).glob(f"*{SUFFIX}"))]
        raise CampaignError(f"There is no {path}{did_you_mean(name, there)}.")
    gazetteers, _ = read_gazetteers(config)
    lies = sorted(one.name for one in (config / FOLDER / name).glob("*") if one.is_file())
    return load_campaign(path.read_bytes(), str(path), Known(tuple(gazetteers), lies))


def files_of(config: Path, campaign: Campaign) -> Mapping[str, tuple[Variant, ...]]:
    """What its pieces are made from, cleaned. Raises CampaignError, which names the file."""
    made: dict[str, tuple[Variant, ...]] = {}
    for piece in campaign.pieces:
        for file in piece.files:
            path = config / FOLDER / campaign.name / file
            try:
                made[file] = clean(path.read_bytes(), piece, file)
            except MediaError as error:
                raise CampaignError(f"{path}: {error}") from None
    return made


def clean(sent: bytes, piece: Piece, file: str) -> tuple[Variant, ...]:
    """A file of a piece as it is kept. Raises MediaError."""
    if piece.kind in ("video", "audio") and file == piece.file:
        return (media.recording(sent, piece.kind),)
    return media.pictures(sent)


# Changing -----------------------------------------------------------------------------------------------------------


def publish(
    connection: sa.Connection,
    campaign: Campaign,
    made: Mapping[str, Iterable[Variant]],
    now: datetime,
    by: str,
) -> None:
    """Put a campaign out, or its new version in the place of the old. What it names no more is deleted.

    Raises CampaignError where one of its keywords is that of another campaign that is out.
    """
    check_others(connection, campaign)
    values = {
        "status": PUBLISHED,
        "source": campaign.source,
        "changed_at": now,
        "published_at": now,
        "by": by,
        "hidden": None,
    }
    if not connection.execute(sa.update(campaigns).where(_c.name == campaign.name).values(values)).rowcount:
        connection.execute(sa.insert(campaigns).values(name=campaign.name, draft="", **values))
    for file, variants in made.items():
        keep_file(connection, campaign.name, file, variants)
    named = [file for piece in campaign.pieces for file in piece.files]
    others = ~_m.file.startswith(DEED), ~_m.file.startswith(UPLOAD)
    gone = _m.campaign == campaign.name, _m.file.not_in(named), *others
    connection.execute(sa.delete(campaign_media).where(*gone))
    audit.note(connection, by, "publish campaign", campaign.name, now)


DEED = "deed:"
"""What the names of pictures begin with that people sent themselves: they belong to no piece."""
UPLOAD = "draft:"
"""What the names of files begin with that belong to a draft alone: nobody outside gets them."""


def check_words(campaign: Campaign, table: Keywords) -> None:
    """Raise CampaignError where one of its keywords could be taken for a word of this table: a system word, that of a
    flow, or of a poll."""
    for language, words in campaign.keywords.items():
        for word in words:
            if met := table.clash(Keyword(word, f"flow:campaign-{campaign.name}", language)):
                raise CampaignError(f"The keyword {word} could be taken for {met.word.upper()}: choose another.")


def check_others(connection: sa.Connection, campaign: Campaign) -> None:
    """Raise CampaignError where one of its keywords is that of another campaign that is out."""
    taken = {
        word.casefold(): other.name
        for other in published(connection)
        if other.name != campaign.name
        for words in other.keywords.values()
        for word in words
    }
    for words in campaign.keywords.values():
        for word in words:
            if other := taken.get(word.casefold()):
                raise CampaignError(f"The keyword {word} is that of the campaign {other}: choose another.")


def keep_file(connection: sa.Connection, campaign: str, file: str, variants: Iterable[Variant]) -> None:
    """Keep the forms of a file, in the place of those that it had."""
    connection.execute(sa.delete(campaign_media).where(_m.campaign == campaign, _m.file == file))
    for one in variants:
        row: dict[str, Any] = {"form": one.form, "type": one.type, "width": one.width, "height": one.height}
        row |= {"size": len(one.content), "digest": one.digest, "content": one.content}
        connection.execute(sa.insert(campaign_media).values(campaign=campaign, file=file, **row))


def hide(connection: sa.Connection, name: str, piece: str, by: str, now: datetime) -> None:
    """Take one piece of a campaign down at once: its page and its files are gone until it is published anew."""
    campaign = find(connection, name)
    shown_piece = campaign.piece(piece) if campaign is not None else None
    if campaign is None or shown_piece is None:
        return
    others = {file for one in campaign.pieces if one.id != piece for file in one.files}
    gone = [file for file in shown_piece.files if file not in others]
    connection.execute(sa.delete(campaign_media).where(_m.campaign == name, _m.file.in_(gone)))
    more = sa.func.coalesce(_c.hidden, "").op("||")(f"{piece} ")
    connection.execute(sa.update(campaigns).where(_c.name == name).values(hidden=more))
    audit.note(connection, by, "hide piece of campaign", f"{name}/{piece}", now)


def withdraw(connection: sa.Connection, name: str, now: datetime, by: str) -> bool:
    """Take a campaign back: from that moment nothing of it is shown. False where it was not out."""
    out = _c.name == name, _c.status == PUBLISHED
    if not connection.execute(
        sa.update(campaigns).where(*out).values(status=WITHDRAWN, changed_at=now, by=by)
    ).rowcount:
        return False
    audit.note(connection, by, "withdraw campaign", name, now)
    return True
