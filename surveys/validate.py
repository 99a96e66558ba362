"""From a tree to a definition: pydantic checks it, its errors become problems with a place, a sentence and a mend.

A mistake in one place must not hide those in others: what is wrong is replaced by the stand-in that the definition
has for it, or taken out, so that the checks after this one can go on; nothing more is reported of such a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from surveys.problem import MAX_PROBLEMS, Problem, nearest
from surveys.reader import Document, Path
from surveys.scalars import near_id

Definition = TypeVar("Definition", bound=BaseModel)

_WANTED = {
    "list_type": "a list: one line for each, beginning with `- `",
    "dict_type": "a text, or a map by language such as `en: ...`",
    "model_type": "a map: lines such as `key: ...`, indented below it",
    "string_type": "one text",
}


@dataclass(slots=True)
class Findings:
    """The problems of a document, each place reported once."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)
    _above_broken: set[Path] = field(default_factory=set)

    def add(self, path: Path, message: str, *, key: bool = False, offset: int = 0) -> None:
        """Report, unless the place or one above it was reported by `break_off`."""
        if not self.is_broken(path):
            self.problems.append(self.document.problem(path, message, key=key, offset=offset))

    def break_off(self, path: Path, message: str, *, key: bool = False) -> None:
        """Report a place whose content can't be used: nothing more is said of it."""
        self.add(path, message, key=key)
        self.broken.add(path)
        self._above_broken.update(path[:length] for length in range(len(path)))

    def is_broken(self, path: Path) -> bool:
        return any(path[:length] in self.broken for length in range(len(path) + 1))

    def is_shaken(self, path: Path) -> bool:
        """Whether the place, one above it, or a part of it was broken off."""
        return path in self._above_broken or self.is_broken(path)


def validate(model: type[Definition], findings: Findings) -> Definition | None:
    """The definition in the document, its errors added to `findings`. None where too little can be read to go on."""
    data = findings.document.data
    try:
        return model.model_validate(data)
    except ValidationError as error:
        if not isinstance(data, dict):
            findings.add((), f"the file must be a map: lines such as `{next(iter(model.model_fields))}: ...`")
            return None
        repaired = deepcopy(data)
        details = error.errors(include_url=False)[:MAX_PROBLEMS]
        # From the end, so that what is taken out of a list moves nothing that is still to be looked at.
        for detail in reversed(details):
            _report(model, dict(detail), repaired, findings)
    try:
        return model.model_validate(repaired)
    except ValidationError:
        return None


def _report(model: type[BaseModel], detail: Mapping[str, Any], repaired: Any, findings: Findings) -> None:
    path = _written(repaired, tuple(part for part in detail["loc"] if part != "[key]"))
    kind = detail["type"]
    above, last = path[:-1], path[-1]
    owner, info = _field(model, path)
    if kind == "extra_forbidden":
        known = [name for name in owner.model_fields if name not in _at(findings.document.data, above)]
        mend = nearest(str(last), known) or "; take it out"
        findings.break_off(path, f"there is no `{str(last)[:80]}` here{mend}", key=True)
        _at(repaired, above).pop(last, None)
        return
    if kind == "missing":
        what = f": {info.description}" if info and info.description else ""
        findings.break_off(path, f"`{last}` is missing{what}")
    elif kind == "value_error":
        findings.break_off(path, str(detail["ctx"]["error"]))
    else:
        wanted = _WANTED.get(kind, detail["msg"])
        what = f"`{last}`" if isinstance(last, str) else "this"
        findings.break_off(path, f"{what} must be {wanted}")
    holder = _at(repaired, above)
    if isinstance(holder, list) and kind == "model_type":
        holder[int(last)] = _stand_in(owner)  # in its place, so that those after it keep theirs
    elif isinstance(holder, list):
        del holder[int(last)]
    elif info is not None and info.is_required() and info.examples:
        given = holder.get(last)
        meant = near_id(given) if last == "id" and isinstance(given, str) else ""
        holder[last] = meant or deepcopy(info.examples[0])
    elif isinstance(holder, dict):
        holder.pop(last, None)


def _written(data: Any, path: Path) -> Path:
    """The path as the file has it: a plain text or list that was read as one by language (under "") has none."""
    taken: list[str | int] = []
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif part == "":
            continue
        elif isinstance(data, list):
            data = data[int(part)]
        else:
            break
        taken.append(part)
    return tuple(taken)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _field(model: type[BaseModel], path: Path) -> tuple[type[BaseModel], FieldInfo | None]:
    """The model that a path leads into, and its field at the end of the path; None inside of a map or a list."""
    owner: type[BaseModel] = model
    annotation: Any = model
    info: FieldInfo | None = None
    for part in path:
        inner = _model_in(annotation)
        info = None
        if inner is None:
            break
        owner = inner
        if isinstance(part, str):
            info = owner.model_fields.get(part)
            annotation = info.annotation if info else None
    return owner, info


def _stand_in(model: type[BaseModel]) -> dict[str, Any]:
    return {
        name: deepcopy(info.examples[0])
        for name, info in model.model_fields.items()
        if info.is_required() and info.examples
    }


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
