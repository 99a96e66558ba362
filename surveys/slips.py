"""Slips that a YAML parser stumbles over and can't name: seen in the text itself, where it stopped or a line before."""

from __future__ import annotations

import re
from typing import Final

_SPACES: Final = "\xa0\u2007\u202f\u3000"
_CURVED: Final = "\u2018\u2019\u201c\u201d\u201e\u201f"

_SLIPS: Final = (
    (
        re.compile(rf"(?:^|[:,{{-]) *(?P<at>[{_SPACES}])"),
        "this looks like a space, and is a no-break space; write a plain one",
    ),
    (re.compile(r"^ *(?P<at>-)[A-Za-z_]+ *:"), "a space is missing after this `-`"),
    (
        re.compile(rf"[:,{{\[-] +(?P<at>[{_CURVED}])"),
        'curved quotes are letters like others; write straight ones: "..."',
    ),
    (re.compile(r": +(?P<at>\{)[a-z_]*\} *[^ ,}]"), 'a text that begins with { needs quotes: "{...} ..."'),
)


def slip(text: str, line: int) -> tuple[int, int, str] | None:
    """Line, column and sentence for the slip that explains why the parser stopped in `line`; None where none shows."""
    lines = text.split("\n")
    before = next((at for at in range(min(line, len(lines)) - 1, 0, -1) if lines[at - 1].strip()), 0)
    for number in (line, before):
        if not 0 < number <= len(lines):
            continue
        for pattern, message in _SLIPS:
            if found := pattern.search(lines[number - 1]):
                return number, found.start("at") + 1, message
    return None
