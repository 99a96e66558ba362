"""A survey as loaded: frozen, checked, with nothing left to look up. Written by surveys/load.py, read by everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from surveys.flow import Value

Texts = Mapping[str, str]
"""One text by language. Every language of the survey is there: the loader fills in the stated fallback."""


class Condition(Protocol):
    """A `when`, parsed. True where it holds for these answers; an unanswered or skipped question makes it False."""

    def __call__(self, answers: Mapping[str, Value]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a question. `id` is what is stored, its position plus one what is typed on a phone."""

    id: str
    label: Texts


@dataclass(frozen=True, slots=True)
class Question:
    """`type` is one of surveys.types.TYPES: yes-no, one-of, many-of, scale, number, open.

    `profile` marks what results are broken down by (region, age band). `purpose` says why it is asked: nothing is
    collected without one. `minimum` and `maximum` bound a number or a scale (both included); on many-of, `maximum`
    bounds how many may be chosen. `ends` labels the two ends of a scale. `codebook` names the codes of an open answer.
    """

    id: str
    type: str
    text: Texts
    purpose: str
    options: tuple[Choice, ...] = ()
    hint: Texts | None = None
    required: bool = True
    profile: bool = False
    when: Condition | None = None
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = True
    unit: Texts | None = None
    ends: tuple[Texts, Texts] | None = None
    codebook: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """`hash` is of the content, not of its spelling: comments and spacing don't change it.

    `keywords` start it, by language; `sender` says who asks, and is part of the first contact.
    `region` names the profile question that says where a person lives, "" where none does.
    """

    name: str
    hash: str
    title: Texts
    languages: tuple[str, ...]
    keywords: Mapping[str, tuple[str, ...]]
    sender: Texts
    consent_version: str
    consent: Texts
    thanks: Texts
    questions: tuple[Question, ...]
    region: str = ""
    source: str = ""

    @property
    def id(self) -> str:
        return f"survey:{self.name}@{self.hash}"

    def question(self, name: str) -> Question:
        return next(question for question in self.questions if question.id == name)
