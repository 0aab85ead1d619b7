"""Reference distributions: against each other, against closed forms, and against plain simulation."""

import numpy as np
import pytest
import torch

from demos.landscapes import LANDSCAPES
from demos.langevin.comparison import comparison_of, evolution_of
from demos.langevin.config import LangevinConfig
from demos.langevin.reference.acceptance import stationary_acceptance
from demos.langevin.reference.boltzmann import boltzmann, sample_boltzmann
from demos.langevin.reference.density_evolution import relaxation_rate
from demos.langevin.reference.discretised import discretised, kernel_marginals
from demos.langevin.reference.distribution import StartDistribution
from demos.langevin.reference.gaussian import gaussian_distribution, splitting_moments
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate

WELL = LANDSCAPES["double_well"]
STARTS = (StartDistribution("point", -1.0), StartDistribution("point", 0.0))


def right(x):
    """x > 0, half of it for the grid points on the border."""
    return (torch.sign(x[:, 0]) + 1) / 2


def test_boltzmann_average_of_the_double_well():
    found = boltzmann(WELL, 0.25)  # reference: ⟨x²⟩ = 0.9176708607, ⟨y²⟩ = kT/2
    assert found.mean(lambda x: x[:, 0] ** 2) == pytest.approx(0.9176708607, abs=1e-8)
    assert found.mean(lambda x: x[:, 1] ** 2) == pytest.approx(0.125, abs=1e-9)


def test_euler_law_at_finite_time_is_the_published_number():
    found = discretised(WELL, "euler", 0.25, 0.01, STARTS, 1_000)  # P(x > 0) at t = 10: 0.12597 for h = 0.01
    assert found.mean(right) == pytest.approx(0.12597, abs=2e-5)


def test_fokker_planck_at_finite_time_is_the_published_number():
    config = LangevinConfig(step=0.02, steps=500)
    found = evolution_of(Setup.of(config), (10.0,)).distribution_at(10.0, floor=0.0)  # 0.124702 in continuous time
    assert found.mean(right) == pytest.approx(0.124702, abs=1e-5)


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("leimkuhler_matthews", 1), ("heun", 2)])
def test_discretised_law_nears_continuous_time_with_its_weak_order(method, order):
    steps = np.array([200, 400, 800])  # ⟨x⟩ at t = 2: in between, where the stationary order does not show yet
    found = np.array([discretised(WELL, method, 0.25, 2.0 / n, STARTS, int(n)).mean(lambda x: x[:, 0]) for n in steps])
    first, second = np.diff(found)
    assert np.log2(abs(first / second)) == pytest.approx(order, abs=0.25)


def test_discretised_law_forgets_its_start():
    long = discretised(WELL, "euler", 0.5, 0.02, STARTS, 4_000)
    rest = discretised(WELL, "euler", 0.5, 0.02, STARTS, None)
    for function in (WELL.energy, right, lambda x: x[:, 0]):
        assert long.mean(function) == pytest.approx(rest.mean(function), abs=1e-6)


@pytest.mark.parametrize("kind", ["gaussian", "uniform"])
def test_spread_starts_are_integrated(kind):
    """After one Euler step on y² the moments follow by hand: mean (1 − 2h)c, variance (1 − 2h)² s² + 2h kT."""
    start = StartDistribution(kind, 0.4, 0.3)
    found = discretised(WELL, "euler", 0.25, 0.1, (StartDistribution("point", -1.0), start), 1)
    spread = 0.3**2 if kind == "gaussian" else 0.3**2 / 3
    mean = found.mean(lambda x: x[:, 1])
    assert mean == pytest.approx(0.8 * 0.4, abs=1e-7)
    assert found.mean(lambda x: (x[:, 1] - mean) ** 2) == pytest.approx(0.64 * spread + 0.05, abs=1e-7)


def test_metropolis_after_finitely_many_steps_is_not_a_product():
    assert discretised(WELL, "mala", 0.25, 0.1, STARTS, 10) is None
    assert discretised(WELL, "mala", 0.25, 0.1, STARTS, None) is not None


