"""The first-order bias of Euler-Maruyama on any potential: exact on quadratics, tangent to the kernel's elsewhere."""

import numpy as np
import pytest

from demos.langevin.exact import kernel, modified
from demos.langevin.exact.quadratic import moments
from demos.langevin.exact.quadrature import Boltzmann


def biased_mean(law, values, gradient_squared, laplacian, h, method):
    """<f> − cov(f, U_h − U)/kT for values (..., *grid): exp(−U_h/kT) to first order, without its normalisation."""
    change = modified.correction(gradient_squared, laplacian, law.kT, h, method)
    return law.mean(values) - (law.mean(values * change) - law.mean(values) * law.mean(change)) / law.kT


@pytest.mark.parametrize("method", ["euler", "implicit_euler"])
def test_double_well_error_is_second_order(method):
    """Predicted minus true bias falls as h²: the first-order coefficient is right."""
    x = np.linspace(-2.6, 2.6, 801)
    slope = 4 * x * (x * x - 1)
    law = Boltzmann.of((x * x - 1) ** 2, (x,), 0.25)
    steps, errors = (0.005, 0.0025, 0.00125), []
    for h in steps:
        true = kernel.average(method, lambda x: x * x, lambda x: 4 * x * (x * x - 1), 0.25, h, -2.6, 2.6)
        predicted = biased_mean(law, x * x, slope**2, 12 * x * x - 4, h, method)
        errors.append(predicted - true)
    assert abs(errors[-1]) < 0.01 * abs(true - law.mean(x * x))
    assert kernel.fit_order(steps, errors) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("method", ["euler", "implicit_euler", "heun", "leimkuhler_matthews"])
def test_anisotropic_quadratic(method):
    hessian, kT = np.array([[3.0, 1.0], [1.0, 1.5]]), 0.5
    axis = np.linspace(-5, 5, 161)
    x, y = np.meshgrid(axis, axis)
    gx, gy = hessian[0, 0] * x + hessian[0, 1] * y, hessian[1, 0] * x + hessian[1, 1] * y
    law = Boltzmann.of(0.5 * (x * gx + y * gy), (axis, axis), kT)
    errors = []
    for h in (0.02, 0.01):
        exact = moments(method, hessian, h, kT, 10_000, np.zeros(2))[1]
        values = np.stack([x * x, x * y, y * y])
        predicted = biased_mean(law, values, gx**2 + gy**2, np.full_like(x, np.trace(hessian)), h, method)
        errors.append(np.abs(predicted - [exact[0, 0], exact[0, 1], exact[1, 1]]).max())
    if errors[1] > 1e-12:
        assert 3.8 < errors[0] / errors[1] < 4.3  # what is left is of order h²
    assert errors[1] < 1e-4


def test_quadratic_correction_is_exact():
    """U_h = k x²/2 - h k² x²/4 + const: variance kT/(k (1 - hk/2)) at any h."""
    x, k, h, kT = np.linspace(-6, 6, 401), 2.0, 0.5, 0.25
    change = modified.correction((k * x) ** 2, np.full_like(x, k), kT, h)
    law = Boltzmann.of(k * x**2 / 2 + change, (x,), kT)
    assert law.mean(x * x) == pytest.approx(kT / k / (1 - h * k / 2), rel=1e-12)


def test_density_agrees_with_the_kernel():
    h = 0.001
    xs, exact = kernel.stationary("euler", lambda x: 4 * x * (x * x - 1), 0.25, h, -2.2, 2.2)
    law = Boltzmann.of((xs**2 - 1) ** 2, (xs,), 0.25)
    change = modified.correction((4 * xs * (xs**2 - 1)) ** 2, 12 * xs**2 - 4, 0.25, h)
    predicted = law.density * (1 - (change - law.mean(change)) / 0.25)
    bias = np.abs(exact - law.density).max()
    assert np.abs(predicted - exact).max() < 0.02 * bias
    with pytest.raises(ValueError, match="hmc"):
        modified.correction(xs, xs, 0.25, h, "hmc")
