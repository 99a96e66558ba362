"""Which keywords of a poll can't stand beside those of others, and the answers that keywords would take away.

    clashes(survey, file, before, texts) -> problems

`before` are the polls that are there already: what clashes is the later poll's mistake, with a place in its file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from surveys.keywords import (
    Answer,
    Keyword,
    Keywords,
    answers_of,
    common_answers,
    flow_keywords,
    stolen,
    survey_keywords,
    system_keywords,
)
from surveys.match import normalise
from surveys.model import Survey
from surveys.problem import Problem
from surveys.reader import Document, Path, read
from surveys.texts import Texts


def clashes(survey: Survey, file: str, before: Sequence[Survey], texts: Texts) -> tuple[Problem, ...]:
    """Everything about this poll's words that another poll, a system word or an answer is in the way of."""
    own = survey_keywords(survey)
    others = [keyword for other in before for keyword in survey_keywords(other)]
    table = Keywords([*system_keywords(texts), *flow_keywords(texts), *others])
    common = common_answers(texts, {language for one in (survey, *before) for language in one.languages})
    mine = answers_of(survey)
    theirs = [answers_of(other) for other in before]
    found = [
        ("keywords", keyword.word, message)
        for keyword in own
        if (message := _against(keyword, table, texts) or _taking(keyword, survey, common, mine, *theirs))
    ]
    found += [
        ("questions", answer.word, _taken_away(answer, keyword))
        for keyword in others
        if (answer := stolen(keyword, mine))
    ]
    if not found:
        return ()
    document = read(survey.source, file)
    return tuple(document.problem(_path(document, where, word), message) for where, word, message in found)


def _against(keyword: Keyword, table: Keywords, texts: Texts) -> str:
    met = table.clash(keyword)
    if met is None:
        return ""
    same = normalise(met.word) == normalise(keyword.word)
    what = "is" if same else f"is a slip away from '{met.word.upper()}', which is"
    if met.flow.startswith("flow:"):
        meaning = met.flow.partition(":")[2]
        owner = f"the word for {texts.word(meaning, 'en')} in {texts.name(met.language)}"
    else:
        owner = f"a keyword of the poll '{met.flow.partition(':')[2]}'"
    return f"'{keyword.word}' {what} {owner}; choose another word" + ("" if same else ", further from it")


def _taking(keyword: Keyword, survey: Survey, *answers: Mapping[str, Answer]) -> str:
    answer = stolen(keyword, *answers)
    if answer is None:
        return ""
    where = _where(answer, survey.name)
    return f"'{keyword.word}' is what people answer{where}, and would begin this poll instead; choose another word"


def _where(answer: Answer, here: str) -> str:
    if not answer.survey:
        return " to many questions"
    poll = "" if answer.survey == here else f" of the poll '{answer.survey}'"
    return f" to '{answer.question}'{poll} (\"{answer.word}\")"


def _taken_away(answer: Answer, keyword: Keyword) -> str:
    poll = keyword.flow.partition(":")[2]
    return (
        f"'{keyword.word}' is the keyword of the poll '{poll}': who answers \"{answer.word}\" with it would begin that "
        "one; say it in other words"
    )


def _path(document: Document, below: str, text: str) -> Path:
    """Where under this key the text is written."""
    under = (path for path in document.values if path[0:1] == (below,))
    return next((path for path in under if document.at(path) == text), (below,))
