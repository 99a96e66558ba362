"""What no author writes of an interview guide: the texts of its follow-up questions and the labels of ties, attitudes
and powers, from the catalogues. A question names them by `words`; a text of its own comes before the usual one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from surveys.model import Choice, Question, Survey

if TYPE_CHECKING:
    from surveys.texts import Texts


def worded(survey: Survey, texts: Texts) -> Survey:
    """The survey with every text and label in place."""
    if survey.guide is None:
        return survey
    return replace(
        survey, questions=tuple(_worded(one, survey, texts) if one.words else one for one in survey.questions)
    )


def _worded(question: Question, survey: Survey, texts: Texts) -> Question:
    words, ask = question.words, f"ask_{question.words}"
    text = question.text
    if ask in texts:
        usual = {language: texts.say(ask, language) for language in survey.languages}
        text = {language: "\n".join(filter(None, (text.get(language, ""), usual[language]))) for language in usual}
    options = tuple(
        replace(option, label={language: _label(words, option, language, texts) for language in survey.languages})
        for option in question.options
    )
    return replace(question, text=text, options=options)


def _label(words: str, option: Choice, language: str, texts: Texts) -> str:
    """A type of tie of the author's own is called as it was written."""
    key = f"{words}_{option.id}"
    return texts.say(key, language) if key in texts else option.id.replace("_", " ")
