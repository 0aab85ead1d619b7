"""Orders of the methods without sampling noise, by the one-step kernel on the double well (x² - 1)², kT = 0.25."""

import numpy as np
import pytest

from demos.langevin.exact import kernel
from demos.langevin.exact.quadratic import variance_ratio

KT, SECOND_MOMENT, RATE = 0.25, 0.9176708607, 0.02977959
STEPS = (0.04, 0.02, 0.01, 0.005)
BOX = (-2.6, 2.6)

# at each of STEPS: bias of <x²>, and relative error of the slowest rate; the last digit printed is the tolerance
BIAS = {
    "euler": (-1.385e-2, -6.28e-3, -3.01e-3, -1.47e-3),
    "heun": (-4.66e-3, -9.4e-4, -2.1e-4, -4.9e-5),
    "leimkuhler_matthews": (7.2e-5, 1.82e-5, 4.49e-6, 1.11e-6),
}
RATE_ERROR = {
    "euler": (6.9e-2, 2.7e-2, 1.19e-2, 5.6e-3),
    "heun": (2.5e-3, -1.4e-4, -1.2e-4, -4e-5),
    "leimkuhler_matthews": (-6.4e-2, -3.1e-2, -1.56e-2, -7.8e-3),
}


def gradient(x):
    return 4 * x * (x * x - 1)


def square(x):
    return x * x


def biases(method):
    return np.array([kernel.average(method, square, gradient, KT, h, *BOX) for h in STEPS]) - SECOND_MOMENT


def rate_errors(method):
    return np.array([kernel.relaxation_rate(method, gradient, KT, h, *BOX) for h in STEPS]) / RATE - 1


@pytest.mark.parametrize("method", BIAS)
def test_table_of_biases_and_rates(method):
    assert biases(method) == pytest.approx(BIAS[method], rel=1.2e-2)
    assert rate_errors(method) == pytest.approx(RATE_ERROR[method], rel=4e-2)


@pytest.mark.parametrize(
    "method, order", [("euler", 1), ("implicit_euler", 1), ("heun", 2), ("leimkuhler_matthews", 2)]
)
def test_stationary_orders(method, order):
    steps = np.array([0.008, 0.004, 0.002])
    errors = [kernel.average(method, square, gradient, KT, h, *BOX) - SECOND_MOMENT for h in steps]
    assert kernel.fit_order(steps, errors) == pytest.approx(order, abs=0.06)


@pytest.mark.parametrize(
    "method, order", [("euler", 1), ("implicit_euler", 1), ("mala", 1), ("leimkuhler_matthews", 1)]
)
def test_orders_of_the_slowest_rate(method, order):
    errors = [kernel.relaxation_rate(method, gradient, KT, h, *BOX) / RATE - 1 for h in (0.004, 0.002)]
    assert kernel.fit_order((0.004, 0.002), errors) == pytest.approx(order, abs=0.06)


def test_mala_has_no_bias_at_any_step():
    assert np.abs(biases("mala")).max() < 1e-9
    xs, density = kernel.stationary("mala", gradient, KT, 0.04, *BOX)
    truth = np.exp(-((xs**2 - 1) ** 2) / KT)
    assert density == pytest.approx(truth / truth.sum() / (xs[1] - xs[0]), abs=1e-9)


@pytest.mark.parametrize("method", kernel.METHODS)
@pytest.mark.parametrize("z", [0.1, 0.5])
def test_quadratic_potential_has_the_closed_form_variance(method, z):
    variance = kernel.average(method, square, lambda x: x, 1.0, z, -10, 10)
    assert variance == pytest.approx(variance_ratio(method, z), abs=1e-10)
    rate = kernel.relaxation_rate(method, lambda x: x, 1.0, z, -10, 10)
    factor = {"heun": 1 - z + z * z / 2, "implicit_euler": 1 / (1 + z), "mala": None}.get(method, 1 - z)
    if factor is not None:
        assert np.exp(-rate * z) == pytest.approx(factor, abs=1e-9)


@pytest.mark.parametrize("method", kernel.METHODS)
def test_grid_does_not_matter(method):
    values = [kernel.average(method, square, gradient, KT, 0.02, lo, -lo, n) for lo, n in ((-2.6, 301), (-2.5, 421))]
    assert values[0] == pytest.approx(values[1], abs=1e-9)


@pytest.mark.parametrize("method", kernel.METHODS)
def test_density_is_a_smooth_law(method):
    xs, density = kernel.stationary(method, gradient, KT, 0.02, *BOX)
    mass = density * (xs[1] - xs[0])
    assert mass.sum() == pytest.approx(1, abs=1e-9) and density.min() > -1e-9
    assert mass @ xs**2 == pytest.approx(kernel.average(method, square, gradient, KT, 0.02, *BOX), abs=1e-9)
    assert np.abs(np.diff(density, 3)).max() < 0.01 * density.max()  # no ripples


def test_one_step_of_the_kernel_is_the_step():
    """E[x'] and E[x'²] from each grid point in closed form, for euler."""
    xs, matrix = kernel.transition("euler", gradient, KT, 0.01, *BOX)
    inner = np.abs(xs) < 1.5
    mean = xs - 0.01 * gradient(xs)
    assert (matrix @ xs)[inner] == pytest.approx(mean[inner], abs=1e-12)
    assert (matrix @ xs**2)[inner] == pytest.approx((mean**2 + 2 * KT * 0.01)[inner], abs=1e-12)


@pytest.mark.parametrize("method, h", [("euler", 2.5), ("heun", 2.5), ("leimkuhler_matthews", 2.5), ("euler", 1.9)])
def test_leaking_dynamics_is_refused(method, h):
    with pytest.raises(ValueError, match="no stationary distribution"):
        kernel.stationary(method, lambda x: x, 1.0, h, -12, 12)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="hmc"):
        kernel.stationary("hmc", gradient, KT, 0.01, *BOX)
    with pytest.raises(ValueError, match="too short"):
        kernel.stationary("euler", gradient, KT, 1e-9, *BOX)
    with pytest.raises(ValueError, match="more than one solution"):
        kernel.stationary("implicit_euler", gradient, KT, 0.3, *BOX)
    with pytest.raises(ValueError, match="h > 0"):
        kernel.stationary("euler", gradient, KT, -0.1, *BOX)
    with pytest.raises(ValueError, match="at least two"):
        kernel.fit_order([0.1], [1.0])
    assert kernel.fit_order([0.1, 0.2, 0.4], [-1.0, -4.0, -16.0]) == pytest.approx(2)
