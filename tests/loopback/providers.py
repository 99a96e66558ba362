"""Providers on 127.0.0.1: servers that take what the SDKs send, as docs/channels says the providers do.

with Twilio() as provider:
    provider.will(Refuse("21610"), Silence())       # the next two requests; after them, all is taken
    ... send to provider.url ...
    assert provider.taken == [Taken("+254711000001", "Hello", "SM...", {...})]
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from email import message_from_bytes
from typing import ClassVar
from urllib.parse import parse_qsl, unquote

from tests.loopback.server import Answer, Provider, Taken, json_answer


class AfricasTalking(Provider):
    """POST /version1/messaging and /version1/airtime/send, proved by the header apiKey."""

    KEY = "at-key-5f1c"
    NAMES: ClassVar[Mapping[str, str]] = {
        "401": "RiskHold",
        "402": "InvalidSenderId",
        "403": "InvalidPhoneNumber",
        "404": "UnsupportedNumberType",
        "405": "InsufficientBalance",
        "406": "UserInBlacklist",
        "407": "CouldNotRoute",
        "409": "DoNotDisturbRejection",
        "500": "InternalServerError",
        "501": "GatewayError",
        "502": "RejectedByGateway",
    }

    def read(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        named = {name.lower(): value for name, value in headers.items() if name.lower() == "idempotency-key"}
        return {**super().read(headers, body), **named}

    def refused(self, fields: Mapping[str, str]) -> Answer | None:
        key = fields.get("idempotency-key")
        if key and any(taken.fields.get("idempotency-key") == key for taken in self.taken):
            return self.refuse(fields, "A duplicate request was received within the last 5 minutes")
        return None

    def authorised(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        if path not in {"/version1/messaging", "/version1/airtime/send"}:
            return Answer(404, "The requested resource could not be found.")
        return None if headers.get("apiKey") == self.KEY else Answer(401, "The supplied authentication is invalid")

    def take(self, fields: Mapping[str, str], number: int) -> tuple[Taken, Answer]:
        if "recipients" in fields:
            (one,) = json.loads(fields["recipients"])
            request_id = f"ATQid_{number:032x}"
            taken = Taken(one["phoneNumber"], one["amount"], request_id, fields)
            return taken, self._airtime(fields, "Sent", request_id, "None")
        message_id = f"ATXid_{number:032x}"
        taken = Taken(fields["to"], fields["message"], message_id, fields)
        return taken, self._say(fields, 101, "Success", message_id, "KES 0.8000", "Sent to 1/1 Total Cost: KES 0.8000")

    def refuse(self, fields: Mapping[str, str], code: str) -> Answer:
        if "recipients" in fields:
            return self._airtime(fields, "Failed", "None", code)
        return self._say(fields, int(code), self.NAMES[code], "None", "0", "Sent to 0/1 Total Cost: 0")

    def _airtime(self, fields: Mapping[str, str], status: str, request_id: str, error: str) -> Answer:
        (one,) = json.loads(fields["recipients"])
        response = {**one, "discount": "KES 0", "status": status, "requestId": request_id, "errorMessage": error}
        sent = int(status == "Sent")
        summary = {"numSent": sent, "totalAmount": one["amount"] if sent else "0", "totalDiscount": "0"}
        return json_answer(201, {**summary, "errorMessage": error, "responses": [response]})

    def _say(
        self, fields: Mapping[str, str], code: int, status: str, message_id: str, cost: str, summary: str
    ) -> Answer:
        recipient = {
            "statusCode": code,
            "number": fields["to"],
            "status": status,
            "cost": cost,
            "messageId": message_id,
        }
        return json_answer(201, {"SMSMessageData": {"Message": summary, "Recipients": [recipient]}})


class Twilio(Provider):
    """POST and GET /2010-04-01/Accounts/<sid>/Messages.json, and GET of a file, proved by Basic authentication."""

    SID, TOKEN = "AC00000000000000000000000000000001", "tw-token-77ab"
    FILES = f"/2010-04-01/Accounts/{SID}/Messages/MM01/Media"

    def authorised(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        if path != f"/2010-04-01/Accounts/{self.SID}/Messages.json":
            return self._error(404, "20404", "The requested resource was not found")
        basic = base64.b64encode(f"{self.SID}:{self.TOKEN}".encode()).decode()
        return None if headers.get("Authorization") == f"Basic {basic}" else self._error(401, "20003", "Authenticate")

    def take(self, fields: Mapping[str, str], number: int) -> tuple[Taken, Answer]:
        said = fields["Body"] if "Body" in fields else json.loads(fields["ContentVariables"])["1"]
        taken = Taken(fields["To"], said, f"SM{number:032x}", fields)
        return taken, json_answer(201, self._resource(taken))

    def listed(self, path: str, headers: Mapping[str, str]) -> Answer:
        """GET of the same, the newest first."""
        path, _, query = path.partition("?")
        if path == f"{self.FILES}/ME02":
            return Answer(200, "the file", "image/jpeg") if "Authorization" not in headers else Answer(400)
        if path.startswith(self.FILES):
            basic = base64.b64encode(f"{self.SID}:{self.TOKEN}".encode()).decode()
            asked = headers.get("Authorization") == f"Basic {basic}"
            # To another host, as Twilio leads to where its files lie: this machine by its other name.
            elsewhere = f"http://localhost:{headers['Host'].rpartition(':')[2]}{self.FILES}/ME02"
            return Answer(307, location=elsewhere) if asked else self._error(401, "20003", "Authenticate")
        to = dict(parse_qsl(query)).get("To")
        made = [self._resource(taken) for taken in reversed(self.taken) if taken.address == to]
        return self.authorised(path, headers) or json_answer(200, {"messages": made, "page_size": 50})

    def _resource(self, taken: Taken) -> Mapping[str, object]:
        fields, message_id = taken.fields, taken.id
        return {
            "account_sid": self.SID,
            "api_version": "2010-04-01",
            "body": fields.get("Body"),
            "date_created": "Sun, 22 Nov 2026 19:00:00 +0000",
            "date_sent": None,
            "date_updated": "Sun, 22 Nov 2026 19:00:00 +0000",
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": fields.get("From"),
            "messaging_service_sid": fields.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": message_id,
            "status": "queued",
            "subresource_uris": {},
            "to": fields["To"],
            "uri": f"/2010-04-01/Accounts/{self.SID}/Messages/{message_id}.json",
        }

    def refuse(self, fields: Mapping[str, str], code: str) -> Answer:
        """With number and text in its words, as Twilio's are."""
        return self._error(400, code, f"Refused to send to {fields['To']}: {fields['Body']}")

    def throttle(self, after: int) -> Answer:
        said = self._error(429, "20429", "Too Many Requests")
        return Answer(429, said.body, after, said.content_type)

    def _error(self, status: int, code: str, message: str) -> Answer:
        more = f"https://www.twilio.com/docs/errors/{code}"
        return json_answer(status, {"code": int(code), "message": message, "more_info": more, "status": status})


