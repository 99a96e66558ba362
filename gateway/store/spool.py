"""The spool: what was acknowledged while the database was away, sealed, on this host's disk, in order of receipt.

A folder of segments named by rising numbers. A segment is one record after the other:

    length of the sealed record (4 bytes, big-endian) | the record, sealed as "spool"

Every process of a host appends to the newest segment, one at a time (a lock on the folder), and a record counts once
fsync has returned; those that wait together share one. What a crash left half-written is shorter than its length
says, or nothing but zeros: nobody was told that it was taken, and whoever appends next cuts it off.

One process at a time replays (a lock on the oldest segment), in order, and removes a segment once all of it was
taken up. Killed before, it offers that segment's records again: whoever takes them up must know them by their ids.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread

import structlog

from gateway.store.keys import SealError, Vault, sync_folder

SEGMENT = 1 << 20
"""Bytes after which the next segment begins: what a replay that was killed offers again, at most."""

TOGETHER = 256
"""The most records that share one fsync."""

LENGTH = 4
SUFFIX = ".spool"
UNREADABLE = "unreadable"
"""The file that keeps records which don't open with our keys."""

PURPOSE = "spool"

log = structlog.get_logger(__name__)


class Spool:
    """One host's spool, in a folder that all its processes share. The folder is made when it is first needed."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.folder = folder
        self._vault = vault
        self._waiting: SimpleQueue[tuple[bytes, Future[None]] | None] = SimpleQueue()
        self._start = Lock()
        self._writer: Thread | None = None
        self._end = ("", 0)  # the segment that this process appended to last, and where it left it

    def holds(self) -> bool:
        """Whether anything waits on this host, whichever process put it there."""
        try:
            with os.scandir(self.folder) as entries:
                return any(entry.name.endswith(SUFFIX) for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def size(self) -> int:
        return waiting(self.folder)

    def put(self, record: bytes) -> Future[None]:
        """Add a record. The future is done when it is on disk, and has the OSError where it can't be stored."""
        done: Future[None] = Future()
        with self._start:  # a thread does not survive a fork between making this and the first record
            if self._writer is None or not self._writer.is_alive():
                self._writer = Thread(target=self._write, name="spool", daemon=True)
                self._writer.start()
            self._waiting.put((self._vault.seal(record, PURPOSE), done))
        return done

    def close(self) -> None:
        """Store what waits, and end the thread."""
        with self._start:
            if self._writer is not None:
                self._waiting.put(None)
                self._writer.join()
                self._writer = None

    def replay(self, act: Callable[[Sequence[bytes]], None]) -> int:
        """Hand over all records in order, some at a time. Returns how many: 0 too where another process is at it. What
        `act` raises ends it: the segment stays, and is handed over again from its beginning, as after a kill."""
        count = 0
        while (segments := self._segments()) and (descriptor := _claimed(segments[0])) is not None:
            with os.fdopen(descriptor, "rb", buffering=0):
                if os.fstat(descriptor).st_nlink == 0:  # another process was done with it just before
                    continue
                count += self._replay(segments[0], descriptor, act)
        return count

    def _replay(self, segment: Path, descriptor: int, act: Callable[[Sequence[bytes]], None]) -> int:
        at = count = 0
        while True:
            frames, beyond = _frames(descriptor, at)
            if not frames:
                with self._locked():
                    frames, _ = _frames(descriptor, at)
                    if not frames:
                        segment.unlink()
                        return count
                continue  # appended since
            for start in range(0, len(frames), TOGETHER):
                records = list(self._opened(frames[start : start + TOGETHER]))
                act(records)
                count += len(records)
            at = beyond

    def _opened(self, frames: Sequence[bytes]) -> Iterator[bytes]:
        for sealed in frames:
            try:
                yield self._vault.open(sealed, PURPOSE)
            except SealError as error:
                log.error("spooled record does not open", why=str(error))  # noqa: TRY400 - the sentence says it all
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                with os.fdopen(os.open(self.folder / UNREADABLE, flags, 0o600), "ab") as stream:
                    stream.write(_frame(sealed))
                    stream.flush()
                    os.fsync(stream.fileno())

    # Appending -------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            waiting = [first]
            last = False
            with contextlib.suppress(Empty):
                while len(waiting) < TOGETHER and not last:
                    one = self._waiting.get_nowait()
                    if one is None:
                        last = True
                    else:
                        waiting.append(one)
            try:
                self._append(b"".join(_frame(sealed) for sealed, _ in waiting))
            except Exception as error:  # noqa: BLE001 - whatever it is, they who wait are told, and the next may do
                for _, done in waiting:
                    done.set_exception(error)
            else:
                for _, done in waiting:
                    done.set_result(None)
            if last:
                return

    def _append(self, frames: bytes) -> None:
        """Returns when they are on disk. Raises OSError, and then none of them is."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            segments = self._segments()
            segment = segments[-1] if segments else self._next(segments)
            descriptor = os.open(segment, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                end = self._whole(segment, descriptor)
                if end >= SEGMENT:
                    os.close(descriptor)
                    segment, end = self._next(segments), 0
                    descriptor = os.open(segment, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    _store(descriptor, frames, end)
                    if end == 0:
                        sync_folder(self.folder)
                except OSError:
                    with contextlib.suppress(OSError):
                        os.ftruncate(descriptor, end)
                    raise
                self._end = (segment.name, end + len(frames))
            finally:
                os.close(descriptor)

    def _whole(self, segment: Path, descriptor: int) -> int:
        """Where the last whole record of a segment ends; what lies beyond is cut off."""
        start = self._end[1] if segment.name == self._end[0] else 0
        _, end = _frames(descriptor, start)
        if end < os.fstat(descriptor).st_size:
            log.warning("half-written record cut off", segment=segment.name)
            os.ftruncate(descriptor, end)
        return end

    def _next(self, segments: Sequence[Path]) -> Path:
        """A segment after these, with a name that was never used."""
        number = max(time.time_ns(), *(1 + int(path.stem) for path in segments[-1:]), 0)
        return self.folder / f"{number:020d}{SUFFIX}"

    def _segments(self) -> list[Path]:
        """The oldest first."""
        return _segments(self.folder)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def waiting(folder: Path) -> int:
    """Bytes that wait in a spool's folder, those taken up of the segment that is being replayed included."""
    return sum(_size(path) for path in _segments(folder))


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _frame(sealed: bytes) -> bytes:
    return len(sealed).to_bytes(LENGTH) + sealed


def _frames(descriptor: int, start: int) -> tuple[list[bytes], int]:
    """The whole sealed records from `start` on, and where the last of them ends."""
    data = os.pread(descriptor, max(0, os.fstat(descriptor).st_size - start), start)
    found, at = [], 0
    while length := int.from_bytes(data[at : at + LENGTH]):
        beyond = at + LENGTH + length
        if beyond > len(data):
            break
        found.append(data[at + LENGTH : beyond])
        at = beyond
    return found, start + at


def _store(descriptor: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, at)
        data, at = data[written:], at + written
    os.fsync(descriptor)


def _claimed(segment: Path) -> int | None:
    """A descriptor of it, locked; None where another process replays it, or has removed it."""
    try:
        descriptor = os.open(segment, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
