"""Code schemes of Coda, in which Africa's Voices and others code messages by hand, as codebooks.

    import_scheme(source, filename, language) -> Scheme      raises SurveyError

A scheme's ordinary codes become codes. Its control codes say how far the coding has come, or that a message is none
for this question; its meta codes say what to do with a message. Neither says what somebody thinks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from surveys.codebook import load_codebook
from surveys.emit import Node, emit
from surveys.problem import Problem, SurveyError
from surveys.xlsform.marks import TO_WRITE
from surveys.xlsform.names import Names, as_id
from surveys.xlsform.report import Entry, Fate

MAX_BYTES: Final = 1024 * 1024
MAX_CODES: Final = 500

_CONTROL: Final = {
    "NA": "missing: here an answer that was not given is skipped",
    "NS": "skipped: here the conversation knows it",
    "NC": "not coded: here an answer without a code is not coded yet",
    "NR": "not reviewed: here an answer without a code is not reviewed yet",
    "NIC": "not consistent in itself: say it in a code of your own if you need it",
    "STOP": "STOP: here the person has left, and nothing is coded",
    "WS": "wrong scheme: here each codebook belongs to its question",
    "CE": "a mistake in coding: correct the code",
}
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Scheme:
    """The codebook's YAML, and what became of each code, by its place in the scheme from 1."""

    name: str
    yaml: str
    codes: int
    entries: tuple[Entry, ...]


def import_scheme(source: bytes, filename: str, language: str = "en") -> Scheme:
    """The codebook that a scheme becomes. `filename` only goes into problems."""
    data = _read(source, filename)
    codes: list[Node] = []
    entries: list[Entry] = []
    names, seen = Names("c"), set[str]()
    for place, code in enumerate(data["Codes"], start=1):
        if not isinstance(code, Mapping):
            entries.append(Entry("codes", place, Fate.REFUSED, "this is no code", "write a map with its fields"))
            continue
        entry, made = _code(place, code, language, names, seen)
        entries.append(entry)
        codes += [made] if made else []
    title = _text(data, "Name") or re.sub(r"\.\w+$", "", filename)
    name = as_id(title, "codes_")
    if not codes:
        raise SurveyError([Problem(filename, 1, 1, "no code of the scheme says what people mean; check the file")])
    yaml = emit({"name": name, "languages": [language], "codes": codes})
    load_codebook(yaml, filename)
    return Scheme(name, yaml, len(codes), tuple(entries))


def _read(source: bytes, filename: str) -> Mapping[str, Any]:
    def refuse(message: str, line: int = 1, column: int = 1) -> SurveyError:
        return SurveyError([Problem(filename, line, column, message)])

    if len(source) > MAX_BYTES:
        raise refuse("the file is larger than 1 MiB; a scheme is a few pages")
    try:
        data = json.loads(source.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise refuse("this is not UTF-8; save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise refuse(f"this is not JSON: {error.msg}", error.lineno, error.colno) from None
    except (RecursionError, ValueError):
        raise refuse("this is nested too deeply, or holds a number that is too long; a scheme is flat") from None
    if not isinstance(data, Mapping) or not isinstance(data.get("Codes"), list):
        raise refuse("this is no code scheme of Coda: it has no list `Codes`")
    if len(data["Codes"]) > MAX_CODES:
        raise refuse(f"more than {MAX_CODES} codes; nobody can tell so many apart")
    return data


def _code(
    place: int, code: Mapping[str, Any], language: str, names: Names, seen: set[str]
) -> tuple[Entry, dict[str, Node] | None]:
    shown = _text(code, "DisplayText") or _text(code, "StringValue")
    kind = _text(code, "CodeType") or "Normal"
    called = (_text(code, "StringValue") or shown or _text(code, "CodeID"))[:80]
    if kind == "Control":
        control = _text(code, "ControlCode") or called
        why = _CONTROL.get(control, "a control code: it says how far the coding is, not what people mean")
        return Entry("codes", place, Fate.ADAPTED, f"left out: {why}", name=called), None
    if kind != "Normal":
        why = "left out: a meta code says what to do with a message, not what people mean"
        return Entry("codes", place, Fate.ADAPTED, why, name=called), None
    if not shown:
        return Entry("codes", place, Fate.REFUSED, "the code has no name", "write its DisplayText", name=called), None
    if called.casefold() in seen:
        mend = "give one of them another StringValue"
        return Entry("codes", place, Fate.REFUSED, "another code is called so", mend, name=called), None
    seen.add(called.casefold())
    made = names.take(called, shown)
    done = [f"called '{made}'"] if made != called else []
    values = code.get("MatchValues")
    matches = [_plain(value) for value in values if isinstance(value, str)] if isinstance(values, list) else []
    keywords = list(dict.fromkeys(word for word in matches if sum(map(str.isalpha, word)) >= 2))[:MAX_CODES]
    if len(keywords) < len(set(matches)):
        done.append("MatchValues without two letters are left out: they would be found in most answers")
    keys: dict[str, Node] = {
        "id": made,
        "name": {language: shown},
        "definition": f"{TO_WRITE} what belongs under this code and what does not",
        **({"keywords": {language: keywords}} if keywords else {}),
    }
    return Entry(
        "codes", place, Fate.ADAPTED if done else Fate.IMPORTED, "; ".join(done) or "a code", name=called
    ), keys


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return _plain(value)[:500] if isinstance(value, str) else ""


def _plain(value: str) -> str:
    """Without what can't be seen, nor half a letter (a lone surrogate)."""
    return " ".join(_UNSEEN.sub(" ", value).encode("utf-8", "ignore").decode().split())
