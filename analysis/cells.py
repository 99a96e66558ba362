"""Cells of the tables that leave as CSV."""

from __future__ import annotations

from typing import Final

RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes a formula to begin with, after blanks; full-width signs are taken for plain ones."""


def harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula: it stays readable."""
    return f"'{text}" if text.lstrip(" ").startswith(RISKY) else text
