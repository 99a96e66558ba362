"""What people coded by hand, for counting: what a coder learns from, and the part drawn at random that checks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from analysis.keywords import Codes
from gateway.coding import hand as hands
from gateway.coding.answers import to_code, words
from gateway.coding.desk import coded_questions
from gateway.store.keys import Vault
from surveys.codebook import Codebook
from surveys.model import Survey


@dataclass(frozen=True, slots=True)
class ByHand:
    """`texts` with the themes that people gave them, by codebook; `drawn` the random part of each question's answers
    that is coded, by their numbers; `moved` the answers that belong to another question, with its id."""

    texts: Mapping[str, Mapping[str, Codes]] = field(default_factory=dict)
    drawn: Mapping[str, frozenset[int]] = field(default_factory=dict)
    moved: Mapping[int, str] = field(default_factory=dict)


def by_hand(connection: sa.Connection, vault: Vault, survey: Survey, codebooks: Mapping[str, Codebook]) -> ByHand:
    """Opens the words of what was coded. Codes that the codebook no longer has don't count."""
    moves = hands.moved(connection, survey.name)
    texts: dict[str, dict[str, Codes]] = {}
    drawn: dict[str, frozenset[int]] = {}
    for name, (_, codebook) in coded_questions(survey, codebooks.values()).items():
        hand = hands.read(connection, survey.name, name)
        if not hand.by_answer:
            continue
        answers = to_code(connection, survey, name, moves)
        known = {code.id for code in codebook.codes}
        finals = {answer: final.codes for answer in answers if (final := hand.final(answer)) and not final.moved_to}
        said = words(connection, vault, sorted(finals))
        themes = {answer: tuple(code for code in hands.themes(finals[answer]) if code in known) for answer in said}
        texts.setdefault(codebook.name, {}).update({said[answer]: themes[answer] for answer in said})
        drawn[name] = frozenset(hands.random_part(answers, hand))
    return ByHand(texts, drawn, moves)