def test_gaussian_law_has_its_moments():
    covariance = np.array([[2.0, -0.7], [-0.7, 0.5]])
    found = gaussian_distribution(np.array([1.0, -2.0]), covariance, "")
    assert found.mean(lambda x: x[:, 0]) == pytest.approx(1.0)
    assert found.mean(lambda x: (x[:, 0] - 1) * (x[:, 1] + 2)) == pytest.approx(-0.7)
    assert found.statistics(lambda x: x[:, 1])[2] == pytest.approx(3.0)


def test_quadratic_truth_tends_to_the_stationary_variance():
    config = LangevinConfig(potential="harmonic", method="euler", step=0.1, temperature=1.0, steps=2_000, particles=2)
    setup = Setup.of(config)
    found, hessian = comparison_of(setup, simulate(setup)[0], None).distribution, setup.hessian
    expected = np.linalg.inv(hessian @ (np.eye(2) - 0.1 * hessian / 2))  # of Euler's step, in closed form
    assert found.mean(lambda x: x[:, 0] ** 2) == pytest.approx(expected[0, 0], rel=1e-6)


def test_splitting_moments_forget_the_start():
    hessian = LANDSCAPES["harmonic"].hessian(torch.zeros((1, 2), dtype=torch.float64))[0].numpy()
    start = np.array([3.0, 1.0]), np.zeros((2, 2))
    mean, covariance = splitting_moments("baoab", 0.1, 4_000, hessian, 0.5, 2.0, 1.0, *start)
    assert mean == pytest.approx(np.zeros(4), abs=1e-8)
    assert covariance[:2, :2] == pytest.approx(0.5 * np.linalg.inv(hessian), abs=1e-8)  # BAOAB: exact in q
    k = np.linalg.eigvalsh(hessian)
    assert np.trace(covariance[2:, 2:]) == pytest.approx(0.5 * np.sum(1 - 0.01 * k / 4), abs=1e-8)  # ⟨p²⟩ = 1 − u/4


@pytest.mark.parametrize("name", list(LANDSCAPES))
def test_equilibrium_points_have_the_boltzmann_energy(name):
    landscape = LANDSCAPES[name]
    points = sample_boltzmann(landscape, landscape.kT, 40_000, np.random.default_rng(7))
    energy = landscape.energy(torch.from_numpy(points)).numpy()
    mean, spread = boltzmann(landscape, landscape.kT).mean_and_spread(landscape.energy)
    # five standard errors, and the jitter inside a cell of the sampling grid
    assert abs(energy.mean() - mean) < 5 * spread / 200 + 0.01 * spread


@pytest.mark.parametrize("method", ["mala", "hmc"])
@pytest.mark.parametrize("name", ["harmonic", "double_well", "three_gaussians"])
def test_stationary_acceptance_is_what_a_run_accepts(method, name):
    landscape = LANDSCAPES[name]
    step = {"mala": 0.3, "hmc": 0.35}[method] / np.sqrt(landscape.curvature / 8)
    config = LangevinConfig(
        potential=name,
        method=method,
        temperature=landscape.kT,
        step=round(float(step), 3),
        start="equilibrium",
        particles=4_000,
        steps=40,
        x0=0.0,
    )
    exact, floor = stationary_acceptance(landscape, method, config.temperature, config.step, 1.0, 10)
    measured = simulate(Setup.of(config))[0].path.acceptance
    assert 0.2 < exact < 0.999
    # The 40 moves of a particle are correlated: over twelve seeds they were worth 5 (MALA, three Gaussians) to 100.
    assert abs(measured - exact) < 6 * np.sqrt(exact * (1 - exact) / (5 * 4_000)) + floor


def test_relaxation_rate_is_the_published_one():
    assert relaxation_rate(WELL, 0.25) == pytest.approx(2.977959e-2, rel=2e-3)


@pytest.mark.parametrize(("kind", "width"), [("gaussian", 0.64), ("uniform", 2.0)])
def test_a_wide_start_stays_smooth_after_a_short_step(kind, width):
    """Quadrature nodes far apart, and little noise: the density was a comb, with the right moments only."""
    start = StartDistribution(kind, -0.3, width)
    xs, weights = kernel_marginals(WELL.separable[0], "euler", 0.1, 0.0026, start, (1,), WELL.box[0])[0]
    middle = weights[np.abs(xs + 0.3) < 0.5]
    assert np.abs(np.diff(middle)).max() < 0.05 * middle.max()
    assert weights.sum() == pytest.approx(1, abs=1e-9)
