"""Telegram, by python-telegram-bot. What it takes to set up: docs/channels/telegram.md.

Private chats only: what people say in groups and channels is not said to us. Edits, and messages of other bots, are
left out.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import warnings
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, ClassVar

import httpx
from telegram import (
    Bot,
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    Update,
    User,
)
from telegram import error as telegram
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from channels.adapter import (
    Ambiguous,
    Arrival,
    Attached,
    Capabilities,
    Channel,
    Content,
    Forbidden,
    Inbound,
    Located,
    Malformed,
    Medium,
    OptedOut,
    OptOut,
    Outbound,
    Permanent,
    Request,
    Response,
    Retryable,
    SendError,
    Sent,
    Throttled,
    Typed,
    same_secret,
)
from channels.body import coordinates, identifier, json_object, pressed, text, word
from channels.render import Chat, chat
from channels.transport import WAIT, Made, PerProcess, connecting, hush, settle, total

# httpx logs each URL, and the bot's token is part of it.
hush("telegram", "httpx", "httpcore")
# It warns at each throttle that `retry_after` will be a timedelta; both are read here.
warnings.filterwarnings("ignore", message=".*retry_after", category=PTBDeprecationWarning)

API = "https://api.telegram.org"
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
REFERENCE = 512
"""Characters of a file's id."""
FILES = {"voice": "voice", "video": "video", "video_note": "video", "audio": "file", "document": "file"}
SLOW = "The provider asks to slow down."
STOPPED = {"kicked": True, "member": False}
"""What becomes of the bot in a private chat when it is blocked and unblocked."""


class Telegram:
    capabilities: ClassVar[Capabilities] = Capabilities(
        events=frozenset({"update"}),
        media=frozenset({Medium.CHAT}),
        signed=True,
        reports=False,
        address_kind="telegram",
        secrets=("bot_token", "hook_secret"),
        carries=frozenset({"picture", "voice", "location"}),
        gap=1.0,
        pictures=True,
    )

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._seconds = total(channel)
        self._bot = PerProcess(lambda: _LoopBot(channel, self._seconds))

    def verify(self, request: Request) -> None:
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not same_secret(given, self.channel.secrets.get("hook_secret", ())):
            raise Forbidden("The secret in the header is not this channel's.")

    def parse(self, request: Request) -> tuple[Arrival, ...]:
        if request.event != "update":
            raise Malformed("This channel has no such hook.")
        found = json_object(request.body)
        problem = Malformed("The body is not an update.")
        try:
            return _arrivals(found)
        except Malformed as error:
            problem = error
        except Exception:  # noqa: BLE001, S110 - the library checks no types: it raises whatever a wrong one leads to
            pass
        raise problem

    def respond(self, arrivals: tuple[Arrival, ...], screen: str = "", *, ends: bool = False) -> Response:
        """A pressed button is acknowledged in the response itself, without a request: until then its phone waits."""
        for arrival in arrivals:
            if isinstance(arrival, Inbound) and arrival.callback:
                answer = {"method": "answerCallbackQuery", "callback_query_id": arrival.callback}
                return Response(json.dumps(answer), content_type="application/json")
        return Response()

    def send(self, outbound: Outbound) -> Sent:
        """The messages of a reply, in order, all within the deadline.

        Where one was taken and a later one was not, that is Ambiguous: sent again, the first would be read twice.
        """
        messages = chat(outbound.reply)
        taken: list[int] = []
        bot = self._bot()
        try:
            settle(bot.start(_send(bot.bot, outbound.address, messages, taken)), self._seconds, _explain)
        except SendError as error:
            if taken:
                raise Ambiguous("Only a part of the reply was taken.", error.code) from error
            raise
        return Sent(str(taken[-1]) if taken else "", max(len(taken), 1))

    def fetch(self, reference: str, most: int) -> bytes:
        """A file that somebody sent to the bot."""
        bot = self._bot()
        return settle(bot.start(_fetch(bot.bot, reference, most)), self._seconds, _explain)


# Reading an update --------------------------------------------------------------------------------------------------


def _arrivals(found: dict[str, Any]) -> tuple[Arrival, ...]:
    update = Update.de_json(found, None)
    if type(update.update_id) is not int:
        raise Malformed("The field update_id is no number.")
    provider_id = str(update.update_id)
    if update.my_chat_member:
        return _membership(update.my_chat_member, provider_id)
    if update.callback_query:
        return _press(update.callback_query, provider_id)
    if update.message:
        return _message(update.message, provider_id)
    return ()


def _message(message: Message, provider_id: str) -> tuple[Arrival, ...]:
    content = _content(message)
    if content is None:
        return ()
    return _inbound(message.chat, message.from_user, content, provider_id, claimed_at=message.date)


def _press(query: CallbackQuery, provider_id: str) -> tuple[Arrival, ...]:
    # Buttons of inline messages and of games bear no chat or no data.
    if query.message is None or query.data is None:
        return ()
    button, callback = pressed({"data": query.data}, "data"), identifier({"id": query.id}, "id")
    return _inbound(query.message.chat, query.from_user, button, provider_id, callback=callback)


