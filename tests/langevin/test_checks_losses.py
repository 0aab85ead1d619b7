"""Lost particles: their predicted share, growth on a quadratic, and where nothing is predicted."""

import pytest

from demos.contract import State
from demos.langevin import replicas
from demos.langevin.checks_losses import loss_checks
from demos.langevin.comparison import comparison_of
from demos.langevin.config import LangevinConfig
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate

LOSING = LangevinConfig(method="euler", step=0.2, temperature=0.25, steps=200, particles=4_000)


def checks_of(config, as_if=None):
    setup, run = Setup.of(as_if or config), simulate(Setup.of(config))[0]
    return loss_checks(setup, run, comparison_of(setup, run, None))


@pytest.mark.parametrize("seed", range(3))
def test_the_lost_share_is_predicted(seed):
    (check,) = checks_of(LOSING.replace(seed=seed))
    assert check.truth == 0 and 0.1 < check.predicted < 0.9 and check.state is State.PREDICTED
    assert check.predicted_error < 0.02


def test_the_other_method_loses_another_share():
    (euler,), (other,) = checks_of(LOSING), checks_of(LOSING.replace(method="leimkuhler_matthews", step=0.22))
    assert other.state is State.PREDICTED and abs(other.predicted - euler.predicted) > 12 * other.predicted_error


def test_not_one_lost_particle_agrees():
    """Whatever the error bar: the equation loses none."""
    (check,) = checks_of(LOSING.replace(step=0.15, seed=2))
    assert 0 < check.measured < 0.02 and check.state is State.PREDICTED


def test_a_run_goes_on_losing_particles_after_its_start_is_forgotten():
    """U = x¹² + y² with a step of 0.1: 57.6 % are lost after 50 steps and 99.99 % after 500, in 200,000 particles of
    code that is not of this project."""
    formula = {"potential": "formula", "formula": "x**12 + y**2", "x0": 0.0, "step": 0.1, "temperature": 0.56}
    for steps, lost in ((50, 0.576), (500, 0.9999)):
        config, _ = LangevinConfig.read({**formula, "steps": steps, "particles": 1_000})
        (check,) = checks_of(config)
        assert check.predicted == pytest.approx(lost, abs=5 * (lost * (1 - lost) / 2_000) ** 0.5 + 1e-3)
        assert check.state is State.PREDICTED


@pytest.mark.parametrize("kT", [60.0, 100.0])
def test_hot_particles_that_come_back_are_not_lost(kT):
    """4.7 % at kT = 60 and 58.7 % at 100, in 20,000 particles of code that is not of this project."""
    found = checks_of(LangevinConfig(temperature=kT))[0]
    assert found.state is State.PREDICTED
    assert found.predicted == pytest.approx({60.0: 0.047, 100.0: 0.587}[kT], abs=0.05)


@pytest.mark.parametrize("wrong", [{"temperature": 0.3}, {"step": 0.19}, {"temperature": 0.2}])
def test_a_wrong_number_is_noticed(wrong):
    (check,) = checks_of(LOSING.replace(**wrong), as_if=LOSING)
    assert check.state is State.DIFFERS


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
def test_the_growth_on_a_quadratic_is_predicted(method):
    config = LangevinConfig(potential="harmonic", method=method, step=0.3, temperature=1.0, steps=400, x0=0.5, y0=0.2)
    lost, check = checks_of(config)
    assert check.agrees and lost.state is State.PREDICTED
    _, wrong = checks_of(config, as_if=config.replace(temperature=1.5, x0=0.6))
    assert not wrong.agrees


@pytest.mark.parametrize(
    "values",
    [
        {"schedule": "linear"},
        {"method": "heun"},  # no kernel with an open box
        {"potential": "ring", "x0": 1.5, "step": 1.0},  # does not separate
    ],
)
def test_without_a_kernel_particles_are_lost_again(values):
    rows = checks_of(LOSING.replace(**values, particles=400, steps=60))
    assert not rows or rows[0].state is State.PREDICTED


# A flat minimum, so that the step is far below 2/L there, between walls that lose a particle now and then.
FLAT = {"potential": "formula", "formula": "x^4*y^4+0.001*(x^2+y^2)", "x0": 0.0, "temperature": 0.003, "step": 1.8}


@pytest.mark.parametrize(
    "values",
    [
        {"method": "euler"},
        {"method": "heun"},
        {"method": "leimkuhler_matthews"},
        {"method": "baoab"},
        {"method": "euler", "particles": 4_000, "steps": 700},  # only some of which are moved again
    ],
)
def test_losses_of_a_run_too_long_to_be_repeated_are_predicted_from_its_frames(values, monkeypatch):
    monkeypatch.setattr(replicas, "CALLS", 500)  # as of a run eight times as long
    config, _ = LangevinConfig.read({**FLAT, "particles": 500, "steps": 1_000, **values})
    assert config.step < 2 / config.landscape.curvature
    (check,) = checks_of(config)
    assert check.state is State.PREDICTED and check.predicted_error < (2 / 500) ** 0.5  # that of a share of 1
    assert check.measured > 0.1


@pytest.mark.parametrize("method", ["heun", "baoab"])
def test_a_wrong_temperature_is_noticed_from_frame_to_frame(method, monkeypatch):
    monkeypatch.setattr(replicas, "CALLS", 500)
    config, _ = LangevinConfig.read({**FLAT, "particles": 500, "steps": 1_000, "method": method})
    (check,) = checks_of(config.replace(temperature=0.01), as_if=config)
    assert check.state is State.DIFFERS
