"""The leading question of a digest as a picture, for chats: bars with their ranges, readable at the width of a phone.

The words beside it (`caption`) say the same, for who can't see it and for a slow network.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageDraw, ImageFont, features

from analysis.findings import Cell, Digest, Finding
from analysis.render.language import Language
from analysis.render.language import language as speak
from analysis.render.phrases import key_question, label, quoted, share_range

WIDE, EDGE = 960, 48
"""Pixels: a phone shows it at a third to a half of that."""
TITLE, TEXT, SMALL = 44, 38, 32
ROW, THICK = 132, 34
MOST = 5
"""How many answers are shown."""
PAPER, INK, SOFT, TRACK, BAR = "#ffffff", "#1b2126", "#515b64", "#eceff1", "#74848f"
FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansArabic-Regular.ttf")
"""The first that this machine has: it has Latin and Arabic letters, and the digits of both. Else Pillow's own."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def caption(digest: Digest, language: str) -> str:
    words = speak(language)
    question = key_question(digest)
    lines = [words.say("simulated")] if digest.simulated else []
    lines += [words.text(digest.title, digest.survey), words.say("made", date=words.date(digest.made_at))]
    if question:
        cells = [f"{label(cell, words)} {_value(cell, words)}" for cell in question.ranked()[:MOST]]
        lines += [quoted(question, words), words.list(cells), words.say("answered", n=question.n)]
    return "\n".join([*lines, words.say("trust_sample")])


def picture(digest: Digest, language: str) -> bytes | None:
    """A PNG; None where there is nothing to show."""
    question = key_question(digest)
    if question is None:
        return None
    words = speak(language)
    page = _Page(words, question, digest)
    out = io.BytesIO()
    page.drawn().save(out, "PNG", optimize=True)
    return out.getvalue()


class _Page:
    """Everything is placed from the side where the language begins."""

    def __init__(self, words: Language, question: Finding, digest: Digest) -> None:
        self.words = words
        self.rtl = words.direction == "rtl"
        self.cells = question.ranked()[:MOST]
        made = words.say("made", date=words.date(digest.made_at))
        answered = words.say("answered", n=question.n)
        self.title = list(self._wrapped(words.text(question.text, question.id), _font(TITLE)))
        self.notes = [
            *([(words.say("simulated"), INK)] if digest.simulated else []),
            (f"{answered} · {made}", SOFT),
        ]
        self.foot = list(self._wrapped(words.say("trust_sample"), _font(SMALL)))

    def drawn(self) -> Image.Image:
        notes = [line for text, _ in self.notes for line in self._wrapped(text, _font(SMALL))]
        high = (
            2 * EDGE + len(self.title) * (TITLE + 14) + (len(notes) + len(self.foot)) * (SMALL + 12) + 56
        ) + ROW * len(self.cells)
        image = Image.new("RGB", (WIDE, high), PAPER)
        self.pen = ImageDraw.Draw(image)
        y = EDGE
        for line in self.title:
            self._text(EDGE, y, line, TITLE, INK)
            y += TITLE + 14
        y += 8
        for text, colour in self.notes:
            for line in self._wrapped(text, _font(SMALL)):
                self._text(EDGE, y, line, SMALL, colour)
                y += SMALL + 12
        y += 24
        for cell in self.cells:
            self._bar(y, cell)
            y += ROW
        y += 24
        for line in self.foot:
            self._text(EDGE, y, line, SMALL, SOFT)
            y += SMALL + 12
        return image

    def _bar(self, y: int, cell: Cell) -> None:
        value = _value(cell, self.words)
        room = WIDE - 3 * EDGE - int(_font(TEXT).getlength(value, **self._shaped()))
        name = next(iter(self._wrapped(self.words.apart(label(cell, self.words)), _font(TEXT), room)), "")
        self._text(EDGE, y, name, TEXT, INK)
        self._text(EDGE, y, value, TEXT, INK, far=True)
        top, wide = y + TEXT + 18, WIDE - 2 * EDGE
        self._box(0, wide, top, top + THICK, TRACK)
        self._box(0, round(wide * (cell.share or 0.0)), top, top + THICK, BAR)
        low, high = (round(wide * (end or 0.0)) for end in (cell.low, cell.high))
        middle = top + THICK // 2
        self._box(low, high, middle - 2, middle + 2, INK)
        for end in (low, high):
            self._box(max(end - 2, 0), end + 2, middle - 10, middle + 10, INK)

    def _box(self, begin: int, end: int, top: int, bottom: int, colour: str) -> None:
        """From so many pixels after the side where the language begins."""
        left, right = EDGE + begin, EDGE + end
        if self.rtl:
            left, right = WIDE - right, WIDE - left
        self.pen.rectangle((left, top, max(left, right - 1), bottom - 1), fill=colour)

    def _text(self, x: int, y: int, text: str, size: int, colour: str, *, far: bool = False) -> None:
        on_right = self.rtl is not far
        at = (WIDE - x if on_right else x, y)
        self.pen.text(at, text, colour, _font(size), anchor="ra" if on_right else "la", **self._shaped())

    def _shaped(self) -> dict[str, Any]:
        """Letters join and run from right to left where this machine's Pillow can do that."""
        return {"direction": self.words.direction} if features.check("raqm") else {}

    def _wrapped(self, text: str, font: Font, wide: int = WIDE - 2 * EDGE) -> Iterator[str]:
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer, **self._shaped()) > wide:
                yield line
                line = word
            else:
                line = longer
        if line:
            yield line


def _value(cell: Cell, words: Language) -> str:
    return words.say("ranged", value=words.percent(cell.share or 0.0), range=share_range(cell, words))


def _font(size: int) -> Font:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
