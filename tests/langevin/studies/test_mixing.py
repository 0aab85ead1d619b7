"""Mixing, recorded at every step: against the exact correlation times of each method on the quadratic."""

import math

import numpy as np
import pytest

from demos.langevin.config import LangevinConfig
from demos.langevin.samplers import SAMPLERS
from demos.langevin.setup import Setup
from demos.langevin.studies.mixing import MOST_DRAWS, exact_mixing, mixing_study

VALLEY = LangevinConfig(potential="harmonic", temperature=1.0, start="equilibrium", x0=0.0, step=0.1, steps=2_000,
                        particles=256)  # fmt: skip


def test_the_exact_correlation_time_sums_the_exact_autocorrelation():
    lags = np.arange(2_000)
    for method in ("euler", "heun", "leimkuhler_matthews", "implicit_euler", "baoab", "obabo"):
        values, time = exact_mixing(Setup.of(VALLEY), method, lags)
        assert values[0] == pytest.approx(1)
        assert time == pytest.approx(1 + 2 * values[1:].sum(), rel=1e-9), method


def test_eulers_is_the_closed_form():
    """C(n) = Σ wₖ (1 − hk)ⁿ with wₖ the share of each axis in the variance of x: k = 1 at 30° and k = 9 across."""
    weight = np.array([math.cos(math.pi / 6) ** 2 / (1 - 0.05), math.sin(math.pi / 6) ** 2 / 9 / (1 - 0.45)])
    a = 1 - 0.1 * np.array([1.0, 9.0])
    lags = np.arange(20)
    expected = (a[None, :] ** lags[:, None]) @ weight / weight.sum()
    values, time = exact_mixing(Setup.of(VALLEY), "euler", lags)
    assert values == pytest.approx(expected, abs=1e-12)
    assert time == pytest.approx(((1 + a) / (1 - a)) @ weight / weight.sum())


@pytest.mark.parametrize("method", ["euler", "leimkuhler_matthews", "heun", "baoab"])
def test_what_is_measured_is_exact(method):
    """Sokal: the relative variance of a measured τ is 2(2M + 1)/n, M = 5τ its window."""
    found = mixing_study(VALLEY.replace(method=method, friction=2.0))
    (row,) = found.numbers.to_dict("records")
    tau, draws = row["exact correlation time"] / 0.1, row["draws of x"]
    assert draws == 256 * 1_000 and found.unit == "time" and found.chains == 256
    error = math.sqrt(2 * (2 * 5 * tau + 1) / draws) if method != "baoab" else math.sqrt(2 / 256)  # of chains' means
    assert abs(row["correlation time"] / 0.1 - tau) < 5 * error * tau
    assert abs(row["effective draws"] * tau / draws - 1) < 5 * error + 0.05  # Geyer's window is not Sokal's
    measured, exact = (found.curves[found.curves["series"].str.startswith("exact") == flag] for flag in (False, True))
    # Bartlett: no lag's error is larger than that of the mean square, √(τ/n)
    assert np.abs(measured["C"].to_numpy() - exact["C"].to_numpy()).max() < 5 * math.sqrt(2 * tau / draws)
    assert row["R̂"] < 1.05


def test_the_memory_of_a_path_that_swings():
    """With little friction: 0.387 in closed form; windows that stop inside a swing give 0.58, Geyer's sequence 1.99."""
    ballistic = VALLEY.replace(method="baoab", temperature=0.2, step=0.05, friction=0.2, steps=8_000)
    (row,) = mixing_study(ballistic).numbers.to_dict("records")
    exact = row["exact correlation time"]
    assert exact == pytest.approx(0.387, abs=2e-3)
    assert row["correlation time"] == pytest.approx(exact, rel=5 * math.sqrt(2 / 256))
    assert row["effective draws"] == pytest.approx(row["draws of x"] * 0.05 / exact, rel=5 * math.sqrt(2 / 256))


def test_many_short_chains_that_are_mixed_have_no_rhat_above_one():
    bias = VALLEY.replace(method="euler", steps=300)
    assert mixing_study(bias).numbers["R̂"][0] < 1.02


def test_chains_shorter_than_their_memory_have_no_effective_draws():
    """HMC between three wells remembers 880 gradients; these chains have 480."""
    leaps = LangevinConfig(potential="three_gaussians", method="hmc", temperature=1.0, step=0.1, leapfrog_steps=12,
                           start="equilibrium", x0=0.0, steps=80)  # fmt: skip
    (row,) = mixing_study(leaps).numbers.to_dict("records")
    assert row["R̂"] > 1.1 and math.isnan(row["effective draws"])


def test_a_method_that_forgets_between_two_frames_has_more_draws_than_frames():
    """At z = hk near 1 every step is nearly independent: the frames of a picture, 60 a particle, would hide that."""
    found = mixing_study(VALLEY.replace(method="euler", step=0.2, temperature=1.0, steps=4_000, particles=64))
    (row,) = found.numbers.to_dict("records")
    assert row["effective draws"] > 3 * 60 * 64


def test_compared_methods_stand_on_gradient_evaluations():
    found = mixing_study(VALLEY.replace(method="heun", compare=("euler", "hmc"), steps=500, leapfrog_steps=5))
    assert found.unit == "gradient evaluations"
    assert found.numbers["draws of x"].tolist() == [256 * 250, 256 * 500, 256 * 100]
    euler = found.curves[found.curves["series"] == "Euler–Maruyama"]["lag"]
    heun = found.curves[found.curves["series"] == "Stochastic Heun"]["lag"]
    assert (euler % 1 == 0).all() and (heun % 2 == 0).all()
    assert mixing_study(VALLEY.replace(method="hmc", steps=100)).unit == "proposals"


def test_lags_of_an_implicit_method_are_what_it_took():
    """On a quadratic each of its steps takes two gradients: one for Newton's step, one to see that it has arrived."""
    found = mixing_study(VALLEY.replace(method="implicit_euler", compare=("euler",), steps=200, particles=100))
    implicit = found.curves[found.curves["series"] == SAMPLERS["implicit_euler"].label]["lag"]
    assert (implicit % 2 == 0).all() and (implicit.diff().dropna() == 2).any()
    assert found.numbers["draws of x"].tolist() == [100 * 100, 100 * 200]


def test_memory_is_bounded_and_bad_runs_are_refused():
    found = mixing_study(LangevinConfig(particles=500, steps=100_000, method="euler", step=0.01))
    assert found.numbers["draws of x"][0] <= MOST_DRAWS
    with pytest.raises(ValueError, match="32"):
        mixing_study(LangevinConfig(steps=20))
    with pytest.raises(ValueError, match="finite"):
        mixing_study(LangevinConfig(method="euler", step=0.2, steps=200, particles=4_000))
