"""What coders do: take the next answer, say what it is about, settle what two saw differently, see how good it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from analysis.agreement import alpha, nominal
from analysis.keywords import Codes
from analysis.tongue import Tongues
from gateway.coding import hand as hands
from gateway.coding import raising
from gateway.coding.answers import Open, to_code, words
from gateway.coding.beginning import Group, groups
from gateway.coding.hand import Coding, Hand
from gateway.coding.teacher import Teacher
from gateway.store import audit
from gateway.store.coding_tables import codings, versions
from gateway.store.database import insert_ignoring, reading
from gateway.store.keys import Vault
from surveys.codebook import CONTROL, META, WRONG_QUESTION, Codebook
from surveys.model import Question, Survey

AT_RANDOM = 3
"""Of so many answers that somebody codes one is drawn at random; the others are those that teach most."""

MOST = 5_000
"""Answers that are grouped while somebody waits for the page."""

WHY = ("again", "second", "random", "teaches")
"""Why an answer is shown: the codebook has changed since it was coded; it is to be coded twice; drawn; it teaches."""


class CodingError(ValueError):
    """What was asked can't be done. Its text is why: "codes" (one that the codebook lacks, or a control code
    beside others), "question" (moved to no other open question) or "gone" (no such answer waits)."""


@dataclass(frozen=True, slots=True)
class Task:
    """An answer to code. `before` are the codes that it had, where it is shown again; nothing else is suggested."""

    answer: int
    text: str
    language: str
    asked: str
    before: Codes
    why: str


@dataclass(frozen=True, slots=True)
class Given:
    """An answer and what each coder gave it."""

    answer: int
    text: str
    language: str
    given: tuple[Coding, ...]


@dataclass(frozen=True, slots=True)
class State:
    """How far a question is. `random` is the part drawn at random that is coded; `by_coder` is how many each did.

    `alpha` is by sets of codes (MASI), `alpha_nominal` by the same set or not; None before coders can be compared.
    """

    answers: int
    coded: int
    random: int
    twice: int
    disputed: int
    outdated: int
    alpha: float | None
    alpha_nominal: float | None
    by_coder: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Board:
    """A question with all that is known of it."""

    answers: dict[int, Open]
    hand: Hand
    changed: dict[str, frozenset[str]]

    def outdated(self) -> list[int]:
        finals = ((answer, self.hand.final(answer)) for answer in self.answers)
        return [answer for answer, final in finals if final and hands.is_outdated(final, self.changed)]


class Desk:
    """The coders' side of the open answers."""

    def __init__(
        self, engine: sa.Engine, vault: Vault, clock: Callable[[], datetime], teacher: Teacher | None = None
    ) -> None:
        self.engine = engine
        self.vault = vault
        self.clock = clock
        self.teacher = teacher or Teacher()

    def next(self, survey: Survey, question: str, codebook: Codebook, coder: str) -> Task | None:
        """The next answer for this coder; None where nothing waits for them."""
        return self._next(survey, question, codebook, coder, self._board(survey, question, codebook))

    def state(self, survey: Survey, question: str, codebook: Codebook) -> State:
        return _state(self._board(survey, question, codebook))

    def both(self, survey: Survey, question: str, codebook: Codebook, coder: str) -> tuple[Task | None, State]:
        """The next answer and how far it is, of one moment and read once."""
        board = self._board(survey, question, codebook)
        return self._next(survey, question, codebook, coder, board), _state(board)

    def _board(self, survey: Survey, question: str, codebook: Codebook) -> _Board:
        with reading(self.engine) as connection:
            return _board(connection, survey, question, codebook)

    def _next(self, survey: Survey, question: str, codebook: Codebook, coder: str, board: _Board) -> Task | None:
        found = self._choose(survey, question, codebook, coder, board)
        if found is None:
            return None
        answer, why = found
        with reading(self.engine) as connection:
            text = words(connection, self.vault, [answer]).get(answer)
        if text is None:  # forgotten in this moment
            return None
        given = board.hand.final(answer) if why == "again" else None
        there = board.answers[answer]
        language = Tongues(survey.languages)(text, there.language)
        return Task(answer, text, language, there.asked, given.codes if given else (), why)

    def _choose(
        self, survey: Survey, question: str, codebook: Codebook, coder: str, board: _Board
    ) -> tuple[int, str] | None:
        hand, answers = board.hand, sorted(board.answers, key=hands.draw)
        mine = [answer for answer in answers if coder in hand.coders(answer)]
        outdated = set(board.outdated())
        if again := next((one for one in mine if one in outdated and one not in hand.settled), None):
            return again, "again"
        second = next((one for one in answers if self._waits_for_second(one, hand, coder)), None)
        if second is not None and len(mine) % 2:
            return second, "second"
        fresh = [answer for answer in answers if not hand.coders(answer)]
        if not fresh:
            return (second, "second") if second is not None else None
        if len(mine) % AT_RANDOM == 0:
            return fresh[0], "random"
        doubts = self._doubts(survey, question, codebook, board, fresh)
        if not doubts:
            return fresh[0], "random"
        return max(fresh, key=lambda answer: doubts.get(answer, 0.0)), "teaches"

    def _waits_for_second(self, answer: int, hand: Hand, coder: str) -> bool:
        coders = hand.coders(answer)
        return hands.doubled(answer) and len(coders) == 1 and coder not in coders and answer not in hand.settled

    def _doubts(
        self, survey: Survey, question: str, codebook: Codebook, board: _Board, fresh: Sequence[int]
    ) -> dict[int, float]:
        finals = {answer: board.hand.final(answer) for answer in board.answers}
        coded = {answer: hands.themes(final.codes) for answer, final in finals.items() if final and not final.moved_to}

        def read(ids: Sequence[int]) -> dict[int, str]:
            with reading(self.engine) as connection:
                return words(connection, self.vault, ids)

        return dict(self.teacher.doubts((survey.name, question), codebook, coded, fresh, read))

    # Saying what it is about ----------------------------------------------------------------------------------------

    def code(
        self,
        survey: Survey,
        question: str,
        codebook: Codebook,
        answer: int,
        codes: Iterable[str],
        coder: str,
        moved_to: str = "",
        *,
        settles: bool = False,
    ) -> None:
        """Keep what somebody says that an answer is about, no code for nothing that the codebook has a theme for.

        The answer itself is left as it came. Raises CodingError.
        """
        given = _checked(survey, question, codebook, tuple(dict.fromkeys(codes)), moved_to)
        now = self.clock()
        with self.engine.begin() as connection:
            if answer not in to_code(connection, survey, question, hands.moved(connection, survey.name), answer):
                raise CodingError("gone")
            connection.execute(
                insert_ignoring(connection.dialect.name, versions),
                {
                    "version": codebook.version,
                    "codebook": codebook.name,
                    "meanings": hands.meanings(codebook),
                    "seen_at": now,
                },
            )
            raising.keep(connection, survey.name, question, answer, given, now)
            connection.execute(
                sa.insert(codings),
                {
                    "answer": answer,
                    "survey": survey.name,
                    "question": question,
                    "coder": coder,
                    "codes": list(given),
                    "moved_to": moved_to or None,
                    "settles": settles,
                    "codebook": codebook.name,
                    "version": codebook.version,
                    "at": now,
                },
            )
            what = "settle a coding" if settles else "code an answer"
            audit.note(connection, coder, what, f"{survey.name}/{question}/{answer}", now)

    def groups(self, survey: Survey, question: str) -> list[Group]:
        """What the answers speak of, coded or not: a codebook to begin with. Of many the first in a random order."""
        with reading(self.engine) as connection:
            answers = to_code(connection, survey, question, hands.moved(connection, survey.name))
            some = sorted(answers, key=hands.draw)[:MOST]
            said = words(connection, self.vault, some)
        return groups([(text, answers[answer].language) for answer, text in said.items()], survey.languages)

    def raised(self, survey: Survey, question: str, code: str) -> list[Given]:
        """What somebody or a keyword gave this meta code, the newest first: a coder's word is enough."""
        with reading(self.engine) as connection:
            hand = hands.read(connection, survey.name, question)
            answers = to_code(connection, survey, question, hands.moved(connection, survey.name))
            ids = [
                answer
                for answer, given in sorted(hand.by_answer.items(), reverse=True)
                if answer in answers and any(code in one.codes for one in (hand.settled.get(answer), *given) if one)
            ]
            by_keywords = raising.read(connection, survey.name, question, code) & answers.keys() - set(ids)
            ids = sorted([*ids, *by_keywords], reverse=True)
            texts = words(connection, self.vault, ids)
        return [
            Given(answer, text, answers[answer].language, hand.by_answer.get(answer, ()))
            for answer, text in texts.items()
        ]

    def disputes(self, survey: Survey, question: str, codebook: Codebook) -> list[Given]:
        """What two saw differently, in the order of the answers."""
        with reading(self.engine) as connection:
            board = _board(connection, survey, question, codebook)
            ids = [answer for answer in sorted(board.hand.disputed()) if answer in board.answers]
            texts = words(connection, self.vault, ids)
        return [
            Given(answer, texts[answer], board.answers[answer].language, board.hand.by_answer[answer])
            for answer in ids
            if answer in texts
        ]


