"""The bridge from each level of noise to the data, beside the exact distribution."""

import math

import pytest

from demos.diffusion.bridge import bridge
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, classes_of
from demos.diffusion.metrics import floor, sliced_w2
from demos.picture.payload import encode


def test_bridge_keeps_the_distribution_at_each_level():
    found = bridge(DiffusionConfig(particles=1_000), steps=48)
    assert len(found.picture.panels) == 3
    assert encode(found.picture)
    apart = (found.distances["sliced W2"] - found.distances["floor"]) / found.distances["floor spread"]
    assert apart.max() < 5
    paths = found.paths.set_index("series")
    assert paths.loc["λ = 0", "ends apart"] == 0
    assert paths.loc["λ = 1", "ends apart"] > 1
    assert paths["length of path"].is_monotonic_increasing


@pytest.mark.parametrize("target", ["0", "each"])
def test_bridge_of_a_class_stands_beside_the_law_of_the_class(target):
    found = bridge(DiffusionConfig(data="moons", particles=1_000, target=target), steps=48)
    apart = (found.distances["sliced W2"] - found.distances["floor"]) / found.distances["floor spread"]
    assert apart.max() < 5
    data = BUILT_IN["moons"]
    pairs = floor(sliced_w2, data, 1_000, pairs=8, seed=77_000, labels=classes_of(target, 1_000, data))
    last = found.distances[found.distances["sigma/σ_data"] == 0].iloc[0]
    assert abs(last["floor"] - pairs.mean) < 5 * math.hypot(last["floor spread"], pairs.spread) / math.sqrt(8)


def test_bridge_of_guided_points_is_refused():
    with pytest.raises(ValueError, match=r"w = 3.*\.$"):
        bridge(DiffusionConfig(data="moons", target="0", guidance=3.0, particles=64))
