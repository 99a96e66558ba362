"""The options of a poll's questions as lists of the choices sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from surveys.definition import QuestionDefinition
from surveys.reader import Path
from surveys.xlsform.report import Unfit
from surveys.xlsform.spoken import called

_SELECTS: Final = {"one-of": "select_one", "many-of": "select_multiple", "ranking": "rank"}
_YES: Final = {
    "en": ("Yes", "No"),
    "fr": ("Oui", "Non"),
    "ar": ("نعم", "لا"),
    "sw": ("Ndiyo", "Hapana"),
    "es": ("Sí", "No"),
    "pt": ("Sim", "Não"),
}
_YES_NO: Final = "yes_no"
_OFFERED: Final = "offered"
"""The column of the choices sheet by which options are offered to some people only."""

Row = dict[str, str]


@dataclass(slots=True)
class Lists:
    """The lists that were needed so far, and their rows."""

    languages: list[str]
    fallback: str
    leave: Callable[[Path, str], None]
    rows: list[Row] = field(default_factory=list)
    _known: dict[tuple[tuple[tuple[str, str], ...], ...], str] = field(default_factory=dict)

    def select(self, path: Path, question: QuestionDefinition, condition: Callable[[str | None], str]) -> Row:
        """The type and what goes with it. Raises Unfit."""
        if question.type in {"yes-no", "phone-consent"}:
            return {"type": f"select_one {self._named(_YES_NO, self._yes_no())}"}
        if question.type == "place":
            self.leave(path, f"put the places of '{question.gazetteer}' beside the form, as {question.gazetteer}.csv")
            return {"type": f"select_one_from_file {question.gazetteer}.csv"}
        rows, filters = [], []
        for index, option in enumerate(question.options or ()):
            row = {"name": option.id, **self._labels(option.label)}
            if option.when is not None:
                try:
                    when = condition(option.when)
                except Unfit as unfit:
                    self.leave((*path, "options", index), f"option '{option.id}' is left out: {unfit}")
                    continue
                filters.append(when)
                row[_OFFERED] = str(len(filters))
            rows.append(row)
        made: Row = {"type": f"{_SELECTS[question.type]} {self._named(question.id, rows)}"}
        if filters:
            offered = [f"({_OFFERED}='{number}' and ({when}))" for number, when in enumerate(filters, start=1)]
            made["choice_filter"] = " or ".join((f"{_OFFERED}=''", *offered))
        if question.order is not None:
            made["parameters"] = "randomize=true"
        if question.maximum is not None:
            made["constraint"] = f"count-selected(.) <= {question.maximum}"
        return made

    def _named(self, name: str, rows: list[Row]) -> str:
        """The list's name; lists that are the same are written once."""
        key = tuple(tuple(row.items()) for row in rows)
        if key not in self._known:
            taken = set(self._known.values())
            free = name if name not in taken else f"{name}_choices"
            self._known[key] = free
            self.rows += [{"list_name": free, **row} for row in rows]
        return self._known[key]

    def _labels(self, label: Mapping[str, str]) -> Row:
        texts = {language: label.get(language, "") for language in self.languages}
        texts[self.fallback] = texts[self.fallback] or label.get("", "")
        return {f"label::{called(language)}": text for language, text in texts.items() if text}

    def _yes_no(self) -> list[Row]:
        spoken = {language: _YES[language] for language in self.languages if language in _YES}
        spoken.setdefault(self.fallback, _YES["en"])
        return [
            {"name": name, **self._labels({language: words[place] for language, words in spoken.items()})}
            for place, name in enumerate(("yes", "no"))
        ]
