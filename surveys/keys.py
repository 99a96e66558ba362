"""The keys of what people write in YAML: which must be there, which may be left out, and that there are no others."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Keys(BaseModel):
    """A mapping with these keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def must(description: str, stand_in: Any) -> Any:
    """A key that must be there. `stand_in` takes the place of a broken value while the rest is checked."""
    return Field(description=description, examples=[stand_in], json_schema_extra=_hide_stand_in)


def may(description: str, default: Any = None) -> Any:
    """A key that may be left out; a broken value is taken out while the rest is checked."""
    return Field(description=description, default=default)


def _hide_stand_in(schema: dict[str, Any]) -> None:
    schema.pop("examples", None)
