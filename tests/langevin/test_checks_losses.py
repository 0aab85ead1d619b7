"""Lost particles: their predicted share, growth on a quadratic, and where nothing is predicted."""

import pytest

from demos.langevin.checks_losses import loss_checks
from demos.langevin.config import LangevinConfig
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate

LOSING = LangevinConfig(method="euler", step=0.2, temperature=0.25, steps=200, particles=4_000)


def checks_of(config, as_if=None):
    return loss_checks(Setup.of(as_if or config), simulate(Setup.of(config))[0])


@pytest.mark.parametrize("seed", range(3))
def test_the_lost_share_is_predicted(seed):
    (check,) = checks_of(LOSING.replace(seed=seed))
    assert 0.1 < check.truth < 0.9 and check.agrees and check.floor < 0.01


def test_the_other_method_loses_another_share():
    (euler,), (other,) = checks_of(LOSING), checks_of(LOSING.replace(method="leimkuhler_matthews", step=0.22))
    assert other.agrees and abs(other.truth - euler.truth) > 3 * other.allowed


@pytest.mark.parametrize("wrong", [{"temperature": 0.3}, {"step": 0.19}, {"temperature": 0.2}])
def test_a_wrong_number_is_noticed(wrong):
    (check,) = checks_of(LOSING.replace(**wrong), as_if=LOSING)
    assert not check.agrees


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
def test_the_growth_on_a_quadratic_is_predicted(method):
    config = LangevinConfig(potential="harmonic", method=method, step=0.3, temperature=1.0, steps=400, x0=0.5, y0=0.2)
    (check,) = checks_of(config)
    assert check.agrees
    (wrong,) = checks_of(config, as_if=config.replace(temperature=1.5, x0=0.6))
    assert not wrong.agrees


@pytest.mark.parametrize(
    "values",
    [
        {"schedule": "linear"},
        {"method": "heun"},  # no kernel with an open box
        {"potential": "ring", "x0": 1.5, "step": 1.0},  # does not separate
    ],
)
def test_without_a_prediction_there_is_no_check(values):
    assert checks_of(LOSING.replace(**values, particles=100, steps=60)) == []
