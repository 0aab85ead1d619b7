"""The clause that comes before the distance: what a config is about, computed from its run."""

import re

import numpy as np
import pytest

from demos.contract import State
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, encode_points
from demos.diffusion.demo import DEMO

SMALL = {"particles": 300, "evaluations": 20}


def headline(**values) -> str:
    return DEMO.run(DiffusionConfig(**{**SMALL, **values})).headline


def test_of_points_the_samples_are_these_points():
    points = encode_points(BUILT_IN["moons"].sample(20, 1)[0].numpy())
    assert headline(data="points", points=points).startswith("Every sample ends on one of the 20 data points")


def test_a_stopped_path_leaves_the_noise_across_the_curve():
    """Noise of σ in each of two directions: one of them is across, so the rms distance from the middle is at least
    the root of the sum of the squares of σ and of what true points show, but for the sampling of 2,000 (6 errors)."""
    result = DEMO.run(DiffusionConfig(data="scurve", last="stop", sigma_min=0.08, evaluations=20))
    ours, true = (float(x) for x in re.findall(r"(?:lie|points) ([\d.]+)", result.headline))
    sigma = float(re.search(r"σ = ([\d.]+)", result.headline)[1])
    assert result.verdict.state is State.PREDICTED
    assert ours == pytest.approx(np.hypot(sigma, true), rel=6 / np.sqrt(2 * 2_000) + 0.05)


def test_the_lengths_of_paths_are_those_of_the_table():
    result = DEMO.run(DiffusionConfig(**SMALL, compare=("sde",), color="start"))
    lengths = result.tables["paths"]["length/chord"].tolist()
    told = [float(x) for x in re.findall(r"([\d.]+) \((?:Heun|Euler)", result.headline)]
    assert told == pytest.approx(lengths, rel=0.06) and lengths[1] > 2 * lengths[0]  # two digits


def test_neighbours_that_part_are_counted():
    told = headline(data="checkerboard", probe=True, probe_x=0.565, probe_y=3.0, evaluations=60)
    assert told.startswith("The nine neighbours end on 3 squares")


def test_without_a_lesson_the_distance_is_all():
    assert "samples, " in headline() or "Distance" in headline()
