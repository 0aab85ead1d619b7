"""The law exp(−U/kT) on its grid, against closed forms and independent quadratures; separable energies."""

from __future__ import annotations

import math

import numpy as np
import pytest

from demos.landscapes import LANDSCAPES, Landscape
from tests.landscapes.every import every, within


def log_z(landscape: Landscape, kT: float, count: int = 400) -> float:
    return landscape.boltzmann(kT, count)[2]


def mean(landscape: Landscape, kT: float, function) -> float:
    points, probabilities, _ = landscape.boltzmann(kT)
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)
    return float(probabilities @ function(*points.T))


@every
def test_the_box_holds_the_law(landscape: Landscape) -> None:
    """Nothing of weight at the edge of the box at the highest temperature, and Z does not depend on the grid."""
    low, high = landscape.kT_range
    assert low <= landscape.kT <= high
    if landscape.chart is None:
        xs, ys = (np.linspace(*side, 401) for side in landscape.box)
        energy = landscape.on_grid(xs, ys)
        edge = min(energy[0].min(), energy[-1].min(), energy[:, 0].min(), energy[:, -1].min())
        assert edge - energy.min() > 30 * high
    for kT in (low, landscape.kT, high):
        assert log_z(landscape, kT, 300) == pytest.approx(log_z(landscape, kT, 520), abs=1e-9)
        fine = landscape.grid(kT)
        edge = np.concatenate([fine.energy[0], fine.energy[-1], fine.energy[:, 0], fine.energy[:, -1]])
        assert edge.min() - fine.energy.min() > 30 * kT


def test_partition_functions_in_closed_form() -> None:
    harmonic, banana, funnel = (LANDSCAPES[name] for name in ("harmonic", "banana", "funnel"))
    for kT in (0.25, 1.0, 2.0):
        # 2π kT/√det K with det K = 9
        assert log_z(harmonic, kT) == pytest.approx(math.log(2 * math.pi * kT / 3), abs=1e-12)
        # Given y, x is Gaussian of variance kT eʸ; integrating it out leaves a Gaussian in y.
        centre = 4.5 * (kT - 1)
        assert mean(funnel, kT, lambda x, y: y) == pytest.approx(centre, abs=1e-9)
        assert mean(funnel, kT, lambda x, y, c=centre: (y - c) ** 2) == pytest.approx(9 * kT, rel=1e-9)
        assert mean(funnel, kT, lambda x, y: x * x * np.exp(-y)) == pytest.approx(kT, rel=1e-9)
    # In (x, y − x²) the banana is Gaussian: variances 10 kT and kT/10.
    assert log_z(banana, 0.1) == pytest.approx(math.log(2 * math.pi * 0.1), abs=1e-12)
    assert mean(banana, 0.1, lambda x, y: y) == pytest.approx(2, rel=1e-11)
    # exp(−U) of these two is a density.
    assert log_z(funnel, 1.0) == pytest.approx(0, abs=1e-12)
    assert log_z(LANDSCAPES["three_gaussians"], 1.0) == pytest.approx(0, abs=1e-12)


def test_double_well_moments_match_an_independent_quadrature() -> None:
    for kT, exact in ((0.25, 0.9176708607), (0.1, 0.97252276)):
        assert mean(LANDSCAPES["double_well"], kT, lambda x, y: x * x) == pytest.approx(exact, abs=1e-8)
        assert mean(LANDSCAPES["double_well"], kT, lambda x, y: y * y) == pytest.approx(kT / 2, rel=1e-12)


def test_ring_radius_in_closed_form() -> None:
    """In s = r² the ring's law is a Gaussian about 1 of variance kT/2, cut at s = 0."""
    kT = 0.1
    spread = math.sqrt(kT / 2)
    cut = 1 / spread
    hazard = math.exp(-cut * cut / 2) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(-cut / math.sqrt(2)))
    assert mean(LANDSCAPES["ring"], kT, lambda x, y: x * x + y * y) == pytest.approx(1 + spread * hazard, rel=1e-12)


@every
def test_separable_parts_add_up(landscape: Landscape) -> None:
    if landscape.separable is None:
        x = within(landscape.view, 50)
        assert (landscape.hessian(x)[:, 0, 1].abs() > 1e-12).any()  # else it should say that it is separable
        return
    xs, ys = (np.linspace(*side, 41) for side in landscape.view)
    first, second = landscape.separable
    constant = landscape.on_grid([0.0], [0.0])[0, 0] - first(np.zeros(1))[0] - second(np.zeros(1))[0]
    assert constant == 0
    np.testing.assert_allclose(landscape.on_grid(xs, ys), second(ys)[:, None] + first(xs)[None, :], atol=1e-12)
    x = within(landscape.view, 200)
    for i, part in enumerate(landscape.separable):
        s = x[:, i].numpy()
        np.testing.assert_allclose(landscape.gradient(x)[:, i].numpy(), part.derivative(s), atol=1e-12)
        np.testing.assert_allclose(landscape.hessian(x)[:, i, i].numpy(), part.second_derivative(s), atol=1e-12)
