"""Whether a history holds what Baraza promises. It sees what the callers and the provider saw, and nothing else.

The callers play people. Each of them goes through a poll in which every reply says which question it is and what was
answered before it, so that from the replies alone it can be told which messages had an effect, how often, and in which
order. What the gateway says that it is not sure of is given beside (`doubtful`): it may explain a message that the
provider got twice, and never one that is missing although it was acknowledged and nothing is doubtful.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

TAKEN = "taken"  # the provider answered that it has the message
SILENT = "silent"  # it has the message, and the gateway can't know that: no answer, or one that says nothing
REFUSED = "refused"  # it does not have the message, and said so
AGAIN = "(again) "  # before a message that the person may have had


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as its caller sent it: `acknowledged` from when on the caller held the gateway's 200, None for never.
    `expects` is the reply that it must bring about, "" for none."""

    person: str
    expects: str
    began: float
    acknowledged: float | None


@dataclass(frozen=True, slots=True)
class Got:
    """A message as it reached the provider, from when to when the provider had it in hand."""

    person: str
    text: str
    began: float
    ended: float
    outcome: str

    @property
    def said(self) -> str:
        """Without the mark of a repeat."""
        return self.text.removeprefix(AGAIN)


@dataclass(frozen=True, slots=True)
class History:
    """`sent` of each person in their order, `got` in order of `began`. `doubtful` are the replies (person, text) of
    which the gateway says that they are unknown, or were sent again for that."""

    sent: Sequence[Sent]
    got: Sequence[Got]
    doubtful: Collection[tuple[str, str]] = field(default_factory=frozenset)


def violations(history: History) -> list[str]:
    """What is wrong, one sentence each; people are named by what the callers named them."""
    if not history.sent or not history.got:
        return ["nothing was seen: the history is empty"]
    return [
        *_unexpected(history),
        *_missing(history),
        *_doubled(history),
        *_out_of_order(history),
        *_at_once(history),
    ]


def _has(one: Got) -> bool:
    return one.outcome in (TAKEN, SILENT)


def _expected(history: History) -> Mapping[str, list[str]]:
    expected: dict[str, list[str]] = defaultdict(list)
    for sent in history.sent:
        if sent.expects:
            expected[sent.person].append(sent.expects)
    return expected


def _unexpected(history: History) -> Iterator[str]:
    """A reply that no message should have brought about: one had its effect twice, or in the place of another."""
    expected = _expected(history)
    for person, text in {(one.person, one.said): None for one in history.got}:
        if text not in expected.get(person, ()):
            yield f"{person} was sent what nothing they wrote leads to: {text!r}"


def _missing(history: History) -> Iterator[str]:
    """An acknowledged message without its effect."""
    arrived = {(one.person, one.said) for one in history.got if _has(one)}
    for sent in history.sent:
        reply = (sent.person, sent.expects)
        if sent.expects and sent.acknowledged is not None and reply not in arrived | set(history.doubtful):
            yield f"{sent.person} wrote, was told that it was taken, and got no {sent.expects!r}"


def _doubled(history: History) -> Iterator[str]:
    """At most once; twice where the gateway could not know and says so; never more often."""
    times = Counter((one.person, one.said) for one in history.got if _has(one))
    marked = {(one.person, one.said) for one in history.got if _has(one) and one.said != one.text}
    silent = {(one.person, one.said) for one in history.got if one.outcome == SILENT}
    for (person, text), count in times.items():
        if count > 2:
            yield f"{person} was sent {text!r} {count} times"
        elif count == 2 and (person, text) not in history.doubtful:
            why = "" if (person, text) in silent else ", though the provider had said that it has it"
            yield f"{person} was sent {text!r} twice, and the gateway does not say so{why}"
        elif count == 2 and (person, text) not in marked:
            yield f"{person} was sent {text!r} twice, and was not told that it is the same again"


def _out_of_order(history: History) -> Iterator[str]:
    """Of one person, what reached the provider first of each reply must be in the order of their messages."""
    first: dict[str, list[str]] = defaultdict(list)
    for one in sorted(history.got, key=lambda one: one.began):
        if _has(one) and one.said not in first[one.person]:
            first[one.person].append(one.said)
    for person, expected in _expected(history).items():
        places = [expected.index(text) for text in first[person] if text in expected]
        if places != sorted(places):
            yield f"{person} got replies {[place + 1 for place in places]}"


def _at_once(history: History) -> Iterator[str]:
    """Of one person, the next reply is not handed over while the provider has the one before in hand; a doubtful one
    may still be in the provider's hand when the gateway has long given it up."""
    busy: dict[str, Got] = {}
    for one in sorted(history.got, key=lambda one: one.began):
        before = busy.get(one.person)
        if (
            before is not None
            and one.began < before.ended
            and before.outcome != SILENT
            and (one.person, before.said) not in history.doubtful
        ):
            yield f"{one.person} was sent {one.said!r} while {before.said!r} was still being handed over"
        busy[one.person] = one
