"""Stands in for Africa's Talking, Twilio and Telegram on 127.0.0.1: takes what their SDKs send, and tells who reads it.

    server = Providers(keys, deliver)      `deliver(message)` is called for every message that was taken
    server.url                             the base URL to give each channel
    server.close()

It answers as the providers do, in the fields that their SDKs read. It keeps nothing.
"""

from __future__ import annotations

import base64
import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from channels.text import measure

LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Keys:
    """What the SDKs must show to be let in."""

    api_key: str
    account: str
    auth_token: str
    bot_token: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message on its way to a phone. `sender` is as the provider was told, `buttons` are callback data by label."""

    provider: str
    sender: str
    to: str
    text: str
    id: str
    buttons: Mapping[str, str]
    report_to: str = ""


class Providers:
    def __init__(self, keys: Keys, deliver: Callable[[Delivered], None], port: int = 0) -> None:
        self._keys = keys
        self._deliver = deliver
        self._ids = itertools.count(1)
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body leave in two writes: with Nagle's algorithm the second waits for an acknowledgement.
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                if size > LARGEST:
                    self.close_connection = True
                    self.answer(413, {})
                    return
                body = self.rfile.read(size).decode()
                self.answer(*server.take(self.path, dict(self.headers), body))

            def answer(self, status: int, document: Mapping[str, Any]) -> None:
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
                """Paths hold tokens: nothing is logged."""

        self._http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, name="providers", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def take(self, path: str, headers: Mapping[str, str], body: str) -> tuple[int, Mapping[str, Any]]:
        """The status and the answer to one request."""
        headers = {name.lower(): value for name, value in headers.items()}
        if path == "/version1/messaging":
            return self._africastalking(headers, dict(parse_qsl(body)))
        if path.startswith("/2010-04-01/Accounts/") and path.endswith("/Messages.json"):
            return self._twilio(headers, dict(parse_qsl(body)))
        if path.startswith("/bot"):
            token, _, method = path.removeprefix("/bot").partition("/")
            fields = json.loads(body) if "json" in headers.get("content-type", "") else dict(parse_qsl(body))
            return self._telegram(token, method, fields)
        return 404, {}

    def _africastalking(self, headers: Mapping[str, str], form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        if headers.get("apikey") != self._keys.api_key:
            return 401, {}
        message = f"ATXid_{next(self._ids):08d}"
        to, text = form["to"], form["message"]
        self._deliver(Delivered("africastalking", form.get("from", ""), to, text, message, {}))
        cost = f"KES {0.8 * measure(text).segments:.4f}"
        recipient = {"statusCode": 101, "number": to, "status": "Success", "cost": cost, "messageId": message}
        return 201, {"SMSMessageData": {"Message": f"Sent to 1/1 Total Cost: {cost}", "Recipients": [recipient]}}

    def _twilio(self, headers: Mapping[str, str], form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        wanted = base64.b64encode(f"{self._keys.account}:{self._keys.auth_token}".encode()).decode()
        if headers.get("authorization") != f"Basic {wanted}":
            return 401, {"code": 20003, "message": "Authenticate", "status": 401}
        message = f"SM{next(self._ids):032x}"
        sender, to, text = form.get("From", ""), form["To"], form["Body"]
        self._deliver(Delivered("twilio", sender, to, text, message, {}, form.get("StatusCallback", "")))
        return 201, {
            "sid": message,
            "account_sid": self._keys.account,
            "status": "queued",
            "from": sender,
            "to": to,
            "body": text,
            "num_segments": str(measure(text).segments),
            "error_code": None,
        }

    def _telegram(self, token: str, method: str, fields: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        if token != self._keys.bot_token:
            return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if method == "getMe":
            return 200, {
                "ok": True,
                "result": {"id": 1, "is_bot": True, "first_name": "Baraza", "username": "baraza_bot"},
            }
        if method != "sendMessage":
            return 200, {"ok": True, "result": True}
        markup = fields.get("reply_markup") or "{}"
        keyboard = (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", [])
        buttons = {button["text"]: button.get("callback_data", "") for row in keyboard for button in row}
        number, chat, text = next(self._ids), str(fields["chat_id"]), str(fields["text"])
        self._deliver(Delivered("telegram", "", chat, text, str(number), buttons))
        made = {
            "message_id": number,
            "date": int(time.time()),
            "chat": {"id": int(chat), "type": "private"},
            "text": text,
        }
        return 200, {"ok": True, "result": made}
