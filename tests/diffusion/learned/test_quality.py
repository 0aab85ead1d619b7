"""How models are measured, on a Gaussian, where the flow from noise to data is known exactly."""

import math

import numpy as np
import pytest
import torch

from demos.diffusion.data import BUILT_IN, DataSet, from_points
from demos.diffusion.distributions import GaussianMixture
from demos.diffusion.learned.provide import halves
from demos.diffusion.learned.quality import generated, inside, least_nll, likelihood, sliced_distance

DISTRIBUTION = GaussianMixture([1.0], [[3.0, -1.0]], [0.49])
DATA = DataSet("gaussian", "Gaussian", DISTRIBUTION, "mean (3, −1), standard deviation 0.7")


def test_noise_of_the_right_mean_and_spread_becomes_the_data_exactly():
    """x(0) = μ + (x − μ) s/√(s² + σ_max²), so N(μ, s² + σ_max²) ends as N(μ, s²): up to Heun's error of order 2."""
    noise = torch.randn(2, 100, generator=torch.Generator().manual_seed(4)).T
    far, close = (
        generated(DISTRIBUTION, 100, 4, steps) - DISTRIBUTION.mean.float() - 0.7 * noise for steps in (32, 128)
    )
    assert float(close.abs().max()) < float(far.abs().max()) / 12 < 1e-2


def test_the_likelihood_of_the_exact_score_is_the_density():
    found = likelihood(DISTRIBUTION, DATA, count=50, seed=1)
    exact = -DISTRIBUTION.log_density(DATA.sample(50, 1)[0], 0.002 * DISTRIBUTION.sigma_data).mean()
    assert abs(found["NLL"] - float(exact)) < 1e-3


def test_the_least_likelihood_is_that_of_the_law_on_the_same_points():
    """The exact score's own ODE, on the points of `likelihood`, reaches it; and it is near the entropy where known."""
    data = BUILT_IN["checkerboard"]
    least = least_nll(data, 200)
    assert likelihood(data.distribution, data, count=200)["NLL"] == pytest.approx(least, abs=5e-3)
    assert least_nll(data) == pytest.approx(math.log(32), abs=0.02)  # 4 × 0.4775 σ_min/2 of blurred edges are 0.004


def test_distances_stand_beside_their_floor():
    found = sliced_distance(DISTRIBUTION, DATA, count=500, seeds=2)
    shift = sliced_distance(GaussianMixture([1.0], [[4.0, -1.0]], [0.49]), DATA, count=500, seeds=2)
    assert found["sliced W2"] < 3 * found["sliced floor"]
    assert abs(shift["sliced W2"] - math.sqrt(0.5)) < 0.15  # a shift of 1 is 1/√2 in the mean over directions


def test_only_bounded_data_have_an_inside():
    assert inside(DISTRIBUTION, DATA, count=10) == {}
    found = inside(BUILT_IN["checkerboard"].distribution, BUILT_IN["checkerboard"], count=500)
    assert found["support points"] == 500 and found["support"] > 0.98


def test_too_few_points_are_not_split():
    few = from_points("points", "Few", np.random.default_rng(0).random((10, 2)))
    assert halves(few) is None
