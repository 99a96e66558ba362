"""What a piece is shared with: a short text for each network and where it takes one, a text for SMS, a QR code."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

import segno
from markupsafe import Markup

from gateway.campaigns.model import NETWORKS, Campaign, Piece
from surveys.texts import Texts as Catalogues

NAMES = {"facebook": "Facebook", "whatsapp": "WhatsApp", "telegram": "Telegram", "x": "X"}
OPENS = {
    "facebook": "https://www.facebook.com/sharer/sharer.php?u={link}",
    "whatsapp": "https://wa.me/?text={text}%20{link}",
    "telegram": "https://t.me/share/url?url={link}&text={text}",
    "x": "https://x.com/intent/post?text={text}&url={link}",
}
"""Where a network takes what is to be shared. Nothing is asked of it before somebody follows the link."""


@dataclass(frozen=True, slots=True)
class Share:
    """One network: the text with the link, as it can be copied, and where it is shared."""

    network: str
    name: str
    text: str
    opens: str


def shares(piece: Piece, language: str, link: str) -> Iterable[Share]:
    for network in NETWORKS:
        own = piece.share.get(network)
        text = own[language] if own else piece.title[language]
        opens = OPENS[network].format(text=quote(text), link=quote(link, safe=""))
        yield Share(network, NAMES[network], f"{text} {link}", opens)


def message(campaign: Campaign, piece: Piece, language: str, word: str, number: str) -> str:
    """The text for those who have SMS only, to be passed on: it says where to send which word."""
    said = piece.sms.get(language) or piece.title[language]
    return f"{said} {word}: {number}" if number else f"{said} {word}"


def sms(campaign: Campaign, piece: Piece, language: str, texts: Catalogues) -> str:
    """What a phone gets for it: its text for SMS, and the way to one's representative."""
    key = "campaign_read" if campaign.letter else "campaign_read_only"
    said = piece.sms.get(language) or piece.title[language]
    return texts.say(key, language, text=said, write=texts.word("write", language))


def qr(link: str) -> Markup:
    """A QR code as SVG, dark on light, that scanners still read where a quarter of it is lost."""
    code = segno.make(link, error="q", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff"))  # noqa: S704 - squares and numbers only


def inline(picture: tuple[str, bytes] | None) -> str:
    """A picture as an address that holds it, for a page that fetches nothing; "" for none."""
    return f"data:{picture[0]};base64,{b64encode(picture[1]).decode()}" if picture else ""
