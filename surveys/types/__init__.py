"""The question types: what each asks for, how it takes an answer, and what it says to one it can't read.

A type is made once for each question of a loaded survey; a new type is one class in a file of this folder and one line
in TYPES.
"""

from __future__ import annotations

from collections.abc import Mapping

from surveys.types.actors import Actor, Attitude, Power, Remark, Tie
from surveys.types.base import Asked
from surveys.types.closed import ManyOf, OneOf, PhoneConsent, YesNo
from surveys.types.dates import Date
from surveys.types.media import Picture, Voice
from surveys.types.numeric import Number, Scale
from surveys.types.places import Place
from surveys.types.ranking import Ranking
from surveys.types.statements import Proposal, Statement
from surveys.types.words import Open

TYPES: Mapping[str, type[Asked]] = {
    "yes-no": YesNo,
    "one-of": OneOf,
    "many-of": ManyOf,
    "scale": Scale,
    "number": Number,
    "open": Open,
    "date": Date,
    "place": Place,
    "ranking": Ranking,
    "phone-consent": PhoneConsent,
    "picture": Picture,
    "voice": Voice,
    "statement": Statement,
    "proposal": Proposal,
    "actor": Actor,
    "tie": Tie,
    "attitude": Attitude,
    "power": Power,
    "remark": Remark,
}
