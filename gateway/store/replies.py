"""A reply as the outbox keeps it: compact JSON lists, sealed by whoever stores it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode

from surveys.prompt import Option, Prompt, Reply

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def dumps(reply: Reply) -> str:
    """One list a prompt: text, language, options as key and label, hint, ask, takes, and a picture if there is one."""
    return _dumps([_listed(p) for p in reply])


def _listed(prompt: Prompt) -> list[object]:
    options = [[option.key, option.label] for option in prompt.options]
    picture = [b64encode(prompt.picture).decode()] if prompt.picture else []
    return [prompt.text, prompt.language, options, prompt.hint, prompt.ask, prompt.takes, *picture]


def loads(text: str) -> Reply:
    """What `dumps` was given. Raises ValueError where it is anything else."""
    try:
        return tuple(
            Prompt(
                said,
                language,
                tuple(Option(key, label) for key, label in options),
                hint,
                ask,
                takes,
                *map(b64decode, more),
            )
            for said, language, options, hint, ask, takes, *more in json.loads(text)
        )
    except TypeError:
        # From None: the cause would name what was said.
        raise ValueError("the stored reply is not a list of prompts") from None
