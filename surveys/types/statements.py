"""A statement to agree or disagree with, chosen for the person; and one of the person's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from surveys.flow import Draft, Given, Propose, Value
from surveys.match import Miss, Options
from surveys.model import Question
from surveys.prompt import Option, Prompt
from surveys.statements import AGREE, DISAGREE, VOTES, Deck, choose
from surveys.texts import Texts
from surveys.types.base import SKIPPED, Answer, Answering, More, Scene, Type, Understood, Wrong
from surveys.types.words import Open

_NO_HOLES = str.maketrans("{}", "()")

MEANINGS = {"yes": AGREE, "no": DISAGREE}
"""Yes and no, in every language, mean agreement too."""


class Statement(Type):
    """One statement of a deck: the author's, and those of participants that were let in.

    The draft is the statement's id, drawn when it is first shown; another is drawn where the person can't read it any
    more: in another language, or because whoever wrote it has taken it back. Needs the fact `statements`: decks by
    question.
    """

    steady: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"statements"})

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.group, _, _ = question.id.rpartition(".")
        self.written = {option.id: option.label for option in question.options}
        labels = [{texts.say(vote, language) for language in question.text} for vote in VOTES]
        self.options = Options(labels, texts.words("not"))

    def deck(self, scene: Scene) -> Deck:
        decks: Mapping[str, Deck] = scene.facts.get("statements", {})
        return decks.get(self.group, Deck())

    def opening(self, scene: Scene, draft: Draft = None) -> Draft:
        if isinstance(draft, str) and self.text(draft, scene):
            return draft
        deck = self.deck(scene)
        candidates = [name for name in self.shown(deck) if name not in deck.withdrawn and self.text(name, scene)]
        return choose(candidates, self.seen(scene), deck.votes, scene.seed, self.question.id)

    def shown(self, deck: Deck) -> Mapping[str, Mapping[str, str]]:
        return self.written | dict(deck.added)

    def text(self, name: str, scene: Scene) -> str:
        """The statement as this person reads it; "" where it is not in their language. No template."""
        return self.shown(self.deck(scene)).get(name, {}).get(scene.language, "").translate(_NO_HOLES)

    def refusal(self, scene: Scene) -> str | None:
        """Nothing is said where no statement is left."""
        return None if self.opening(scene) else ""

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        language = scene.language
        options = tuple(Option(str(key), self.texts.say(vote, language)) for key, vote in enumerate(VOTES, 1))
        name = draft if isinstance(draft, str) else self.opening(scene)
        text = f"{self.question.text[language]}\n{self.text(name, scene) or '…'}"
        hint = self.question.hint[language] if self.question.hint else ""
        return Prompt(text, language, options, hint, self.question.id, "option")

    def skips(self, text: str) -> bool:
        return False  # to pass is a vote

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        for meaning, vote in (*MEANINGS.items(), ("skip", "pass")):
            if self.texts.means(text, meaning):
                return self.voted(vote, scene, draft)
        found = self.options.one(text)
        if isinstance(found, Miss):
            return Wrong("unclear", {}) if found is Miss.UNCLEAR else Wrong("wrong_option", {"last": len(VOTES)})
        return self.voted(VOTES[found], scene, draft)

    def press(self, key: str, scene: Scene, draft: Draft = None) -> Answer | More | None:
        return self.voted(VOTES[int(key) - 1], scene, draft) if key in {"1", "2", "3"} else None

    def take(self, event: Answering, scene: Scene, draft: Draft = None) -> Understood:
        if isinstance(event, Given) and event.value is None:
            return SKIPPED  # where it was asked, none was left to show
        return super().take(event, scene, draft)

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        """A vote on a statement that this person had not seen, also one that was withdrawn since it was shown."""
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str) or value[1] not in VOTES:
            return None
        return Answer(value) if value[0] in self.shown(self.deck(scene)) and value[0] not in self.seen(scene) else None

    def seen(self, scene: Scene) -> set[str]:
        here = f"{self.group}."
        return {_about(value) for name, value in scene.answers.items() if name.startswith(here)}

    def voted(self, vote: str, scene: Scene, draft: Draft) -> Answer:
        name = draft if isinstance(draft, str) else self.opening(scene)
        return Answer([name, vote] if name else None)


class Proposal(Open):
    """A statement of the person's own, shown to nobody before a moderator let it in."""

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        text = self.texts.say("own_statement", scene.language)
        skip = self.texts.say("hint_skip", scene.language, word=self.texts.word("skip", scene.language))
        return Prompt(text, scene.language, (), skip, self.question.id, "text")

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        if len(text) > MOST:
            return Wrong("too_long", {"maximum": MOST})
        understood = super().read(text, scene, draft)
        if isinstance(understood, Answer):
            return Answer(text, (Propose(self.question.id.rpartition(".")[0], text),))
        return understood


MOST = 140
"""Characters of an own statement: with the question and the options around it, two segments."""


def _about(value: Value) -> str:
    """The statement that was voted on; "" for any other answer."""
    return value[0] if isinstance(value, list) and len(value) == 2 else ""
