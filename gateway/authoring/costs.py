"""What an interview sends, lasts and costs: on its shortest, a typical and its longest way, by channel and language.

    interviews(flow, channel, prices) -> rows
    over_limits(survey, flow, channels, prices, file) -> problems

The messages are those of the engine, so segments and screens are exact for the ways that are counted. Nobody mistypes
on them, and whoever begins does so by keyword. Time is estimated: a person reads READING characters a second, types
TYPING characters a second, and takes THINKING seconds for each answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from channels import registry, render
from channels.adapter import Channel, Medium
from channels.text import measure
from gateway.authoring.prices import Price, Prices
from surveys.engine import SurveyFlow
from surveys.flow import Start, Text
from surveys.model import Survey
from surveys.problem import Problem
from surveys.prompt import Reply
from surveys.reader import read
from surveys.walks import Turn, Walk, Walks, Weight, walks

READING, TYPING, THINKING = 15, 2, 5

SESSION = 180
"""Seconds after which operators end a USSD session: a longer interview takes another."""

SECONDS, SEGMENTS, COST = "seconds", "segments", "cost"


@dataclass(frozen=True, slots=True)
class Count:
    """What goes over the wire: of SMS segments, of USSD screens and inputs, of chats and pages messages."""

    sent: int = 0
    received: int = 0
    seconds: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.sent + other.sent, self.received + other.received, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class Interview:
    """One finished interview on one channel, in one language. `way` is shortest, typical or longest.

    `exact` says that no other way is shorter or longer. Costs are None where no price is known.
    """

    channel: str
    medium: Medium
    language: str
    way: str
    exact: bool
    messages: int
    sent: int
    received: int
    seconds: int
    country: str = ""
    currency: str = ""
    gateway: Decimal | None = None
    person: Decimal | None = None
    free: bool = False
    example: bool = False


class Meter:
    """Counts what one channel carries."""

    def __init__(self, channel: Channel, more: Callable[[str], tuple[str, str]]) -> None:
        """`more` gives the words for turning a page on and back, by language."""
        self.channel = channel
        self.more = more
        self._said = lru_cache(maxsize=4096)(self._counted)

    def __call__(self, turn: Turn) -> Count:
        typed = turn.heard.text if isinstance(turn.heard, Text) else ""
        began = isinstance(turn.heard, Start)
        count = self._said(turn.said)
        if self.channel.medium is Medium.USSD:
            received = count.sent - 1 + (not began)  # a page is turned with a key
            return count + Count(0, received, 0 if began else THINKING + len(typed) // TYPING)
        received = measure(typed).segments if self.channel.medium is Medium.SMS else 1
        return count + Count(0, received, 0 if began else THINKING + len(typed) // TYPING)

    def _counted(self, said: Reply) -> Count:
        if not said:
            return Count()
        seconds = -(-len(render.sms(said)) // READING)
        match self.channel.medium:
            case Medium.SMS:
                return Count(measure(render.sms(said)).segments, 0, seconds)
            case Medium.USSD:
                pages = render.screens(said, self.channel.screen, *self.more(said[-1].language))
                return Count(len(pages), 0, seconds + THINKING * (len(pages) - 1))
            case Medium.CHAT:
                return Count(len(render.chat(said)), 0, seconds)
            case _:
                return Count(1, 0, seconds)

    def total(self, walk: Walk) -> Count:
        return sum(map(self, walk.turns), start=Count())


def cost(count: Count, medium: Medium, price: Price) -> Decimal:
    """What the gateway pays."""
    if medium is not Medium.USSD:
        return count.sent * price.sent + count.received * price.received
    return _sessions(count, price.seconds) * price.session


def borne(count: Count, medium: Medium, price: Price) -> Decimal | None:
    """What the participant pays, None where that is not known."""
    if medium is not Medium.USSD:
        return None if price.person_sent is None else count.received * price.person_sent
    return None if price.person_session is None else _sessions(count, 0) * price.person_session


def _sessions(count: Count, seconds: int) -> int:
    return max(1, -(-count.seconds // (seconds or SESSION)))


# Walking ------------------------------------------------------------------------------------------------------------


class Ways:
    """The walks through one poll on one channel, each found once."""

    def __init__(self, flow: SurveyFlow, channel: Channel, *, typical: bool = True) -> None:
        self.flow, self.channel, self.typical = flow, channel, typical
        texts = flow.texts
        self.meter = Meter(channel, lambda language: (texts.say("more", language), texts.say("back", language)))
        self._found: dict[tuple[str, str, Decimal, Decimal], Walks | None] = {}

    def by(self, what: str, language: str, price: Price | None = None) -> Walks | None:
        """Shortest and longest by SECONDS, SEGMENTS (screens, messages) or COST."""
        sent, received = (price.sent, price.received) if price else (Decimal(1), Decimal(1))
        if what != COST or not (sent or received):
            sent = received = Decimal(1)
        if self.channel.medium is Medium.USSD and what == COST:
            what = SECONDS  # what a session costs grows with its length
        key = (SECONDS if what == SECONDS else SEGMENTS, language, sent, received)
        if key not in self._found:
            self._found[key] = self._walk(*key)
        return self._found[key]

    def _walk(self, what: str, language: str, sent: Decimal, received: Decimal) -> Walks | None:
        meter = self.meter

        def weigh(turn: Turn) -> Weight:
            count = meter(turn)
            return count.seconds if what == SECONDS else count.sent * sent + count.received * received

        # Who dials a code or opens a page has said nothing in any language yet.
        asks = self.channel.medium is not Medium.SMS and not self.channel.language
        carries = (
            registry.capabilities(self.channel.adapter).carries if self.channel.medium is Medium.CHAT else frozenset()
        )
        return walks(self.flow, language, weigh, asks_language=asks, typical=self.typical, carries=carries)


def interviews(flow: SurveyFlow, channel: Channel, prices: Prices, languages: Sequence[str]) -> Iterator[Interview]:
    """The rows of a channel: for each language and each country that has a price, three ways."""
    ways = Ways(flow, channel)
    for language in languages:
        for price in prices.of(channel) or (None,):
            found = ways.by(COST, language, price)
            if found is not None:
                for name in ("shortest", "typical", "longest"):
                    yield _interview(ways, language, name, found, price)


def _interview(ways: Ways, language: str, way: str, found: Walks, price: Price | None) -> Interview:
    walk: Walk = getattr(found, way)
    count, channel = ways.meter.total(walk), ways.channel
    priced = {} if price is None else _priced(count, channel.medium, price)
    return Interview(
        channel=channel.name,
        medium=channel.medium,
        language=language,
        way=way,
        exact=found.exact,
        messages=len(walk.turns),
        sent=count.sent,
        received=count.received,
        seconds=count.seconds,
        **priced,  # type: ignore[arg-type] # fields by name
    )


def _priced(count: Count, medium: Medium, price: Price) -> dict[str, object]:
    return {
        "country": price.country,
        "currency": price.currency,
        "gateway": cost(count, medium, price),
        "person": borne(count, medium, price),
        "free": price.free,
        "example": price.example,
    }


# Limits -------------------------------------------------------------------------------------------------------------


def over_limits(flow: SurveyFlow, channels: Iterable[Channel], prices: Prices, file: str) -> tuple[Problem, ...]:
    """Where the longest way takes more than the poll's `limits`, each limit once: the worst language and channel."""
    limits = flow.survey.limits
    ways = [Ways(flow, channel, typical=False) for channel in channels]
    said = {
        "minutes": limits.minutes is not None and _too_long(ways, limits.minutes),
        "segments": limits.segments is not None and _too_many(ways, limits.segments),
        "cost": limits.cost is not None and _too_dear(ways, prices, *limits.cost),
    }
    if not any(said.values()):
        return ()
    document = read(flow.survey.source, file)
    return tuple(document.problem(("limits", key), message) for key, message in said.items() if message)


