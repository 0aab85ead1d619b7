"""The self-tests of Hamiltonian proposals hold for the code as it is, and not for a leapfrog that is wrong."""

import pytest
import torch

from demos.contract import State
from demos.gradient_flow.methods.metropolis import leapfrog
from demos.langevin import self_tests as module
from demos.langevin.config import LangevinConfig
from demos.langevin.self_tests import self_tests
from demos.langevin.setup import Setup

CONFIG = LangevinConfig(
    potential="three_gaussians", method="hmc", temperature=1.0, step=0.1, leapfrog_steps=12, x0=0.0, particles=10
)


class Run:
    method = "hmc"


def states():
    module._proposals.cache_clear()
    found = self_tests(Setup.of(CONFIG), Run)
    assert len(found) == 2 and all(row.about == "code" for row in found)
    return [row.state for row in found]


def test_proposals_keep_volume_and_turn_back():
    assert states() == [State.AGREES, State.AGREES]


def one_long_kick(gradient_at, q, p, gradient, h, steps, mass):
    """A whole kick instead of a half one at the beginning: shears all the same, but not a palindrome."""
    return leapfrog(gradient_at, q, p.add_(gradient, alpha=-h / 2), gradient, h, steps, mass)


def shrinking(gradient_at, q, p, gradient, h, steps, mass):
    q, p, gradient = leapfrog(gradient_at, q, p, gradient, h, steps, mass)
    return q, 0.99 * p, gradient


@pytest.mark.parametrize("wrong", [one_long_kick, shrinking])
def test_a_wrong_leapfrog_fails(wrong, monkeypatch):
    monkeypatch.setattr(module, "leapfrog", wrong)
    assert State.DIFFERS in states()


def test_mala_is_one_leapfrog_step():
    """With the same noise: h = τ²/2 (Neal 2011, sec. 5.5.2)."""
    from demos.gradient_flow import GradientFlow, solve

    flow = GradientFlow(CONFIG.landscape.energy, CONFIG.landscape.gradient, temperature=1.0)
    start, steps = torch.zeros(200, 2, dtype=torch.float64), torch.arange(11, dtype=torch.float64)
    mala = solve(flow, start, steps * 0.08, "mala", seed=3)
    hmc = solve(flow, start, steps * 0.4, "hmc", seed=3, leapfrog_steps=1)
    assert mala.acceptance < 0.99
    assert mala.acceptance == hmc.acceptance
    torch.testing.assert_close(mala.states, hmc.states, rtol=0, atol=1e-12)
