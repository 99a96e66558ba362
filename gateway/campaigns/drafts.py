"""Campaigns as they are written on pages: a draft beside what is out, its files, and who may put it out.

    newest(connection, name) -> Draft | None        what somebody goes on with
    save(connection, draft, tree, by, now)          raises Conflict where somebody saved meanwhile
    submit, hand_back, publish, drop

A draft is the same YAML that `baraza campaign check` reads. Its files are cleaned before they are kept, are named by
their content, and nobody outside gets them before it is published.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import yaml

from gateway.campaigns import media, shelf
from gateway.campaigns.definition import SUFFIX, Known, load_campaign
from gateway.campaigns.errors import CampaignError, MediaError
from gateway.campaigns.model import Campaign
from gateway.campaigns.shelf import EXTENSIONS, UPLOAD
from gateway.store import audit
from gateway.store.campaign_tables import DRAFT, campaign_media, campaigns
from surveys.keywords import Keywords
from surveys.problem import SurveyError
from surveys.reader import Document, read

_c, _m = campaigns.c, campaign_media.c

WRITING, SUBMITTED, RETURNED = "writing", "submitted", "returned"
Tree = dict[str, Any]


class Conflict(CampaignError):
    """Somebody else saved meanwhile, or what was looked at is not what is there now."""

    def __init__(self) -> None:
        super().__init__("Somebody saved this campaign meanwhile: open the page again, and repeat what you changed.")


@dataclass(frozen=True, slots=True)
class Draft:
    """`source` is the draft, else what is out. `state` is "" where nothing was written since; `by` wrote last."""

    name: str
    status: str
    source: str
    state: str
    by: str
    number: int

    def tree(self) -> Tree:
        """Every scalar a string, as written. Raises SurveyError where it can't be read."""
        return tree_of(self.source, self.name)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing to mend: the piece or the key that it is in, and the sentence of `baraza campaign check`."""

    where: str
    message: str


_columns = (_c.name, _c.status, _c.source, _c.draft, _c.draft_state, _c.draft_by, _c.draft_number)


def every(connection: sa.Connection) -> tuple[Draft, ...]:
    return tuple(_draft(row) for row in connection.execute(sa.select(*_columns).order_by(_c.name)))


def newest(connection: sa.Connection, name: str) -> Draft | None:
    row = connection.execute(sa.select(*_columns).where(_c.name == name)).first()
    return _draft(row) if row is not None else None


def _draft(row: Any) -> Draft:
    return Draft(
        row.name, row.status, row.draft or row.source, row.draft_state or "", row.draft_by or "", row.draft_number
    )


# Writing ------------------------------------------------------------------------------------------------------------


def begin(connection: sa.Connection, name: str, languages: Sequence[str], by: str, now: datetime) -> None:
    """A new one. Raises CampaignError where there is one of this name."""
    if newest(connection, name) is not None:
        raise CampaignError(f"There is a campaign {name} already: choose another name.")
    source = written({"name": name, "languages": list(languages), "pieces": []})
    values = {"status": DRAFT, "source": "", "draft": source, "changed_at": now, "by": by}
    values |= {"draft_state": WRITING, "draft_by": by, "draft_number": 1}
    connection.execute(sa.insert(campaigns).values(name=name, **values))
    audit.note(connection, by, "begin campaign", name, now)


def save(connection: sa.Connection, draft: Draft, source: str, by: str) -> None:
    """Files that it names no more are deleted, as far as only drafts had them. Raises Conflict."""
    values = {"draft": source, "draft_state": WRITING, "draft_by": by, "draft_number": draft.number + 1}
    _change(connection, draft, values)
    kept = [UPLOAD + file for file in files_in(tree_of(source, draft.name))]
    gone = _m.campaign == draft.name, _m.file.startswith(UPLOAD, autoescape=True), _m.file.not_in(kept)
    connection.execute(sa.delete(campaign_media).where(*gone))


def submit(connection: sa.Connection, draft: Draft, by: str, now: datetime) -> None:
    """Who submits answers for it, and can't be the one who publishes it."""
    _change(connection, draft, {"draft": draft.source, "draft_state": SUBMITTED, "draft_by": by})
    audit.note(connection, by, "submit campaign", draft.name, now)


def hand_back(connection: sa.Connection, draft: Draft, by: str, now: datetime) -> None:
    _change(connection, draft, {"draft_state": RETURNED})
    audit.note(connection, by, "hand campaign back", draft.name, now)


def publish(connection: sa.Connection, draft: Draft, campaign: Campaign, by: str, now: datetime) -> None:
    """Put it out as it was submitted. Raises CampaignError where it was not, or by the one who wrote last."""
    if draft.state != SUBMITTED:
        raise CampaignError("This campaign is not submitted: whoever writes it submits it first.")
    if draft.by == by:
        raise CampaignError("You wrote or submitted this yourself: somebody else looks at it and publishes it.")
    _change(connection, draft, {"draft": "", "draft_state": None})
    there = _m.campaign == draft.name, _m.file.startswith(UPLOAD, autoescape=True)
    for file in connection.scalars(sa.select(_m.file).distinct().where(*there)).all():
        # Named by its content: what is there under that name is the same.
        connection.execute(
            sa.delete(campaign_media).where(_m.campaign == draft.name, _m.file == file.removeprefix(UPLOAD))
        )
        of_it = _m.campaign == draft.name, _m.file == file
        connection.execute(sa.update(campaign_media).where(*of_it).values(file=file.removeprefix(UPLOAD)))
    shelf.publish(connection, campaign, {}, now, by)


