"""The test functions: derivatives against autograd, stationary points against what is published."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow.derivatives import autograd_gradient, autograd_hessian
from demos.landscapes import EnergySurface
from demos.landscapes.test_functions import TEST_FUNCTIONS, borders, quadratic

every = pytest.mark.parametrize("surface", TEST_FUNCTIONS.values(), ids=TEST_FUNCTIONS)

# reference/networks.md, section 4: refined by BFGS there; lowest energy, eigenvalues of the Hessian at that minimum
PUBLISHED = {
    "rosenbrock": (0.0, 0.399, 1001.6),
    "himmelblau": (0.0, 25.7, 82.3),
    "beale": (0.0, 0.302, 49.0),
    "booth": (0.0, 2.0, 18.0),
    "matyas": (0.0, 0.04, 1.0),
    "rastrigin": (0.0, 396.8, 396.8),
    "three_hump_camel": (0.0, 1.586, 4.414),
    "six_hump_camel": (-1.03163, 7.68, 16.5),
    "styblinski_tang": (-78.3323, 34.6, 34.6),
    "goldstein_price": (3.0, 402.8, 965.2),
    "mccormick": (-1.91322, 1.73, 4.0),
    "flat_sharp": (0.0, 40.0, 2.0),
}


def within(surface: EnergySurface, count: int = 60) -> torch.Tensor:
    (x0, x1), (y0, y1) = surface.view
    return torch.from_numpy(np.random.default_rng(0).uniform((x0, y0), (x1, y1), (count, 2)))


@every
def test_derivatives_are_autograds(surface):
    x = within(surface)
    gradient, hessian = autograd_gradient(surface.energy)(x, 0.0), autograd_hessian(surface.energy)(x, 0.0)
    size = float(gradient.abs().max()), float(hessian.abs().max())
    torch.testing.assert_close(surface.gradient(x), gradient, rtol=1e-11, atol=1e-12 * size[0])
    torch.testing.assert_close(surface.hessian(x), hessian, rtol=1e-10, atol=1e-11 * size[1])
    assert surface.gradient(x[:0]).shape == (0, 2)


@every
def test_places_are_stationary_and_of_their_kind(surface):
    (x0, x1), (y0, y1) = surface.view
    assert len({place.name for place in surface.stationary_points}) == len(surface.stationary_points)
    for place in surface.stationary_points:  # raises where one is not stationary, or of another kind
        assert x0 < place.position[0] < x1 and y0 < place.position[1] < y1


@pytest.mark.parametrize("name", PUBLISHED)
def test_lowest_minima_are_those_that_are_published(name):
    energy, *eigenvalues = PUBLISHED[name]
    place = min(TEST_FUNCTIONS[name].minima, key=lambda place: round(place.energy, 6))
    assert place.energy == pytest.approx(energy, abs=6e-5)
    assert place.eigenvalues == pytest.approx(sorted(eigenvalues), rel=5e-3)


def test_no_stationary_point_is_missing():
    """Index of the gradient along the rim of the view: minima − saddles + maxima inside (Poincaré–Hopf), −2 for a
    monkey saddle."""
    for surface in TEST_FUNCTIONS.values():
        (x0, x1), (y0, y1) = surface.view
        x, y = np.linspace(x0, x1, 4000), np.linspace(y0, y1, 4000)
        rim = np.concatenate(
            [
                np.stack(side, 1)
                for side in ((x, 0 * x + y0), (0 * y + x1, y), (x[::-1], 0 * x + y1), (0 * y + x0, y[::-1]))
            ]
        )
        gx, gy = surface.gradient(torch.from_numpy(rim.copy())).numpy().T
        turns = np.diff(np.unwrap(np.arctan2(gy, gx)))
        index = round(turns.sum() / (2 * np.pi))
        count = sum(-1 if place.kind == "saddle" else 1 for place in surface.stationary_points)
        if surface.name == "ackley":
            continue  # its dents are not named, only its tip
        assert index == (-2 if surface.name == "monkey_saddle" else count), surface.name


def test_quadratic_has_the_curvatures_that_are_asked_for():
    for condition, angle in ((1.0, 0.0), (25.0, 30.0), (1e4, 77.0)):
        surface = quadratic(condition, angle)
        assert surface.minima[0].eigenvalues == pytest.approx((1 / condition, 1.0), rel=1e-9)
        flat = torch.tensor([[np.cos(np.radians(angle)), np.sin(np.radians(angle))]])
        assert float(surface.energy(flat)) == pytest.approx(0.5 / condition, rel=1e-6)


@pytest.mark.parametrize("name", ["styblinski_tang", "rastrigin", "flat_sharp"])
def test_borders_are_where_the_descent_turns(name):
    """Just beside a border the slope across it points away from it, on either side."""
    surface = TEST_FUNCTIONS[name]
    for axis, lines in enumerate(borders(surface)):
        for at in lines:
            x = torch.zeros(2, 2, dtype=torch.float64)
            x[:, axis] = torch.tensor([at - 1e-3, at + 1e-3])
            before, after = surface.gradient(x)[:, axis].tolist()
            assert before > 0 > after
    assert borders(TEST_FUNCTIONS["himmelblau"]) is None
