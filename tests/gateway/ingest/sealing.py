"""What the polling app does with an interview before it leaves the phone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.store.envelopes import Envelope


def sealed_to(public: tuple[int, bytes], name: str, content: Mapping[str, Any] | bytes) -> Envelope:
    """Seal this content to a gateway's key."""
    number, theirs = public
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    uncompressed = serialization.PublicFormat.UncompressedPoint
    point = ephemeral.public_key().public_bytes(serialization.Encoding.X962, uncompressed)
    secret = ephemeral.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    key = HKDF(SHA256(), 32, salt=None, info=b"baraza interview 1" + point + theirs).derive(secret)
    nonce = os.urandom(12)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Envelope(name, number, point + nonce + AESGCM(key).encrypt(nonce, data, name.encode()))
