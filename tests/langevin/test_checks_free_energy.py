"""Free energy on the quadratic: the sampling floor, and the Bakry–Émery bound that a cloud must keep."""

import dataclasses

import numpy as np
import pytest

from demos.contract import State
from demos.langevin.config import LangevinConfig
from demos.langevin.reference.gaussian import FREE, Gaussian, gaussian_free_energy, sample_free_energy
from demos.langevin.run import run
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate

VALLEY = LangevinConfig(potential="harmonic", temperature=1.0, step=0.02, steps=200, x0=3.03, y0=1.75)


def of(checks, word):
    (check,) = [check for check in checks if word in check.name]
    return check


def test_a_gaussian_in_equilibrium_has_none_and_a_shifted_one_its_energy():
    hessian = np.array([[2.0, 0.5], [0.5, 1.0]])
    assert gaussian_free_energy(np.zeros(2), 0.3 * np.linalg.inv(hessian), hessian, 0.3) == pytest.approx(0)
    shift = np.array([1.0, -2.0])
    assert gaussian_free_energy(shift, 0.3 * np.linalg.inv(hessian), hessian, 0.3) == pytest.approx(
        0.5 * shift @ hessian @ shift
    )
    assert gaussian_free_energy(shift, np.zeros((2, 2)), hessian, 0.3) == np.inf


def test_a_cloud_in_equilibrium_stands_at_the_sampling_floor():
    """kT/2N times a χ² of five: over 120 nearly independent frames, its mean has the error √(10/120) of 5."""
    config = VALLEY.replace(start="equilibrium", steps=2_400, step=0.1, x0=0.0, particles=1_000)
    setup = Setup.of(config)
    (path,) = simulate(setup)
    values = [sample_free_energy(cloud, setup.hessian, setup.kT) for cloud in path.states[1:]]
    floor = config.temperature / 2_000
    assert abs(np.mean(values) / floor - FREE) < 5 * np.sqrt(10 / 60)  # at least half of them independent


def test_the_error_of_a_free_energy_is_its_spread_over_seeds():
    values = []
    for seed in range(40):
        setup = Setup.of(VALLEY.replace(steps=50, particles=400, seed=seed))
        (path,) = simulate(setup)
        values.append(sample_free_energy(path.states[-1], setup.hessian, setup.kT))
    gaussian = setup.gaussian_after("leimkuhler_matthews", 50)
    assert np.std(values, ddof=1) == pytest.approx(gaussian.error(400), rel=5 / np.sqrt(2 * 39))
    allowed = 5 * gaussian.error(400) / np.sqrt(40)
    assert abs(np.mean(values) - gaussian.bias(400) - gaussian.free_energy) < allowed


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
@pytest.mark.parametrize("place", [(3.03, 1.75), (-0.7, 1.2)])
def test_the_cloud_keeps_the_bound(method, place):
    check = of(run(VALLEY.replace(method=method, x0=place[0], y0=place[1])).checks, "over its bound")
    assert check.bound and check.truth == 1 and check.agrees
    assert check.allowed < 0.5  # and would be seen to break it
    assert not dataclasses.replace(check, measured=1.6).agrees


def test_a_method_that_is_slower_than_the_flow_breaks_the_bound_as_predicted():
    """Implicit Euler moves a mean by 1/(1 + kh) a step, the flow by e^(−kh): far from equilibrium, after three steps on
    the softest axis, k = 1, F is (e^h/(1 + h))⁶ of the bound. (It was called wrong.)"""
    config = VALLEY.replace(method="implicit_euler", step=0.35, steps=4, temperature=0.01)
    assert config.landscape.convexity == pytest.approx(1)
    check = of(run(config).checks, "over its bound")
    assert check.state is State.PREDICTED
    assert check.predicted == pytest.approx((np.exp(0.35) / 1.35) ** 6, rel=0.01)
    assert dataclasses.replace(check, measured=1.2 * check.measured).state is State.DIFFERS


def test_down_the_softest_axis_the_bound_is_reached():
    check = of(run(VALLEY.replace(start="cloud", spread=0.9)).checks, "over its bound")
    assert check.measured > 0.8


def test_no_bound_where_none_is_known():
    for values in ({"start": "equilibrium"}, {"start": "box"}, {"method": "baoab"}, {"schedule": "linear"}):
        assert not [check for check in run(VALLEY.replace(**values)).checks if "over its bound" in check.name]


def test_error_of_a_shifted_gaussian():
    """F = m²k/2 along one axis: its error is |km| σ/√N."""
    gaussian = Gaussian(np.array([2.0, 0.0]), 0.5 * np.diag([1.0, 1 / 3]), np.diag([1.0, 3.0]), 0.5)
    assert gaussian.error(10_000) == pytest.approx(2.0 * np.sqrt(0.5) / 100, rel=1e-3)


def test_the_known_bias_is_taken_away():
    """C4: at rest F of a sample is kT/2N times a χ² of five: its mean, its spread, and its tail are known."""
    rest = Gaussian(np.zeros(2), 0.5 * np.diag([1.0, 1 / 3]), np.diag([1.0, 3.0]), 0.5)
    random, count = np.random.default_rng(0), 400
    clouds = random.standard_normal((2_000, count, 2)) * np.sqrt(np.diag(rest.covariance))
    values = np.array([sample_free_energy(cloud, rest.hessian, rest.kT) for cloud in clouds])
    z = (values - rest.bias(count)) / rest.error(count)
    assert abs(z.mean()) < 5 / np.sqrt(2_000) and z.std() == pytest.approx(1, abs=0.1)
    assert (z > 4 + rest.skew(count) / rest.error(count)).mean() < 1e-3
