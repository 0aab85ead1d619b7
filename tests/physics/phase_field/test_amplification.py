"""Amplification factors of one step: those of the solver, of the flow, and of the φ functions by definition."""

import numpy as np
import pytest
import torch

from demos.physics.phase_field import amplification as module
from demos.physics.phase_field.amplification import _phi_functions, amplification
from demos.physics.phase_field.checks import amplification_check
from demos.physics.phase_field.model import PhaseField
from demos.physics.phase_field.reference import growth_rate


@pytest.mark.parametrize("method", ["euler", "semi_implicit", "etdrk2"])
@pytest.mark.parametrize("metric", ["L2", "H-1"])
def test_factors_are_those_of_the_solver_and_of_the_flow(metric, method):
    field = PhaseField(32, 1.3, metric)
    for stabilizer in (0.0,) if method == "euler" else (0.0, 1.5):
        assert amplification_check(field, method, 0.2, stabilizer).agrees
        rate = growth_rate(field, field.torus.minus_laplacian(), 0.2)
        slow = (rate.abs() < 1) & (rate != 0)
        small = amplification(field, method, 1e-4, stabilizer, 0.2).log()[slow] / 1e-4
        torch.testing.assert_close(small, rate[slow], rtol=1e-2, atol=1e-3)
    with pytest.raises(ValueError, match="rk4"):
        amplification(field, "rk4", 0.1)


def test_phi_functions_to_rounding():
    """Against long power series; both sides of z = −1, where quadrature hands over to the closed forms."""
    z = np.array([0.0, -1e-9, -1e-3, -0.5, -0.999, -1.0, -1.001, -3.0])
    first, second, term = np.zeros_like(z), np.zeros_like(z), np.ones_like(z)
    for k in range(60):  # φ₁ = Σ zᵏ/(k+1)!, φ₂ = Σ zᵏ/(k+2)!
        first, second, term = first + term / (k + 1), second + term / ((k + 1) * (k + 2)), term * z / (k + 1)
    ours = _phi_functions(torch.from_numpy(z))
    np.testing.assert_allclose(ours[0].numpy(), first, rtol=1e-14)
    np.testing.assert_allclose(ours[1].numpy(), second, rtol=1e-14)
    stiff = _phi_functions(torch.tensor([-1e6], dtype=torch.float64))
    assert float(stiff[0]) == pytest.approx(1e-6, rel=1e-12) and float(stiff[1]) == pytest.approx(1e-6, rel=1e-5)


def test_a_wrong_method_is_caught(monkeypatch):
    """The factor is not the method's own code: one percent in the solver's φ₂ makes the check disagree."""
    import sys

    solver = sys.modules["demos.gradient_flow.methods.etdrk2"]
    right = solver.phi
    assert not hasattr(module, "phi")
    monkeypatch.setattr(solver, "phi", lambda z: (right(z)[0], right(z)[1], 1.01 * right(z)[2]))
    assert not amplification_check(PhaseField(32, 1.3, "L2"), "etdrk2", 1.0).agrees
