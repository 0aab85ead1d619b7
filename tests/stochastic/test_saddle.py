"""The escape from a saddle: the variance formulas, the quadrature, dimensions, gradient descent."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.stochastic.bench.evidence import row
from demos.stochastic.saddle import landscape
from demos.stochastic.saddle.config import SaddleConfig
from demos.stochastic.saddle.law import Law, across, diffused, grown
from demos.stochastic.saddle.run import crossing, run


def test_gradient_is_the_derivative_and_the_hessian_of_the_saddle_is_the_one_named():
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    (wanted,) = torch.autograd.grad(landscape.energy(x, 1.5).sum(), x)
    torch.testing.assert_close(landscape.gradient(x.detach(), 1.5), wanted)
    at = torch.zeros(1, 3, dtype=torch.float64)
    hessian = torch.autograd.functional.jacobian(lambda x: landscape.gradient(x, 1.5), at)[0, :, 0]
    torch.testing.assert_close(hessian, torch.diag(torch.tensor([-1.5, 1.0, 1.0], dtype=torch.float64)))
    assert float(landscape.slope(np.array(landscape.minimum(1.5)), 1.5)) == pytest.approx(0, abs=1e-12)


def test_the_variance_formulas_meet_for_small_steps():
    config = SaddleConfig(lr=0.01, steps=100)
    assert grown(config, 100) / diffused(config, 100) == pytest.approx(1, abs=0.02)
    variance = 0.0
    for _ in range(17):
        variance = (1 + config.lr) ** 2 * variance + config.spread**2
    assert grown(config, 17) == pytest.approx(variance)
    assert grown(config, 10**6) == diffused(config, 10**6) == float("inf")


def test_the_exact_law_begins_as_the_parabola_has_it_and_is_symmetric():
    law = Law(SaddleConfig(batch=256, steps=60))
    assert law.variance[20] == pytest.approx(grown(law.config, 20), rel=2e-3)
    assert law.variance[60] < grown(law.config, 60)  # the parabola ends
    assert law.lost < 1e-6


def test_the_directions_across_are_a_linear_filter():
    config = SaddleConfig(dimensions=5, lr=0.2)
    mean, variance = across(config, 30)
    random = np.random.default_rng(0)
    y = np.full((20_000, 4), 0.5)
    for _ in range(30):
        y = 0.8 * y + config.spread * random.standard_normal(y.shape)
    squares = (y**2).sum(1)
    assert abs(squares.mean() - mean) < 6 * (variance / len(y)) ** 0.5
    assert squares.var() == pytest.approx(variance, rel=0.1)


def test_where_a_share_crosses_a_half():
    assert crossing(np.array([0.0, 0.2, 0.4, 0.8])) == pytest.approx(2.25)


def test_noise_too_small_for_the_law_still_has_its_other_rows():
    result = run(SaddleConfig(lr=0.01, batch=256, noise=0.2, steps=30, chains=200))
    assert row(result, "fraction").state is State.NOT_COMPARABLE
    assert row(result, "mean square").agrees and row(result, "gradient descent").agrees
    assert row(result, "variance along").state is not State.DIFFERS


def test_too_much_work_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="at most 8 s are allowed"):
        SaddleConfig(dimensions=100, steps=2_000, chains=4_000)
