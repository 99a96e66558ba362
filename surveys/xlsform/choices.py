"""The choices sheet: lists of choices as the options of questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from surveys.expressions import RESERVED
from surveys.match import normalise
from surveys.xlsform.columns import Row, Table
from surveys.xlsform.names import Names
from surveys.xlsform.report import Entry, Fate, Unfit
from surveys.xlsform.wording import Wording

_YES: Final = frozenset({"yes", "y", "oui", "true", "si", "sim", "ndiyo", "naam"})
_NO: Final = frozenset({"no", "n", "non", "false", "nao", "hapana", "la"})
_OTHER: Final = {"en": "Other", "fr": "Autre", "ar": "غير ذلك", "sw": "Nyingine", "es": "Otro", "pt": "Outro"}
OTHER: Final = "other"
"""How a form names what `or_other` adds."""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a list. `name` is the form's, `id` the poll's; `row` is None for what `or_other` adds."""

    name: str
    id: str
    label: Mapping[str, str]
    row: Row | None = None

    def column(self, heading: str) -> str | None:
        """What the choice has in another column; None where there is no such column in its row."""
        if heading == "name":
            return self.name
        if self.row is None:
            return None
        cells = {**self.row.values, **self.row.extra}
        near = {key.casefold(): value for key, value in cells.items()}
        return cells.get(heading, near.get(heading.casefold()))


@dataclass(frozen=True, slots=True)
class Options:
    """One list, ready to be asked. `yes` and `no` are the names of a list that is yes or no, else ""."""

    options: tuple[Option, ...]
    yes: str = ""
    no: str = ""

    @property
    def scale(self) -> tuple[int, int] | None:
        """The ends of a list that counts up, each number called and labelled so."""
        numbers = [option.name for option in self.options]
        if len(numbers) < 3 or not all(name.isascii() and name.isdigit() and len(name) < 3 for name in numbers):
            return None
        if any(set(option.label.values()) != {option.name} for option in self.options):
            return None
        low, high = int(numbers[0]), int(numbers[-1])
        return (low, high) if [*map(int, numbers)] == [*range(low, high + 1)] and high <= 10 else None


@dataclass(slots=True)
class Choices:
    """The lists of a form, by name. `entries` says what became of their rows; `used` are those that a question took."""

    table: Table
    wording: Wording
    entries: list[Entry] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    _lists: dict[str, list[Row]] = field(default_factory=dict)
    _made: dict[str, Options] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.table.rows:
            if row.get("list_name"):
                self._lists.setdefault(row.get("list_name"), []).append(row)
            else:
                self.entries.append(row.entry(Fate.REFUSED, "the choice belongs to no list", "write its list_name"))

    @property
    def headings(self) -> frozenset[str]:
        return frozenset(heading.casefold() for heading in self.table.headings) | {"name", "label"}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._lists)

    def of(self, name: str) -> Options:
        """The options of a list. Raises Unfit where there are none."""
        if name not in self._lists:
            near = {each.casefold(): each for each in self._lists}
            if name.casefold() not in near:
                raise Unfit(f"there is no list '{name[:40]}' in the choices sheet", "write its choices there")
            name = near[name.casefold()]
        if name not in self._made:
            self._made[name] = self._make(self._lists[name])
        self.used.add(name)
        if not self._made[name].options:
            raise Unfit(f"the list '{name[:40]}' has no choice left", "mend its rows in the choices sheet")
        return self._made[name]

    def _make(self, rows: list[Row]) -> Options:
        names = Names("o", RESERVED)
        seen: set[str] = set()
        labels: dict[tuple[str, str], int] = {}
        options = []
        for row in rows:
            try:
                option = self._option(row, names, seen, labels)
            except Unfit as unfit:
                self.entries.append(row.entry(Fate.REFUSED, str(unfit), unfit.mend))
                continue
            options.append(option)
        return _yes_or_no(tuple(options), self.wording.main)

    def _option(self, row: Row, names: Names, seen: set[str], labels: dict[tuple[str, str], int]) -> Option:
        name = row.get("name")
        label = self.wording.text(row.texts.get("label", {}), _nothing_to_put_in)
        done = list(self.wording.taken())
        if not name and not label:
            raise Unfit("the choice has neither a name nor a label", "write both, or take the row out")
        if name in seen:
            raise Unfit(f"the list has the choice '{name[:40]}' twice", "give this one another name, or take it out")
        seen.add(name)
        if not label:
            label = {self.wording.main: self.wording.clean(name, _nothing_to_put_in) or name}
            done.append("it has no label; its name is what people read")
        for language, text in label.items():
            first = labels.setdefault((language, normalise(text) or text), row.number)
            if first != row.number:
                raise Unfit(f"it reads the same as the choice in row {first}", "tell the two apart")
        made = names.take(name, label.get("en", next(iter(label.values())))[:30])
        if made != name:
            done.append(f"it is stored as '{made}'")
        if "media" in row.texts:
            done.append("pictures and sound of a choice are not sent")
        self.entries.append(row.entry(Fate.ADAPTED if done else Fate.IMPORTED, "; ".join(done) or "an option"))
        return Option(name or made, made, label, row)

    def unused(self) -> Iterator[Entry]:
        """The rows of lists that no question of the poll took."""
        for name, rows in self._lists.items():
            if name not in self.used:
                yield from (
                    row.entry(Fate.ADAPTED, f"left out: no question of the poll chooses from '{name[:40]}'")
                    for row in rows
                )


def _nothing_to_put_in(name: str) -> str:
    raise Unfit(f"an answer (${{{name[:40]}}}) can't be put into a choice", "write the choice in full")


def _yes_or_no(options: tuple[Option, ...], main: str) -> Options:
    """A list of yes and no, by its names or by its English labels, in any order."""
    if len(options) == 2:
        for one, other in (options, options[::-1]):
            said = (one.name, other.name), (_label(one, main), _label(other, main))
            if any(_plain(first) in _YES and _plain(second) in _NO for first, second in said):
                return Options(options, one.name, other.name)
    return Options(options)


def _label(option: Option, main: str) -> str:
    return option.label.get("en", option.label.get(main, ""))


def _plain(text: str) -> str:
    return normalise(text).strip(" .!")


def with_other(options: Options, languages: tuple[str, ...]) -> Options:
    """The list with one more choice, where it has none of that name."""
    if any(OTHER in {option.id, option.name} for option in options.options):
        return Options(options.options)
    label = {language: _OTHER[language] for language in languages if language in _OTHER}
    label.setdefault(languages[0], _OTHER["en"])
    return Options((*options.options, Option(OTHER, OTHER, label)))
