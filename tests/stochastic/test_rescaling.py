"""Rescaling: the gradient, two ways to the Hessian, the same outputs, the stability of gradient descent."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.stochastic.bench.evidence import row
from demos.stochastic.rescaling.config import RescalingConfig
from demos.stochastic.rescaling.network import Network, outputs, rescaled
from demos.stochastic.rescaling.run import run


def test_gradient_is_the_derivative():
    network = Network(RescalingConfig(seed=3))
    at = (network.weights + 0.3 * torch.randn(1, 24, generator=torch.Generator().manual_seed(0))).repeat(2, 1)
    at[1] *= 1.5
    at.requires_grad_()
    (wanted,) = torch.autograd.grad(network.loss(at).sum(), at)
    torch.testing.assert_close(network.gradient(at.detach()), wanted)
    assert float(network.loss(network.weights)) == 0


@pytest.mark.parametrize("factor", [1.0, 3.0, 30.0])
def test_rescaling_keeps_the_function_and_turns_the_hessian_as_the_theorem_says(factor):
    network = Network(RescalingConfig(seed=1, hidden=5))
    x = torch.linspace(-9, 9, 50, dtype=torch.float64)
    torch.testing.assert_close(
        outputs(rescaled(network.weights, factor), x), outputs(network.weights, x), rtol=1e-12, atol=1e-12
    )
    exact = network.rescaled_hessian(factor)
    np.testing.assert_allclose(network.measured_hessian(factor), exact, atol=1e-12 * np.abs(exact).max())


def test_the_trace_is_the_sum_of_both_layers_by_their_factors():
    network = Network(RescalingConfig())
    first, second = np.split(np.diag(network.hessian), [16])
    for factor in (1.0, 4.0):
        wanted = first.sum() / factor**2 + second.sum() * factor**2
        assert np.trace(network.rescaled_hessian(factor)) == pytest.approx(wanted)


@pytest.mark.parametrize(("share", "grows"), [(0.9, False), (1.1, True)])
def test_gradient_descent_leaves_past_two_over_the_sharpness(share, grows):
    sharpness = Network(RescalingConfig(factor=4.0)).sharpest(4.0)[0]
    result = run(RescalingConfig(factor=4.0, lr=round(share * 2 / sharpness, 6)))
    factor = row(result, "factor of a step")
    assert factor.agrees and (factor.measured > 1) == grows == bool(result.warnings)


def test_a_rate_far_past_the_limit_is_a_result():
    result = run(RescalingConfig(factor=30.0, lr=1.0, steps=200))
    assert result.verdict.state is State.AGREES and "stability limit" in result.warnings[0]
