"""ETDRK2 that chooses its steps, at rest: it stays there in one step, unless the flow changes."""

import numpy as np
import pytest
import torch

from demos.gradient_flow import GradientFlow, Stiff, solve
from tests.gradient_flow.flows import Orthogonal

STIFFNESS = torch.tensor([0.0, 1.5, 40.0], dtype=torch.float64)
START = torch.tensor([[1.5, -0.6, 0.3]], dtype=torch.float64)
LATE = 100.0


def quartic(pull) -> GradientFlow:
    """E = Σ kx²/2 + Σ (x² − 1)²/4 − pull(t) Σ x: at rest where kx + x³ − x = pull."""
    transform = Orthogonal(torch.eye(3, dtype=torch.float64))

    def energy(x, t):
        return (0.5 * STIFFNESS * x**2 + 0.25 * (x**2 - 1) ** 2 - pull(t) * x).sum(1)

    return GradientFlow(energy, stiff=Stiff(transform, STIFFNESS, lambda x, t: x**3 - x - pull(t)))


def rests(pull: float) -> list[float]:
    """The largest root of x³ + (k − 1) x = pull, for each k."""
    return [max(r.real for r in np.roots([1, 0, float(k) - 1, -pull]) if abs(r.imag) < 1e-9) for k in STIFFNESS]


def test_at_rest_one_step_leads_to_the_end():
    path = solve(quartic(lambda t: 0.3), START, [0.0, 1e6], "etdrk2_adaptive", rtol=1e-3, atol=1e-3, record=5)
    assert path.status.kind == "finished" and path.steps < 300
    assert path.times[-1] == 1e6 and path.states.shape[0] == 5
    assert path.step_sizes[-1] > 0.99e6
    for state in path.states[1:]:
        assert state[0].tolist() == pytest.approx(rests(0.3), abs=1e-9)


def test_a_flow_that_changes_at_the_end_is_not_held_at_rest():
    def pull(t):
        return float(np.clip(t - LATE, 0.0, 1.0))

    path = solve(quartic(pull), START, [0.0, 120.0], "etdrk2_adaptive", rtol=1e-3, atol=1e-3, record=2)
    assert path.states[-1][0].tolist() == pytest.approx(rests(1.0), abs=1e-3)
