"""Boltzmann averages on a grid, against closed forms and tabulated quadrature."""

import numpy as np
import pytest

from demos.langevin.exact.quadrature import Boltzmann

# <x²> of (x² - 1)² at temperature kT (adaptive quadrature, 8 digits)
SECOND_MOMENTS = {
    0.05: 0.98697505,
    0.10: 0.97252276,
    0.15: 0.95572640,
    0.20: 0.93683394,
    0.25: 0.91767086,
    0.30: 0.89990761,
    0.40: 0.87136291,
    0.50: 0.85213615,
}


def grid(width: int = 161, height: int = 121, size: float = 4.0):
    xs, ys = np.linspace(-size, size, width), np.linspace(-size, size, height)
    return (xs, ys), *np.meshgrid(xs, ys)


@pytest.mark.parametrize("kT", SECOND_MOMENTS)
def test_double_well_moments(kT):
    x = np.linspace(-2.6, 2.6, 401)
    assert Boltzmann.of((x**2 - 1) ** 2, (x,), kT).mean(x**2) == pytest.approx(SECOND_MOMENTS[kT], abs=1e-8)
    every_second = Boltzmann.of((x[::2] ** 2 - 1) ** 2, (x[::2],), kT).mean(x[::2] ** 2)
    assert every_second == pytest.approx(SECOND_MOMENTS[kT], abs=1e-8)


def test_gaussian_in_two_dimensions_is_exact_to_rounding():
    axes, x, y = grid(size=8.0)  # 11 standard deviations: nothing is cut off
    law = Boltzmann.of(0.5 * (x**2 + 4 * y**2) + 3.0, axes, 0.5)
    assert law.mean(np.stack([x**2, y**2, x * y])) == pytest.approx([0.5, 0.125, 0.0], abs=1e-13)
    assert law.free_energy == pytest.approx(3.0 - 0.5 * np.log(2 * np.pi * 0.5 / 2), abs=1e-13)


def test_walls_and_huge_energies():
    axes, x, y = grid()
    energy = np.where(x < 0, np.inf, 1e6 * (x**2 + y**2))
    law = Boltzmann.of(energy, axes, 1.0)
    assert np.isfinite(law.density).all() and law.mean(x < 0) == 0
    assert np.isfinite(law.mean(energy))  # infinite only where the law is zero


def test_samples_follow_the_law():
    axes, x, y = grid()
    law = Boltzmann.of((x**2 - 1) ** 2 + y**2, axes, 0.25)
    n = 40_000
    points = law.sample(n, np.random.default_rng(0))
    assert np.array_equal(points, law.sample(n, np.random.default_rng(0)))
    for values, exact in ((points[:, 0] ** 2, law.mean(x**2)), (points[:, 1] ** 2, 0.125), (points[:, 0] > 0, 0.5)):
        jitter = (axes[0][1] - axes[0][0]) ** 2 / 12  # the cells' own width
        assert abs(values.mean() - exact) < 5 * values.std() / np.sqrt(n) + jitter


def test_bad_input_is_named():
    axes, x, _ = grid()
    with pytest.raises(ValueError, match="kT"):
        Boltzmann.of(x**2, axes, 0.0)
    with pytest.raises(ValueError, match="shape"):
        Boltzmann.of(x.T**2, axes, 1.0)
    with pytest.raises(ValueError, match="finite"):
        Boltzmann.of(np.where(x > 0, np.nan, x), axes, 1.0)
    with pytest.raises(ValueError, match="evenly"):
        Boltzmann.of(x**2, (axes[0] ** 3, axes[1]), 1.0)
