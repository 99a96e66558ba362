"""The map as a file to take away: what one viewer may see, with who made it and when."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import sqlalchemy as sa
from markupsafe import Markup

from analysis.actors import drawing, exchange
from analysis.actors.drawing import Caption
from analysis.actors.exchange import Stamp
from analysis.actors.network import Network
from analysis.actors.raster import png
from analysis.render.paper import pdf
from gateway.actors.clearance import Viewer
from gateway.actors.seeing import Look, Seen, see
from gateway.actors.tables import tables
from gateway.store.keys import Vault

_PAGE = Markup(
    "<!doctype html><html lang={language}><meta charset=utf-8><title>{title}</title>"
    "<style>@page{{size:A4 landscape;margin:1cm}}svg{{width:100%}}</style>{picture}"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be taken away: the form (one of FORMS), what is in a picture and what stands under it, and who makes
    it when."""

    form: str
    look: Look
    stamp: Stamp
    caption: Caption


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file is made of: `tables` are CSV texts by what they hold."""

    seen: Seen
    tables: Callable[[], Mapping[str, str]]
    look: Look
    stamp: Stamp
    caption: Caption


def _zipped(texts: Mapping[str, str], stamp: Stamp) -> bytes:
    about = f"{stamp}\n\nThe tables of a map of actors. `baraza actors import` takes them back.\n"
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, text in {"about.txt": about, **{f"{holds}.csv": text for holds, text in texts.items()}}.items():
            archive.writestr(ZipInfo(name, stamp.at.timetuple()[:6]), text, ZIP_DEFLATED)
    return out.getvalue()


def _shown(taken: Taken) -> Network:
    """Who is looked at, and the ties among them."""
    shown = taken.seen.network(taken.look.wave, taken.look.types)
    return shown.of(taken.seen.chosen(taken.look, shown))


def _svg(taken: Taken) -> str:
    seen, look, shown = taken.seen, taken.look, _shown(taken)
    picture = drawing.draw(
        shown,
        seen.places,
        _names(seen),
        about=drawing.About(taken.caption.title, " ".join(taken.caption.lines)),
        link=None,
        sizes=seen.sizes(look, shown),
        attitudes=seen.attitudes(look.wave, look.issue) if look.issue else None,
    )
    return drawing.standalone(picture, taken.caption)


def _png(taken: Taken) -> bytes:
    seen, look, shown = taken.seen, taken.look, _shown(taken)
    attitudes = seen.attitudes(look.wave, look.issue) if look.issue else None
    return png(shown, seen.places, _names(seen), taken.caption, seen.sizes(look, shown), attitudes)


def _pdf(taken: Taken) -> bytes:
    caption, picture = taken.caption, Markup(_svg(taken))  # noqa: S704 - ours
    return pdf(_PAGE.format(language=caption.language, title=caption.title, picture=picture))


def _names(seen: Seen) -> Mapping[str, str]:
    return {ref: one.profile.name for ref, one in seen.known.items()}


FORMS: Mapping[str, tuple[str, Callable[[Taken], bytes]]] = {
    "zip": ("application/zip", lambda taken: _zipped(taken.tables(), taken.stamp)),
    "graphml": ("application/xml", lambda taken: exchange.graphml(taken.seen.reports, taken.stamp)),
    "gexf": ("application/xml", lambda taken: exchange.gexf(taken.seen.reports, taken.stamp)),
    "json": ("application/json", lambda taken: exchange.kumu(taken.seen.reports, taken.stamp)),
    "svg": ("image/svg+xml", lambda taken: _svg(taken).encode()),
    "png": ("image/png", _png),
    "pdf": ("application/pdf", _pdf),
}
"""By the ending of its name: its type, and what makes it. CSV tables in an archive, GraphML, GEXF, Kumu's JSON, and
pictures of one wave."""


def export(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, order: Order, seen: Seen | None = None
) -> bytes:
    """`seen` is given by who has read the map already."""
    seen = seen or see(connection, vault, who, of_map)
    taken = Taken(seen, lambda: tables(connection, vault, who, of_map), order.look, order.stamp, order.caption)
    return FORMS[order.form][1](taken)
