"""A reply as each medium shows it: one SMS, USSD screens, or chat messages with buttons. The web renders its own HTML.

    sms(reply)                               one text; channels.text.measure says what it costs
    screens(reply, septets, more, back)      pages of a USSD session
    chat(reply, limit)                       messages with rows of buttons

All of them list options by the key that a person can type, also beside a button.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

from channels.text import Encoding, clean, encoding_of, fill, plain, reach, shorten, units

if TYPE_CHECKING:
    from surveys.prompt import Option, Prompt, Reply

MORE, BACK = "0", "00"
"""The keys that turn pages; never an option's key where a reply may need several screens."""


def sms(reply: Reply) -> str:
    """One message: texts, options one a line, hints; nothing between them but line ends, as every segment costs."""
    return _text(reply)[0]


# USSD ---------------------------------------------------------------------------------------------------------------


def capacity(septets: int, encoding: Encoding) -> int:
    """How many units of `encoding` a screen of so many septets takes.

    Septets are packed into ceil(septets * 7 / 8) octets, and two octets make a UCS-2 unit: 160 septets are 70
    characters, 182 (all that the transport carries) are 80.
    """
    return septets if encoding is Encoding.GSM7 else -(-septets * 7 // 8) // 2


@lru_cache(maxsize=1024)  # nearly all replies are a survey's own texts, the same for everybody
def screens(reply: Reply, septets: int, more: str, back: str) -> tuple[str, ...]:
    """USSD screens, each within a limit of `septets`; a reply that fits is one, without anything added.

    Otherwise every page but the last has a line "0 <more>" at its end, and every page but the first "00 <back>". All
    pages count in one encoding, that of the whole. Pages end at spaces or line ends, which they drop, and drop nothing
    else. An option goes over to the next page whole, unless it is longer than a page. Raises ValueError where a screen
    is too small for `more`, `back` and a character.
    """
    text, options = _text(reply)
    encoding = encoding_of(text)
    if units(text, encoding) <= capacity(septets, encoding):
        return (text,)

    language = _language(reply)
    forward, backward = f"\n{MORE} {plain(more, language)}", f"\n{BACK} {plain(back, language)}"
    encoding = encoding_of(text + forward + backward)
    limit = capacity(septets, encoding)
    forward_room, backward_room = units(forward, encoding), units(backward, encoding)
    least = limit - forward_room - backward_room
    if least < 2:
        raise ValueError(f"a screen of {septets} septets has no room for text beside its lines for more and back")

    # An option that fits a page is never broken within; a longer one not between its key and its first word.
    closed = {
        at
        for key, start, end in options
        for at in (range(start, end) if units(text[start:end], encoding) <= least else [start + len(key) + 1])
    }
    breaks = [at for at in _breaks(text) if at not in closed]

    pages: list[str] = []
    start = 0
    while True:
        room = limit - backward_room if pages else limit
        footer = backward if pages else ""
        if units(text[start:], encoding) <= room:
            return (*pages, text[start:] + footer)
        end, following = _cut(text, start, room - forward_room, encoding, breaks)
        pages.append(text[start:end] + forward + footer)
        start = following


# Chats --------------------------------------------------------------------------------------------------------------

# Telegram's limits: callback_data in UTF-8 bytes, buttons of a keyboard and of a row.
DATA_BYTES, BUTTONS, ROW = 64, 100, 8
ASK_CHARACTERS = 40
# What phones show of a button that has a row to itself, and of all buttons of a row, which are equally wide.
LABEL_CLUSTERS, ROW_CHARACTERS, PADDING = 40, 36, 2


@dataclass(frozen=True, slots=True)
class Button:
    """`data` comes back when it is pressed, and `parse_button` reads it."""

    label: str
    data: str


CAPTION = 1024
"""UTF-16 code units under a picture."""


@dataclass(frozen=True, slots=True)
class Chat:
    """One message of a chat; `buttons` are rows. With a `picture` the text is its caption."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    picture: bytes = b""


def chat(reply: Reply, limit: int = 4096) -> tuple[Chat, ...]:
    """Messages of at most `limit` UTF-16 code units; the last one has the buttons of the last prompt.

    Buttons bear key and label. Where not all of that can be read on them (a long label, more than 100 options), the
    text lists the options too. Raises ValueError for an ask or key that does not fit a button. Pictures come last: what
    is said has arrived by then.
    """
    pictures = tuple(
        Chat(_messages(clean(prompt.text), CAPTION)[0], picture=prompt.picture) for prompt in reply if prompt.picture
    )
    reply = tuple(prompt for prompt in reply if not prompt.picture)
    if not reply:
        return pictures
    *before, last = reply
    lines = [_line(option) for option in last.options]
    labels = [shorten(clean(line), LABEL_CLUSTERS) for line in lines[:BUTTONS]]
    told = labels == list(map(clean, lines))
    paragraphs = [*map(_pieces, before), [last.text, last.hint] if told else _pieces(last)]
    joined = ("\n".join(filter(None, map(str.strip, pieces))) for pieces in paragraphs)
    text = clean("\n\n".join(filter(None, joined))).strip()
    buttons = [
        Button(label, button_data(last.ask, option.key)) for label, option in zip(labels, last.options, strict=False)
    ]
    *texts, final = _messages(text, limit)
    return (*map(Chat, texts), Chat(final, _rows(buttons)), *pictures)


def button_data(ask: str, key: str) -> str:
    """What a button carries: `ask:key`, at most 64 bytes. An ask is an id: ASCII, at most 40 characters, no colon."""
    data = f"{ask}:{key}"
    if not ask.isascii() or len(ask) > ASK_CHARACTERS or ":" in ask:
        raise ValueError(f"ask {ask!r} does not fit a button: at most {ASK_CHARACTERS} ASCII characters, no colon")
    if len(data.encode()) > DATA_BYTES:
        raise ValueError(f"an option's key at {ask!r} is too long for a button: {DATA_BYTES} bytes with the ask")
    return data


def parse_button(data: str) -> tuple[str, str]:
    """(ask, key) of a pressed button; what is not ours gives an ask that nothing asks, or no key."""
    ask, _, key = data.partition(":")
    return ask, key


def _rows(buttons: list[Button]) -> tuple[tuple[Button, ...], ...]:
    """Short labels share a row, as far as the longest of them has room; long ones have their own."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        row = (*rows[-1], button) if rows else (button,)
        widest = max(len(one.label) for one in row) + PADDING
        if rows and len(row) <= ROW and len(row) * widest <= ROW_CHARACTERS:
            rows[-1] = row
        else:
            rows.append((button,))
    return tuple(rows)


def _messages(text: str, limit: int) -> list[str]:
    messages, start, breaks = [], 0, _breaks(text)
    while units(text[start:], Encoding.UCS2) > limit:
        end, following = _cut(text, start, limit, Encoding.UCS2, breaks)
        messages.append(text[start:end])
        start = following
    return [*messages, text[start:]]


# What all of them share ---------------------------------------------------------------------------------------------

# A space that bears a mark is a character of its own kind, and no place to break.
_break = regex.compile(r" (?![\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}])|\n").finditer


def _line(option: Option) -> str:
    """`1. North`; the key alone where the label says no more (a scale), the label alone where nobody types the key."""
    label = " ".join(option.label.split())
    if label in {"", option.key}:
        return option.key
    return f"{option.key}. {label}" if option.key.isdigit() else label


def _listed(prompt: Prompt) -> list[Option]:
    """The options that a text must name: where none says more than its key, as on a scale, the hint tells them."""
    return list(prompt.options) if any(option.label != option.key for option in prompt.options) else []


def _pieces(prompt: Prompt) -> list[str]:
    return [prompt.text, *map(_line, _listed(prompt)), prompt.hint]


def _language(reply: Reply) -> str:
    """The language of all of it, or none: rules that hold for one language only are then left out."""
    languages = {prompt.language for prompt in reply}
    return languages.pop() if len(languages) == 1 else ""


def _text(reply: Reply) -> tuple[str, list[tuple[str, int, int]]]:
    """The plain text of a reply, and (key, start, end) of each option's line in it."""
    lines: list[str] = []
    keys: dict[int, str] = {}
    for prompt in reply:
        lines += prompt.text.strip().splitlines()
        keys |= {len(lines) + index: option.key for index, option in enumerate(_listed(prompt))}
        lines += map(_line, _listed(prompt))
        lines += prompt.hint.strip().splitlines()
    text = plain("\n".join(lines), _language(reply)).rstrip()
    options: list[tuple[str, int, int]] = []
    start = 0
    for number, line in enumerate(text.split("\n")):  # plain never adds or takes a line
        end = start + len(line)
        if number in keys:
            options.append((keys[number], start, end))
        start = end + 1
    return text, options


def _breaks(text: str) -> list[int]:
    return [match.start() for match in _break(text)]


def _cut(text: str, start: int, room: int, encoding: Encoding, breaks: list[int]) -> tuple[int, int]:
    """Where a page of text[start:], which is longer than `room`, ends, and where the next one starts.

    At the last of `breaks` (rising) that leaves something before it, else wherever no grapheme is torn.
    """
    at = bisect_right(breaks, fill(text, start, room, encoding)) - 1
    worded = at >= 0 and text[start : breaks[at]].strip(" \n")
    end = breaks[at] if worded else reach(text, start, room, encoding)
    following = end
    for dropped in breaks[bisect_left(breaks, end) :]:
        if dropped != following:
            break
        following += 1
    return end, following
