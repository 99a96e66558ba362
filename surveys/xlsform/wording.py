"""A form's texts as those of a poll: by language code, without mark-up, with `{name}` for `${name}`."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from surveys.xlsform.report import Unfit

MAX_TEXT: Final = 5_000
"""Characters that surveys/reader.py takes in one text."""

_REF: Final = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_TAG: Final = re.compile(r"<(/?[a-zA-Z][^<>]*)>")
_MARKS: Final = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_SLANTED: Final = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^*_]+?)(?<=[^\s*_])\1(?![\w*])")
_HEAD: Final = re.compile(r"^#{1,6}\s+", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]\[]+)\]\((https?://[^)\s]+)\)")
_UNSEEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]"
)
_LIKE_HOLES: Final = re.compile(r"%\(\w*\)\w?|%[sdifr]\b|[{}]")


@dataclass(slots=True)
class Wording:
    """`codes` are the languages' codes as the form writes them, `main` the one that the others fall back on.

    `changes` gathers what was done to the texts of the row at hand.
    """

    codes: Mapping[str, str]
    main: str
    changes: list[str] = field(default_factory=list)

    def text(self, texts: Mapping[str, str], put_in: Callable[[str], str]) -> dict[str, str]:
        """By language code; {} where there is none. `put_in` gives the id that stands for a row's name."""
        found: dict[str, str] = {}
        for language, written in texts.items():
            short = self.codes.get(language, self.main)
            clean = self.clean(written, put_in)
            if clean and (language or short not in found):
                found[short] = clean
        if found and self.main not in found:
            first = next(iter(found))
            found = {self.main: found[first], **found}
            self.changes.append(f"there is no text in {self.main}; the one in {first} stands in its place")
        return {short: found[short] for short in dict.fromkeys([self.main, *self.codes.values()]) if short in found}

    def clean(self, written: str, put_in: Callable[[str], str]) -> str:
        held: list[str] = []

        def hold(found: re.Match[str]) -> str:
            held.append("{" + put_in(found[1]) + "}")
            return "\ufdd0"

        text = _UNSEEN.sub("", written)
        text = _REF.sub(hold, text.replace("\ufdd0", ""))
        plain = html.unescape(_TAG.sub(_break, text))
        plain = _LINK.sub(r"\1 (\2)", plain)
        plain = _HEAD.sub("", _SLANTED.sub(r"\2", _MARKS.sub(r"\2", plain)))
        if plain != text:
            self._changed("mark-up (bold, colours, links) is left out: a message is plain text")
        tidy = _LIKE_HOLES.sub(_no_hole, plain)
        if tidy != plain:
            self._changed("curly brackets and % signs in the text are written otherwise")
        tidy = "\n".join(" ".join(line.split()) for line in tidy.splitlines()).strip()
        tidy = re.sub(r"\n{3,}", "\n\n", _UNSEEN.sub("", tidy))
        if len(tidy) > MAX_TEXT:
            raise Unfit(
                f"a text of more than {MAX_TEXT} characters", "make it short: each 160 characters are a message"
            )
        return re.sub("\ufdd0", lambda _: held.pop(0), tidy)

    def _changed(self, what: str) -> None:
        if what not in self.changes:
            self.changes.append(what)

    def taken(self) -> Iterable[str]:
        """What was done since the last call."""
        changes, self.changes = self.changes, []
        return changes


def _break(found: re.Match[str]) -> str:
    return "\n" if found[1].lower().strip("/ ").startswith(("br", "p", "div", "li")) else ""


def _no_hole(found: re.Match[str]) -> str:
    return {"{": "(", "}": ")"}.get(found[0], found[0].replace("%", "% "))
