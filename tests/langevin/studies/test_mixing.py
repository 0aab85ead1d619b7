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


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "euler"},
        {"method": "leimkuhler_matthews"},
        {"method": "heun"},
        {"method": "baoab", "friction": 2.0},
        {"method": "obabo", "friction": 0.05, "step": 0.2},  # swings: C is negative half of the time
        {"method": "baoab", "temperature": 0.2, "step": 0.05, "friction": 0.2, "steps": 400},  # shorter than its memory
        {"method": "baoab", "friction": 0.2, "particles": 20, "steps": 20_000},  # few chains, but long ones
    ],
)
def test_what_is_measured_is_exact(changes):
    config = VALLEY.replace(**changes)
    (row,) = mixing_study(config).numbers.to_dict("records")
    tau, error = row["exact correlation time"], row["its standard error"]
    assert 0 < error < 0.2 * tau
    assert abs(row["correlation time"] - tau) < 5 * error
    assert row["effective draws"] * row["correlation time"] / config.step == pytest.approx(row["draws of x"])
    assert row["R̂"] < 1.05


def test_the_measured_autocorrelation_is_the_exact_one():
    """Bartlett: no lag's error is larger than that of the mean square, √(τ/n)."""
    found = mixing_study(VALLEY.replace(method="euler"))
    (row,) = found.numbers.to_dict("records")
    tau, draws = row["exact correlation time"] / 0.1, row["draws of x"]
    assert draws == 256 * 1_000 and found.unit == "time" and found.chains == 256
    measured, exact = (found.curves[found.curves["series"].str.startswith("exact") == flag] for flag in (False, True))
    assert np.abs(measured["C"].to_numpy() - exact["C"].to_numpy()).max() < 5 * math.sqrt(2 * tau / draws)


def test_leaps_that_turn_half_around_forget_faster_than_independent_draws():
    """One leap rotates by 3 rad in the valley: its correlations alternate in sign, and their sum is nearly zero."""
    (row,) = mixing_study(VALLEY.replace(method="hmc", step=0.2, leapfrog_steps=15, steps=500)).numbers.to_dict(
        "records"
    )
    assert 0 < row["correlation time"] < 0.1 and row["effective draws"] > 10 * row["draws of x"]


def test_many_short_chains_that_are_mixed_have_no_rhat_above_one():
    bias = VALLEY.replace(method="euler", steps=300)
    assert mixing_study(bias).numbers["R̂"][0] < 1.02


LEAPS = LangevinConfig(potential="three_gaussians", method="hmc", temperature=1.0, step=0.1, leapfrog_steps=12,
                       start="equilibrium", x0=0.0, steps=80)  # fmt: skip


def test_chains_shorter_than_their_memory_are_made_longer():
    """HMC between three wells remembers some 900 gradients; 40 proposals of 12 are shorter than that."""
    (row,) = mixing_study(LEAPS).numbers.to_dict("records")
    assert row["draws of x"] > 256 * 40 and row["R̂"] < 1.1
    assert row["effective draws"] * row["correlation time"] == pytest.approx(row["draws of x"])


def test_chains_that_stay_too_short_have_no_effective_draws():
    (row,) = mixing_study(LEAPS.replace(temperature=0.2, steps=40)).numbers.to_dict("records")
    assert math.isnan(row["effective draws"]) and math.isnan(row["per 1,000 gradients"])


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
