"""Noise is as wide as it says, and a missing library is a sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.util import find_spec

import numpy as np
import pytest

from analysis.noise import NoiseError, noisy, within

needs_opendp = pytest.mark.skipif(find_spec("opendp") is None, reason="opendp is an extra, and is not installed")


@needs_opendp
@pytest.mark.parametrize(("epsilon", "most"), [(1.0, 1), (0.5, 3)])
def test_noise_is_as_wide_as_it_says(epsilon: float, most: int) -> None:
    many = noisy({str(at): 1_000 for at in range(4_000)}, epsilon, most)
    off = np.array(list(many.counts.values())) - 1_000
    ratio = np.exp(-epsilon / most)
    assert off.mean() == pytest.approx(0, abs=0.2 * most / epsilon)
    assert off.var() == pytest.approx(2 * ratio / (1 - ratio) ** 2, rel=0.15)
    assert (np.abs(off) <= many.within).mean() >= 0.945
    assert (np.abs(off) <= many.within - 1).mean() < 0.96


@needs_opendp
def test_no_count_is_below_nobody_and_names_stay() -> None:
    found = noisy({"yes": 0, "no": 3}, 0.1, 1)
    assert list(found.counts) == ["yes", "no"]
    assert min(found.counts.values()) >= 0
    assert noisy({}, 1, 1).counts == {}


@pytest.mark.parametrize(("epsilon", "most"), [(0, 1), (-1, 1), (float("inf"), 1), (float("nan"), 1), (1, 0)])
def test_what_promises_nothing_is_refused(epsilon: float, most: int) -> None:
    with pytest.raises(NoiseError):
        noisy({"yes": 1}, epsilon, most)


@pytest.mark.parametrize(("scale", "expected"), [(1.0, 3), (10.0, 30), (0.01, 0)])
def test_how_far_off(scale: float, expected: int) -> None:
    assert within(scale) == expected


class Hidden(MetaPathFinder):
    """opendp is not there."""

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] == "opendp":
            raise ImportError(name)


@pytest.fixture
def without_opendp() -> Iterator[None]:
    loaded = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "opendp"}
    finder = Hidden()
    sys.meta_path.insert(0, finder)
    yield
    sys.meta_path.remove(finder)
    sys.modules.update(loaded)


@pytest.mark.usefixtures("without_opendp")
def test_without_opendp_a_sentence_says_so() -> None:
    with pytest.raises(NoiseError, match=r"pip install 'baraza\[privacy\]'"):
        noisy({"yes": 1}, 1, 1)
