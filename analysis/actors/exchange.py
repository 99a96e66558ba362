"""The map for other programs: GraphML, GEXF with time, and Kumu's JSON. One tie for each pair and type over all waves.

GraphML: Brandes et al., "GraphML progress report" (2002). GEXF 1.2 as Gephi reads it, a wave being a point in time.
Kumu: its JSON blueprint.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from xml.etree import ElementTree as ET

import pandas as pd

from analysis.actors.reports import PRESENT, Reports, attitudes, summary

GEXF = "http://www.gexf.net/1.2draft"
GRAPHML = "http://graphml.graphdrawing.org/xmlns"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who made a file, and when (UTC)."""

    by: str
    at: datetime

    def __str__(self) -> str:
        return f"Made by {self.by} on {self.at:%Y-%m-%d %H:%M} UTC; holds what {self.by} may see."


@dataclass(frozen=True, slots=True)
class Tie:
    """A pair tied in one way. `signs` and `strengths` by wave, of those waves in which it is there."""

    source: str
    target: str
    type: str
    directed: bool
    signs: Mapping[int, int]
    strengths: Mapping[int, float]


def graphml(reports: Reports, stamp: Stamp) -> bytes:
    """Attitudes as `attitude <issue> <wave>`; of a tie `waves` and by wave `sign` and `strength`. The file has
    directions where any tie has one; `directed` says of each whether it has."""
    found = list(_ties(reports))
    root = ET.Element("graphml", xmlns=GRAPHML)
    root.append(ET.Comment(f" {stamp} ".replace("--", "- -")))
    keys: dict[tuple[str, str], str] = {}
    graph = ET.Element(
        "graph", id="map", edgedefault="directed" if any(tie.directed for tie in found) else "undirected"
    )

    def data(of: ET.Element, holder: str, name: str, value: object) -> None:
        kind = {bool: "boolean", int: "int", float: "double"}.get(type(value), "string")
        if (holder, name) not in keys:
            key = keys[holder, name] = f"d{len(keys)}"
            ET.SubElement(root, "key", {"id": key, "for": holder, "attr.name": name, "attr.type": kind})
        ET.SubElement(of, "data", key=keys[holder, name]).text = _text(value)

    data(graph, "graph", "made", str(stamp))
    views = _attitudes(reports)
    for actor in reports.actors:
        node = ET.SubElement(graph, "node", id=actor.id)
        data(node, "node", "name", actor.name)
        for name, value in actor.groups.items():
            data(node, "node", name, value)
        for (issue, wave), level in views.get(actor.id, {}).items():
            data(node, "node", f"attitude {issue} {wave}", level)
    for number, tie in enumerate(found):
        edge = ET.SubElement(graph, "edge", id=f"e{number}", source=tie.source, target=tie.target)
        data(edge, "edge", "type", tie.type)
        data(edge, "edge", "directed", tie.directed)
        data(edge, "edge", "waves", " ".join(map(str, tie.signs)))
        for wave, sign in tie.signs.items():
            data(edge, "edge", f"sign {wave}", sign)
            data(edge, "edge", f"strength {wave}", tie.strengths[wave])
    root.append(graph)
    return _written(root)


def gexf(reports: Reports, stamp: Stamp) -> bytes:
    """Actors are there in the waves in which they were asked about or tied, ties in those in which they are present."""
    waves = reports.waves
    root = ET.Element("gexf", xmlns=GEXF, version="1.2")
    meta = ET.SubElement(root, "meta", lastmodifieddate=f"{stamp.at:%Y-%m-%d}")
    ET.SubElement(meta, "creator").text = stamp.by
    ET.SubElement(meta, "description").text = str(stamp)
    graph = ET.SubElement(
        root,
        "graph",
        mode="dynamic",
        timeformat="integer",
        defaultedgetype="undirected",
        start=str(min(waves, default=0)),
        end=str(max(waves, default=0)),
    )
    columns = sorted({name for actor in reports.actors for name in actor.groups})
    issues = sorted({*reports.attitudes["issue"]})
    _columns(graph, "node", "static", {f"g{at}": (name, "string") for at, name in enumerate(columns)})
    _columns(graph, "node", "dynamic", {f"i{at}": (f"attitude {name}", "double") for at, name in enumerate(issues)})
    _columns(graph, "edge", "static", {"type": ("type", "string")})
    _columns(graph, "edge", "dynamic", {"sign": ("sign", "integer"), "strength": ("strength", "double")})
    views, found = _attitudes(reports), list(_ties(reports))
    there: dict[str, set[int]] = {
        actor.id: {wave for wave in waves if actor.id in reports.was_asked(wave)} for actor in reports.actors
    }
    for tie in found:
        there[tie.source] |= {*tie.signs}
        there[tie.target] |= {*tie.signs}
    nodes = ET.SubElement(graph, "nodes")
    for actor in reports.actors:
        node = ET.SubElement(nodes, "node", id=actor.id, label=actor.name)
        values = ET.SubElement(node, "attvalues")
        for at, name in enumerate(columns):
            if name in actor.groups:
                ET.SubElement(values, "attvalue", {"for": f"g{at}", "value": actor.groups[name]})
        for (issue, wave), level in views.get(actor.id, {}).items():
            _value(values, f"i{issues.index(issue)}", level, wave)
        _spells(node, there[actor.id], waves)
    edges = ET.SubElement(graph, "edges")
    for number, tie in enumerate(found):
        way = "directed" if tie.directed else "undirected"
        edge = ET.SubElement(
            edges, "edge", id=str(number), source=tie.source, target=tie.target, type=way, label=tie.type
        )
        values = ET.SubElement(edge, "attvalues")
        ET.SubElement(values, "attvalue", {"for": "type", "value": tie.type})
        for wave, sign in tie.signs.items():
            _value(values, "sign", sign, wave)
            _value(values, "strength", tie.strengths[wave], wave)
        _spells(edge, {*tie.signs}, waves)
    return _written(root)


