"""A reply as the outbox keeps it: compact JSON lists, sealed by whoever stores it."""

from __future__ import annotations

import json

from surveys.prompt import Option, Prompt, Reply

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def dumps(reply: Reply) -> str:
    """One list a prompt: text, language, options as key and label, hint, ask, takes."""
    return _dumps([[p.text, p.language, [[o.key, o.label] for o in p.options], p.hint, p.ask, p.takes] for p in reply])


def loads(text: str) -> Reply:
    """What `dumps` was given. Raises ValueError where it is anything else."""
    try:
        return tuple(
            Prompt(said, language, tuple(Option(key, label) for key, label in options), hint, ask, takes)
            for said, language, options, hint, ask, takes in json.loads(text)
        )
    except TypeError:
        # From None: the cause would name what was said.
        raise ValueError("the stored reply is not a list of prompts") from None
