"""Whether the options of a question can be told apart by what people type."""

from __future__ import annotations

from surveys.languages import Languages
from surveys.match import normalise
from surveys.model import Choice
from surveys.reader import Path
from surveys.validate import Findings


def check_options(findings: Findings, languages: Languages, path: Path, options: tuple[Choice, ...]) -> None:
    """Report ids that come twice, and labels or numbers that would mean two options."""
    ids: set[str] = set()
    for index, option in enumerate(options):
        if option.id in ids:
            findings.add((*path, index, "id"), f"option '{option.id}' is here twice; give this one another id")
        ids.add(option.id)
    taken: dict[tuple[str, str], int] = {}
    for index, option in enumerate(options):
        twins: dict[int, str] = {}
        for language, label in option.label.items():
            first = taken.setdefault((language, same(label)), index)
            if first != index:
                twins.setdefault(first, language)
            bare = label.strip(" .)")
            if bare.isdecimal() and len(bare) < 4 and int(bare) != index + 1 and 1 <= int(bare) <= len(options):
                findings.add(
                    languages.where((*path, index, "label"), language),
                    f"label '{label}' is what people type for option {int(bare)}; give it a word, or move it there",
                )
        for first, language in twins.items():
            findings.add(
                languages.where((*path, index, "label"), language),
                f"option {index + 1} reads the same as option {first + 1} in {language}; tell them apart",
            )


def same(text: str) -> str:
    """What two spellings have in common that people would take for one: case, width, accents, spacing."""
    return normalise(text) or text
