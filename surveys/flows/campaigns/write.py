"""WRITE: a message to one's representative, in one's own words or in those that a campaign suggests."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.campaigns.base import CampaignFlow, shortened
from surveys.flows.campaigns.effects import FindRepresentatives, SeenRepresentative, WriteLetter
from surveys.flows.campaigns.offer import Offer
from surveys.flows.keyword import Moment
from surveys.match import normalise
from surveys.model import Question

SHORTEST, LONGEST = 12, 480
"""Letters of a message: fewer tell a representative nothing, more cost their sender too much."""
PLACE, WHOM, WORDS, SURE = "place", "whom", "words", "sure"


class Write(CampaignFlow):
    word = "write"
    brief = False
    listed: ClassVar[int] = 21
    sure: ClassVar[frozenset[str]] = frozenset({SURE})
    needs = frozenset({"carries", "lives"})

    def has(self, offer: Offer) -> bool:
        return offer.suggested is not None and offer.gazetteer is not None

    def chosen(self, conversation: Conversation, offer: Offer, text: str, moment: Moment) -> Step:
        conversation = replace(conversation, answers={**conversation.answers, "own": text})
        home = str(moment.facts.get("lives", ""))
        if offer.gazetteer is not None and offer.gazetteer.get(home) is not None:
            return conversation.on(""), (FindRepresentatives(offer.name, home),)
        return self.ask(conversation, PLACE, moment)

    def asked(self, conversation: Conversation, offer: Offer) -> Question:
        held, language = conversation.answers, conversation.language
        if conversation.at == PLACE:
            return self.asks(conversation, "place", gazetteer=offer.gazetteer)
        if conversation.at == WHOM:
            return self.offers(conversation, zip(_list(held["ids"]), _list(held["names"]), strict=True))
        assert offer.suggested is not None
        if conversation.at == WORDS:
            suggested = offer.said(offer.suggested, language)
            said = self.texts.say("write_words", language, name=held["full"], suggested=suggested)
            return self.asks(conversation, "open", said)
        said = self.texts.say(
            "write_sure",
            language,
            name=held["name"],
            text=shortened(str(held["letter"]), 60),
            **self.words(conversation),
        )
        return self.asks(conversation, "yes-no", said)

    def replied(self, conversation: Conversation, offer: Offer, value: Value, moment: Moment) -> Step:
        held = dict(conversation.answers)
        match conversation.at:
            case "place":
                return conversation.on(""), (FindRepresentatives(offer.name, str(value)),)
            case "whom":
                place = _list(held["ids"]).index(str(value))
                name = _list(held["names"])[place], _list(held["shorts"])[place]
                return self._to(conversation, offer, str(value), name, moment)
            case "words":
                return self._words(conversation, offer, str(value), moment)
        if value != "yes":
            return self.say(conversation, "write_unsent")
        letter = WriteLetter(
            offer.name, int(str(held["whom"])), str(held["there"]), str(held["letter"]), held["suggested"] == "yes"
        )
        return conversation.on(""), (letter,)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        offer = self._of(conversation)
        if offer is None or outcome.detail == "gone":
            return self.say(conversation, "campaign_gone")
        if isinstance(outcome.effect, FindRepresentatives):
            return self._found(conversation, offer, outcome.effect.place, outcome.found, moment)
        if not outcome.done:
            return self.say(conversation, "write_many")
        key = "write_thanks" if outcome.detail == "read" else "write_on_its_way"
        return self.say(conversation, key, name=conversation.answers["name"])

    def _found(
        self,
        conversation: Conversation,
        offer: Offer,
        place: str,
        found: tuple[SeenRepresentative, ...],
        moment: Moment,
    ) -> Step:
        conversation = replace(conversation, answers={**conversation.answers, "there": place})
        if not found:
            return self.say(conversation, "write_nobody")
        named = [f"{one.name}, {one.post}" if one.post else one.name for one in found]
        shorts = [one.name for one in found]
        if len(found) == 1:
            return self._to(conversation, offer, str(found[0].id), (named[0], shorts[0]), moment)
        listed = {"ids": [str(one.id) for one in found], "names": named, "shorts": shorts}
        return self.ask(replace(conversation, answers={**conversation.answers, **listed}), WHOM, moment)

    def _to(self, conversation: Conversation, offer: Offer, whom: str, name: tuple[str, str], moment: Moment) -> Step:
        held = {**conversation.answers, "whom": whom, "full": name[0], "name": name[1]}
        conversation = replace(conversation, answers=held)
        if held["own"]:
            return self._words(conversation.on(WORDS), offer, str(held["own"]), moment)
        return self.ask(conversation, WORDS, moment)

    def _words(self, conversation: Conversation, offer: Offer, text: str, moment: Moment) -> Step:
        suggested = normalise(text) == "1"
        assert offer.suggested is not None
        letter = offer.said(offer.suggested, conversation.language) if suggested else text
        if not SHORTEST <= len(letter) <= LONGEST:
            key = "write_short" if len(letter) < SHORTEST else "too_long"
            return self.again(
                replace(conversation, answers={**conversation.answers, "own": ""}), key, moment, maximum=LONGEST
            )
        held = {**conversation.answers, "letter": letter, "suggested": "yes" if suggested else ""}
        return self.ask(replace(conversation, answers=held), SURE, moment)


def _list(value: Value) -> list[str]:
    return value if isinstance(value, list) else []
