"""A USSD session: what is new in its transcript, and which page of a long reply is on the screen.

The provider sends everything typed since dialling, joined by `*`. What was taken before is subtracted, so that a `*`
typed by a person stays part of what they typed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from channels.adapter import Inbound
from gateway.store.keys import Vault

MORE, BACK = "0", "00"
"""Keys that turn pages; never an option's number."""

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Screens:
    """The session as stored: `taken` is the transcript so far, `pages` the last reply, `page` the one shown."""

    taken: str = ""
    pages: tuple[str, ...] = ()
    page: int = 0
    ends: bool = False

    @property
    def shown(self) -> str:
        return self.pages[self.page] if self.pages else ""

    @property
    def over(self) -> bool:
        """Whether the session ends with what is shown: the last page of something that asks nothing."""
        return self.ends and self.page == len(self.pages) - 1

    def dumps(self) -> str:
        return _dumps([self.taken, self.pages, self.page, self.ends])

    @staticmethod
    def loads(text: str) -> Screens:
        taken, pages, page, ends = json.loads(text)
        return Screens(taken, tuple(pages), page, ends)

    def turned(self, typed: str) -> Screens | None:
        """The session with the page turned; None if `typed` turns none."""
        if typed == MORE and self.page + 1 < len(self.pages):
            return replace(self, page=self.page + 1)
        if typed == BACK and self.page > 0:
            return replace(self, page=self.page - 1)
        return None


def fresh(transcript: str, taken: str | None) -> tuple[str, ...]:
    """What has been typed since `taken` (None for a session never seen).

    A session first seen in the middle (dialled as *384*1#, or its first request was lost) is taken apart at its stars;
    of a session in progress only the last input is new, stars and all. A transcript that does not go on from
    `taken` belongs to a session that the operator began anew under the same id.
    """
    if taken is None:
        return ("", *transcript.split("*")) if transcript else ("",)
    if not taken:
        return (transcript,) if transcript else ("",)
    if transcript.startswith(f"{taken}*"):
        return (transcript[len(taken) + 1 :],)
    return () if transcript == taken else ("", *transcript.split("*")) if transcript else ("",)


Sessions = dict[tuple[str, bytes], tuple[int, Screens]]
"""Sessions by channel and key, each with its row."""


def key(vault: Vault, inbound: Inbound) -> bytes:
    """Bound to the number and the service code: somebody else's session id opens nothing."""
    assert inbound.session is not None
    return vault.fingerprint("session", f"{inbound.session.service_code}\0{inbound.session.id}\0{inbound.address}")
