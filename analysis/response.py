"""Where people left a poll: at each question, how many came to it, answered, left it out, and were not heard after it.

Who answered a later question came to this one. Whoever did not finish left at the question after their last answer. A
question under a condition is not put to everybody: who did not answer it but one after it either left it out or was
not asked, and is counted as passed by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Reached:
    """`reached` = `answered` + `passed_by` + `left`; `rate` is answered / reached, `break_off` left / reached."""

    question: str
    reached: int
    answered: int
    passed_by: int
    left: int
    rate: float | None
    break_off: float | None


@dataclass(frozen=True, slots=True)
class Response:
    """`group` is a channel (or another group of people), "" for everybody. They `began`, and came to the end."""

    group: str
    began: int
    finished: int
    questions: tuple[Reached, ...]


def response(
    answered: NDArray[np.bool_], finished: NDArray[np.bool_], questions: Sequence[str], group: str = ""
) -> Response:
    """`answered` is people x questions in the order in which they are asked, of those who began; `finished` by person.

    Somebody who finished left nowhere, whatever the last questions were.
    """
    people, asked = answered.shape
    last = np.where(answered.any(axis=1), asked - 1 - np.argmax(answered[:, ::-1], axis=1), -1)
    came_to = np.where(finished, asked, last + 1)  # the question at which somebody left, or beyond all
    found = []
    for at, name in enumerate(questions):
        reached = int((came_to >= at).sum())
        gave, left = int(answered[:, at].sum()), int((came_to == at).sum())
        rate, broke = (gave / reached, left / reached) if reached else (None, None)
        found.append(Reached(name, reached, gave, reached - gave - left, left, rate, broke))
    return Response(group, people, int((came_to == asked).sum()), tuple(found))


def by_group(
    answered: NDArray[np.bool_], finished: NDArray[np.bool_], questions: Sequence[str], groups: pd.Series[Any]
) -> list[Response]:
    """Everybody first, then each group by its name; who is in none counts among everybody only."""
    found = [response(answered, finished, questions)]
    names = groups.astype(object)
    for name in sorted(str(name) for name in names.dropna().unique()):
        mine = (names == name).to_numpy()
        found.append(response(answered[mine], finished[mine], questions, name))
    return found
