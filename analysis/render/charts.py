"""Charts as inline SVG: a bar with its interval, and a mean on its scale. Numbers stand beside them, in HTML.

Shapes stretch to the width there is; lines keep theirs. Colours come from the page's CSS variables, and stand for no
party. For right-to-left the page mirrors them. Each has a title and a description for those who can't see it.
"""

from __future__ import annotations

from markupsafe import Markup

_SVG = Markup(
    '<svg class="chart" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-labelledby="{id}-t {id}-d">'
    '<title id="{id}-t">{title}</title><desc id="{id}-d">{described}</desc>{shapes}</svg>'
)
_TRACK = Markup('<rect class="track" x="0" y="2" width="100" height="10"/>')
_BAR = Markup('<rect class="bar" x="0" y="2" width="{width:.2f}" height="10"/>')
_INTERVAL = Markup(
    '<path class="interval" vector-effect="non-scaling-stroke"'
    ' d="M{low:.2f} 7H{high:.2f}M{low:.2f} 4V10M{high:.2f} 4V10"/>'
)
_POINT = Markup('<path class="point" vector-effect="non-scaling-stroke" d="M{at:.2f} 1V13"/>')


def bar(name: str, title: str, described: str, share: float, low: float, high: float) -> Markup:
    """A share from 0 to 1 with its interval. `name` is unique on the page."""
    shapes = _TRACK + _BAR.format(width=share * 100) + _INTERVAL.format(low=low * 100, high=high * 100)
    return _SVG.format(id=name, title=title, described=described, shapes=shapes)


def point(
    name: str, title: str, described: str, value: float, low: float, high: float, ends: tuple[float, float]
) -> Markup:
    """A value with its interval on a scale between two ends."""
    first, last = ends

    def place(number: float) -> float:
        return min(100.0, max(0.0, (number - first) / (last - first) * 100))

    shapes = _TRACK + _INTERVAL.format(low=place(low), high=place(high)) + _POINT.format(at=place(value))
    return _SVG.format(id=name, title=title, described=described, shapes=shapes)
