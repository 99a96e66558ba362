"""What a phone seals so that only this gateway opens it: an interview, in an envelope that may travel by any hand.

An envelope is {"id", "key", "sealed"}. `sealed` is the base64 of an ephemeral public key (65 bytes, an uncompressed
point of P-256), a nonce (12) and what AES-256-GCM made of the content, with the id as associated data. The key of that
is HKDF-SHA256 of the two keys' ECDH secret, with INFO, the ephemeral and the gateway's public key as its info: so
nothing that is kept on the phone opens what was sealed. `key` says which of the gateway's keys it was sealed to.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.store.interview_tables import interview_keys
from gateway.store.keys import SealError, Vault

INFO: Final = b"baraza interview 1"
POINT, NONCE = 65, 12
PURPOSE = "interview key"


class NotOpened(Exception):
    """The envelope can't be opened here. Its text says why, in a few words without content."""


@dataclass(frozen=True, slots=True)
class Envelope:
    id: str
    key: int
    sealed: bytes

    @staticmethod
    def read(data: Any) -> Envelope:
        """One as it came. Raises ValueError."""
        match data:
            case {"id": str(name), "key": int(key), "sealed": str(sealed)} if 0 < len(name) <= 64 and name.isascii():
                try:
                    return Envelope(name, key, base64.b64decode(sealed, validate=True))
                except binascii.Error:
                    raise ValueError("not base64") from None
        raise ValueError("no envelope")

    @staticmethod
    def loads(text: bytes) -> Envelope:
        return Envelope.read(json.loads(text))

    def dumps(self) -> str:
        return json.dumps({"id": self.id, "key": self.key, "sealed": base64.b64encode(self.sealed).decode()})


def public_key(connection: sa.Connection, vault: Vault, now: datetime) -> tuple[int, bytes]:
    """The key to seal to now, made when it is first asked for: its number and its public point."""
    newest = sa.select(interview_keys.c.id, interview_keys.c.public).order_by(interview_keys.c.id.desc()).limit(1)
    found = connection.execute(newest).first()
    if found is None:
        made = ec.generate_private_key(ec.SECP256R1())
        private = made.private_numbers().private_value.to_bytes(32)
        row = {"public": _point(made.public_key()), "sealed_private": vault.seal(private, PURPOSE), "made_at": now}
        connection.execute(sa.insert(interview_keys), row)
        found = connection.execute(newest).one()
    return found.id, found.public


def opened(connection: sa.Connection, vault: Vault, envelope: Envelope) -> bytes:
    """What was sealed. Raises NotOpened."""
    query = sa.select(interview_keys.c.sealed_private).where(interview_keys.c.id == envelope.key)
    row = connection.execute(query).first()
    if row is None:
        raise NotOpened("sealed to a key that this gateway does not have")
    try:
        number = int.from_bytes(vault.open(row.sealed_private, PURPOSE))
        private = ec.derive_private_key(number, ec.SECP256R1())
        point, nonce = envelope.sealed[:POINT], envelope.sealed[POINT : POINT + NONCE]
        ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key = _key(private.exchange(ec.ECDH(), ephemeral), point, _point(private.public_key()))
        return AESGCM(key).decrypt(nonce, envelope.sealed[POINT + NONCE :], envelope.id.encode())
    except SealError:
        raise NotOpened("sealed to a key that this gateway can't open") from None
    except (InvalidTag, ValueError):
        raise NotOpened("damaged, or changed on its way") from None


def _key(secret: bytes, ephemeral: bytes, public: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=INFO + ephemeral + public).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
