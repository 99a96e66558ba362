"""The row of questions while it is made: single ones, and neighbours whose order is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.model import Question, Shuffle


@dataclass(frozen=True, slots=True)
class Drawn:
    """Neighbours whose order is drawn per person."""

    name: str
    blocks: tuple[tuple[Question, ...], ...]


Node = Question | Drawn


def put_after(nodes: list[Node], names: frozenset[str], question: Question) -> list[Node]:
    """The nodes with a question put in after the last that it names, and after those that were put in there before."""
    last = -1
    for place, node in enumerate(nodes):
        inside = [node] if isinstance(node, Question) else [one for block in node.blocks for one in block]
        if any(one.id in names for one in inside):
            last = place
    while last + 1 < len(nodes) and _was_put_in(nodes[last + 1]):
        last += 1
    return [*nodes[: last + 1], question, *nodes[last + 1 :]]


def _was_put_in(node: Node) -> bool:
    return isinstance(node, Question) and (node.type == "quota" or node.id == "eligible")


def flat(nodes: list[Node]) -> tuple[tuple[Question, ...], tuple[Shuffle, ...]]:
    questions: list[Question] = []
    shuffles = []
    for node in nodes:
        if isinstance(node, Question):
            questions.append(node)
            continue
        shuffles.append(Shuffle(node.name, len(questions), tuple(map(len, node.blocks))))
        questions += [question for block in node.blocks for question in block]
    return tuple(questions), tuple(shuffles)
