"""The survey sheet as the tree of a poll's questions: each row is imported, adapted or refused; none is left over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from surveys.emit import Node
from surveys.problem import did_you_mean
from surveys.reader import Path
from surveys.xlsform import conditions, finished, repeats, xpath
from surveys.xlsform.asked import Around, Asked, make
from surveys.xlsform.choices import Choices
from surveys.xlsform.columns import Row
from surveys.xlsform.fields import Field, Several
from surveys.xlsform.finished import YES
from surveys.xlsform.kinds import KINDS, Kind, Type, kind_of
from surveys.xlsform.marks import CONSENT, PURPOSE, THANKS
from surveys.xlsform.names import Names
from surveys.xlsform.report import Entry, Fate, Unfit
from surveys.xlsform.wording import Wording
from surveys.xlsform.written import written


@dataclass(slots=True)
class Part:
    """A question, group or repeat of the poll, and the row that it comes from."""

    row: Row
    keys: dict[str, Node]
    inside: list[Part] | None = None


@dataclass(slots=True)
class _Open:
    """A group or repeat that has not ended. `refused` says of which row it is that nothing in it can be asked."""

    kind: str
    row: Row
    part: Part
    repeat: str = ""
    always: bool = True
    refused: bool = False

    @property
    def unfit(self) -> Unfit:
        where = f"'{self.row.get('type')[:40]}' of row {self.row.number}"
        return Unfit(f"it stands in {where}, which is refused", "mend that row first")


@dataclass(slots=True)
class Rows:
    """Walks over the rows once, in order."""

    choices: Choices
    wording: Wording
    gazetteer: str = ""
    entries: list[Entry] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    around: Around = field(init=False)
    _open: list[_Open] = field(default_factory=list)
    _names: Names = field(default_factory=lambda: Names("q_"))
    _fields: dict[str, Field] = field(default_factory=dict)
    _lost: dict[str, int] = field(default_factory=dict)
    _twice: set[str] = field(default_factory=set)
    _later: dict[str, int] = field(default_factory=dict)
    _row: Row | None = None

    def __post_init__(self) -> None:
        self.around = Around(self.choices, self.wording, self.known, self.gazetteer)

    def walk(self, rows: tuple[Row, ...]) -> None:
        for row in rows:
            if row.get("name"):
                self._later[row.get("name")] = row.number
        for row in rows:
            self._row = row
            self._take(row)
            self.wording.taken()
        while self._open:
            left = self._open[-1].row
            self.entries.append(
                left.entry(Fate.REFUSED, "it is opened and never closed", "add its end row where it should end")
            )
            self._close()

    # Names

    def known(self, name: str) -> Field:
        """The field of a row's name, seen from the row at hand. Raises Unfit."""
        if name in self._twice:
            raise Unfit(f"two rows are called '{name[:40]}'", "give each a name of its own")
        if name in self._fields:
            found = self._fields[name]
            if found.repeat and found.repeat not in {each.repeat for each in self._open}:
                raise Several(found, name)
            return found
        if name in self._lost:
            raise Unfit(f"'{name[:40]}' (row {self._lost[name]}) is not part of the poll", "mend that row first")
        if self._row is not None and name == self._row.get("name"):
            raise Unfit(f"'{name[:40]}' looks at itself", "name an earlier row")
        if name in self._later:
            raise Unfit(f"'{name[:40]}' is asked only later, in row {self._later[name]}", "move that row up")
        raise Unfit(f"there is no row '{name[:40]}'", f"check the name{did_you_mean(name, self._fields)}")

    def _put_in(self, name: str) -> str:
        found = self.known(name)
        if found.type in {"picture", "voice"}:
            raise Unfit(f"'{name[:40]}' is no text that could be put into another", "take it out of the text")
        return found.id

    @property
    def _repeat(self) -> str:
        """The id of the repeat that is open, "" where none is."""
        return next((each.repeat for each in self._open if each.repeat), "")

    def _lose(self, row: Row) -> None:
        if name := row.get("name"):
            self._lost.setdefault(name, row.number)

    def _keep(self, name: str, found: Field) -> None:
        if name in self._fields:
            self._twice.add(name)
        self._fields[name] = found

    # Rows

    def _take(self, row: Row) -> None:
        try:
            self._sort(row)
        except Unfit as unfit:
            self._lose(row)
            self.entries.append(row.entry(Fate.REFUSED, str(unfit), unfit.mend))

    def _sort(self, row: Row) -> None:
        kind = kind_of(row.get("type")) if row.get("type") else Type("")
        if kind.name.startswith("end_"):
            self._end(row, kind)
        elif row.get("disabled").lower() in YES:
            self._lose(row)
            self.entries.append(row.entry(Fate.ADAPTED, "left out: it is disabled"))
        elif kind.name.startswith("begin_"):
            self._begin(row, kind)
        elif self._open and self._open[-1].refused:
            raise self._open[-1].unfit
        elif not kind.name:
            self._typeless(row)
        else:
            self._ask(row, kind, self._kind(kind, row))

    def _typeless(self, row: Row) -> None:
        if row.get("name") or row.texts:
            raise Unfit("the row has no type", "write one, such as text or integer")
        self.entries.append(row.entry(Fate.ADAPTED, "left out: a remark of the author, without type, name or label"))

    def _kind(self, kind: Type, row: Row) -> Kind:
        found = KINDS.get(kind.name)
        if found is None:
            raise Unfit(
                f"there is no type '{row.get('type')[:60]}'{did_you_mean(kind.name, KINDS)}", "write one of XLSForm's"
            )
        if found.why and not (found.type and self.gazetteer):
            raise Unfit(found.why, found.mend)
        return found

    def _ask(self, row: Row, type_: Type, kind: Kind) -> None:
        name = row.get("name")
        if not kind.type:
            self._lose(row)
            self.entries.append(row.entry(Fate.ADAPTED, kind.how))
            return
        if kind.type == "value" and self._alias(row):
            return
        when = self._when(row)
        text = self.wording.text(row.texts.get("label", {}), self._put_in)
        if kind.type == "note" and name in {CONSENT, THANKS} and text:
            self.said[name] = text
            self.entries.append(row.entry(Fate.IMPORTED, "what the poll says before or after its questions"))
            return
        made = self._names.take(name or f"{kind.type.replace('-', '_')}_{row.number}")
        required = row.get("required").lower() in YES
        always = required and when is None and all(each.always for each in self._open)
        own = Field(made, kind.type, {}, always, self._repeat)
        asked = Asked(row, type_, made, {"id": made, "type": kind.type}, own, text)
        make(asked, kind.type, self.around)
        self._add(Part(row, finished.finish(asked, kind, when, self.wording, self._put_in)))
        for extra in asked.after:
            self._follow(asked, extra)
        self.entries += finished.entries(asked)
        if name:
            self._keep(name, asked.field)

    def _alias(self, row: Row) -> bool:
        """What only hands on another answer is that answer."""
        try:
            node = xpath.parse(row.get("calculation"))
        except Unfit:
            return False  # said where it is computed
        match node:
            case xpath.Ref(name) | xpath.Call("jr:choice-name", (xpath.Ref(name), *_)):
                found = self.known(name)
            case xpath.Call("position", _) if self._repeat:
                found = Field("number", "position", {}, True, self._repeat)
            case _:
                return False
        if not row.get("name"):
            return False
        self._keep(row.get("name"), found)
        self.entries.append(row.entry(Fate.ADAPTED, f"left out: where it is named stands '{found.id}'"))
        return True

    def _when(self, row: Row) -> str | None:
        """The row's condition, None where there is none. Raises Unfit where it can't be kept: nobody is asked what was
        not meant for them.
        """
        source = row.get("relevant")
        if not source:
            return None
        try:
            found = conditions.condition(source, self.known)
        except Unfit as unfit:
            raise Unfit(f"its `relevant` can't be kept: {unfit}", unfit.mend) from None
        if found is False:
            raise Unfit("its `relevant` never holds", "mend it, or take the row out")
        return None if isinstance(found, bool) else written(found)

    def _follow(self, asked: Asked, keys: dict[str, Node]) -> None:
        name = f"{asked.row.get('name') or asked.id}_other"
        made = self._names.take(name)
        self._add(Part(asked.row, {"id": made, "type": keys["type"], "purpose": PURPOSE, **keys}))
        if name not in self._fields:
            self._fields[name] = Field(made, "open", {}, False, asked.field.repeat)

    def _add(self, part: Part) -> None:
        inside = self._open[-1].part.inside if self._open else self.parts
        assert inside is not None
        inside.append(part)

    # Groups and repeats

    def _begin(self, row: Row, kind: Type) -> None:
        try:
            opened = self._opened(row, kind)
        except Unfit as unfit:
            self._lose(row)
            opened = _Open(kind.name[6:], row, Part(row, {}, []), refused=True)
            self.entries.append(row.entry(Fate.REFUSED, str(unfit), unfit.mend))
        self._open.append(opened)

    def _opened(self, row: Row, kind: Type) -> _Open:
        if self._open and self._open[-1].refused:
            raise self._open[-1].unfit
        what = kind.name[6:]
        if what not in {"group", "repeat"}:
            raise Unfit(f"'{row.get('type')[:60]}' is not known here", "ask row by row, in a plain group")
        when = self._when(row)
        done = []
        keys: dict[str, Node] = {}
        before: list[Part] = []
        if what == "repeat":
            if any(each.repeat for each in self._open):
                raise Unfit("a repeat can't stand in another", "ask for the inner one once, or take it apart")
            numbers = {each.id for each in self._fields.values() if each.kind == "number"}
            found = repeats.counted(row, self.known, numbers, self.around.maxima)
            done += [found.how] if found.how else []
            counter = "" if found.id else self._names.take(f"{row.get('name') or 'repeat'}_count")
            keys = repeats.keys(found, counter)
            if counter:
                why = f"How often '{row.get('name') or row.get('type')}' is asked."
                before.append(Part(row, {"id": counter, "type": "value", "purpose": why, "value": found.value}))
        made = self._names.take(row.get("name") or f"{what}_{row.number}")
        head: dict[str, Node] = {"id": made, "type": what, **({"when": when} if when else {}), **keys}
        if made != row.get("name"):
            done.append(f"called '{made}'")
        if row.texts.get("label"):
            done.append("its heading is not sent: each message stands alone")
        for part in before:
            self._add(part)
        self.entries.append(row.entry(Fate.ADAPTED if done else Fate.IMPORTED, "; ".join(done) or f"a {what}"))
        self.entries += finished.left_out(row)
        always = when is None and not (self._open and not self._open[-1].always)
        return _Open(what, row, Part(row, head, []), made if what == "repeat" else "", always)

    def _end(self, row: Row, kind: Type) -> None:
        if not self._open:
            raise Unfit("nothing is open here that could end", "take the row out, or add the row that begins it")
        opened = self._open[-1].row
        if kind.name[4:] != self._open[-1].kind:
            self._close()
            raise Unfit(
                f"the {kind.name[4:]} ends, but '{opened.get('type')[:40]}' of row {opened.number} is open",
                "let it end as it began",
            )
        refused = self._close()
        if refused:
            raise Unfit(f"it ends what is refused in row {opened.number}", "mend that row first")
        self.entries.append(row.entry(Fate.IMPORTED, f"the end of row {opened.number}"))

    def _close(self) -> bool:
        closed = self._open.pop()
        if closed.refused:
            return True
        if closed.part.inside:
            self._add(closed.part)
        else:
            self.entries.append(closed.row.entry(Fate.ADAPTED, "left out: nothing in it is left to ask"))
        return False


def _is_used(asked: Asked, column: str, became: str) -> bool:
    if column == "parameters":
        return became in {"scale", "number"} or "order" in asked.keys
    return "precision" in asked.keys or any(word in asked.row.get("appearance") for word in ("ethiopian", "islamic"))


def tree_of(parts: list[Part], above: Path) -> Iterator[tuple[dict[str, Node], dict[Path, Row]]]:
    """Each part as a map for the YAML, with the row that stands behind each path."""
    for index, part in enumerate(parts):
        path = (*above, index)
        keys, rows = dict(part.keys), {path: part.row}
        if part.inside is not None:
            inner = list(tree_of(part.inside, (*path, "questions")))
            keys["questions"] = [each for each, _ in inner]
            for _, each in inner:
                rows |= each
        yield keys, rows
