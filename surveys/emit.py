"""A tree as YAML that an author would have written: the way back of surveys/reader.py.

Scalars are strings. `Noted` puts a comment behind a value, or above it where the value takes several lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WIDE: Final = 116
_PLAIN: Final = re.compile(r"\w[\w .;()/!%&*+<>='’؟،?-]*(?<![ ])")
_PLAIN_IN_A_LINE: Final = re.compile(r"\w[\w .,;()/!%&*+<>='’؟،?-]*(?<![ ])")
"""Where no brackets are around."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A value, and what is said of it to whoever reads the file. "" as value: the comment alone."""

    value: Node
    comment: str


Node = str | Mapping[str, "Node"] | Sequence["Node"] | Noted


def emit(tree: Mapping[str, Node]) -> str:
    """The lines of a map, ended by a line feed."""
    return "\n".join(_map(tree, "")) + "\n"


def _map(tree: Mapping[str, Node], indent: str) -> Iterator[str]:
    for key, node in tree.items():
        comment = ""
        if isinstance(node, Noted):
            comment = f"# {node.comment}"
            node = node.value  # noqa: PLW2901 - unwrapped
        head = f"{indent}{_scalar(key)}:"
        line = _scalar(node, alone=True) if isinstance(node, str) else _flow(node)
        if line is not None and (isinstance(node, str) or len(head) + len(line) <= WIDE):
            if comment and len(head) + len(line) + len(comment) <= WIDE:
                yield f"{head} {line}  {comment}"
                continue
            if comment:
                yield indent + comment
            yield f"{head} {line}"
            continue
        if comment:
            yield indent + comment
        yield head
        yield from _map(node, indent + "  ") if isinstance(node, Mapping) else _list(node, indent + "  ")


def _list(nodes: Node, indent: str) -> Iterator[str]:
    assert not isinstance(nodes, (str, Noted, Mapping))
    for node in nodes:
        line = _flow(node)
        if line is not None and len(indent) + 2 + len(line) <= WIDE:
            yield f"{indent}- {line}"
        elif isinstance(node, str):
            yield f"{indent}- {_scalar(node)}"
        elif isinstance(node, Mapping):
            first, *rest = _map(node, "")
            yield f"{indent}- {first}"
            for each in rest:
                yield f"{indent}  {each}" if each else ""
        else:
            raise TypeError("a list in a list has no place in a poll")


def _flow(node: Node) -> str | None:
    """The node in one line. None where it has a comment in it, or is a list of maps."""
    if isinstance(node, Noted):
        return None
    if isinstance(node, str):
        return _scalar(node)
    if isinstance(node, Mapping):
        parts = {key: _flow(value) for key, value in node.items()}
        if "id" in node and not ({"label", "text", "name"} & set(node) and len(node) < 4):
            return None
        if any(part is None for part in parts.values()):
            return None
        return "{" + ", ".join(f"{_scalar(key)}: {part}" for key, part in parts.items()) + "}"
    lines = [_flow(part) for part in node]
    if any(line is None for line in lines) or any(isinstance(part, Mapping) for part in node):
        return None
    return "[" + ", ".join(filter(None, lines)) + "]"


def _scalar(text: str, *, alone: bool = False) -> str:
    """Plain where nothing in it could be taken for YAML, else in double quotes, whose escapes are JSON's."""
    plain = (_PLAIN_IN_A_LINE if alone else _PLAIN).fullmatch(text)
    return text if plain else json.dumps(text, ensure_ascii=False)
