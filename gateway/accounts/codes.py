"""The second factor: codes of an authenticator (TOTP, RFC 6238), and recovery codes for the day it is lost."""

from __future__ import annotations

import secrets
import unicodedata

import pyotp
from pyotp.exceptions import OTPVerificationError

WINDOW = 1
"""Steps of 30 seconds that a code may be early or late."""
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
LENGTH = 10
LONGEST = 40


def new_secret() -> str:
    """160 random bits in base32, as authenticators take them."""
    return pyotp.random_base32()


def address(secret: str, name: str, issuer: str) -> str:
    """What the QR code says: otpauth://totp/..."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step(secret: str, code: str, at: float, after: int) -> int | None:
    """The step that this code is of, or None: wrong, or not later than the step `after`, whose code was used.

    `at` is in seconds since 1970.
    """
    try:
        found: int = pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=at, valid_window=WINDOW)
    except OTPVerificationError:
        return None
    return found if found > after else None


def typed(code: str) -> str:
    """A code as typed by a person: digits of any script, capitals, spaces and hyphens make no difference."""
    known = unicodedata.normalize("NFKC", code[:LONGEST]).lower()
    return "".join(str(unicodedata.digit(one, one)) for one in known if one.isalnum())


def new_recovery_codes() -> tuple[str, ...]:
    """Ten, of some fifty random bits each, as they are shown: abcde-fghjk."""
    drawn = ("".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(RECOVERY_CODES))
    return tuple(f"{code[:5]}-{code[5:]}" for code in drawn)
