"""A survey as a flow: language, consent, then question after question, as far as the answers call for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from zoneinfo import ZoneInfo

from surveys import model
from surveys.draws import drawn_arm
from surveys.flow import (
    Ask,
    Choice,
    Consent,
    Conversation,
    Effect,
    Event,
    Facts,
    Finish,
    Given,
    Location,
    Media,
    Outcome,
    Record,
    Reserve,
    Resume,
    Say,
    SetLanguage,
    Start,
    Text,
    Timeout,
)
from surveys.model import Question, Survey
from surveys.plan import Plan
from surveys.prompt import Prompt
from surveys.texts import Texts
from surveys.types import TYPES
from surveys.types.base import Answer, Answering, Asked, More, Scene, Wrong
from surveys.worded import worded

LANGUAGE, CONSENT = "language", "consent"
"""What is asked before the first question; no question may bear these names."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment in which previews are shown."""

TRIES = 2
"""How often a question is asked again before it is skipped or put off."""

MOST_WORDS = 3
"""In how many languages the question which language it shall be is asked at once."""

Step = tuple[Conversation, tuple[Effect, ...]]


@dataclass(frozen=True, slots=True)
class _Moment:
    """What is the same for all that happens in one step."""

    now: datetime
    facts: Facts


class SurveyFlow:
    """One opened survey. Made once, used by every conversation: it holds what was prepared, and no state."""

    brief = False

    def __init__(self, survey: Survey, texts: Texts) -> None:
        self.survey = survey = worded(survey, texts)
        self.texts = texts
        self.id = survey.id
        self.zone = ZoneInfo(survey.schedule.zone)
        self.plan = Plan(survey, texts)
        self._before: dict[str, Asked] = {
            LANGUAGE: TYPES["one-of"](_language_question(survey, texts), texts),
            CONSENT: TYPES["yes-no"](_consent_question(survey), texts),
        }
        asking = {question.type for question in survey.questions if not question.silent}
        self.needs = frozenset(chain.from_iterable(TYPES[name].needs for name in asking))
        self._cells = frozenset(question.id for question in survey.questions if question.type == "quota")
        self._prompts: dict[tuple[str, str], Ask] = {}
        self._pass: Mapping[str, Callable[[Conversation, Question, _Moment], Step]] = {
            "arm": self._draw,
            "value": self._compute,
            "note": self._note,
            "end": self._stop,
            "quota": self._reserve,
        }

    def title(self, language: str) -> str:
        return self.survey.title.get(language, self.survey.title[self.survey.languages[0]])

    def messages(self, language: str) -> tuple[tuple[str, Prompt], ...]:
        """Everything that the survey itself may say in one language, in its order and by name: for previews."""
        said: list[tuple[str, Prompt]] = []
        scene = Scene(language, EPOCH, 0, {}, {})
        said += [(name, asked.prompt(scene)) for name, asked in self._before.items()]
        for question in self.survey.questions:
            if not question.silent:
                said.append((question.id, self.plan.asked(question.id, {}, 0).prompt(scene)))
            elif question.text.get(language):
                said.append((question.id, Prompt(question.text[language], language)))
        return (*said, ("thanks", Prompt(self.survey.thanks[language], language)))

    def awaits_yes_no(self, conversation: Conversation) -> bool:
        return conversation.at == CONSENT

    def step(self, conversation: Conversation, event: Event, now: datetime, facts: Facts) -> Step:
        moment = _Moment(now, facts)
        if conversation.at in self._cells and not isinstance(event, Timeout | Outcome):
            return self._reserve(
                conversation, self.survey.question(conversation.at), moment
            )  # what became of it got lost
        return self._fed(conversation, event, moment)

    def _fed(self, conversation: Conversation, event: Event, moment: _Moment) -> Step:
        match event:
            case Start():
                return self._start(conversation, event, moment)
            case Resume(language):
                return self._resume(conversation, language, moment)
            case Text() | Choice() | Media() | Location() if not conversation.at:
                return self._start(conversation, Start(conversation.language), moment)
            case Given(ask, _) if ask != conversation.at or ask in self._before:
                return conversation, ()
            case Choice(ask, _) if ask != conversation.at:
                return self._ask(conversation, moment, Say(self._said("old_button", conversation)))
            case Text() | Choice() | Media() | Location() | Given():
                return self._heard(conversation, event, moment)
            case Timeout():
                return self._given_up(conversation)
            case Outcome(Reserve(cell), done) if cell == conversation.at:
                return self._next(conversation, moment) if done else self._full(conversation, moment)
            case Outcome():
                return conversation, ()

    # Beginning and coming back ---------------------------------------------------------------------------------

    def _start(self, conversation: Conversation, event: Start, moment: _Moment) -> Step:
        if conversation.at:
            return self._resume(conversation, "", moment)
        languages = self.survey.languages
        language = event.language if event.language in languages else languages[0] if len(languages) == 1 else ""
        if language:
            return self._ask(conversation.on(CONSENT, language=language), moment)
        return self._ask(conversation.on(LANGUAGE, language=languages[0]), moment)

    def _resume(self, conversation: Conversation, language: str, moment: _Moment) -> Step:
        if not conversation.at:
            return self._start(conversation, Start(language), moment)
        if language in self.survey.languages:
            at = CONSENT if conversation.at == LANGUAGE else conversation.at
            conversation = replace(conversation, at=at, tries=0, language=language)
        return self._ask(conversation, moment)

    # Answers ---------------------------------------------------------------------------------------------------

    def _heard(self, conversation: Conversation, event: Answering, moment: _Moment) -> Step:
        asked = self._asked(conversation)
        match asked.take(event, self._scene(conversation, moment), conversation.draft):
            case Answer() as answer:
                return self._answered(conversation, answer, moment)
            case More(draft, key, values):
                said = (Say(self._said(key, conversation, **(values or {}))),) if key else ()
                return self._ask(replace(conversation, draft=draft), moment, *said)
            case Wrong() as wrong:
                return self._not_understood(conversation, asked, wrong, moment)

    def _not_understood(self, conversation: Conversation, asked: Asked, wrong: Wrong, moment: _Moment) -> Step:
        at = conversation.at
        if conversation.tries < TRIES:
            again = replace(conversation, tries=conversation.tries + 1)
            return self._ask(again, moment, Say(self._said(wrong.key, conversation, **wrong.values)))
        if at in self.survey.places and not self.survey.question(at).required:
            answer = Answer(asked.settle(conversation.draft))
            skipped = Say(self._said("skipped", conversation))
            state = "answered" if answer.value is not None else "given-up"
            return self._next(self._with(conversation, at, answer), moment, skipped, self._record(at, answer, state))
        # Nothing may be made up and nobody is pressed: the question stays open until the person is back.
        help_word = self.texts.word("help", conversation.language)
        return replace(conversation, tries=0), (Say(self._said("paused", conversation, help=help_word)),)

    def _answered(self, conversation: Conversation, answer: Answer, moment: _Moment) -> Step:
        at = conversation.at
        if at == LANGUAGE:
            language = str(answer.value)
            return self._ask(conversation.on(CONSENT, language=language), moment, SetLanguage(language))
        if at == CONSENT:
            return self._consented(conversation, moment, given=answer.value == "yes")
        state = "answered" if answer.value is not None else "skipped"
        return self._next(
            self._with(conversation, at, answer), moment, self._record(at, answer, state), *answer.effects
        )

    def _consented(self, conversation: Conversation, moment: _Moment, *, given: bool) -> Step:
        consent = Consent(self.survey.consent_version, given)
        if given:
            return self._next(conversation, moment, consent)
        return self._end(conversation, "refused", consent, Say(self._said("refused", conversation)))

    # What comes next -------------------------------------------------------------------------------------------

    def _next(self, conversation: Conversation, moment: _Moment, *before: Effect) -> Step:
        """On to the next question that is called for, past those that ask nothing, or to the end."""
        effects = list(before)
        for question in self.plan.after(conversation.at, conversation.seed):
            if not self.plan.is_called_for(question, conversation.answers):
                continue
            if question.silent:
                conversation, made = self._pass[question.type](conversation, question, moment)
                effects += made
                if conversation.outcome or conversation.at == question.id:  # over, or waiting for an outcome
                    return conversation, tuple(effects)
                continue
            here = conversation.on(question.id)
            asked = self._asked(here)
            if asked.steady:
                return self._ask(here, moment, *effects)
            scene = self._scene(here, moment)
            reason = asked.refusal(scene)
            if reason is None:
                return self._ask(here, moment, *effects)
            effects += [Say(self._said(reason, here))] if reason else []
            effects.append(self._record(question.id, Answer(None), "given-up"))
            conversation = self._with(conversation, question.id, Answer(None))
        thanks = self._piped(self.survey.thanks, conversation, moment)
        return self._end(conversation, "completed", *effects, Say(thanks))

    def _end(self, conversation: Conversation, outcome: str, /, *effects: Effect) -> Step:
        return conversation.on("", outcome=outcome), (*effects, Finish(outcome))

    def _given_up(self, conversation: Conversation) -> Step:
        """Nobody goes on with it: partial where enough of what matters was answered. What buttons chose is not lost."""
        at, kept = conversation.at, []
        if at in self.survey.places and conversation.draft is not None:
            answer = Answer(self._asked(conversation).settle(conversation.draft))
            if answer.value is not None:
                conversation, kept = self._with(conversation, at, answer), [self._record(at, answer)]
        answers = conversation.answers
        answered = sum(q.relevant and answers.get(q.id) is not None for q in self.survey.questions)
        return self._end(conversation, "partial" if 0 < self.survey.partial <= answered else "break-off", *kept)

    def _full(self, conversation: Conversation, moment: _Moment) -> Step:
        text = self.survey.question(conversation.at).text
        said = self._piped(text, conversation, moment) if text else self._said("quota_full", conversation)
        return self._end(conversation, "quota-full", Say(said))

    # Questions that ask nothing --------------------------------------------------------------------------------

    def _draw(self, conversation: Conversation, question: Question, moment: _Moment) -> Step:
        answer = Answer(drawn_arm(question.arms, conversation.seed, question.id))
        return self._with(conversation, question.id, answer), (self._record(question.id, answer),)

    def _compute(self, conversation: Conversation, question: Question, moment: _Moment) -> Step:
        answer = Answer(question.value.value(conversation.answers) if question.value else None)
        return self._with(conversation, question.id, answer), (self._record(question.id, answer),)

    def _note(self, conversation: Conversation, question: Question, moment: _Moment) -> Step:
        return conversation, (Say(self._piped(self.plan.text(question, conversation.answers), conversation, moment)),)

    def _stop(self, conversation: Conversation, question: Question, moment: _Moment) -> Step:
        text = self.plan.text(question, conversation.answers)
        if not text and question.outcome == "completed":
            text = self.survey.thanks
        said = (Say(self._piped(text, conversation, moment)),) if text else ()
        return self._end(conversation, question.outcome, *said)

    def _reserve(self, conversation: Conversation, question: Question, moment: _Moment) -> Step:
        return conversation.on(question.id), (Reserve(question.id, question.limit),)

    # Pieces ----------------------------------------------------------------------------------------------------

    def _asked(self, conversation: Conversation) -> Asked:
        before = self._before.get(conversation.at)
        return before or self.plan.asked(conversation.at, conversation.answers, conversation.seed)

    def _scene(self, conversation: Conversation, moment: _Moment) -> Scene:
        now = moment.now.astimezone(self.zone)
        return Scene(conversation.language, now, conversation.seed, conversation.answers, moment.facts)

    def _ask(self, conversation: Conversation, moment: _Moment, *before: Effect) -> Step:
        key = conversation.at, conversation.language
        made = self._prompts.get(key) if conversation.draft is None else None
        if made is None:
            asked, scene = self._asked(conversation), self._scene(conversation, moment)
            if not asked.steady:
                conversation = replace(conversation, draft=asked.opening(scene, conversation.draft))
            made = Ask(self._filled(asked.prompt(scene, conversation.draft), scene))
            if asked.steady and conversation.draft is None and self.plan.is_same_for_all(conversation.at):
                self._prompts[key] = made
        return conversation, (*before, made)

    def _filled(self, prompt: Prompt, scene: Scene) -> Prompt:
        if "{" not in prompt.text and "{" not in prompt.hint:
            return prompt
        return replace(prompt, text=self.plan.piped(prompt.text, scene), hint=self.plan.piped(prompt.hint, scene))

    def _piped(self, text: model.Texts, conversation: Conversation, moment: _Moment) -> Prompt:
        return self._filled(
            Prompt(text[conversation.language], conversation.language), self._scene(conversation, moment)
        )

    def _said(self, key: str, conversation: Conversation, /, **values: object) -> Prompt:
        return Prompt(self.texts.say(key, conversation.language, **values), conversation.language)

    def _record(self, name: str, answer: Answer, state: str = "answered") -> Record:
        is_open = name in self.plan.open and answer.value is not None
        return Record(name, answer.value, is_open, state)

    def _with(self, conversation: Conversation, name: str, answer: Answer) -> Conversation:
        return conversation.answered(name, answer.value)


def _language_question(survey: Survey, texts: Texts) -> Question:
    # One word in each language: three scripts leave a USSD screen 70 characters. Of many, the names say enough.
    asking = survey.languages if len(survey.languages) <= MOST_WORDS else survey.languages[:1]
    ask = " / ".join(texts.word("language", language) for language in asking)
    names = tuple(
        model.Choice(language, dict.fromkeys(survey.languages, texts.name(language))) for language in survey.languages
    )
    return Question(LANGUAGE, "one-of", dict.fromkeys(survey.languages, ask), "to write in it", names)


def _consent_question(survey: Survey) -> Question:
    return Question(CONSENT, "yes-no", survey.consent, "to ask nobody who does not want it")
