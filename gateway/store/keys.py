"""Sealing what must not lie readable, and finding an address without storing it.

A sealed value is

    format (1 byte, 1) | data key's id (2 bytes, big-endian) | nonce (12 random bytes) | AES-256-GCM ciphertext and tag

with the purpose ("address", "answer", ...) as associated data: what was sealed for one purpose opens for no other.
A fingerprint is the HMAC key's id (2 bytes, big-endian) and the HMAC-SHA256 of kind, NUL, value.

Data keys and HMAC keys are random. They lie in the key file, each wrapped (AES-256-GCM: nonce, ciphertext, tag) by
one of the wrapping keys in BARAZA_KEYS. The file stays outside the database and its back-ups: with the file gone,
what was sealed is gone. NIST SP 800-38D allows 2^32 seals under one key with random nonces: add a data key before.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = 1
NONCE = 12
HEADER = 3
KINDS = ("data", "hmac")


class KeyFileError(Exception):
    """The key file can't be used. Its text is one sentence for the operator, without any key."""


class SealError(Exception):
    """A sealed value can't be opened: changed, sealed for another purpose, or under a key that is not in the file."""


class Vault:
    """Seals, opens and fingerprints under the keys of one key file. Never changes, safe to use from threads.

    A process reads the key file once: every process is restarted after a key was added.
    """

    __slots__ = ("_hmacs", "_newest", "_openers", "_prefix", "file")

    def __init__(self, file: str, data_keys: Mapping[int, bytes], hmac_keys: Mapping[int, bytes]) -> None:
        """Keys are 32 bytes, by id; the highest id is the newest."""
        self.file = file
        """The key file's id: says which database belongs to it, and opens nothing."""
        self._openers = {_short(number): AESGCM(key) for number, key in data_keys.items()}
        newest = _short(max(data_keys))
        self._prefix = bytes([FORMAT]) + newest
        self._newest = self._openers[newest]
        # Keyed once and copied for each message. The one-shot function gives up the interpreter's lock every time,
        # which costs a busy process more than the hash.
        self._hmacs = tuple(
            (_short(number), hmac.new(hmac_keys[number], digestmod="sha256"))
            for number in sorted(hmac_keys, reverse=True)
        )

    def seal(self, text: str | bytes, purpose: str) -> bytes:
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        nonce = os.urandom(NONCE)
        return self._prefix + nonce + self._newest.encrypt(nonce, data, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed for this purpose. Raises SealError."""
        if sealed[:1] != bytes([FORMAT]):
            raise SealError("A sealed value has an unknown format.")
        opener = self._openers.get(sealed[1:HEADER])
        if opener is None:
            raise SealError(
                f"A value was sealed with data key {int.from_bytes(sealed[1:HEADER])}, which was not in the key file "
                "when this process started."
            )
        try:
            body = HEADER + NONCE
            return opener.decrypt(sealed[HEADER:body], sealed[body:], purpose.encode())
        except (InvalidTag, ValueError):
            raise SealError(f"A value does not open as {purpose}: it was changed, or sealed otherwise.") from None

    def open_text(self, sealed: bytes, purpose: str) -> str:
        return self.open(sealed, purpose).decode("utf-8", "surrogatepass")

    def fingerprint(self, kind: str, value: str) -> bytes:
        """The keyed hash under the newest HMAC key: the one to store."""
        number, keyed = self._hmacs[0]
        return number + _hash(keyed, _message(kind, value))

    def fingerprints(self, kind: str, value: str) -> tuple[bytes, ...]:
        """The keyed hashes under all HMAC keys, newest first: the ones to look for."""
        message = _message(kind, value)
        return tuple(number + _hash(keyed, message) for number, keyed in self._hmacs)


def _hash(keyed: hmac.HMAC, message: bytes) -> bytes:
    own = keyed.copy()
    own.update(message)
    return own.digest()


def _short(number: int) -> bytes:
    return number.to_bytes(2)


def _message(kind: str, value: str) -> bytes:
    return f"{kind}\0{value}".encode("utf-8", "surrogatepass")


# Wrapping keys ------------------------------------------------------------------------------------------------------


def generate_wrapping_key() -> str:
    """A new key as BARAZA_KEYS takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def parse_wrapping_keys(text: str) -> tuple[bytes, ...]:
    """The keys in BARAZA_KEYS: urlsafe base64 of 32 bytes each, comma-separated, newest first. Raises KeyFileError."""
    keys = []
    for number, part in enumerate(filter(None, map(str.strip, text.split(","))), start=1):
        try:
            key = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise KeyFileError(f"Key {number} in BARAZA_KEYS is not the urlsafe base64 of 32 bytes.")
        keys.append(key)
    if not keys:
        raise KeyFileError("BARAZA_KEYS holds no key.")
    return tuple(keys)


# The key file -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wrapped:
    kind: str
    number: int
    wrapped: bytes

    def associated(self, file: str) -> bytes:
        return f"{file}/{self.kind}/{self.number}".encode()


@dataclass(frozen=True, slots=True)
class _KeyFile:
    id: str
    keys: tuple[_Wrapped, ...]

    def unwrap(self, entry: _Wrapped, wrapping: tuple[bytes, ...]) -> bytes:
        for key in wrapping:
            with contextlib.suppress(InvalidTag):
                return AESGCM(key).decrypt(entry.wrapped[:NONCE], entry.wrapped[NONCE:], entry.associated(self.id))
        raise KeyFileError("No key in BARAZA_KEYS opens the key file: it was wrapped by another one.")

    def wrap(self, kind: str, number: int, key: bytes, wrapping: tuple[bytes, ...]) -> _Wrapped:
        entry = _Wrapped(kind, number, b"")
        nonce = os.urandom(NONCE)
        return _Wrapped(kind, number, nonce + AESGCM(wrapping[0]).encrypt(nonce, key, entry.associated(self.id)))

    def unwrapped(self, kind: str, wrapping: tuple[bytes, ...]) -> dict[int, bytes]:
        return {entry.number: self.unwrap(entry, wrapping) for entry in self.keys if entry.kind == kind}

    def dumps(self) -> bytes:
        keys = [
            {"kind": entry.kind, "number": entry.number, "wrapped": base64.b64encode(entry.wrapped).decode()}
            for entry in self.keys
        ]
        return json.dumps({"format": FORMAT, "id": self.id, "keys": keys}, indent=1).encode() + b"\n"

    @staticmethod
    def loads(text: bytes) -> _KeyFile:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise ValueError("format")
        keys = tuple(
            _Wrapped(entry["kind"], int(entry["number"]), base64.b64decode(entry["wrapped"], validate=True))
            for entry in document["keys"]
        )
        if {entry.kind for entry in keys} != set(KINDS):
            raise ValueError("kinds")
        return _KeyFile(str(document["id"]), keys)


def create_key_file(path: Path, wrapping: tuple[bytes, ...]) -> Vault:
    """Make a key file with one data key and one HMAC key, and its folder (0700) if need be. Never overwrites one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileError(f"The folder of the key file {path} can't be made: {error.strerror}.") from None
    file = _KeyFile(secrets.token_hex(16), ())
    file = _KeyFile(file.id, tuple(file.wrap(kind, 1, secrets.token_bytes(32), wrapping) for kind in KINDS))
    with _locked(path):
        _write(path, file, new=True)
    return load_key_file(path, wrapping)


def load_key_file(path: Path, wrapping: tuple[bytes, ...]) -> Vault:
    """The vault of this key file. Raises KeyFileError."""
    file = _read(path)
    return Vault(file.id, file.unwrapped("data", wrapping), file.unwrapped("hmac", wrapping))


def add_data_key(path: Path, wrapping: tuple[bytes, ...]) -> int:
    """Add the data key that seals from now on; what the others sealed still opens. Returns its id."""
    return _add(path, "data", wrapping)


def add_hmac_key(path: Path, wrapping: tuple[bytes, ...]) -> int:
    """Add the HMAC key that fingerprints from now on; addresses are still found under the others. Returns its id."""
    return _add(path, "hmac", wrapping)


def rewrap(path: Path, wrapping: tuple[bytes, ...]) -> None:
    """Wrap every key by the newest wrapping key alone, after which the older ones can leave BARAZA_KEYS.

    The file is replaced at once: whoever interrupts this leaves the old one, which both wrappings' keys open.
    """
    with _locked(path):
        file = _read(path)
        keys = (file.wrap(e.kind, e.number, file.unwrap(e, wrapping), wrapping) for e in file.keys)
        _write(path, _KeyFile(file.id, tuple(keys)))


def destroy(path: Path) -> bool:
    """Overwrite and remove the key file, and what an interrupted change left beside it. False where there was none.

    A solid-state disk or a copy-on-write file system may keep the overwritten blocks. What they hold is wrapped:
    destroy BARAZA_KEYS too. Processes that run keep their keys until they are stopped.
    """
    found = path.exists()
    for leftover in (path, *_drafts(path)):
        with contextlib.suppress(FileNotFoundError), leftover.open("r+b", buffering=0) as stream:
            stream.write(secrets.token_bytes(os.fstat(stream.fileno()).st_size))
            os.fsync(stream.fileno())
            leftover.unlink()
    if path.parent.exists():
        sync_folder(path.parent)
    return found


def _add(path: Path, kind: str, wrapping: tuple[bytes, ...]) -> int:
    with _locked(path):
        file = _read(path)
        number = 1 + max(entry.number for entry in file.keys if entry.kind == kind)
        file.unwrapped(kind, wrapping)  # a wrong BARAZA_KEYS must not add a key that the right one can't open
        _write(path, _KeyFile(file.id, (*file.keys, file.wrap(kind, number, secrets.token_bytes(32), wrapping))))
    return number


def _read(path: Path) -> _KeyFile:
    try:
        with path.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            text = stream.read()
    except FileNotFoundError:
        raise KeyFileError(
            f"The key file {path} is missing: restore it, or set BARAZA_KEY_FILE to where it is."
        ) from None
    except OSError as error:
        raise KeyFileError(f"The key file {path} can't be read: {error.strerror}.") from None
    if mode & 0o077:
        raise KeyFileError(f"The key file {path} can be read by others (mode {mode:04o}): run chmod 600 on it.")
    try:
        return _KeyFile.loads(text)
    except (ValueError, KeyError, TypeError):
        raise KeyFileError(f"The key file {path} is damaged: restore it from its own back-up.") from None


def _write(path: Path, file: _KeyFile, *, new: bool = False) -> None:
    """Replace the file at once. The caller holds the lock."""
    for leftover in _drafts(path):  # of a change that was interrupted
        leftover.unlink(missing_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(file.dumps())
            stream.flush()
            os.fsync(stream.fileno())
        if new:
            os.link(draft, path)  # unlike a rename, refuses to overwrite
        else:
            draft.replace(path)
    except FileExistsError:
        raise KeyFileError(f"The key file {path} is there already: it is never overwritten.") from None
    except OSError as error:
        raise KeyFileError(f"The key file {path} can't be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def _drafts(path: Path) -> list[Path]:
    return list(path.parent.glob(f".{path.name}.*"))


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One change of a key file at a time: two that read the same file would lose one's key."""
    if not path.parent.is_dir():
        _read(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
