"""What the pages on which polls are written work with: the text of each poll, and what it is held against.

A text is, in this order: the newest version that somebody saved here and no operator has decided on; the file in
config/surveys; what is open; a blank to begin with.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore, Lock

from flask import abort

from gateway.assembly import Assembly
from gateway.authoring.blank import blank
from gateway.authoring.check import Checked, Folder, check_poll, look
from gateway.drafts import DRAFT, REFUSED, SUBMITTED, Draft, Drafts
from gateway.polls import Poll, poll_files
from surveys.load import load_survey
from surveys.model import Survey
from surveys.problem import SurveyError
from surveys.reader import MAX_BYTES, read

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""What a poll can be called."""

LARGEST = MAX_BYTES + 64 * 1024
"""Bytes of a request that bears a poll's text."""

AT_ONCE, WAIT = 2, 10
"""So many polls are checked at a time in one process, and as many walked through; who waits longer than so many
seconds is told to come back."""


@dataclass(frozen=True, slots=True)
class Text:
    """What an author goes on with. `origin` is draft, file, open or blank; `newest` the last version saved here."""

    source: str
    origin: str
    newest: Draft | None

    @property
    def based_on(self) -> int:
        return self.newest.id if self.newest else 0


@dataclass(frozen=True, slots=True)
class _Held:
    """The configuration folder as it was when its files had this stamp; polls by their name, with their files."""

    stamp: object
    folder: Folder
    polls: Mapping[str, tuple[Path, Survey | None]]


class Desk:
    """One for each process. Files that change are read again."""

    def __init__(self, assembly: Assembly) -> None:
        self.drafts = Drafts(assembly.engine, assembly.clock)
        self._assembly = assembly
        self._config = assembly.settings.config
        self._lock = Lock()
        self._rooms = {large: BoundedSemaphore(AT_ONCE) for large in (False, True)}
        self._kept: _Held | None = None

    # Texts ----------------------------------------------------------------------------------------------------------

    def text(self, name: str) -> Text:
        newest = self.drafts.newest(name)
        if newest is not None and newest.status in (DRAFT, SUBMITTED, REFUSED):
            return Text(newest.source, "draft", newest)
        if (file := self.file(name)) is not None:
            return Text(file.read_bytes().decode("utf-8", "replace"), "file", newest)
        poll = self.poll(name)
        if poll is not None:
            return Text(poll.survey.source, "open", newest)
        return Text(blank(name), "blank", newest)

    def poll(self, name: str) -> Poll | None:
        """The poll of this name that was opened, whatever became of it."""
        return next((poll for poll in self._assembly.polls.polls if poll.survey.name == name), None)

    def file(self, name: str) -> Path | None:
        """The file in config/surveys that is of this poll, if there is one."""
        found = self._held().polls.get(name)
        return found[0] if found else None

    def names(self) -> tuple[str, ...]:
        """Every poll that there is: opened, in a file, or written here."""
        opened = (poll.survey.name for poll in self._assembly.polls.polls)
        return tuple(sorted({*opened, *self._held().polls, *self.drafts.all_newest()}))

    def title(self, name: str, language: str) -> str:
        """In this language if it has one; the name where no title can be read."""
        poll, filed = self.poll(name), self._held().polls.get(name, (None, None))[1]
        survey = poll.survey if poll else filed
        return (survey.title.get(language) or next(iter(survey.title.values()))) if survey else name

    # Checking -------------------------------------------------------------------------------------------------------

    @contextmanager
    def room(self, *, large: bool = True) -> Iterator[None]:
        """Room to work on a poll. What may take seconds, walking through it, has one of its own: who types does not
        wait for it."""
        if not self._rooms[large].acquire(timeout=WAIT):
            abort(503)
        try:
            yield
        finally:
            self._rooms[large].release()

    def check(self, name: str, source: str, *, limits: bool = True) -> Checked:
        """Everything that is wrong with a text as the poll of this name; `limits` as in check_poll."""
        held = self._held()
        others = {other: survey for other, (_, survey) in held.polls.items() if survey is not None}
        others |= {survey.name: survey for survey in self._assembly.polls.open}
        others.pop(name, None)
        with self.room(large=limits):
            checked = check_poll(source, name, held.folder, tuple(others.values()), limits=limits)
        if checked.survey is None or checked.survey.name == name:
            return checked
        message = f"this is the draft of {name}; write `name: {name}` here, or begin a new poll under the other name"
        wrong = read(source, name).problem(("name",), message)
        return replace(checked, errors=tuple(sorted({*checked.errors, wrong})))

    def survey(self, name: str, source: str) -> Survey | None:
        """A poll as it would be opened, if it can be used; nothing more is looked at."""
        with self.room(large=False):
            return _loaded(source.encode(), name, self.folder())

    def folder(self) -> Folder:
        return self._held().folder

    # Files ----------------------------------------------------------------------------------------------------------

    def write(self, name: str, source: str) -> str | None:
        """Put a text where `baraza survey open` finds it: the whole file or nothing. What stood there before.

        Raises OSError; FileExistsError where the file of that name is another poll's.
        """
        known = self.file(name)
        file = known or self._config / "surveys" / f"{name}.yaml"
        if known is None and file.exists():
            raise FileExistsError(file.name)
        before = file.read_bytes().decode("utf-8", "replace") if file.exists() else None
        new = file.with_name(f".{file.name}.new")
        file.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as written:
            written.write(source.encode())
            written.flush()
            os.fsync(written.fileno())
        if before is not None:
            new.chmod(file.stat().st_mode & 0o777)
        new.replace(file)
        return None if before == source else before

    def _held(self) -> _Held:
        stamp = _stamp(self._config)
        with self._lock:
            if self._kept is None or self._kept.stamp != stamp:
                folder = look(self._config)
                self._kept = _Held(stamp, folder, dict(_polls(folder)))
            return self._kept


def _polls(folder: Folder) -> Iterator[tuple[str, tuple[Path, Survey | None]]]:
    """A file that can't be read counts as the poll that it is named after."""
    for path in poll_files(folder.config / "surveys"):
        survey = _loaded(path.read_bytes(), path.stem, folder)
        yield (survey.name if survey else path.stem), (path, survey)


def _loaded(source: bytes, name: str, folder: Folder) -> Survey | None:
    try:
        return load_survey(source, name, folder.gazetteers)
    except SurveyError:
        return None


def _stamp(config: Path) -> object:
    files = sorted(path for path in config.rglob("*") if path.suffix in (".yaml", ".csv", ".po"))
    return [(str(path), (known := path.stat()).st_mtime_ns, known.st_size) for path in files]
