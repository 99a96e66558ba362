"""The map as a PNG, for whatever shows no SVG: the same places, sizes and signs (analysis.actors.drawing)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features
from PIL.PngImagePlugin import PngInfo

from analysis.actors.drawing import LINE, SIGNS, Caption, attitude_class, labelled, radii_of
from analysis.actors.layout import HIGH, WIDE, Point
from analysis.actors.network import Network

SCALE = 2
PAPER, INK, SOFT, GREY, BAR, WASH = "#ffffff", "#1c2225", "#545b5e", "#8c8a80", "#4a6f78", "#b9cbcd"
FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf")
"""The first that this machine has: it has Latin and Arabic letters. Else Pillow's own, with Latin ones."""


def png(
    network: Network,
    at: Mapping[str, Point],
    names: Mapping[str, str],
    caption: Caption,
    sizes: Mapping[str, float] | None = None,
    attitudes: Mapping[str, float | None] | None = None,
) -> bytes:
    """As `drawing.draw` takes it, with `caption` under the picture and in the file's own words."""
    image = Image.new("RGB", (int(WIDE) * SCALE, int(HIGH + caption.high) * SCALE), PAPER)
    pen = ImageDraw.Draw(image)
    radii = radii_of(network, sizes or {})
    for number in np.argsort(-network.strength, kind="stable"):
        ends = at[network.ids[network.source[number]]], at[network.ids[network.target[number]]]
        width = max(1, round((1.0 + 3.0 * float(network.strength[number])) * SCALE * 0.75))
        for start, end in _strokes(*ends, dashed=network.sign[number] < 0):
            pen.line([*_scaled(*start), *_scaled(*end)], fill=GREY, width=width)
        if network.directed[number]:
            pen.polygon(_head(*ends, radii[network.ids[network.target[number]]]), fill=GREY)
    named, font, small = labelled(radii), _font(13), _font(11)
    for name in network.ids:
        attitude = attitude_class(attitudes.get(name)) if attitudes is not None else ""
        x, y = _scaled(at[name].x, at[name].y)
        r = radii[name] * SCALE
        fill = BAR if attitude == "supports" else PAPER if attitude in ("opposes", "unknown") else WASH
        pen.ellipse([x - r, y - r, x + r, y + r], fill, INK, 6 if attitude == "opposes" else 3)
        pen.text((x, y), SIGNS[attitude], PAPER if attitude == "supports" else INK, font, anchor="mm")
        if name in named:
            pen.text((x, y + r + 16), names[name], INK, font, anchor="mm", stroke_width=3, stroke_fill=PAPER)
    back = caption.direction == "rtl"
    for number, line in enumerate(caption.lines):
        place = _scaled(WIDE - 8 if back else 8, HIGH + LINE * (number + 0.5))
        pen.text(place, line, SOFT, small, anchor="rm" if back else "lm", **_shaped(caption.direction))
    about, out = PngInfo(), io.BytesIO()
    about.add_itxt("Title", caption.title)
    about.add_itxt("Description", " ".join(caption.lines))
    image.save(out, "PNG", pnginfo=about)
    return out.getvalue()


def _shaped(direction: str) -> dict[str, Any]:
    """Letters join and run as they are written where this machine's Pillow can do that."""
    return {"direction": direction} if features.check("raqm") else {}


def _scaled(x: float, y: float) -> tuple[float, float]:
    return x * SCALE, y * SCALE


def _strokes(start: Point, end: Point, *, dashed: bool) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """A line, whole or as strokes of 6 with 5 between."""
    one, other = np.array([start.x, start.y]), np.array([end.x, end.y])
    length = float(np.hypot(*(other - one)))
    if not dashed or length == 0:
        yield (start.x, start.y), (end.x, end.y)
        return
    for begin in np.arange(0.0, length, 11.0):
        first, last = (one + (other - one) * share / length for share in (begin, min(begin + 6.0, length)))
        yield (float(first[0]), float(first[1])), (float(last[0]), float(last[1]))


def _head(start: Point, end: Point, radius: float) -> list[tuple[float, float]]:
    """An arrow's, at the edge of the circle that it leads to."""
    way = np.array([end.x - start.x, end.y - start.y])
    way = way / (float(np.hypot(*way)) or 1.0)
    tip = np.array([end.x, end.y]) - way * radius
    across = np.array([-way[1], way[0]])
    corners = (tip, tip - way * 9 + across * 4, tip - way * 9 - across * 4)
    return [_scaled(float(corner[0]), float(corner[1])) for corner in corners]


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size * SCALE)
        except OSError:
            continue
    return ImageFont.load_default(size * SCALE)
