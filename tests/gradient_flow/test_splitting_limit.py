"""The stability limit of splitting words: beside closed forms, and beside the solver just under and just over it."""

from __future__ import annotations

from math import exp, inf, sqrt

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, GradientFlow, solve, splitting
from demos.gradient_flow.methods.splitting_limit import longest_step

FRICTIONS = (0.0, 0.01, 0.3, 1.0, 4.0, 20.0)


@pytest.mark.parametrize("word", ["VRORV", "RVOVR", "OVRVO", "VROR", "ORVRO", "OVRV"])
def test_words_with_the_limit_of_leapfrog(word):
    assert [longest_step(word, friction) for friction in FRICTIONS] == pytest.approx([2.0] * 6, abs=1e-6)
    row = splitting(word)
    assert row.limit_formula == "2/√(L/m)"
    assert row.step_limit(8.0, GradientFlow(energy=torch.sum, mass=2.0, friction=3.0)) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("friction", FRICTIONS)
def test_a_word_that_drifts_before_its_bath(friction):
    """One step of VRO has the trace 1 − u² + c and the determinant c = e^{−γh}: −tr = 1 + c at u² = 2(1 + c)."""
    u = longest_step("VRO", friction)
    assert u == pytest.approx(sqrt(2 * (1 + exp(-friction * u))), abs=1e-8)


def test_words_whose_limit_grows_with_the_friction():
    """VOR has the trace 1 + c − c u²: the limit u² = 2(1 + 1/c) runs away from u once the friction is strong."""
    u = longest_step("VOR", 0.1)
    assert u == pytest.approx(sqrt(2 * (1 + exp(0.1 * u))), abs=1e-8)
    assert longest_step("VOR", 1.0) == inf
    assert longest_step("VOROV", 1.0) == pytest.approx(3.2427, abs=1e-4)


@pytest.mark.parametrize("friction", [0.3, 1.0])
@pytest.mark.parametrize("word", ["VRO", "VOROV", "VRVRO", "RVORV", "VRVRVRVRVRVO", "VROR", "baoab"])
def test_the_solver_is_stable_up_to_the_limit_of_the_row(word, friction):
    flow = GradientFlow(energy=lambda x: 1.5 * x.square().sum(1), friction=friction, mass=1.7)
    row = METHODS.get(word) or splitting(word)
    limit = row.step_limit(3.0, flow)
    sizes = []
    for share in (0.99, 1.02):
        path = solve(flow, torch.ones(1, 1, dtype=torch.float64), np.arange(1201) * share * limit, word, record=1201)
        sizes.append(float(path.states[-100:].abs().max()))
    assert sizes[0] < 1 < 100 < sizes[1]


def test_a_run_that_diverges_names_the_limit_at_its_friction():
    flow = GradientFlow(energy=lambda x: 0.5 * x.square().sum(1))
    status = solve(flow, torch.ones(1, 1).double(), np.arange(801) * 1.8, "VRO").status
    assert status.step_limit == pytest.approx(splitting("VRO").step_limit(1.0, flow), rel=1e-8)
