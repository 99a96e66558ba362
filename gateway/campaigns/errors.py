"""What can't be done with a campaign, as one sentence for whoever asked."""

from __future__ import annotations


class CampaignError(Exception):
    """A campaign can't be published, or something in it can't be done."""


class MediaError(CampaignError):
    """A picture, video or sound is not taken. The sentence says what to send instead; `values` fill its places, so
    that a page can say it in its own language."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence.format(**values))
        self.sentence = sentence
        self.values = values
