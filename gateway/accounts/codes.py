"""The second factor: codes of an authenticator (TOTP, RFC 6238), and recovery codes for the day it is lost."""

from __future__ import annotations

import secrets
import unicodedata

import pyotp
from pyotp.exceptions import OTPVerificationError

WINDOW = 1
"""Steps of 30 seconds that a code may be early or late."""
RECOVERY_CODES = 10
GROUPS, DIGITS = 3, 5
"""Digits, so that one field with a telephone's keys takes both kinds, on the keyboard of any script."""
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
    """A code as typed by a person: digits of any script; spaces and hyphens make no difference."""
    digits = (unicodedata.digit(one, None) for one in unicodedata.normalize("NFKC", code[:LONGEST]))
    return "".join(str(digit) for digit in digits if digit is not None)


def new_recovery_codes() -> tuple[str, ...]:
    """Ten, of some fifty random bits each, as they are shown: 12345-67890-12345."""
    return tuple("-".join(_group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES))


def _group() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
