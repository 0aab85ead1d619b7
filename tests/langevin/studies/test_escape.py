"""Escape times: beside their exact mean at every friction, for every method, and where they are refused."""

import numpy as np
import pytest

from demos.landscapes import LANDSCAPES
from demos.langevin.config import LangevinConfig
from demos.langevin.studies.escape import PARTICLES, Escape, barrier_of, escape_checks, escape_study


def check_of(**values):
    found = escape_study(LangevinConfig(**values))
    (check,) = escape_checks(found)
    assert check.uncertainty < 0.05 * check.truth  # exponential times: 1/√1000 of the mean
    return found, check


@pytest.mark.parametrize(("friction", "step"), [(0.05, 0.05), (1.0, 0.02), (10.0, 0.05)])
def test_with_inertia_at_every_friction(friction, step):
    found, check = check_of(method="baoab", temperature=0.35, friction=friction, step=step)
    assert check.agrees, (check.measured, check.truth, check.allowed)
    assert check.floor < 0.02 * check.truth
    if friction == 0.05:  # where energy diffuses slowly Kramers' formula is no truth, and it is said to be off
        assert found.kramers < 0.4 * found.exact
        assert abs(check.measured - found.kramers) > 5 * check.allowed


@pytest.mark.parametrize("method", ["aboba", "obabo", "lfmiddle"])
def test_with_inertia_by_every_splitting(method):
    _, check = check_of(method=method, temperature=0.4, step=0.05)
    assert check.agrees, (check.measured, check.truth, check.allowed)


@pytest.mark.parametrize(
    ("method", "temperature"), [("euler", 0.35), ("heun", 0.3), ("leimkuhler_matthews", 0.4), ("mala", 0.4)]
)
def test_overdamped(method, temperature):
    _, check = check_of(method=method, temperature=temperature, step=0.01)
    assert check.agrees, (check.measured, check.truth, check.allowed)
    assert check.floor < 0.03 * check.truth


@pytest.mark.parametrize("potential", ["tilted_double_well", "egg_carton"])
def test_other_potentials(potential):
    _, check = check_of(potential=potential, method="baoab", temperature=0.4, step=0.05)
    assert check.agrees, (check.measured, check.truth, check.allowed)


@pytest.mark.parametrize(
    "values", [{"method": "heun", "step": 0.02}, {"method": "baoab", "step": 0.05, "friction": 0.2}]
)
def test_a_temperature_that_is_wrong_is_noticed(values):
    """The particles of one temperature beside the truth of another, 25 % away."""
    cold, hot = (escape_study(LangevinConfig(temperature=kT, **values)) for kT in (0.4, 0.5))
    (right,) = escape_checks(cold)
    seen = np.where(np.isnan(hot.arrivals), cold.horizon, np.minimum(hot.arrivals, cold.horizon))
    assert abs(seen.mean() - right.truth) > right.allowed


def test_a_particle_that_stays_counts_up_to_the_horizon():
    found = escape_study(LangevinConfig(temperature=0.5, step=0.02, method="heun"))
    assert isinstance(found, Escape) and found.restricted.shape == (PARTICLES,)
    late = np.isnan(found.arrivals)
    assert (found.restricted[late] == found.horizon).all() and (found.restricted[~late] <= found.horizon).all()
    assert found.expected < found.horizon


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"potential": "harmonic"}, "two wells"),
        ({"method": "hmc"}, "clock"),
        ({"schedule": "linear"}, "constant temperature"),
        ({"temperature": 0.004}, f"{PARTICLES:,} particles"),
        ({"temperature": 0.1}, f"{PARTICLES:,} particles"),
        ({"temperature": 0.1, "method": "baoab"}, f"{PARTICLES:,} particles"),
        ({"temperature": 0.35, "method": "baoab", "friction": 0.01}, f"{PARTICLES:,} particles"),
        ({"method": "implicit_euler", "temperature": 0.3, "step": 0.02}, f"{PARTICLES:,} particles"),
        ({"step": 0.3, "temperature": 0.5}, r"at most 0\.0625"),
    ],
)
def test_what_takes_too_long_or_has_no_escape_is_refused(values, reason):
    with pytest.raises(ValueError, match=reason):
        escape_study(LangevinConfig(**values))


def test_a_barrier_is_a_way_along_x():
    barrier = barrier_of(LANDSCAPES["double_well"])
    assert (barrier.start, barrier.top, barrier.target, barrier.level) == pytest.approx((-1, 0, 1, 0))
    assert barrier.height == pytest.approx(1) and barrier.curvatures == pytest.approx((8, -4))
    assert barrier_of(LANDSCAPES["muller_brown"]) is None and barrier_of(LANDSCAPES["harmonic"]) is None
