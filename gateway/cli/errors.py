"""What went wrong, as one sentence for whoever typed the command."""

from __future__ import annotations

import traceback
from pathlib import Path

from gateway.accounts.roles import AccountError
from gateway.broadcasts.errors import BroadcastError
from gateway.campaigns.errors import CampaignError
from gateway.delivery.redis import RedisNotStartedError
from gateway.lifecycle import LifecycleError
from gateway.settings import SettingsError
from gateway.store import database
from gateway.store.keys import KeyFileError, SealError
from gateway.store.opening import StoreError
from surveys.problem import SurveyError

SPEAKING = (
    AccountError,
    BroadcastError,
    CampaignError,
    SettingsError,
    StoreError,
    SurveyError,
    database.DatabaseUrlError,
    KeyFileError,
    RedisNotStartedError,
    SealError,
    LifecycleError,
)
"""Errors whose text is a sentence for people, without numbers, secrets or message text."""


def sentence(error: Exception) -> str:
    """One line, or one for each mistake in a file.

    An error that nobody foresaw is named by type and place only: its text may hold anything.
    """
    if isinstance(error, SPEAKING):
        return str(error)
    if database.is_busy(error):
        return "The database is busy: somebody else holds it. Try again."
    if database.is_full(error):
        return "The disk is full: nothing can be stored until there is room."
    if database.is_away(error):
        return "The database can't be reached: check DATABASE_URL, and that it runs."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}."
    return f"{type(error).__name__} at {_place(error)}: this is a mistake in Baraza; please report it with this line."


def _place(error: Exception) -> str:
    root = Path(__file__).resolve().parents[2]
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(root) and ".venv" not in frame.filename]
    frame = (ours or frames)[-1]
    path = Path(frame.filename)
    return f"{path.relative_to(root) if path.is_relative_to(root) else path.name}:{frame.lineno}"
