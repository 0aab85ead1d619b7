"""How models are measured, on a Gaussian, where the flow from noise to data is known exactly."""

import math

import torch

from demos.diffusion.data import BUILT_IN, DataSet
from demos.diffusion.laws import GaussianMixture
from demos.diffusion.learned.quality import generated, inside, likelihood, sliced_distance

LAW = GaussianMixture([1.0], [[3.0, -1.0]], [0.49])
DATA = DataSet("gaussian", "Gaussian", LAW, "mean (3, −1), standard deviation 0.7")


def test_noise_of_the_right_mean_and_spread_becomes_the_data_exactly():
    """x(0) = μ + (x − μ) s/√(s² + σ_max²), so N(μ, s² + σ_max²) ends as N(μ, s²): up to Heun's error of order 2."""
    noise = torch.randn(2, 100, generator=torch.Generator().manual_seed(4)).T
    far, close = (generated(LAW, 100, 4, steps) - LAW.mean.float() - 0.7 * noise for steps in (32, 128))
    assert float(close.abs().max()) < float(far.abs().max()) / 12 < 1e-2


def test_the_likelihood_of_the_exact_score_is_the_density():
    found = likelihood(LAW, DATA, count=50, seed=1)
    exact = -LAW.log_density(DATA.sample(50, 1)[0], 0.002 * LAW.sigma_data).mean()
    assert abs(found["NLL"] - float(exact)) < 1e-3


def test_distances_stand_beside_their_floor():
    found = sliced_distance(LAW, DATA, count=500, seeds=2)
    shift = sliced_distance(GaussianMixture([1.0], [[4.0, -1.0]], [0.49]), DATA, count=500, seeds=2)
    assert found["sliced W2"] < 3 * found["sliced floor"]
    assert abs(shift["sliced W2"] - math.sqrt(0.5)) < 0.15  # a shift of 1 is 1/√2 in the mean over directions


def test_only_bounded_data_have_an_inside():
    assert inside(LAW, DATA, count=10) == {}
    found = inside(BUILT_IN["checkerboard"].law, BUILT_IN["checkerboard"], count=500)
    assert found["support points"] == 500 and found["support"] > 0.98