class Telegram(Provider):
    """POST /bot<token>/sendMessage and sendPhoto, whose picture's size is kept; getFile, and the file by GET."""

    TOKEN = "110201543:tg-token-AAHdqTcv"
    REFUSALS: ClassVar[Mapping[str, tuple[int, str]]] = {
        "blocked": (403, "Forbidden: bot was blocked by the user"),
        "deactivated": (403, "Forbidden: user is deactivated"),
        "not-found": (400, "Bad Request: chat not found"),
        "too-long": (400, "Bad Request: message is too long"),
        "conflict": (409, "Conflict: terminated by other getUpdates request"),
    }

    def authorised(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        known = {f"/bot{self.TOKEN}/{method}" for method in ("sendMessage", "sendPhoto", "getFile")}
        return None if path in known else self._error(401, "Unauthorized")

    def read(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        kind = {name.lower(): value for name, value in headers.items()}.get("content-type", "")
        if not kind.startswith("multipart/"):
            return super().read(headers, body)
        parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload()
        fields = {}
        for part in parts if isinstance(parts, list) else ():
            content = part.get_payload(decode=True)  # type: ignore[union-attr]  # each part is a message
            name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]  # as above
            is_file = part.get_filename() is not None  # type: ignore[union-attr]  # as above
            fields[str(name)] = f"{len(content)} bytes" if is_file else content.decode()
        return fields

    def listed(self, path: str, headers: Mapping[str, str]) -> Answer:
        is_there = unquote(path) == f"/file/bot{self.TOKEN}/photos/file_1.jpg"
        return Answer(200, "the file", "image/jpeg") if is_there else self._error(404, "Not Found")

    def take(self, fields: Mapping[str, str], number: int) -> tuple[Taken, Answer]:
        if "file_id" in fields:
            file = {
                "file_id": fields["file_id"],
                "file_unique_id": "u",
                "file_size": 8,
                "file_path": "photos/file_1.jpg",
            }
            return Taken("", "", str(number), fields), json_answer(200, {"ok": True, "result": file})
        result = {
            "message_id": number,
            "from": {"id": 110201543, "is_bot": True, "first_name": "Baraza", "username": "baraza_bot"},
            "chat": self._chat(fields["chat_id"]),
            "date": 1795374000,
        }
        text = fields.get("text", fields.get("caption", ""))
        taken = Taken(fields["chat_id"], text, str(number), fields)
        return taken, json_answer(200, {"ok": True, "result": result})

    @staticmethod
    def _chat(to: str) -> dict[str, object]:
        """A person by number, or a public channel by its name."""
        if to.startswith("@"):
            return {"id": -1001234567890, "title": to, "username": to[1:], "type": "channel"}
        return {"id": int(to), "first_name": "A", "type": "private"}

    def refuse(self, fields: Mapping[str, str], code: str) -> Answer:
        return self._error(*self.REFUSALS[code])

    def throttle(self, after: int) -> Answer:
        body = {
            "ok": False,
            "error_code": 429,
            "description": f"Too Many Requests: retry after {after}",
            "parameters": {"retry_after": after},
        }
        return json_answer(429, body)

    def _error(self, status: int, description: str) -> Answer:
        return json_answer(status, {"ok": False, "error_code": status, "description": description})
