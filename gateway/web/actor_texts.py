"""How the map's own words are said on pages, and what stands under a picture that is taken away."""

from __future__ import annotations

from analysis.actors.drawing import Caption
from analysis.actors.exchange import Stamp
from gateway.actors.seeing import Look
from gateway.web.pages import N_
from gateway.web.texts import FALLBACK, language, texts
from surveys.texts import fill

WORDS = {
    "tie": N_("tie"),
    "alliance": N_("alliance"),
    "conflict": N_("conflict"),
    "command": N_("command"),
    "kinship": N_("kinship"),
    "trade": N_("trade"),
    "talks": N_("talks"),
    "influence": N_("influence"),
    "interest": N_("interest"),
    "position": N_("position"),
    "need": N_("need"),
    "fear": N_("fear"),
    "value": N_("value"),
    "power": N_("power"),
    "driver": N_("what drives the conflict"),
    "arms": N_("arms"),
    "money": N_("money"),
    "legitimacy": N_("legitimacy"),
    "information": N_("information"),
    "veto": N_("a veto"),
    "group": N_("group"),
    "armed group": N_("armed group"),
    "organisation": N_("organisation"),
    "office": N_("office"),
    "individual": N_("single person"),
    "kind": N_("kind"),
    "area": N_("area"),
    "camp": N_("camp"),
}
"""Words that the map itself knows; whatever else an actor, a tie or a group is called is shown as it was written."""


def word(said: object, code: str = FALLBACK) -> str:
    """A word of the map in a language of pages."""
    text = str(said)
    return texts().say(code, WORDS[text]) if text in WORDS else text


def caption(look: Look, stamp: Stamp, code: str = FALLBACK) -> Caption:
    """What a picture shows, how it is read, and who made it when."""

    def say(text: str, **values: object) -> str:
        return fill(texts().say(code, text), values)

    title = say(N_("Map of actors, wave {wave}"), wave=look.wave)
    only = [*(word(kind, code) for kind in look.types), word(look.kind, code), look.area, look.find]
    chosen = ", ".join(filter(None, only))
    shown = (
        title + ".",
        say(N_("Only: {chosen}."), chosen=chosen) if chosen else "",
        say(N_("Attitude to {issue}."), issue=look.issue) if look.issue else "",
        say(N_("In the circles: + supports, − opposes, = neutral, ? not known.")) if look.issue else "",
        say(N_("Dashed ties are against each other.")),
    )
    made = N_("Made by {name} on {date} UTC; it holds what {name} may see.")
    when = say(made, name=stamp.by, date=f"{stamp.at:%Y-%m-%d %H:%M}")
    return Caption(title, (" ".join(filter(None, shown)), when), code, language(code).direction)
