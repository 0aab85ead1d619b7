"""The physics-informed network: its gradients by hand, the error by Green's function, and what a rest says of λ."""

import numpy as np
import pytest
import torch

from demos.networks.pinn import again
from demos.networks.pinn.config import RULES, PinnConfig
from demos.networks.pinn.network import Losses, Network
from demos.networks.pinn.train import HEAVIEST, balanced, train

SMALL = PinnConfig(width=5, frequency=2)


def test_losses_and_gradients_by_hand_are_those_of_autograd():
    network = Network(SMALL)
    weights = np.stack((network.start(), 2 * network.start() + 0.1))
    found = network.losses(weights)
    for index, one in enumerate(weights):
        at = torch.tensor(one, requires_grad=True)
        inside, ends = again.losses(SMALL, at)
        assert found.residual[index] == pytest.approx(inside.item())
        assert found.boundary[index] == pytest.approx(ends.item())
        for loss, gradient in ((inside, found.by_residual), (ends, found.by_boundary)):
            (wanted,) = torch.autograd.grad(loss, at)
            np.testing.assert_allclose(gradient[index], wanted.numpy(), rtol=1e-9, atol=1e-9 * float(wanted.norm()))


def test_the_second_derivative_by_a_circle_is_that_of_differences():
    weights = Network(SMALL).start()
    x, h = np.linspace(-0.9, 0.9, 7), 1e-3
    u = [again.value(SMALL, weights, x + move) for move in (-h, 0, h)]
    k = SMALL.frequency * np.pi
    wanted = (u[0] - 2 * u[1] + u[2]) / h**2 + k**2 * np.sin(k * x)
    np.testing.assert_allclose(again.residual(SMALL, weights, x), wanted, atol=1e-4)


def test_ends_and_residual_make_up_the_error():
    weights, x = Network(SMALL).start(), np.linspace(-1, 1, 11)
    known = again.error(SMALL, weights, x)
    exact = again.value(SMALL, weights, x) - np.sin(SMALL.frequency * np.pi * x)
    np.testing.assert_allclose(known.by_boundary + known.by_residual, exact, atol=1e-8)
    np.testing.assert_allclose(known.by_residual[[0, -1]], 0, atol=1e-10)
    assert np.abs(exact).max() <= known.bound


def test_balances_are_those_of_the_papers_and_bounded():
    gradients = np.array([[3.0, -4.0]]), np.array([[0.0, 0.5]])
    found = Losses(np.ones(1), np.ones(1), *gradients, np.ones((1, 1)))
    wanted = {"weighted": 4 / (10 * 0.25), "unweighted": 4 / 0.25, "norms": 5 / 0.5}
    assert {rule: float(balanced(rule, found, np.array([10.0]))[0]) for rule in RULES} == pytest.approx(wanted)
    none = Losses(np.ones(1), np.ones(1), gradients[0], np.zeros((1, 2)), np.ones((1, 1)))
    assert all(balanced(rule, none, np.ones(1))[0] == HEAVIEST for rule in RULES)


def test_frames_are_what_was_trained_and_the_first_weight_stays():
    path = train(PinnConfig(steps=50, width=5, weight=7.0))
    assert path.at[0] == 0 and path.at[-1] == 50 and len(path.weights) == len(path.at)
    assert (path.weight[:, 0] == 7).all() and len(np.unique(path.weight[:, 1])) == 6
    np.testing.assert_array_equal(path.weights[0, 0], path.weights[0, 1])
    for before, after in path.windows:
        np.testing.assert_array_equal(before.weights, path.weights[before.step])
        np.testing.assert_array_equal(after, path.weights[before.step + 10])
