"""Texts put into a poll where its author wrote the others: comments, layout and spelling of all the rest stay.

    with_texts(source, filename, texts, language, fallback) -> source

A change is a cut at a place that YAML's parser names, and what comes out is read again and compared with what was
meant before anybody sees it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import yaml

from surveys.problem import Problem, SurveyError
from surveys.reader import Path, read


@dataclass(frozen=True, slots=True, order=True)
class _Cut:
    """What stands from `start` to `end` becomes `text`."""

    start: int
    end: int
    text: str


def with_texts(source: str, filename: str, texts: Mapping[Path, str], language: str, fallback: str) -> str:
    """The source with each of `texts` as the text in `language` at its path, which holds a text or a map by language.

    A plain text becomes a map, under `fallback` what it was. Raises SurveyError where the source can't be read, before
    or after, and where a change can't be made by cuts alone.
    """
    before = read(source, filename)
    wanted = deepcopy(before.data)
    bare = source.removeprefix("\ufeff")
    root = yaml.compose(bare, Loader=yaml.CSafeLoader)
    cuts = []
    for path, given in texts.items():
        text = unicodedata.normalize("NFC", given)  # as the reader reads it
        _change(wanted, path, text, language, fallback)
        *above, node = _way(root, path)
        cuts.append(_cut(bare, above[-1], node, language, fallback, text))
    changed = bare
    for cut in sorted(cuts, reverse=True):
        changed = changed[: cut.start] + cut.text + changed[cut.end :]
    if read(changed, filename).data != wanted:
        message = "the translations can't be put into this file without changing more of it; write each text as a map"
        raise SurveyError([Problem(filename, 1, 1, f"{message}, `{fallback}: ...`, and try again")])
    return source[: len(source) - len(bare)] + changed


def _change(tree: Any, path: Path, text: str, language: str, fallback: str) -> None:
    for part in path[:-1]:
        tree = tree[part]
    there = tree[path[-1]]
    if isinstance(there, str):
        there = {} if language == fallback else {fallback: there}
    tree[path[-1]] = {**there, language: text}


def _way(node: Any, path: Path) -> list[Any]:
    """The nodes from the root to the one at `path`."""
    way = [node]
    for part in path:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == part)
        else:
            node = node.value[part]
        way.append(node)
    return way


def _cut(source: str, above: Any, node: Any, language: str, fallback: str, text: str) -> _Cut:
    if isinstance(node, yaml.ScalarNode):
        return _made_a_map(source, above, node, f"{language}: {quoted(text)}", fallback)
    for key, value in node.value:
        if key.value == language:
            return _Cut(*_span(source, value), quoted(text))
    entry = f"{language}: {quoted(text)}"
    _, end = _span(source, node.value[-1][1])
    if node.flow_style:
        return _Cut(end, end, f", {entry}")
    line_end = source.find("\n", end)
    line_end = len(source) if line_end < 0 else line_end - source[:line_end].endswith("\r")
    indent = " " * node.value[0][0].start_mark.column
    return _Cut(line_end, line_end, f"{_line_break(source)}{indent}{entry}")


def _made_a_map(source: str, above: Any, node: yaml.ScalarNode, entry: str, fallback: str) -> _Cut:
    """A plain text, as a map of two languages: in lines of its own where its surroundings are."""
    start, end = _span(source, node)
    written = source[start:end]
    if "\n" in written or node.style in {"|", ">"}:
        written = quoted(node.value)
    if above.flow_style:
        return _Cut(start, end, f"{{{fallback}: {written}, {entry}}}")
    key = next(key for key, value in above.value if value is node)
    line = f"{_line_break(source)}{' ' * (key.start_mark.column + 2)}"
    start = len(source[:start].rstrip(" "))
    return _Cut(start, end, f"{line}{fallback}: {written}{line}{entry}")


def _span(source: str, node: yaml.Node) -> tuple[int, int]:
    """Where a node is written, without the empty lines that block texts swallow."""
    start, end = node.start_mark.index, node.end_mark.index
    return start, start + len(source[start:end].rstrip())


def _line_break(source: str) -> str:
    return "\r\n" if "\r\n" in source else "\n"


def quoted(text: str) -> str:
    """A YAML scalar of one line that is read as this text anywhere."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
