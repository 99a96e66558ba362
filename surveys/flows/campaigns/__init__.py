"""The keyword flows of campaigns: read, write to a representative, pledge, sign, hear more."""

from __future__ import annotations

from collections.abc import Sequence

from surveys.flows.campaigns.campaign import Campaign
from surveys.flows.campaigns.kept import Kept
from surveys.flows.campaigns.leave import Leave
from surveys.flows.campaigns.news import News
from surveys.flows.campaigns.offer import Offer
from surveys.flows.campaigns.pledge import Pledge
from surveys.flows.campaigns.sign import Sign
from surveys.flows.campaigns.write import Write
from surveys.flows.keyword import KeywordFlow
from surveys.texts import Texts


def campaign_flows(texts: Texts, offers: Sequence[Offer]) -> tuple[KeywordFlow, ...]:
    """Those that are called by words of the catalogues, as far as a campaign that is out has what they are about."""
    made = (Write(texts, offers), Pledge(texts, offers), Sign(texts, offers), Kept(texts, offers), News(texts, offers))
    return tuple(flow for flow in made if flow.campaigns)


def own_flows(texts: Texts, offers: Sequence[Offer]) -> tuple[Campaign, ...]:
    """One for each campaign, called by its own words."""
    return tuple(Campaign(texts, offer) for offer in offers)


def leaving(texts: Texts, offers: Sequence[Offer]) -> dict[str, Leave]:
    """By its name, the flow that leaves a topic."""
    return {offer.topic: Leave(texts, offer.topic) for offer in offers if offer.topic}