def coded_questions(survey: Survey, codebooks: Iterable[Codebook]) -> dict[str, tuple[Question, Codebook]]:
    """The open questions that have a codebook, by id."""
    known = {codebook.name: codebook for codebook in codebooks}
    return {
        question.id: (question, known[question.codebook])
        for question in survey.questions
        if question.type == "open" and question.codebook in known
    }


def _board(connection: sa.Connection, survey: Survey, question: str, codebook: Codebook) -> _Board:
    moves = hands.moved(connection, survey.name)
    return _Board(
        to_code(connection, survey, question, moves),
        hands.read(connection, survey.name, question),
        hands.outdated(connection, codebook),
    )


def _checked(survey: Survey, question: str, codebook: Codebook, codes: Codes, moved_to: str) -> Codes:
    """A control code says that no theme can be given, and stands alone."""
    known = {code.id for code in codebook.codes} | {*CONTROL, *META}
    if not set(codes) <= known or (len(codes) > 1 and not set(CONTROL).isdisjoint(codes)):
        raise CodingError("codes")
    others = {one.id for one in survey.questions if one.type == "open" and one.id != question}
    if (codes == (WRONG_QUESTION,)) != bool(moved_to) or (moved_to and moved_to not in others):
        raise CodingError("question")
    return codes


def _state(board: _Board) -> State:
    hand = board.hand
    here = [answer for answer in board.answers if hand.final(answer)]
    pairs = [[frozenset(one.codes) for one in given] for given in hand.doubled()]
    done: dict[str, int] = {}
    for given in hand.by_answer.values():
        for one in given:
            done[one.coder] = done.get(one.coder, 0) + 1
    return State(
        answers=len(board.answers),
        coded=len(here),
        random=len(hands.random_part(board.answers, hand)),
        twice=len(pairs),
        disputed=len([answer for answer in hand.disputed() if answer in board.answers]),
        outdated=len(board.outdated()),
        alpha=alpha(pairs),
        alpha_nominal=alpha(pairs, nominal),
        by_coder=tuple(sorted(done.items())),
    )
