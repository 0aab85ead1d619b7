"""The network that solves Poisson's equation: its derivatives, and its energy as a distance."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import autograd_gradient
from demos.physics.deep_ritz.model import DeepRitz, boundary_factor
from demos.physics.deep_ritz.reference import exact_centre, exact_energy, exact_gradient, exact_solution


def test_exact_numbers():
    """Against the double Fourier series in 20 digits, and the solution against Poisson's equation by differences."""
    assert exact_energy() == pytest.approx(-0.01757212686939421, rel=1e-13)
    assert exact_centre() == pytest.approx(0.07367135328151382, rel=1e-14)
    u = exact_solution(201)
    assert u[100, 100] == pytest.approx(exact_centre(), abs=1e-9)
    assert np.abs(u[0]).max() < 1e-6 and np.abs(u[:, 0]).max() < 1e-15  # the series ends at n = 199
    np.testing.assert_allclose(u, u.T, atol=1e-6)
    h = 1 / 200
    laplace = (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]) / h**2
    np.testing.assert_allclose(laplace[50:150, 50:150], -1, atol=1e-4)


def test_the_exact_gradient_is_that_of_the_solution():
    u, n = exact_solution(401), 401
    h = 1 / (n - 1)
    inside = np.array([40, 120, 200, 333])
    x = inside * h
    points = np.stack(np.meshgrid(x, x), -1).reshape(-1, 2)
    gradient = exact_gradient(points).reshape(4, 4, 2)
    along = (u[np.ix_(inside, inside + 1)] - u[np.ix_(inside, inside - 1)]) / (2 * h)
    up = (u[np.ix_(inside + 1, inside)] - u[np.ix_(inside - 1, inside)]) / (2 * h)
    np.testing.assert_allclose(gradient[..., 0], along, atol=1e-4)
    np.testing.assert_allclose(gradient[..., 1], up, atol=1e-4)


@pytest.mark.parametrize("width, gauss", [(4, 6), (24, 24)])
def test_the_gradient_is_that_of_autograd(width, gauss):
    net = DeepRitz(width, gauss)
    weights = net.system().start("random", 1, 3)
    gradient = net.gradient(weights)
    torch.testing.assert_close(gradient, autograd_gradient(net.energy)(weights), rtol=0, atol=1e-13)
    torch.testing.assert_close(net.gradient(weights[1:2]), gradient[1:2], rtol=0, atol=1e-14)  # nets do not interact


def test_the_derivatives_of_the_network_are_its_derivatives():
    """The derivatives that run beside the value, against autograd of the value."""
    net = DeepRitz(6, 5)
    weights = net.system().start("random", 2, 1)
    places = torch.rand(7, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    u = net._solution(weights, places, boundary_factor(places))[0][0]
    (gradient,) = torch.autograd.grad(u[0].sum(), places)
    torch.testing.assert_close(u[1:].T, gradient, rtol=1e-12, atol=1e-13)


def test_the_field_vanishes_on_the_boundary():
    net = DeepRitz(8, 6)
    field = net.field(net.system().start("random", 0, 2), 33)
    edge = torch.cat((field[:, 0], field[:, -1], field[:, :, 0], field[:, :, -1]), 1)
    assert field.shape == (2, 33, 33) and float(edge.abs().max()) == 0
    torch.testing.assert_close(field[:, 16, 16], net.centre(net.system().start("random", 0, 2)), rtol=1e-14, atol=0)


def test_the_energy_above_the_minimum_is_the_distance_to_the_solution():
    """E(u) − E* = ½∫|∇(u − u*)|² for every u that vanishes on the boundary: u* by its series, at the Gauss points."""
    net = DeepRitz(10, 40)
    weights = 0.3 * net.system().start("random", 3, 1)
    points, quadrature, factor = net._nodes
    u = net._solution(weights, points, factor)[0][0]
    x, y = points.T.numpy()
    slope_x, slope_y = 0.5 - x, np.zeros_like(x)
    for n in range(1, 400, 2):
        a, t = n * np.pi, y - 0.5
        down, up = np.exp(a * (t - 0.5)), np.exp(-a * (t + 0.5))
        whole = 4 / (np.pi**3 * n**3 * (1 + np.exp(-a)))
        slope_x -= whole * (down + up) * a * np.cos(a * x)
        slope_y -= whole * a * (down - up) * np.sin(a * x)
    gap = (u[1].numpy() - slope_x) ** 2 + (u[2].numpy() - slope_y) ** 2
    distance = 0.5 * float(quadrature.numpy() @ gap)
    assert float(net.energy(weights)) - exact_energy() == pytest.approx(distance, rel=1e-6)
    assert float(net.distance(weights)) == pytest.approx(distance, rel=1e-9)


def test_refusals():
    for bad, words in (({"width": 1}, "width"), ({"gauss": 100}, "gauss")):
        with pytest.raises(ValueError, match=words):
            DeepRitz(**bad)
