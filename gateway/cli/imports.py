"""What `baraza survey import` hands to the module that takes in a kind of file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """What is to be taken in, and how. `poll` is "" where none is named, `target` None where none is."""

    poll: str
    file: Path
    target: Path | None
    gazetteer: str
    partial: bool
    as_json: bool
