"""Gateways of one's own on 127.0.0.1, as docs/channels says they are: servers as providers.py has them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import ClassVar

from tests.loopback.server import Answer, Provider, Taken, json_answer


class Jasmin(Provider):
    """POST /send, proved by fields of the form. As jasmin.protocols.http.endpoints.send has it, the users' rights and
    the routes aside."""

    USER, PASSWORD = "canary-jasmin", "jm-pass-31ff"
    KNOWN: ClassVar[Mapping[str, str]] = {
        "to": r"\+?[0-9]+",
        "from": r".*",
        "coding": r"[0-9]|1[034]",
        "username": r".{1,16}",
        "password": r".{1,16}",
        "dlr": r"yes|no",
        "dlr-url": r"https?://.*",
        "dlr-level": r"[1-3]",
        "dlr-method": r"(?i:get|post)",
        "content": r"(?s:.*)",
        "hex-content": r"(?:[0-9a-f]{2})*",
    }
    REFUSALS: ClassVar[Mapping[str, tuple[int, str]]] = {
        "throughput": (403, "User throughput exceeded"),
        "credit": (403, "Cannot charge submit_sm, check RouterPB log file for details"),
        "no-route": (412, "No route found"),
        "unbound": (412, "Failover route has no bound connectors"),
        "not-queued": (500, "Cannot send submit_sm, check SMPPClientManagerPB log file for details"),
    }

    def authorised(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        return None if path == "/send" else Answer(404, "No Such Resource")

    def refused(self, fields: Mapping[str, str]) -> Answer | None:
        for name, value in fields.items():
            if name not in self.KNOWN:
                return self._error(400, f"Argument [{name}] is unknown.")
            if not re.fullmatch(self.KNOWN[name], value):
                return self._error(400, f"Argument [{name}] has an invalid value: [{value}].")
        if ("content" in fields) == ("hex-content" in fields):
            return self._error(400, "content and hex-content cannot be used both in same request.")
        if (fields.get("username"), fields.get("password")) != (self.USER, self.PASSWORD):
            return self._error(403, f"Authentication failure for username:{fields.get('username')}")
        return None

    def take(self, fields: Mapping[str, str], number: int) -> tuple[Taken, Answer]:
        coded = fields.get("coding") == "8"
        said = bytes.fromhex(fields["hex-content"]).decode("utf-16-be") if coded else fields["content"]
        message_id = f"07033084-5cfd-4812-90a4-{number:012x}"
        return Taken(fields["to"], said, message_id, fields), Answer(200, f'Success "{message_id}"')

    def refuse(self, fields: Mapping[str, str], code: str) -> Answer:
        return self._error(*self.REFUSALS[code])

    def _error(self, status: int, said: str) -> Answer:
        return Answer(status, f'Error "{said}"')


class Kannel(Provider):
    """smsbox: POST /cgi-bin/sendsms with the text as the body and everything else in headers."""

    USER, PASSWORD = "canary-kannel", "kn-pass-9d20"
    REFUSALS: ClassVar[Mapping[str, tuple[int, str]]] = {
        "400": (400, "Number(s) has/have been denied by white- and/or black-lists."),
        "403": (403, "Authorization failed for sendsms"),
        "503": (503, "Temporal failure, try again later."),
    }

    def read(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        named = {name.lower(): value for name, value in headers.items()}
        return {
            "text": body.decode("utf-8"),
            "type": named.get("content-type", ""),
            **{name: value for name, value in named.items() if name.startswith("x-kannel-")},
        }

    def authorised(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        return None if path == "/cgi-bin/sendsms" else Answer(404, "Unknown request.")

    def refused(self, fields: Mapping[str, str]) -> Answer | None:
        proved = fields.get("x-kannel-username") == self.USER and fields.get("x-kannel-password") == self.PASSWORD
        return None if proved else self.refuse(fields, "403")

    def take(self, fields: Mapping[str, str], number: int) -> tuple[Taken, Answer]:
        """Without an id, as Kannel answers."""
        taken = Taken(fields["x-kannel-to"], fields["text"], "", fields)
        return taken, Answer(202, "0: Accepted for delivery", content_type="text/html")

    def refuse(self, fields: Mapping[str, str], code: str) -> Answer:
        return Answer(*self.REFUSALS[code], content_type="text/html")


class SmsGate(Provider):
    """A phone with the app: POST /messages, proved by Basic authentication. It sends a message of one id once."""

    USER, PASSWORD = "canary-phone", "sg-pass-77c0"

    def read(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        found = json.loads(body)
        return {
            "id": found["id"],
            "text": found["textMessage"]["text"],
            "to": ",".join(found["phoneNumbers"]),
            "options": json.dumps({name: found[name] for name in ("simNumber", "priority") if name in found}),
        }

    def authorised(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        if path != "/messages":
            return Answer(404)
        basic = base64.b64encode(f"{self.USER}:{self.PASSWORD}".encode()).decode()
        return None if headers.get("Authorization") == f"Basic {basic}" else Answer(401)

    def refused(self, fields: Mapping[str, str]) -> Answer | None:
        if any(taken.id == fields["id"] for taken in self.taken):
            return self.refuse(fields, "500")
        return None

    def take(self, fields: Mapping[str, str], number: int) -> tuple[Taken, Answer]:
        recipient = {"phoneNumber": fields["to"], "state": "Pending", "error": None}
        body = {"id": fields["id"], "state": "Pending", "recipients": [recipient], "isEncrypted": False, "states": {}}
        return Taken(fields["to"], fields["text"], fields["id"], fields), json_answer(202, body)

    def refuse(self, fields: Mapping[str, str], code: str) -> Answer:
        """The two ways in which it says that it has this message: an app on a phone, and a server before it."""
        said = "UNIQUE constraint failed: Message.id (code 1555 SQLITE_CONSTRAINT_PRIMARYKEY)"
        return json_answer(int(code), {"message": said if code == "500" else "message with such id already exists"})
