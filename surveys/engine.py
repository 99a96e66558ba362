"""A survey as a flow: language, consent, then question after question, as far as the answers call for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from surveys import model
from surveys.flow import (
    Ask,
    Choice,
    Consent,
    Conversation,
    Effect,
    Event,
    Facts,
    Finish,
    Location,
    Media,
    Outcome,
    Record,
    Resume,
    Say,
    SetLanguage,
    Start,
    Text,
    Timeout,
    Value,
)
from surveys.model import Question, Survey
from surveys.prompt import Prompt
from surveys.texts import Texts
from surveys.types import TYPES, Answer, Asked, Wrong

LANGUAGE, CONSENT = "language", "consent"
"""What is asked before the first question; no question may bear these names."""

TRIES = 2
"""How often a question is asked again before it is skipped or put off."""

Step = tuple[Conversation, tuple[Effect, ...]]


class SurveyFlow:
    """One opened survey. Made once, used by every conversation: it holds what was prepared, and no state."""

    brief = False
    needs: frozenset[str] = frozenset()

    def __init__(self, survey: Survey, texts: Texts) -> None:
        self.survey = survey
        self.texts = texts
        self.id = survey.id
        self._asked: dict[str, Asked] = {
            LANGUAGE: TYPES["one-of"](_language_question(survey, texts), texts),
            CONSENT: TYPES["yes-no"](_consent_question(survey), texts),
        }
        self._asked |= {question.id: TYPES[question.type](question, texts) for question in survey.questions}
        self._place = {question.id: place for place, question in enumerate(survey.questions)}
        # Nothing in a prompt depends on the person, so each is made once.
        self._prompts = {
            (name, language): Ask(asked.prompt(language))
            for name, asked in self._asked.items()
            for language in survey.languages
        }

    def title(self, language: str) -> str:
        return self.survey.title.get(language, self.survey.title[self.survey.languages[0]])

    def messages(self, language: str) -> tuple[tuple[str, Prompt], ...]:
        """Everything that the survey itself may say in one language, in its order and by name: for previews."""
        asked = tuple((name, self._prompts[name, language].prompt) for name in self._asked)
        return (*asked, ("thanks", Prompt(self.survey.thanks[language], language)))

    def awaits_yes_no(self, conversation: Conversation) -> bool:
        return conversation.at == CONSENT

    def step(self, conversation: Conversation, event: Event, now: datetime, facts: Facts) -> Step:
        match event:
            case Start():
                return self._start(conversation, event)
            case Resume(language):
                return self._resume(conversation, language)
            case Text() | Choice() | Media() | Location() if not conversation.at:
                return self._start(conversation, Start(conversation.language))
            case Text(text):
                return self._heard(conversation, text)
            case Choice(ask, key):
                return self._pressed(conversation, ask, key)
            case Media(caption=caption) if caption and self._asked[conversation.at].open:
                return self._heard(conversation, caption)
            case Media() | Location():
                return self._ask(conversation, Say(self._said("not_media", conversation)))
            case Timeout():
                return replace(conversation, at="", outcome="break-off"), (Finish("break-off"),)
            case Outcome():
                return conversation, ()

    # Beginning and coming back ---------------------------------------------------------------------------------

    def _start(self, conversation: Conversation, event: Start) -> Step:
        if conversation.at:
            return self._resume(conversation, "")
        languages = self.survey.languages
        language = event.language if event.language in languages else languages[0] if len(languages) == 1 else ""
        if language:
            return self._ask(conversation.on(CONSENT, language=language))
        return self._ask(conversation.on(LANGUAGE, language=languages[0]))

    def _resume(self, conversation: Conversation, language: str) -> Step:
        if not conversation.at:
            return self._start(conversation, Start(language))
        if language in self.survey.languages:
            at = CONSENT if conversation.at == LANGUAGE else conversation.at
            conversation = conversation.on(at, language=language)
        return self._ask(conversation)

    # Answers ---------------------------------------------------------------------------------------------------

    def _heard(self, conversation: Conversation, text: str) -> Step:
        so_far = conversation.answers.get(_partial(conversation.at))
        understood = self._asked[conversation.at].read(text, so_far)
        if isinstance(understood, Wrong):
            return self._not_understood(conversation, understood)
        return self._answered(conversation, understood)

    def _pressed(self, conversation: Conversation, ask: str, key: str) -> Step:
        if ask != conversation.at:
            return self._ask(conversation, Say(self._said("old_button", conversation)))
        so_far = conversation.answers.get(_partial(ask))
        understood = self._asked[ask].press(key, so_far)
        return self._ask(conversation) if understood is None else self._answered(conversation, understood)

    def _not_understood(self, conversation: Conversation, wrong: Wrong) -> Step:
        asked = conversation.at
        if conversation.tries < TRIES:
            again = replace(conversation, tries=conversation.tries + 1)
            return self._ask(again, Say(self._said(wrong.key, conversation, **wrong.values)))
        if asked in self._place and not self.survey.questions[self._place[asked]].required:
            answer = Answer(conversation.answers.get(_partial(asked)))  # what buttons chose is not lost
            skipped = Say(self._said("skipped", conversation))
            return self._next(self._with(conversation, asked, answer.value), skipped, self._record(asked, answer))
        # Nothing may be made up and nobody is pressed: the question stays open until the person is back.
        help_word = self.texts.word("help", conversation.language)
        return replace(conversation, tries=0), (Say(self._said("paused", conversation, help=help_word)),)

    def _answered(self, conversation: Conversation, answer: Answer) -> Step:
        asked = conversation.at
        if asked == LANGUAGE:
            language = str(answer.value)
            return self._ask(conversation.on(CONSENT, language=language), SetLanguage(language))
        if asked == CONSENT:
            return self._consented(conversation, given=answer.value == "yes")
        if answer.partial:
            return self._ask(self._with(conversation, _partial(asked), answer.value))
        return self._next(self._with(conversation, asked, answer.value), self._record(asked, answer))

    def _consented(self, conversation: Conversation, *, given: bool) -> Step:
        consent = Consent(self.survey.name, self.survey.consent_version, given)
        if given:
            return self._next(conversation, consent)
        refused = Say(self._said("refused", conversation))
        return replace(conversation, at="", outcome="refused"), (consent, refused, Finish("refused"))

    def _next(self, conversation: Conversation, *before: Effect) -> Step:
        """On to the next question that is called for, or to the end."""
        place = self._place.get(conversation.at, -1) + 1
        for question in self.survey.questions[place:]:
            if question.when is None or question.when(conversation.answers):
                return self._ask(conversation.on(question.id), *before)
        thanks = Say(Prompt(self.survey.thanks[conversation.language], conversation.language))
        return replace(conversation, at="", tries=0, outcome="completed"), (*before, thanks, Finish("completed"))

    # Pieces ----------------------------------------------------------------------------------------------------

    def _ask(self, conversation: Conversation, *before: Effect) -> Step:
        so_far = conversation.answers.get(_partial(conversation.at))
        if so_far is None:
            return conversation, (*before, self._prompts[conversation.at, conversation.language])
        return conversation, (*before, Ask(self._asked[conversation.at].prompt(conversation.language, so_far)))

    def _said(self, key: str, conversation: Conversation, /, **values: object) -> Prompt:
        return Prompt(self.texts.say(key, conversation.language, **values), conversation.language)

    def _record(self, name: str, answer: Answer) -> Record:
        return Record(self.survey.name, name, answer.value, self._asked[name].open and answer.value is not None)

    def _with(self, conversation: Conversation, name: str, value: Value) -> Conversation:
        answers = {**conversation.answers, name: value}
        if not name.startswith("+"):
            answers.pop(_partial(name), None)
        return replace(conversation, answers=answers)


def _partial(name: str) -> str:
    """Where what buttons have chosen so far is kept, apart from the answers."""
    return f"+{name}"


def _language_question(survey: Survey, texts: Texts) -> Question:
    # One word in each language: three scripts leave a USSD screen 70 characters.
    ask = " / ".join(texts.word("language", language) for language in survey.languages)
    names = tuple(
        model.Choice(language, dict.fromkeys(survey.languages, texts.name(language))) for language in survey.languages
    )
    return Question(LANGUAGE, "one-of", dict.fromkeys(survey.languages, ask), "to write in it", names)


def _consent_question(survey: Survey) -> Question:
    return Question(CONSENT, "yes-no", survey.consent, "to ask nobody who does not want it")