def _longest(ways: Ways, what: str, price: Price | None = None) -> Iterator[tuple[Count, str]]:
    for language in ways.flow.survey.languages:
        if found := ways.by(what, language, price):
            yield ways.meter.total(found.longest), f"{language} on {ways.channel.name}"


def _too_long(ways: Iterable[Ways], minutes: int) -> str:
    counts = [found for one in ways for found in _longest(one, SECONDS)]
    count, where = max(counts, key=lambda pair: pair[0].seconds, default=(Count(), ""))
    if count.seconds <= minutes * 60:
        return ""
    takes = -(-count.seconds // 60)
    return f"the longest way takes about {takes} minutes, in {where}; ask less, or allow {takes}"


def _too_many(ways: Iterable[Ways], segments: int) -> str:
    counts = [found for one in ways if one.channel.medium is Medium.SMS for found in _longest(one, SEGMENTS)]
    count, where = max(counts, key=lambda pair: pair[0].sent + pair[0].received, default=(Count(), ""))
    takes = count.sent + count.received
    if takes <= segments:
        return ""
    return f"the longest way takes {takes} segments of SMS both ways, in {where}; shorten it, or allow {takes}"


def _too_dear(ways: Iterable[Ways], prices: Prices, amount: Decimal, currency: str) -> str:
    costs = [
        (cost(count, one.channel.medium, price), where)
        for one in ways
        for price in prices.of(one.channel)
        if price.currency == currency
        for count, where in _longest(one, COST, price)
    ]
    if not costs:
        return ""
    dearest, where = max(costs)
    if dearest <= amount:
        return ""
    return f"the longest way costs {dearest} {currency}, in {where}; shorten it, or allow {dearest} {currency}"


def unheld(survey: Survey, channels: Iterable[Channel], prices: Prices, file: str) -> tuple[Problem, ...]:
    """A limit in a currency that no price is in can't be held: said, and no mistake of the poll."""
    if survey.limits.cost is None:
        return ()
    currency = survey.limits.cost[1]
    if any(price.currency == currency for channel in channels for price in prices.of(channel)):
        return ()
    message = f"no price in prices.yaml is in {currency}, so nothing is held against this limit"
    return (read(survey.source, file).problem(("limits", "cost"), message),)
