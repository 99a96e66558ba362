"""Random polls as authors write them: trees with groups, repeats, skips, drawn orders, quotas, ends and statements."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

LANGUAGES = ("en", "am", "ar", "fr", "ha", "so", "sw")
USABLE = {"yes-no", "one-of", "many-of", "number", "scale", "value"}
ASKING = ("yes-no", "one-of", "many-of", "ranking", "number", "scale", "date", "open", "picture")
WORDS = {"en": "Question", "am": "ጥያቄ", "ar": "سؤال", "fr": "Où ça", "ha": "Tambaya", "so": "Su'aal", "sw": "Swali"}


@dataclass
class Writing:
    """What was written so far: ids by what conditions can do with them."""

    languages: tuple[str, ...]
    count: int = 0
    usable: list[tuple[str, str]] = field(default_factory=list)

    def name(self, letter: str = "q") -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def text(self, name: str, draw: st.DrawFn) -> dict[str, str]:
        piped = ""
        if self.usable and draw(st.integers(0, 4)) == 0:
            piped = f" {{{draw(st.sampled_from(self.usable))[0]}}}"
        padding = draw(st.sampled_from(["", " and more", " word" * 40]))
        return {language: f"{WORDS[language]} {name}{piped}{padding}" for language in self.languages}

    def condition(self, draw: st.DrawFn) -> str | None:
        if not self.usable or draw(st.booleans()):
            return None
        name, kind = draw(st.sampled_from(self.usable))
        holds = {
            "yes-no": f"{name} == yes",
            "one-of": f"{name} in (a, b)",
            "many-of": f"{name} includes a",
            "number": f"{name} + 1 > 3",
            "scale": f"{name} >= 3",
            "arm": f"{name} == left",
            "value": f"{name} > 2",
        }[kind]
        return draw(st.sampled_from([holds, f"not {holds}", f"{holds} or answered({name})"]))


def _options(writing: Writing, draw: st.DrawFn) -> list[dict[str, Any]]:
    options = []
    for place in "abcde"[: draw(st.integers(2, 5))]:
        option: dict[str, Any] = {"id": place, "label": dict.fromkeys(writing.languages, f"Label {place}")}
        when = writing.condition(draw)
        if when and draw(st.integers(0, 3)) == 0:
            option["when"] = when
        options.append(option)
    return options


def _asking(writing: Writing, draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(ASKING))
    name = writing.name()
    made: dict[str, Any] = {"id": name, "type": kind, "text": writing.text(name, draw), "purpose": "to know"}
    if kind in {"one-of", "many-of", "ranking"}:
        made["options"] = _options(writing, draw)
        made |= {"order": "random"} if draw(st.booleans()) else {}
    if kind in {"number", "scale"}:
        made |= {"minimum": "1", "maximum": "5"}
    made |= {"required": "no"} if draw(st.booleans()) else {}
    made |= {"relevant": "yes"} if draw(st.booleans()) else {}
    if (when := writing.condition(draw)) and draw(st.booleans()):
        made["instead"] = [{"when": when, "text": writing.text(f"{name} instead", draw)}]
    return made


def _silent(writing: Writing, draw: st.DrawFn) -> dict[str, Any]:
    name = writing.name()
    numbers = [one for one, kind in writing.usable if kind in {"number", "scale", "value"}]
    kinds = ["note", "statements", *(["value"] if numbers else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "note":
        return {"id": name, "type": "note", "text": writing.text(name, draw)}
    if kind == "value":
        return {"id": name, "type": "value", "value": f"{numbers[0]} * 2 + 1", "purpose": "to compute"}
    return {
        "id": name,
        "type": "statements",
        "text": dict.fromkeys(writing.languages, "Agree?"),
        "purpose": "to compare",
        "show": "2",
        "statements": [
            {"id": place, "text": dict.fromkeys(writing.languages, f"Statement {place}")} for place in "xyz"
        ],
    }


def _group(writing: Writing, draw: st.DrawFn, depth: int, drawn: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"id": writing.name("g"), "type": "group"}
    if drawn or draw(st.booleans()):
        return made | {"questions": _list(writing, draw, depth - 1, drawn)}
    before, inside = list(writing.usable), []
    for _ in range(draw(st.integers(1, 3))):
        inside += _list(writing, draw, 0, drawn=True)[:1]
        writing.usable = list(before)
    return made | {"order": "random", "questions": inside}


def _repeat(writing: Writing, draw: st.DrawFn, count: str) -> dict[str, Any]:
    before = list(writing.usable)
    inside = [{**_asking(writing, draw), "text": {"en": "Number {number}"}} for _ in range(2)]
    writing.usable = before
    return {"id": writing.name("r"), "type": "repeat", "count": count, "most": "3", "questions": inside}


def _item(writing: Writing, draw: st.DrawFn, depth: int, drawn: bool) -> dict[str, Any]:
    shape = draw(st.sampled_from(["ask", "ask", "ask", "silent", "group", "repeat", "end"]))
    numbers = [name for name, kind in writing.usable if kind == "number"]
    when = writing.condition(draw)
    if shape == "group" and depth:
        made = _group(writing, draw, depth, drawn)
    elif shape == "repeat" and depth and numbers:
        made = _repeat(writing, draw, numbers[0])
    elif shape == "end" and when:
        outcome = draw(st.sampled_from(["completed", "ineligible"]))
        made = {"id": writing.name("e"), "type": "end", "outcome": outcome}
    else:
        made = _silent(writing, draw) if shape == "silent" else _asking(writing, draw)
    if when and made["type"] not in {"value", "statements"}:
        made["when"] = when
    return made


def _list(writing: Writing, draw: st.DrawFn, depth: int, drawn: bool = False) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 4))):
        one = _item(writing, draw, depth, drawn)
        made.append(one)
        if one["type"] in USABLE and not one.get("when"):
            writing.usable.append((one["id"], one["type"]))
    if not drawn and len(made) > 2 and "options" in made[0] and draw(st.booleans()):
        only = {"when": f"answered({made[0]['id']})"} if draw(st.booleans()) else {}
        made[0]["skip"] = {"to": draw(st.sampled_from([made[-1]["id"], "end"])), **only}
    return made


@st.composite
def written_polls(draw: st.DrawFn) -> str:
    """A poll's YAML (as JSON, which is YAML): most of them load; what the loader says of the others is a sentence."""
    languages = ("en", *draw(st.sets(st.sampled_from(LANGUAGES[1:]), max_size=2)))
    writing = Writing(languages)
    poll: dict[str, Any] = {
        "name": "made",
        "languages": list(languages),
        "title": "Made",
        "sender": "Forum",
        "keywords": ["MADE"],
        "consent": {"version": "1", "text": "Join?"},
        "thanks": "Thank you",
        "partial": "0",
    }
    if draw(st.booleans()):
        poll["experiments"] = [{"id": "arm", "arms": ["left", "right"]}]
        writing.usable.append(("arm", "arm"))
    poll["questions"] = _list(writing, draw, 2)
    if writing.usable and draw(st.booleans()) and (when := writing.condition(draw)):
        poll["quotas"] = [{"id": "cell", "when": when, "limit": "3"}]
    if writing.usable and draw(st.booleans()) and (when := writing.condition(draw)):
        poll["eligible"] = {"when": when, "text": "Not for you."}
    return json.dumps(poll, ensure_ascii=False, indent=1)
