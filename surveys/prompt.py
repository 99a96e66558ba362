"""What is said or asked, in neutral terms. Channels render it; nothing here knows of segments or keyboards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One way to answer: `key` is what a person types for it ("1"), `label` what it means, in the prompt's language."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing said or asked, in one language.

    `ask` names what is asked ("region"), and is empty where nothing is. Buttons carry it, so that a button of an
    old message is never taken for an answer to the question that is open now. `hint` says how to answer, and is last.
    `picture` is a PNG that shows what the text says, for channels that can send one.
    `takes` is what an answer is made of: "option", "options" (several), "ranking" (several in order), "number", "text",
    "date", "place", "picture", "voice", or "" where nothing is asked.
    """

    text: str
    language: str
    options: tuple[Option, ...] = ()
    hint: str = ""
    ask: str = ""
    takes: str = ""
    picture: bytes = b""


Reply = tuple[Prompt, ...]
"""What one step says, in order; a channel may put it into one message. At most the last prompt asks something."""
