"""The simulated participants at work: each writes through the real webhooks, as its provider would hand it on.

crowd = Crowd(participants, hooks, spread=90)
crowd.heard(delivered)     a message that reached one of them, from gateway/demo/providers.py
crowd.start() / crowd.stop()
"""

from __future__ import annotations

import heapq
import html
import itertools
import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from gateway.demo.people import Participant, Say
from gateway.demo.providers import Delivered

SENDERS = 6
"""Requests under way at once."""
THINKING = (0.5, 3.0)
"""Seconds that a participant reads and types."""
REPORT_AFTER = 0.3


@dataclass(frozen=True, slots=True)
class Hook:
    """How to reach one channel: its adapter and medium, the number or code, and what proves that a provider calls."""

    channel: str
    adapter: str
    medium: str
    sender: str
    secret: str


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    text: str
    cookie: str = ""


class Client:
    """Requests to the gateway, by the public base URL."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._host = urlsplit(base_url).netloc

    def __call__(self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None) -> Answered:
        connection = HTTPConnection(self._host, timeout=15)
        try:
            connection.request(method, path, body.encode(), dict(headers or {}))
            answer = connection.getresponse()
            cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
            return Answered(answer.status, answer.read().decode("utf-8", "replace"), cookie)
        finally:
            connection.close()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Crowd:
    def __init__(
        self, people: Sequence[Participant], hooks: Mapping[str, Hook], client: Client, *, spread: float, seed: int
    ) -> None:
        """`hooks` by channel; the participants begin within `spread` seconds, most of them early."""
        self._people = people
        self._hooks = hooks
        self._client = client
        self._spread = spread
        self._random = random.Random(seed)  # noqa: S311 - a play, not a secret
        self._ids = itertools.count(1)
        self._by_address = {(self._hooks[one.persona.channel].adapter, self._address(one)): one for one in people}
        self._sessions: dict[Participant, list[str]] = {}
        self._cookies: dict[Participant, str] = {}
        self._validator = {
            name: RequestValidator(hook.secret) for name, hook in hooks.items() if hook.adapter == "twilio"
        }
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="participant")
        self.failures = 0
        """Requests that the gateway did not take."""

    def start(self) -> None:
        for one in self._people:
            self._later(self._random.random() ** 1.6 * self._spread, partial(self._begin, one))
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(5)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def heard(self, delivered: Delivered) -> None:
        """Called by the providers' threads, once for every message."""
        self._later(REPORT_AFTER, lambda: self._report(delivered))
        one = self._by_address.get((delivered.provider, delivered.to.removeprefix("whatsapp:")))
        if one is not None:
            self._later(self._pause(), lambda: self._react(one, delivered.text))

    # What happens when -----------------------------------------------------------------------------------------

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._ids), act))
            self._changed.notify()

    def _pause(self) -> float:
        return self._random.uniform(*THINKING)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopped and (not self._due or self._due[0][0] > time.monotonic()):
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                if self._stopped:
                    return
                act = heapq.heappop(self._due)[2]
            self._pool.submit(self._carefully, act)

    def _carefully(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (OSError, HTTPException):
            self.failures += 1

    def _begin(self, one: Participant) -> None:
        match self._hooks[one.persona.channel].medium:
            case "ussd":
                self._sessions[one] = []
                self._dial(one)
            case "web":
                self._open_page(one)
            case _:
                self._write(one, Say(one.keyword()))

    def _react(self, one: Participant, text: str) -> None:
        said = one.hear(text)
        if said is not None:
            self._write(one, said)

    def _write(self, one: Participant, said: Say) -> None:
        hook = self._hooks[one.persona.channel]
        match hook.adapter:
            case "africastalking":
                self._africastalking(one, hook, said)
            case "twilio":
                self._twilio(one, hook, said)
            case "telegram":
                self._telegram(one, hook, said)

    def _address(self, one: Participant) -> str:
        """A number; on Telegram a chat."""
        number = one.persona.address
        return number[4:] if self._hooks[one.persona.channel].adapter == "telegram" else number

    def _taken(self, answer: Answered) -> Answered:
        if answer.status != 200:
            self.failures += 1
        return answer

    # As the providers hand it on -------------------------------------------------------------------------------

    def _africastalking(self, one: Participant, hook: Hook, said: Say) -> None:
        fields = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "from": one.persona.address,
            "id": f"{next(self._ids):08d}-demo",
            "linkId": "",
            "text": said.text,
            "to": hook.sender,
            "networkCode": "63902",
        }
        self._taken(self._client("POST", f"/hooks/{hook.channel}/{hook.secret}/incoming", urlencode(fields), FORM))

    def _dial(self, one: Participant) -> None:
        hook, typed = self._hooks[one.persona.channel], self._sessions[one]
        fields = {
            "sessionId": f"ATUid_{one.persona.address[1:]}",
            "phoneNumber": one.persona.address,
            "networkCode": "63902",
            "serviceCode": hook.sender,
            "text": "*".join(typed),
        }
        answer = self._taken(self._client("POST", f"/hooks/{hook.channel}/{hook.secret}/ussd", urlencode(fields), FORM))
        if answer.status == 200 and answer.text.startswith("CON "):
            said = one.hear(answer.text[4:])
            if said is not None:
                typed.append(said.text)
                self._later(self._pause(), lambda: self._dial(one))

    def _twilio(self, one: Participant, hook: Hook, said: Say) -> None:
        prefix = "whatsapp:" if hook.medium == "chat" else ""
        fields = {
            "MessageSid": f"SM{next(self._ids):032x}",
            "AccountSid": "ACdemo",
            "From": prefix + one.persona.address,
            "To": prefix + hook.sender.removeprefix(prefix),
            "Body": said.text,
            "NumMedia": "0",
            "NumSegments": "1",
        }
        self._signed(hook.channel, "incoming", fields)

    def _signed(self, channel: str, event: str, fields: Mapping[str, str]) -> None:
        path = f"/hooks/{channel}/{event}"
        signature = self._validator[channel].compute_signature(self._client.base_url + path, dict(fields))
        self._taken(self._client("POST", path, urlencode(fields), {**FORM, "X-Twilio-Signature": signature}))

    def _telegram(self, one: Participant, hook: Hook, said: Say) -> None:
        number = int(self._address(one))
        person = {"id": number, "is_bot": False, "first_name": "Somebody", "language_code": one.persona.language}
        chat = {"id": number, "type": "private", "first_name": "Somebody"}
        message = {"message_id": next(self._ids), "date": int(time.time()), "chat": chat}
        update: dict[str, object] = {"update_id": next(self._ids)}
        if said.ask and said.key:
            bot = {"id": 1, "is_bot": True, "first_name": "Baraza"}
            update["callback_query"] = {
                "id": str(next(self._ids)),
                "from": person,
                "chat_instance": "1",
                "data": f"{said.ask}:{said.key}",
                "message": {**message, "from": bot, "text": "?"},
            }
        else:
            update["message"] = {**message, "from": person, "text": said.text}
        headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": hook.secret}
        self._taken(self._client("POST", f"/hooks/{hook.channel}/update", json.dumps(update), headers))

    def _report(self, delivered: Delivered) -> None:
        """The provider's word that the message arrived."""
        if delivered.provider == "africastalking":
            hook = next(one for one in self._hooks.values() if one.adapter == "africastalking" and one.medium == "sms")
            fields = {"id": delivered.id, "status": "Success", "phoneNumber": delivered.to, "networkCode": "63902"}
            self._taken(self._client("POST", f"/hooks/{hook.channel}/{hook.secret}/report", urlencode(fields), FORM))
        elif delivered.report_to:
            channel = urlsplit(delivered.report_to).path.split("/")[2]
            self._signed(
                channel, "report", {"MessageSid": delivered.id, "MessageStatus": "delivered", "To": delivered.to}
            )

    # The web form ----------------------------------------------------------------------------------------------

    def _open_page(self, one: Participant) -> None:
        path = f"/s/{one.persona.survey.name}?language={one.persona.language}"
        answer = self._taken(self._client("GET", path))
        self._cookies[one] = answer.cookie
        fields = {"nonce": _field(answer.text, "nonce"), "begin": one.persona.language}
        self._later(self._pause(), lambda: self._fill_in(one, fields))

    def _fill_in(self, one: Participant, fields: Mapping[str, str]) -> None:
        path = f"/s/{one.persona.survey.name}"
        answer = self._taken(self._client("POST", path, urlencode(fields), {**FORM, "Cookie": self._cookies[one]}))
        page = answer.text
        said = one.hear(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])))
        if answer.status == 200 and said is not None:
            pressed = {"ask": said.ask, "key": said.key} if said.ask and said.key else {"text": said.text}
            following = {"nonce": _field(page, "nonce"), **pressed}
            self._later(self._pause(), lambda: self._fill_in(one, following))


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""
