"""A codebook to begin with: what people's answers speak of, by language, and the sheet that a person makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.themes import suggest
from analysis.tongue import Tongues
from surveys.emit import Node, emit
from surveys.xlsform.marks import TO_WRITE


@dataclass(frozen=True, slots=True)
class Group:
    """Answers in one language that speak of like things: how many, the words that set them apart, and the answers that
    are most of all so."""

    language: str
    size: int
    words: tuple[str, ...]
    typical: tuple[str, ...]


def groups(
    said: Sequence[tuple[str, str]], languages: Sequence[str], many: int | None = None, typical: int = 5
) -> list[Group]:
    """Of texts, each with the language that its person chose: languages apart, as they share few words."""
    tongues = Tongues(languages)
    by_language: dict[str, list[str]] = {}
    for text, chosen in said:
        by_language.setdefault(tongues(text, chosen), []).append(text)
    return [
        Group(language, theme.size, theme.words, tuple(texts[place] for place in theme.typical))
        for language, texts in sorted(by_language.items(), key=lambda item: -len(item[1]))
        for theme in suggest(texts, many, typical=typical)
    ]


def sheet(name: str, found: Sequence[Group], languages: Sequence[str]) -> str:
    """A codebook in YAML whose codes are to be named, joined and defined. It holds words, and nobody's answer."""
    codes: list[Node] = [
        {
            "id": f"theme_{place}",
            "name": dict.fromkeys(languages, TO_WRITE),
            "definition": f"{TO_WRITE} what belongs here and what does not",
            **({"keywords": {one.language: keywords}} if (keywords := _keywords(one)) else {}),
        }
        for place, one in enumerate(found, start=1)
    ]
    return emit({"name": name, "languages": list(languages), "codes": codes})


def _keywords(one: Group) -> list[Node]:
    return [word for word in one.words if sum(map(str.isalpha, word)) > 2]
