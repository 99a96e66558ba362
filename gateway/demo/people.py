"""A simulated participant: who it is, and what it answers to what it is told. Pure: the same seed says the same things.

A participant reads as a person does: it looks for a question it knows in the text that arrived, and answers that one,
by number, by label, misspelt, or at first wrongly. It knows the poll's definition, and nothing of the gateway's state.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.demo import voices
from surveys.model import Question, Survey

LANGUAGE, CONSENT = "language", "consent"

_PAGING = re.compile(r"^(0|00) .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Persona:
    """`manner` is how it answers: number, label, misspelt, or wrong (the first time, then by number).

    `leaves_after` is after how many answers it breaks off (None: never); `says_stop` that it sends STOP there.
    """

    survey: Survey
    channel: str
    address: str
    language: str
    region: str
    manner: str
    leaves_after: int | None = None
    says_stop: bool = False
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """What the participant does: types `text`, or presses the button `key` of `ask` where there is one.

    `last` says that nothing more will come from it.
    """

    text: str
    ask: str = ""
    key: str = ""
    last: bool = False


class Participant:
    def __init__(self, persona: Persona, seed: int) -> None:
        self.persona = persona
        self.random = random.Random(seed)  # noqa: S311 - a play, not a secret
        self._answered: list[str] = []
        self._last_asked = ""
        self._page = ""
        self._marks = _marks(persona.survey, persona.language)

    def keyword(self) -> str:
        keywords = self.persona.survey.keywords
        word = (keywords.get(self.persona.language) or next(iter(keywords.values())))[0]
        return word.lower() if self.random.random() < 0.6 else word

    def hear(self, text: str) -> Say | None:
        """What it answers; None where nothing is asked that it knows, or it has left."""
        self._page += _plain(_PAGING.sub("", text))
        asked = self._asked_in(self._page)
        if not asked:
            turn = re.search(r"^0 \S", text, re.MULTILINE)
            if not turn:
                self._page = ""
            return Say("0") if turn else None
        self._page = ""
        return self._answer(asked)

    def _asked_in(self, page: str) -> str:
        """The question that is asked last in this text."""
        found = {name: max(page.rfind(mark) for mark in marks) for name, marks in self._marks.items()}
        name = max(found, key=found.__getitem__)
        return name if found[name] >= 0 else ""

    def _answer(self, asked: str) -> Say | None:
        persona = self.persona
        if asked == LANGUAGE:
            return Say(str(persona.survey.languages.index(persona.language) + 1), asked)
        if asked == CONSENT:
            return Say(self._yes_no(not persona.refuses), asked, "2" if persona.refuses else "1", last=persona.refuses)
        if persona.leaves_after is not None and len(self._answered) >= persona.leaves_after:
            return Say("STOP", last=True) if persona.says_stop else None
        again = asked == self._last_asked
        self._last_asked = asked
        if not again:
            self._answered.append(asked)
        return self._reply(persona.survey.question(asked), again=again)

    def _reply(self, question: Question, *, again: bool) -> Say:
        manner = "number" if again else self.persona.manner
        if manner == "wrong" and question.type != "open" and self.random.random() < 0.25:
            return Say(self.random.choice(("?", "99", "...", "hello")))
        match question.type:
            case "open":
                return Say(self._own_words())
            case "number":
                return Say(str(self._number(question)))
            case "scale":
                value = self._lean(
                    question.id, [str(n) for n in range(_whole(question.minimum), _whole(question.maximum) + 1)]
                )
                return Say(value, question.id, value)
            case "many-of":
                chosen = self._several(question)
                return Say(" ".join(str(place) for place in chosen))
            case "yes-no":
                yes = self._lean(question.id, ["yes", "no"]) == "yes"
                return Say(self._yes_no(yes), question.id, "1" if yes else "2")
            case _:
                return self._one(question, manner)

    def _one(self, question: Question, manner: str) -> Say:
        ids = [choice.id for choice in question.options]
        if question.id == "region" and self.persona.region in ids:
            chosen = self.persona.region
        else:
            chosen = self._lean(question.id, ids)
        place = ids.index(chosen)
        key, label = str(place + 1), question.options[place].label[self.persona.language]
        if manner == "label":
            return Say(label if self.random.random() < 0.5 else label.lower(), question.id, key)
        if manner == "misspelt":
            return Say(_misspell(label, self.random), question.id, key)
        return Say(key, question.id, key)

    def _several(self, question: Question) -> Sequence[int]:
        ids = [choice.id for choice in question.options]
        most = min(int(question.maximum or len(ids)), len(ids))
        wanted: list[str] = []
        for _ in range(self.random.randint(1, most)):
            wanted.append(self._lean(question.id, [name for name in ids if name not in wanted]))
        return sorted(ids.index(name) + 1 for name in wanted)

    def _number(self, question: Question) -> int:
        low, high = _whole(question.minimum), _whole(question.maximum, 12)
        return max(low, min(high, round(self.random.gauss(6, 2.5))))

    def _yes_no(self, yes: bool) -> str:
        words = {"en": ("yes", "no"), "sw": ("ndiyo", "hapana"), "ar": ("نعم", "لا")}
        number = self.persona.manner == "number"
        return ("1" if yes else "2") if number else words.get(self.persona.language, ("1", "2"))[0 if yes else 1]

    def _own_words(self) -> str:
        themes = voices.THEMES.get(self.persona.region) or dict.fromkeys(voices.WORDS, 1)
        theme = self.random.choices(list(themes), list(themes.values()))[0]
        return self.random.choice(voices.WORDS[theme][self.persona.language])

    def _lean(self, name: str, ids: Sequence[str]) -> str:
        leanings = voices.LEANINGS.get(name, {})
        weights: Mapping[str, int] = leanings.get(self.persona.region) or leanings.get("") or {}
        return self.random.choices(ids, [weights.get(one, 1 if weights else 10) for one in ids])[0]


def crowd(surveys: Sequence[Survey], channels: Mapping[str, Sequence[str]], count: int, seed: int) -> list[Participant]:
    """`count` participants, spread over regions, languages and channels.

    `channels` names the channels on which each survey is answered. At most 1,000: as many numbers has the range that
    Ofcom keeps free for plays.
    """
    chance = random.Random(seed)  # noqa: S311 - a play, not a secret
    people = []
    for number in range(count):
        survey = surveys[0] if len(surveys) == 1 or chance.random() < 0.72 else chance.choice(surveys[1:])
        region = chance.choices(list(voices.REGIONS), list(voices.REGIONS.values()))[0]
        spoken = voices.SPOKEN[region]
        language = chance.choices(list(spoken), list(spoken.values()))[0]
        fate = chance.random()
        persona = Persona(
            survey=survey,
            channel=chance.choice(list(channels[survey.name])),
            address=f"+447700900{number:03d}",
            language=language if language in survey.languages else survey.languages[0],
            region=region,
            manner=chance.choices(("number", "label", "misspelt", "wrong"), (50, 25, 12, 13))[0],
            leaves_after=chance.randint(1, 6) if fate < 0.1 else None,
            says_stop=fate < 0.03,
            refuses=fate > 0.96,
        )
        people.append(Participant(persona, chance.randrange(2**32)))
    return people


# What a question is known by ------------------------------------------------------------------------------------------


def _marks(survey: Survey, language: str) -> dict[str, tuple[str, ...]]:
    """Texts by which each question is known, made plain, in the participant's language; the first ones in any."""
    questions = {question.id: (_plain(question.text[language]),) for question in survey.questions}
    names = ("English", "Kiswahili", "العربية")
    chooser = tuple(_plain(f"1. {first} 2. {second}") for first in names for second in names if first != second)
    return {LANGUAGE: chooser, CONSENT: tuple(_plain(text)[-24:] for text in survey.consent.values()), **questions}


def _plain(text: str) -> str:
    """Letters and digits only: spaces, quotes and dashes change on the way."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _misspell(word: str, chance: random.Random) -> str:
    """One small slip, where the word is long enough to bear it."""
    if len(word) < 5:
        return word
    at = chance.randrange(1, len(word) - 2)
    return chance.choice((word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]))


def _whole(bound: float | str | None, otherwise: int = 1) -> int:
    return otherwise if bound is None else int(bound)