def _inbound(chat_: Any, user: User | None, content: Content, provider_id: str, **more: Any) -> tuple[Arrival, ...]:
    if not _private(chat_) or user is None or user.is_bot:
        return ()
    language = word({"code": user.language_code or ""}, "code")
    return (
        Inbound(
            "telegram",
            str(chat_.id),
            content,
            provider_id,
            language=language.partition("-")[0].lower(),
            **more,
        ),
    )


def _membership(change: ChatMemberUpdated, provider_id: str) -> tuple[Arrival, ...]:
    stopped = STOPPED.get(change.new_chat_member.status)
    if stopped is None or not _private(change.chat):
        return ()
    return (OptOut("telegram", str(change.chat.id), stopped, provider_id),)


def _private(chat_: Any) -> bool:
    return chat_.type == "private" and type(chat_.id) is int


def _content(message: Message) -> Content | None:
    caption = text({"caption": message.caption or ""}, "caption")
    if message.text:
        return Typed(_words(text({"text": message.text}, "text")))
    if message.location:
        return Located(*coordinates(message.location.latitude, message.location.longitude))
    if message.photo:
        return Attached("picture", _reference(message.photo[-1].file_id), caption)  # the largest comes last
    for name, kind in FILES.items():
        if file := getattr(message, name):
            return Attached(kind, _reference(file.file_id), caption)
    return None


def _reference(file_id: str) -> str:
    return identifier({"file_id": file_id}, "file_id", REFERENCE)


def _words(said: str) -> str:
    """A command without its slash, as people type it elsewhere: /help is "help", and /start what it was opened with."""
    found = COMMAND.fullmatch(said)
    if not found:
        return said
    command, rest = found[1], found[2] or ""
    return rest if command == "start" else f"{command} {rest}".rstrip()


# Sending ------------------------------------------------------------------------------------------------------------


class _LoopBot:
    """A bot, and the event loop it lives on: one thread as long as the process, so that connections are kept."""

    def __init__(self, channel: Channel, seconds: float) -> None:
        self.bot = Bot(
            channel.secrets["bot_token"][0],
            base_url=(channel.base_url or API).rstrip("/") + "/bot",
            base_file_url=(channel.base_url or API).rstrip("/") + "/file/bot",
            request=HTTPXRequest(
                connect_timeout=connecting(seconds),
                read_timeout=seconds,
                write_timeout=seconds,
                pool_timeout=seconds / 2,
            ),
        )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="telegram", daemon=True).start()

    def start(self, work: Coroutine[Any, Any, Made]) -> Future[Made]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _send(bot: Bot, chat_id: str, messages: tuple[Chat, ...], taken: list[int]) -> None:
    """Without a parse mode: an answer or a name that looks like markup stays what it is."""
    for message in messages:
        keyboard = [
            [InlineKeyboardButton(button.label, callback_data=button.data) for button in row] for row in message.buttons
        ]
        if message.picture:
            photo = await bot.send_photo(chat_id, message.picture, caption=message.text, filename="chart.png")
            taken.append(photo.message_id)
            continue
        sent = await bot.send_message(
            chat_id,
            message.text,
            reply_markup=InlineKeyboardMarkup(keyboard) if keyboard else None,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        taken.append(sent.message_id)


async def _fetch(bot: Bot, reference: str, most: int) -> bytes:
    file = await bot.get_file(reference)
    if (file.file_size or 0) > most:
        raise Permanent("The file is larger than is taken.", "large")
    return bytes(await file.download_as_bytearray())


REFUSALS: Mapping[type[Exception], tuple[type[SendError], str]] = {
    telegram.InvalidToken: (Retryable, "The provider does not know the bot's token."),
    telegram.Conflict: (Retryable, "The provider is busy with another request of this bot."),
    telegram.ChatMigrated: (Permanent, "The chat has become another one."),
    telegram.BadRequest: (Permanent, "The provider refused the message."),
}
"""By exact type: a BadRequest is a NetworkError, too."""
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


def _explain(error: Exception) -> SendError:
    name = type(error).__name__
    if isinstance(error, telegram.RetryAfter):
        after = error.retry_after
        return Throttled(SLOW, after.total_seconds() if isinstance(after, timedelta) else float(after), name)
    if isinstance(error, telegram.Forbidden):
        # In Telegram's own words, and not in those of a proxy that stands before it.
        if str(error).startswith("Forbidden: "):
            return OptedOut("The person blocked the bot or left.", name)
        return Retryable("The way to the provider is forbidden.", name)
    if type(error) in REFUSALS:
        kind, sentence = REFUSALS[type(error)]
        return kind(sentence, name)
    if isinstance(error.__cause__, UNSENT):
        return Retryable("The provider could not be reached.", type(error.__cause__).__name__)
    # A 429 without parameters, from whatever stands before Telegram: the library keeps no status but in this text.
    if str(error).startswith("Too Many Requests"):
        return Throttled(SLOW, WAIT, name)
    # 5xx, broken connections, time-outs and answers that can't be read: the message may have been taken.
    return Ambiguous("The provider's answer could not be had.", name)


ADAPTER = Telegram
