"""Two real conversations: the groups are those that Polis itself found, where those are groups at all."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from analysis.ground import polis
from analysis.ground.common import common_ground
from analysis.ground.compare import agreement

FOLDER = "data/polis"
APART = 0.5
"""A silhouette from which groups are clusters of these votes."""


@pytest.mark.parametrize("name", ["scoop-hivemind.taxes", "scoop-hivemind.ubi"])
def test_groups_are_those_of_polis_where_those_are_apart(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    shared = os.environ.get("BARAZA_SHARED")
    if not shared:
        warnings.warn("BARAZA_SHARED is not set: groups were NOT checked on real conversations", stacklevel=1)
        pytest.skip("BARAZA_SHARED is not set: groups were not checked on real conversations")
    folder = Path(shared) / FOLDER / name
    with (folder / "comments.csv").open(encoding="utf-8", newline="") as lines:
        known = polis.statements(lines, "comments.csv")
    with (folder / "participants-votes.csv").open(encoding="utf-8", newline="") as lines:
        export = polis.votes(lines, "participants-votes.csv", known.texts)
    kept = [place for place, one in enumerate(export.votes.statements) if one not in known.out]
    found = common_ground(export.votes.on(np.array(kept)), known.texts)
    theirs = agreement(found, export.groups)

    assert theirs is not None
    with capsys.disabled():
        print(f"\n{name}: {found.ground.verdict}, {found.ground.stability}, {theirs}")  # noqa: T201 - a measurement is for somebody to read
    assert found.ground.grouped > 150
    assert theirs.silhouette < APART or theirs.adjusted_rand > 0.8
