"""Tanh networks: derivatives by the input and by the weights against autograd, and that networks do not interact."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.nn.tanh_mlp import TanhMLP


def random_weights(net: TanhMLP, networks: int) -> torch.Tensor:
    return net.glorot(np.random.default_rng(0), networks, first=2.0)


@pytest.mark.parametrize("net", [TanhMLP(5), TanhMLP(4, inputs=1, hidden=1), TanhMLP(3, inputs=3, hidden=4)])
def test_derivatives_are_those_of_autograd(net):
    weights = random_weights(net, 2).requires_grad_()
    points = torch.rand(7, net.inputs, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    result, layers = net.forward(weights, points)
    assert result.shape == (2, 1 + net.inputs, 7) and weights.shape == (2, net.size)
    places = points.clone().requires_grad_()
    for i in range(2):
        value = net.values(weights[i : i + 1], places)[0]
        (gradient,) = torch.autograd.grad(value.sum(), places)
        torch.testing.assert_close(result[i, 0], value)
        torch.testing.assert_close(result[i, 1:].T, gradient)
    back = torch.randn(result.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    (expected,) = torch.autograd.grad((result * back).sum(), weights)
    torch.testing.assert_close(net.backward(weights, layers, back), expected)


def test_the_weights_have_glorots_spread():
    net = TanhMLP(60)
    first, second, last = net.matrices(random_weights(net, 50))
    for matrix, spread in ((first, 2 * (2 / 62) ** 0.5), (second, (2 / 120) ** 0.5), (last, (2 / 61) ** 0.5)):
        assert float(matrix.std()) == pytest.approx(spread, rel=5 / (2 * matrix.numel()) ** 0.5)
