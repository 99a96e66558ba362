"""What the gateway itself says, read from the package and from the languages/ folder of the configuration."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from surveys.texts import Texts, catalogues

FALLBACK = "en"


def load_catalogues(config: Path | None = None) -> Texts:
    """All languages; a file config/languages/<language>.yaml takes the place of the one that comes with Baraza."""
    package = list(files("surveys").joinpath("catalogues").iterdir())
    found = {Path(entry.name).stem: entry for entry in package if entry.is_file()}
    parts = {entry.name: _languages(entry) for entry in sorted(package, key=_named) if entry.is_dir()}
    if config is not None:
        found |= {path.stem: path for path in sorted((config / "languages").glob("*.yaml"))}
    order = [FALLBACK, *sorted(language for language in found if language != FALLBACK)]
    return catalogues({language: _read(found[language]) for language in order}, parts)


def _languages(folder: Traversable) -> dict[str, Any]:
    """The catalogues of a part of the gateway, which holds a file for each language that it speaks."""
    return {Path(entry.name).stem: _read(entry) for entry in folder.iterdir() if entry.name.endswith(".yaml")}


def _read(file: Traversable) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _named(entry: Traversable) -> str:
    return entry.name
