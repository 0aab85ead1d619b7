"""Escape with inertia from phase space: its two limits, its scaling, its grid and its law of late arrivals."""

import numpy as np
import pytest

from demos.langevin.exact.escape import kramers_rate, mean_first_passage
from demos.langevin.exact.phase_space import underdamped_passage


def energy(x):
    return (x**2 - 1) ** 2


def slope(x):
    return 4 * x * (x**2 - 1)


def passage(gamma, kT=0.3, mass=1.0, **more):
    return underdamped_passage(energy, slope, -1.0, 1.0, kT, gamma, mass, **more)


@pytest.mark.parametrize("mass", [1.0, 5.0])
def test_strong_friction_is_overdamped(mass):
    """τ → m γ τ₀ from above: the first correction is of the order of (ω/γ)², 8/50² = 0.3 %."""
    found = passage(50.0, mass=mass)
    assert found.mean / (50 * mass * mean_first_passage(energy, -1, 1, 0.3)) == pytest.approx(1, abs=0.012)
    assert found.error < 0.01


def test_weak_friction_takes_as_long_as_it_is_weak():
    """Energy diffusion: the rate falls with γ, where Kramers' formula goes to a constant."""
    slow, slower = passage(0.05), passage(0.025)
    assert 1.6 < slower.mean / slow.mean < 2
    assert slow.mean * kramers_rate(8, -4, 1, 0.3, 0.05) > 4


def test_kramers_formula_is_the_limit_of_high_barriers_at_moderate_friction():
    gaps = [passage(2.0, kT).mean * kramers_rate(8, -4, 1, kT, 2.0) - 1 for kT in (0.4, 0.2, 0.1)]
    assert gaps[0] > gaps[1] > gaps[2] > 0 and gaps[2] < 0.1


def test_time_scales_with_the_root_of_the_mass():
    """x(t) of mass m and friction γ is x(t/√m) of mass 1 and friction γ√m."""
    assert passage(0.5, mass=4.0).mean == pytest.approx(2 * passage(1.0).mean, rel=1e-9)


@pytest.mark.parametrize("gamma", [0.05, 1.0])
def test_its_error_covers_what_a_finer_grid_changes(gamma):
    found = passage(gamma)
    finer = passage(gamma, grid=(360, 220))
    assert abs(finer.mean / found.mean - 1) < found.error < 0.015


def test_late_arrivals_are_one_exponential():
    """∫S dt of the late part alone is nearly the mean; what is missing is the time before anyone can arrive."""
    found = passage(1.0)
    assert 1 < found.amplitude < 1.1
    assert found.amplitude / found.rate == pytest.approx(found.mean, rel=0.01)
    assert 1 / found.rate < found.mean


def test_what_it_cannot_do_is_named():
    for gamma, mass, target in ((0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, -1.0)):
        with pytest.raises(ValueError, match="target.*gamma.*mass"):
            underdamped_passage(energy, slope, -1.0, target, 0.3, gamma, mass)
    with pytest.raises(ValueError, match="confine"):
        underdamped_passage(np.zeros_like, np.zeros_like, 0.0, 1.0, 0.3, 1.0)
