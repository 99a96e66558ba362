"""USSD as web hooks carry it: each turn brings everything typed since dialling, and takes a screen that starts with
`CON ` or `END `."""

from __future__ import annotations

import hmac

from channels.adapter import Arrival, Inbound, Response, Session, Typed

SESSION_ID = 90
"""Characters: with the hash of a turn behind it, it must fit into a provider's id."""


def turn(address: str, session: Session, key: str) -> Inbound:
    """One turn. It has no id of its own, so session and transcript stand for one: sent again, it has the same.

    The hash is keyed, since a plain one of `1*2*1` is soon guessed, and covers number and code, which a session
    belongs to.
    """
    whole = f"{address}\n{session.service_code}\n{session.id}\n{session.transcript}"
    digest = hmac.digest(key.encode(), whole.encode(), "sha256").hex()[:32]
    return Inbound("tel", address, Typed(session.transcript), f"{session.id}:{digest}", session)


def respond(arrivals: tuple[Arrival, ...], screen: str, *, ends: bool) -> Response:
    """A turn gets its screen, anything else an empty 200."""
    if any(isinstance(arrival, Inbound) and arrival.session for arrival in arrivals):
        return Response(("END " if ends else "CON ") + screen)
    return Response()
