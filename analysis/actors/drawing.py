"""The map as SVG: readable without a script, printable, and described for those who can't see it.

No colour stands for a party: what is drawn into a circle says the attitude, too. Ties against each other are dashed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from analysis.actors.layout import HIGH, WIDE, Point
from analysis.actors.network import Network

SMALLEST, LARGEST = 7.0, 24.0
NAMED = 60
"""With more actors than this only the largest bear their name."""

_SVG = Markup(
    '<svg class="map" viewBox="0 0 {wide:.0f} {high:.0f}" role="group" aria-labelledby="{mark}-title {mark}-says">'
    '<title id="{mark}-title">{title}</title><desc id="{mark}-says">{says}</desc>{ties}{actors}</svg>'
)
_TIE = Markup('<path class="tie {kind}" d="M{x1} {y1}L{x2} {y2}" stroke-width="{width:.1f}"{head}/>')
_ACTOR = Markup(
    '<g class="actor {attitude}"><title>{name}</title>'
    '<circle cx="{x}" cy="{y}" r="{r:.1f}"/><text class="sign" x="{x}" y="{y}" dy=".35em">{sign}</text>{label}</g>'
)
_LINK = Markup('<a href="{link}" aria-label="{name}">{actor}</a>')
_LABEL = Markup('<text class="name" x="{x}" y="{y:.1f}">{name}</text>')
_DEFS = Markup(
    '<defs><marker id="{mark}-to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
    '<path d="M0 0L8 4L0 8z"/></marker></defs>'
)

_LINE = Markup('<text class="line" x="{x:.0f}" y="{y:.0f}"{way}>{said}</text>')
LINE = 18.0
"""How high a line under a picture is."""
STYLE = """<style>.map{background:#fff;font-family:"Noto Sans","DejaVu Sans",sans-serif}
.tie{stroke:#8c8a80;fill:none}.against{stroke-dasharray:6 5}marker path{fill:#8c8a80}
circle{fill:#b9cbcd;stroke:#1c2225;stroke-width:1.5}.supports circle{fill:#4a6f78}
.opposes circle{fill:#fff;stroke-width:3}.unknown circle{fill:#fff;stroke-dasharray:3 3}
text{fill:#1c2225;text-anchor:middle;font-size:13px}.sign{font-weight:700}.supports .sign{fill:#fff}
.name{paint-order:stroke;stroke:#fff;stroke-width:4px}
.line{text-anchor:start;font-size:11px;fill:#545b5e}</style>"""
"""How a picture looks outside our pages: on white, as on paper."""

SIGNS = {"supports": "+", "opposes": "\u2212", "neutral": "=", "unknown": "?", "": ""}


def attitude_class(value: float | None) -> str:
    """How an attitude is drawn; "" where no issue is chosen."""
    if value is None or np.isnan(value):
        return "unknown"
    return "supports" if value > 0.5 else "opposes" if value < -0.5 else "neutral"


@dataclass(frozen=True, slots=True)
class About:
    """What a picture is called and what it shows, for those who can't see it; `mark` tells its parts from those of
    another picture on the page."""

    title: str
    says: str
    mark: str = "map"


def draw(
    network: Network,
    at: Mapping[str, Point],
    names: Mapping[str, str],
    *,
    about: About,
    link: Callable[[str], str] | None,
    sizes: Mapping[str, float] | None = None,
    attitudes: Mapping[str, float | None] | None = None,
) -> Markup:
    """`sizes` of the circles, in any unit; `attitudes` -2 to 2 by actor, None for not known: without, no issue is
    chosen. `link` is where a circle leads, where it leads anywhere."""
    radii = radii_of(network, sizes or {})
    ties = [_tie(network, at, radii, number, about.mark) for number in np.argsort(-network.strength, kind="stable")]
    named = labelled(radii)
    circles = [
        _actor(name, at[name], radii[name], names[name], link and link(name), attitudes, labelled=name in named)
        for name in network.ids
    ]
    return _SVG.format(
        wide=WIDE,
        high=HIGH,
        title=about.title,
        says=about.says,
        mark=about.mark,
        ties=_DEFS.format(mark=about.mark) + Markup("").join(ties),
        actors=Markup("").join(circles),
    )


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands under a picture that leaves: what it is called, the lines, and the language that they are in."""

    title: str
    lines: tuple[str, ...]
    language: str = "en"
    direction: str = "ltr"

    @property
    def high(self) -> float:
        """How much room the lines take."""
        return LINE * len(self.lines) + 6.0


def standalone(picture: Markup, caption: Caption) -> str:
    """A picture as a file of its own, with its caption under it."""
    back = caption.direction == "rtl"
    lines = [
        _LINE.format(
            x=WIDE - 8 if back else 8,
            y=HIGH + LINE * (number + 1) - 4,
            way=Markup(' direction="rtl"') if back else "",
            said=line,
        )
        for number, line in enumerate(caption.lines)
    ]
    box = f'viewBox="0 0 {WIDE:.0f} '
    spoken = f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{escape(caption.language)}" class="map"'
    return (
        str(picture)
        .replace('<svg class="map"', spoken, 1)
        .replace(f'{box}{HIGH:.0f}"', f'{box}{HIGH + caption.high:.0f}"', 1)
        .replace("<desc", f"{STYLE}<desc", 1)
        .removesuffix("</svg>")
        + "".join(lines)
        + "</svg>"
    )


def labelled(radii: Mapping[str, float]) -> frozenset[str]:
    """Who bears a name: the largest."""
    return frozenset(name for name, _ in sorted(radii.items(), key=lambda each: (-each[1], each[0]))[:NAMED])


def radii_of(network: Network, sizes: Mapping[str, float]) -> dict[str, float]:
    """Areas go with what they stand for."""
    most = max((sizes.get(name, 0.0) for name in network.ids), default=0.0)
    share = {name: max(0.0, sizes.get(name, 0.0)) / most if most > 0 else 0.15 for name in network.ids}
    return {name: SMALLEST + (LARGEST - SMALLEST) * float(np.sqrt(share[name])) for name in network.ids}


def _tie(network: Network, at: Mapping[str, Point], radii: Mapping[str, float], number: int, mark: str) -> Markup:
    one, other = network.ids[network.source[number]], network.ids[network.target[number]]
    start, end = at[one], at[other]
    sign, directed = network.sign[number], network.directed[number]
    # An arrow ends where the circle begins.
    way = np.array([end.x - start.x, end.y - start.y])
    length = float(np.hypot(*way)) or 1.0
    tip = np.array([end.x, end.y]) - way / length * (radii[other] if directed else 0.0)
    return _TIE.format(
        kind="against" if sign < 0 else "together" if sign > 0 else "neither",
        x1=start.x,
        y1=start.y,
        x2=round(float(tip[0]), 1),
        y2=round(float(tip[1]), 1),
        width=1.0 + 3.0 * float(network.strength[number]),
        head=Markup(' marker-end="url(#{}-to)"').format(mark) if directed else "",
    )


def _actor(
    ref: str,
    at: Point,
    radius: float,
    name: str,
    link: str | None,
    attitudes: Mapping[str, float | None] | None,
    *,
    labelled: bool,
) -> Markup:
    attitude = attitude_class(attitudes.get(ref)) if attitudes is not None else ""
    label = _LABEL.format(x=at.x, y=at.y + radius + 14, name=name) if labelled else ""
    actor = _ACTOR.format(attitude=attitude, name=name, x=at.x, y=at.y, r=radius, sign=SIGNS[attitude], label=label)
    return actor if link is None else _LINK.format(link=link, name=name, actor=actor)