def drop(connection: sa.Connection, draft: Draft, by: str, now: datetime) -> None:
    """Throw a draft away with its files; what is out stays as it is."""
    _change(connection, draft, {"draft": "", "draft_state": None})
    uploads = _m.campaign == draft.name, _m.file.startswith(UPLOAD, autoescape=True)
    connection.execute(sa.delete(campaign_media).where(*uploads))
    if draft.status == DRAFT:
        connection.execute(sa.delete(campaigns).where(_c.name == draft.name))
    audit.note(connection, by, "drop draft of campaign", draft.name, now)


def _change(connection: sa.Connection, draft: Draft, values: Mapping[str, Any]) -> None:
    """What was looked at is what is changed. Raises Conflict."""
    same = _c.name == draft.name, _c.draft_number == draft.number
    done = connection.execute(sa.update(campaigns).where(*same).values({"draft_number": draft.number + 1, **values}))
    if not done.rowcount:
        raise Conflict


# Its text -----------------------------------------------------------------------------------------------------------


def written(tree: Tree) -> str:
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=110)


def tree_of(source: str, name: str) -> Tree:
    """Raises SurveyError, also where it is no campaign of this name that can be shown as a form."""
    document = read(source, f"{name}{SUFFIX}")
    tree = document.data
    if not isinstance(tree, dict):
        raise SurveyError([document.problem((), "a campaign is a map of keys: begin with `name: ...`")])
    if tree.get("name") != name:
        raise SurveyError([document.problem(("name",), f"this is the draft of {name}: write `name: {name}`")])
    for key, kind in (("languages", str), ("pieces", dict)):
        value = tree.setdefault(key, [])
        if not isinstance(value, list) or not all(isinstance(one, kind) for one in value):
            raise SurveyError([document.problem((key,), f"`{key}` is a list: begin each of its lines with `- `")])
    return tree


def plain(text: str) -> str:
    """As typed, without what no text has: browsers' line ends, control characters, halves of characters."""
    lines = text.replace("\r\n", "\n").strip()
    odd = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
    return "".join(
        one
        for one in lines
        if one == "\n" or (unicodedata.category(one) not in odd and one != "\N{ZERO WIDTH NO-BREAK SPACE}")
    )


def files_in(tree: Tree) -> tuple[str, ...]:
    return tuple(str(piece[key]) for piece in tree["pieces"] for key in ("file", "still") if key in piece)


# Checking -----------------------------------------------------------------------------------------------------------


def files(connection: sa.Connection, name: str) -> tuple[str, ...]:
    """What a draft may name: its own files, and those of what is out."""
    query = sa.select(_m.file).distinct().where(_m.campaign == name, ~_m.file.startswith(shelf.DEED, autoescape=True))
    return tuple(sorted({file.removeprefix(UPLOAD) for file in connection.scalars(query)}))


def checked(
    connection: sa.Connection, draft: Draft, gazetteers: Sequence[str], words: Keywords
) -> tuple[Campaign | None, tuple[Wrong, ...]]:
    """The campaign as it would be published, or everything that is wrong with it."""
    known = Known(tuple(gazetteers), files(connection, draft.name))
    try:
        campaign = load_campaign(draft.source, f"{draft.name}{SUFFIX}", known)
        shelf.check_words(campaign, words)
        shelf.check_others(connection, campaign)
    except SurveyError as error:
        return None, wrongs(error, draft.source, draft.name)
    except CampaignError as error:
        return None, (Wrong("keywords", str(error)),)
    return campaign, ()


def wrongs(error: SurveyError, source: str, name: str) -> tuple[Wrong, ...]:
    try:
        document: Document | None = read(source, name)
    except SurveyError:
        document = None
    return tuple(Wrong(_where(document, one.line, one.column), one.message) for one in error.problems)


def _where(document: Document | None, line: int, column: int) -> str:
    """The piece, else the key, that stands at this place of the text."""
    if document is None:
        return f"{line}:{column}"
    before = [
        (place.line, place.column, len(path), path)
        for path, place in document.values.items()
        if path and (place.line, place.column) <= (line, column)
    ]
    path = max(before, key=lambda one: one[:3])[3] if before else ()
    if path[:1] == ("pieces",) and len(path) > 1:
        piece = document.at(path[:2])
        rest = " ".join(str(step) for step in path[2:] if step != "id")
        return f"{piece.get('id', '') if isinstance(piece, dict) else ''} {rest}".strip()
    return " ".join(map(str, path))


# Its files ----------------------------------------------------------------------------------------------------------


def cleaned(sent: bytes, kind: str) -> tuple[str, tuple[media.Variant, ...]]:
    """The name and the forms of what somebody uploads: a photo, video or audio. Raises MediaError."""
    if not sent:
        raise MediaError("This file is empty: choose it again.")
    made = media.pictures(sent) if kind == "photo" else (media.recording(sent, kind),)
    return f"{made[-1].digest}.{EXTENSIONS[made[-1].type]}", made


def content(connection: sa.Connection, name: str, digest: str) -> tuple[str, bytes] | None:
    """The media type and the bytes of a file, for those who write it."""
    query = sa.select(_m.type, _m.content).where(_m.campaign == name, _m.digest == digest)
    row = connection.execute(query.where(~_m.file.startswith(shelf.DEED, autoescape=True))).first()
    return (row.type, row.content) if row else None
