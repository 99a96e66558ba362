"""What two camps share, who could be talked to about whom, what moved, and how firm it is: by hand-made maps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from analysis.actors.constituencies import Asked, constituencies
from analysis.actors.firmness import firmness
from analysis.actors.moving import Moved, Together, moving, views
from analysis.actors.network import labels, network
from analysis.actors.reaching import reach
from analysis.actors.reports import attitudes
from analysis.actors.sharing import connectors, shared_values, trusted_paths
from analysis.actors.stability import spread
from analysis.actors.waves import change
from tests.analysis.actors.made import pair, reports

CAMPS = {"a": {"camp": "red"}, "b": {"camp": "red"}, "x": {"camp": "blue"}, "y": {"camp": "blue"}, "m": {}, "n": {}}
TIES = [
    pair("a", "m", strength=0.9),
    pair("m", "x", strength=0.8),
    pair("a", "x", strength=0.5),
    pair("b", "n", strength=0.4),
    pair("n", "y", strength=0.5),
    pair("b", "y", sign=-1),
]


def test_paths_are_trusted_as_far_as_their_ties_are_strong() -> None:
    found = network(reports(TIES, groups=CAMPS), 1)
    camp = labels(reports(TIES, groups=CAMPS), found, "camp")
    first, second = trusted_paths(found, camp == "red", camp == "blue")
    assert (first.actors, second.actors) == (("a", "m", "x"), ("b", "n", "y"))
    assert (first.trust, second.trust) == (pytest.approx(0.72), pytest.approx(0.2))
    assert trusted_paths(found, camp == "red", np.zeros(len(found.ids), dtype=bool)) == ()
    # a and x are tied themselves, so nobody is needed between them; n lies on the one path from b to y.
    assert connectors(found, camp, "red", "blue") == (("n", 1.0),)


def test_values_are_shared_by_pairs_across_camps() -> None:
    held = {"a": frozenset({"land", "faith"}), "b": frozenset({"faith"}), "x": frozenset({"faith", "land", "pride"})}
    found = shared_values(held, frozenset("ab"), frozenset("xy"))
    assert [(one.one, one.other, one.values) for one in found] == [
        ("a", "x", ("faith", "land")),
        ("b", "x", ("faith",)),
    ]


def test_who_is_against_is_reached_through_who_thinks_best_of_it() -> None:
    ties = [pair("o", "s", strength=0.2), pair("o", "n", strength=0.9), pair("o", "t", sign=-1), pair("p", "n")]
    views_ = {"o": -2.0, "p": -1.0, "s": 2.0, "n": 0.5, "t": 2.0}
    found = reach(network(reports(ties), 1), views_)
    assert {(way.actor, way.through) for way in found} == {("o", "s"), ("p", "n")}
    assert reach(network(reports(ties), 1), {"o": -2.0, "s": None, "n": -1.5}) == ()


def test_what_moved_is_told_with_what_else_changed() -> None:
    ties = [pair("a", "s"), pair("b", "c"), pair("a", "b", wave=2), pair("a", "s", wave=2), pair("b", "c", wave=2)]
    said = [
        {"actor": "a", "attitude": -2.0},
        {"actor": "b", "attitude": 0.0},
        {"actor": "c", "attitude": 1.0},
        {"actor": "s", "attitude": 2.0},
        {"actor": "d", "attitude": 1.0},
        {"actor": "a", "attitude": 0.0, "wave": 2},
        {"actor": "b", "attitude": -1.0, "wave": 2},
        {"actor": "c", "attitude": 1.0, "wave": 2},
        {"actor": "s", "attitude": 2.0, "wave": 2},
        {"actor": "d", "attitude": float("nan"), "wave": 2},
    ]
    made = reports(ties, said)
    summed = attitudes(made.attitudes)
    found = moving(views(summed, 1), views(summed, 2), change(made, 1, 2), network(made, 1), frozenset({"a"}))
    assert found.moved == (Moved("a", "land", -2.0, 0.0), Moved("b", "land", 0.0, -1.0))
    assert (found.compared, found.lost) == (4, 1)
    # Of a and b the ties changed, and both moved; of c and s nothing did.
    assert found.ties == Together(2, 2, 0, 2, pytest.approx(fisher_exact([[2, 0], [0, 2]]).pvalue))
    assert (found.drivers.moved_with, found.drivers.those_with, found.drivers.moved_without) == (1, 1, 1)
    # a went towards s, b away from c.
    assert (found.towards, found.away) == (1, 1)


def test_findings_are_made_again_without_each_reporter() -> None:
    ties = [
        pair("a", "b", reporter="r1"),
        pair("b", "c", reporter="r1"),
        pair("a", "c", sign=-1, reporter="r2"),
        pair("c", "d", reporter="r2"),
    ]
    groups = {"a": {"camp": "red"}, "b": {"camp": "red"}, "c": {"camp": "blue"}, "d": {"camp": "blue"}}
    found = firmness(reports(ties, groups=groups), 1, ("camp",))
    assert found.standing.left_out == found.shifts.left_out == 2
    assert found.standing.stays is not None
    assert found.unbalanced is None  # without either there is no triad
    assert found.outside == {"camp": (0.0, 0.0)}
    assert spread(reports(ties), lambda some: float(len(some.ties))) == (2.0, 2.0)
    assert spread(reports(ties[:1]), lambda _some: 1.0) is None


def test_an_actor_differs_from_its_people_only_where_nearly_all_doubt_is_gone() -> None:
    def asked(label: str, low: float | None, high: float | None) -> Asked:
        return Asked(label, frozenset({label}), 50, low, low, high)

    found = constituencies(
        [asked("north", 0.6, 0.8), asked("lakes", 0.1, 0.3), asked("coast", 0.4, 0.6), asked("hills", None, None)],
        {
            "a": frozenset({"north"}),
            "b": frozenset({"lakes", "blue"}),
            "c": frozenset({"coast"}),
            "d": frozenset({"hills"}),
            "e": frozenset({"north"}),
        },
        {"a": -2.0, "b": 1.0, "c": -2.0, "d": 2.0, "e": None},
    )
    told = {one.asked.label: [(each.actor, each.differs) for each in one.speakers] for one in found}
    assert told == {
        "north": [("a", True), ("e", False)],
        "lakes": [("b", True)],
        "coast": [("c", False)],
        "hills": [("d", False)],
    }
