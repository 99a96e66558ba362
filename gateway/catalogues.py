"""What the gateway itself says, read from the package and from the languages/ folder of the configuration."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import yaml

from surveys.texts import Texts, catalogues

FALLBACK = "en"


def load_catalogues(config: Path | None = None) -> Texts:
    """All languages; a file config/languages/<language>.yaml takes the place of the one that comes with Baraza."""
    found = {Path(entry.name).stem: entry for entry in files("surveys").joinpath("catalogues").iterdir()}
    if config is not None:
        found |= {path.stem: path for path in sorted((config / "languages").glob("*.yaml"))}
    order = [FALLBACK, *sorted(language for language in found if language != FALLBACK)]
    return catalogues({language: yaml.safe_load(found[language].read_text(encoding="utf-8")) for language in order})
