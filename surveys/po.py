"""PO files, which translators' tools (Poedit, Weblate, OmegaT) take: a poll's texts out, translations back.

    written(work, now) -> bytes
    read_back(content) -> (language, proposals)

An entry's msgctxt is the text's place in the poll, its msgid the text in the poll's own language.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

from surveys.translation import ROOM, Proposal, TranslationError, Work

MAX_BYTES = 2 * 1024 * 1024
"""Twice what a poll may have."""

_BRACES = "python-brace-format"
"""The mark by which translators' tools look after {placeholders}."""


def written(work: Work, now: datetime) -> bytes:
    """The whole work as a PO file, with the translations that are there already. `now` is put into its head."""
    header = (
        f"# {work.name}, from {work.fallback} into {work.language}.\n# {ROOM}\n# Each text costs money: keep it short."
    )
    catalog = Catalog(
        locale=work.language.replace("-", "_"),
        project=work.name,
        version="1",
        charset="utf-8",
        header_comment=header,
        msgid_bugs_address="-",
        last_translator="-",
        language_team=work.language,
        creation_date=now,
        revision_date=now,
        fuzzy=False,
    )
    for entry in work.entries:
        message = catalog.add(
            entry.source,
            entry.text,
            locations=[(work.filename, entry.line)],
            auto_comments=[*entry.about, f"{len(entry.source)} characters."],
            context=entry.place,
        )
        # "50 % of" is no placeholder, whatever it looks like.
        message.flags = {_BRACES} if "{" in entry.source else set()
    file = BytesIO()
    write_po(file, catalog, width=100)
    return file.getvalue()


def read_back(content: bytes) -> tuple[str, tuple[Proposal, ...]]:
    """The language that the file says it is in ("" where it says none), and what it holds. Raises TranslationError."""
    if len(content) > MAX_BYTES:
        raise TranslationError("it is larger than 2 MiB; a poll is a few pages of text.")
    try:
        catalog = read_po(BytesIO(content), abort_invalid=True)
    except (PoFileError, ValueError, LookupError) as error:
        said = str(error).rstrip(".") or type(error).__name__
        raise TranslationError(f"it is not a PO file that can be read: {said}.") from None
    proposals = []
    for message in catalog:
        if not message.id:
            continue
        if not isinstance(message.id, str) or not isinstance(message.string, str):
            raise TranslationError(f"line {message.lineno} has plural forms, which the texts of a poll have not.")
        place, line = message.context or "", message.lineno or 1
        proposals.append(Proposal(place, message.id, message.string, line, message.fuzzy))
    return (catalog.locale_identifier or "").replace("_", "-"), tuple(proposals)
