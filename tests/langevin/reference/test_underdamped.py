"""Underdamped distributions in motion: against the kinetic equation in another basis, particles, and a finer grid."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from demos.landscapes import LANDSCAPES
from demos.langevin.config import LangevinConfig
from demos.langevin.inertia import end_distribution
from demos.langevin.reference import underdamped as module
from demos.langevin.reference.distribution import StartDistribution
from demos.langevin.reference.underdamped import FLOOR, SHAPES, Inertia, underdamped
from demos.langevin.replicas import cloud
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate

WELL = LANDSCAPES["double_well"]
POINT, CLOUD = StartDistribution("point", -1.0), StartDistribution("gaussian", -0.9, 0.15)


def cumulative(marginal, at):
    s, weights = marginal
    curve = CubicSpline(s, weights / (s[1] - s[0])).antiderivative()
    return curve(np.clip(at, s[0], s[-1])) / weights.sum()


def hermite_galerkin(profile, inertia, start, t, places=96, modes=40, reach=2.0):
    """The density of x by another discretisation: Hermite functions of p, Fourier waves of x, a Runge–Kutta method.

    With ρ = √π Σ uₙ(x) ψₙ(p) Kramers' equation is duₙ/dt = −nγuₙ − √n A uₙ₋₁ + √(n+1) Aᵀ uₙ₊₁ with
    A = √(kT/m) (∂ + U'/2kT) (Risken, The Fokker-Planck Equation, 1989, ch. 10).
    """
    kT, friction, mass = inertia.kT, inertia.friction, inertia.mass
    x = -reach + 2 * reach / places * np.arange(places)
    apart = np.pi * np.subtract.outer(np.arange(places), np.arange(places)) / places
    sign = (-1.0) ** np.subtract.outer(np.arange(places), np.arange(places))
    with np.errstate(divide="ignore"):
        derivative = np.where(apart == 0, 0.0, 0.5 * sign / np.tan(apart)) * np.pi / reach
    along = np.sqrt(kT / mass) * (derivative + np.diag(profile.derivative(x) / (2 * kT)))
    root = np.exp(-profile(x) / (2 * kT))
    n = np.arange(modes)

    def rate(_, u):
        u = u.reshape(modes, places)
        change = -friction * n[:, None] * u
        change[1:] -= np.sqrt(n[1:, None]) * (u[:-1] @ along.T)
        change[:-1] += np.sqrt(n[1:, None]) * (u[1:] @ along)
        return change.ravel()

    first = np.zeros((modes, places))
    first[0] = np.exp(-0.5 * ((x - start.centre) / start.width) ** 2) / root
    end = solve_ivp(rate, (0, t), first.ravel(), method="DOP853", rtol=1e-6, atol=1e-9 * first.max()).y[:, -1]
    density = end[:places] * root
    return x, density / density.sum()


def test_it_solves_the_kinetic_equation():
    inertia = Inertia(0.5, 1.0, 1.3)
    own = hermite_galerkin(WELL.separable[0], inertia, CLOUD, t=0.8)
    [(x, _)] = underdamped(WELL, inertia, (CLOUD, CLOUD), "baoab", 0.1, (8,), is_true=True)
    at = np.linspace(-1.9, 1.9, 200)
    assert np.abs(cumulative(x.x, at) - cumulative(own, at)).max() < FLOOR / 50


@pytest.mark.parametrize(
    ("name", "start", "inertia"),
    [
        ("double_well", POINT, Inertia(0.25, 1.0, 1.0)),
        ("double_well", StartDistribution("point", -1.7), Inertia(1.0, 0.05, 1.0)),
        ("double_well", POINT, Inertia(0.25, 30.0, 1.0)),
        ("egg_carton", StartDistribution("point", 0.3), Inertia(0.25, 0.2, 1.0)),
        ("tilted_double_well", StartDistribution("uniform", 0.0, 2.0), Inertia(0.2, 1.0, 2.0)),
    ],
)
def test_a_finer_grid_and_shorter_steps_change_it_by_less_than_its_floor(name, start, inertia, monkeypatch):
    landscape, steps = LANDSCAPES[name], (10, 40, 100)
    found = underdamped.__wrapped__(landscape, inertia, (start, start), "baoab", 0.04, steps, is_true=True)
    monkeypatch.setattr(module, "SHAPES", ((256, 128),))
    monkeypatch.setattr(module, "BETWEEN", 0.3)
    monkeypatch.setattr(module, "RUBBED", 0.2)
    monkeypatch.setattr(module, "MOST_WORK", 1e9)
    module._side.cache_clear()
    finer = underdamped.__wrapped__(landscape, inertia, (start, start), "baoab", 0.04, steps, is_true=True)
    module._side.cache_clear()
    assert len(found[0][0].x[0]) in [shape[0] for shape in SHAPES]
    for (own, _), (exact, _) in zip(found, finer, strict=True):
        for one, other in zip(own, exact, strict=True):  # position and momentum
            at = np.linspace(other[0][0], other[0][-1], 300)
            assert np.abs(cumulative(one, at) - cumulative(other, at)).max() < FLOOR


def test_a_step_beyond_the_limit_has_no_density():
    assert underdamped(WELL, Inertia(0.25, 1.0, 1.0), (POINT, POINT), "baoab", 0.5, (10,), is_true=False) is None
    assert underdamped(LANDSCAPES["ring"], Inertia(0.1, 1.0, 1.0), (POINT, POINT), "baoab", 0.01, (10,), True) is None


def test_a_quadratic_coordinate_is_that_of_the_grid():
    """The closed form, beside the same energy on a grid, whose second derivative is told to vary."""
    along = WELL.separable[1]
    bent = replace(along, second_derivative=lambda s: 2 + 1e-9 * s)
    for is_true in (True, False):
        arguments = (Inertia(0.25, 0.7, 1.3), StartDistribution("gaussian", 0.8, 0.2), WELL.box[1], "obabo", 0.2)
        closed, gridded = (module._side(profile, *arguments, (3, 20), is_true) for profile in (along, bent))
        for own, other in zip(closed, gridded, strict=True):
            for one, two in zip(own, other, strict=True):
                at = np.linspace(one[0][0], one[0][-1], 100)
                assert np.abs(cumulative(one, at) - cumulative(two, at)).max() < FLOOR


def test_much_friction_is_no_truth_of_long_steps():
    """At γh = 20 BAOAB diffuses ten times too fast; so do particles of half that step."""
    config = LangevinConfig(method="baoab", friction=1_000.0, particles=200)
    setup = Setup.of(config)
    [run] = simulate(setup)
    assert end_distribution(setup, run, is_true=True) is None
    assert cloud(setup, run, finer=True) is None
    assert end_distribution(setup, run, is_true=False) is not None