def kumu(reports: Reports, stamp: Stamp) -> bytes:
    """Elements are actors, connections ties; what differs by wave is named with its wave."""
    views = _attitudes(reports)
    elements = [
        {
            "id": actor.id,
            "label": actor.name,
            "type": actor.groups.get("kind", ""),
            **{name: value for name, value in actor.groups.items() if name not in ("id", "label", "type", "kind")},
            **{f"attitude {issue} {wave}": level for (issue, wave), level in views.get(actor.id, {}).items()},
        }
        for actor in reports.actors
    ]
    connections = [
        {
            "id": f"tie-{number}",
            "from": tie.source,
            "to": tie.target,
            "direction": "directed" if tie.directed else "undirected",
            "type": tie.type,
            "waves": [str(wave) for wave in tie.signs],
            **{f"sign {wave}": sign for wave, sign in tie.signs.items()},
            **{f"strength {wave}": strength for wave, strength in tie.strengths.items()},
        }
        for number, tie in enumerate(_ties(reports), start=1)
    ]
    found = {"description": str(stamp), "elements": elements, "connections": connections}
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _ties(reports: Reports) -> Iterator[Tie]:
    rows = summary(reports.ties)
    rows = rows[rows["state"] == PRESENT].sort_values(["source", "target", "type", "wave"])
    listed = rows[["source", "target", "type", "wave", "sign", "strength", "directed"]].itertuples(index=False)
    for (source, target, kind), each in groupby(listed, key=lambda row: (row[0], row[1], row[2])):
        held = list(each)
        yield Tie(
            str(source),
            str(target),
            str(kind),
            any(bool(row[6]) for row in held),
            {int(row[3]): int(row[4]) for row in held},
            {int(row[3]): round(float(row[5]), 12) for row in held},
        )


def _attitudes(reports: Reports) -> Mapping[str, Mapping[tuple[str, int], float]]:
    """By actor, then by issue and wave; those not known are left out."""
    found: dict[str, dict[tuple[str, int], float]] = {}
    rows = attitudes(reports.attitudes)
    for actor, issue, wave, level in zip(rows["actor"], rows["issue"], rows["wave"], rows["attitude"], strict=True):
        if not pd.isna(level):
            found.setdefault(str(actor), {})[str(issue), int(wave)] = round(float(level), 12)
    return found


def _columns(graph: ET.Element, of: str, mode: str, columns: Mapping[str, tuple[str, str]]) -> None:
    if columns:
        table = ET.SubElement(graph, "attributes", {"class": of, "mode": mode})
        for key, (title, kind) in columns.items():
            ET.SubElement(table, "attribute", id=key, title=title, type=kind)


def _value(values: ET.Element, key: str, value: object, wave: int) -> None:
    held = {"for": key, "value": _text(value), "start": str(wave), "end": str(wave)}
    ET.SubElement(values, "attvalue", held)


def _spells(of: ET.Element, there: Iterable[int], waves: tuple[int, ...]) -> None:
    """Waves that follow each other are one spell."""
    spells = ET.SubElement(of, "spells")
    places = [place for place, wave in enumerate(waves) if wave in set(there)]
    for _, run in groupby(enumerate(places), key=lambda each: each[1] - each[0]):
        held = [place for _, place in run]
        ET.SubElement(spells, "spell", start=str(waves[held[0]]), end=str(waves[held[-1]]))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold at all, escaped or not (its production 2)."""


def _written(root: ET.Element) -> bytes:
    for one in root.iter():
        one.text = one.text and _NO_XML.sub("", one.text)
        one.attrib = {name: _NO_XML.sub("", value) for name, value in one.attrib.items()}
    ET.indent(root, " ")
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found
