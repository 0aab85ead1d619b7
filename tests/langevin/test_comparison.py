"""What a run is compared with: a wrong temperature is noticed, and what is neglected covers what the step does."""

from dataclasses import replace
from itertools import cycle

import pytest
import torch

from demos.common.schedules import Cooling
from demos.contract import State
from demos.gradient_flow import solve
from demos.langevin import run as run_module
from demos.langevin.checks_means import observables
from demos.langevin.comparison import comparison_of, evolution_of
from demos.langevin.config import LangevinConfig
from demos.langevin.reference.annealed import FLOOR, RATIO, annealed
from demos.langevin.reference.step_error import StepError, step_error
from demos.langevin.run import run
from demos.langevin.scenes import SCENES
from demos.langevin.settling import independent_draws, is_settled
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate, step_times

CONFIGS = {scene.name: scene.config for scene in SCENES}


def compared(config):
    setup = Setup.of(config)
    run = simulate(setup)[0]
    return setup, comparison_of(setup, run, evolution_of(setup, (run.end,)))


@pytest.mark.parametrize(("name", "factor"), zip(CONFIGS, cycle((0.75, 1.25)), strict=False))
def test_a_temperature_that_is_wrong_is_noticed(name, factor, monkeypatch):
    """Only the particles feel it: at least one of the checks that stand under the picture disagrees."""
    config = CONFIGS[name].replace(escape=False)

    def wrong(setup, progress=None):
        kT = setup.temperature
        wrong_kT = (lambda t: factor * kT(t)) if isinstance(kT, Cooling) else factor * kT
        return simulate(replace(setup, flow=replace(setup.flow, temperature=wrong_kT)), progress)

    monkeypatch.setattr(run_module, "simulate", wrong)
    assert any(row.state is State.DIFFERS for row in run(config).verdict.rows)


# annealing ------------------------------------------------------------------------------------------------------------


def settings_of(setup, method, temperature=None):
    config = setup.config
    kT = temperature or setup.temperature
    return setup.landscape, method, kT, config.step, setup.start_distributions, config.steps


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
def test_the_law_of_an_annealed_method_is_what_many_particles_show(method):
    config = CONFIGS["annealing"].replace(method=method, steps=300)
    setup = Setup.of(config)
    law = annealed(*settings_of(setup, method))
    assert law.weights.sum() == pytest.approx(1, abs=1e-6)
    start, times = Setup.of(config.replace(particles=20_000)).start, step_times(300, config.step)
    seen = solve(setup.flow, start, times, method, seed=1, record=2).states[-1].to(torch.float64)
    for name, function in observables(setup.landscape).items():
        mean, spread = law.mean_and_spread(function)
        assert abs(float(function(seen).mean()) - mean) < 5 * spread / 20_000**0.5, name


@pytest.mark.parametrize("method", ["leimkuhler_matthews", "heun"])
def test_interpolated_temperatures_change_it_by_less_than_its_floor(method):
    """The true error is that of a cubic in kT: of fourth order, so that closer temperatures show nearly all of it."""
    setup = Setup.of(CONFIGS["annealing"].replace(method=method))
    settings = settings_of(setup, method)
    coarse, own, exact = (annealed(*settings, ratio=RATIO**power) for power in (1.8, 1, 0.25))
    for function in observables(setup.landscape).values():
        mean, spread = exact.mean_and_spread(function)
        error, larger = (abs(law.mean(function) - mean) / spread for law in (own, coarse))
        assert error < FLOOR / 4
        assert error < larger / 4 or larger < FLOOR / 100  # second order would give 1.8² = 3.2, fourth 10


def test_at_a_constant_temperature_it_is_the_constant_law():
    setup, known = compared(LangevinConfig())
    landscape = setup.landscape
    law = annealed(*settings_of(setup, setup.config.method, temperature=lambda t: setup.kT))
    for function in observables(landscape).values():
        border = law.border(function) + known.distribution.border(function)  # of a well, inside a cell of either grid
        assert law.mean(function) == pytest.approx(known.distribution.mean(function), abs=1e-6 + border)
    assert law.mean(landscape.energy) == pytest.approx(known.distribution.mean(landscape.energy), abs=1e-6)


def test_what_has_no_kernel_has_no_annealed_law():
    def known(potential="tilted_double_well", method="euler", steps=10):
        setup = Setup.of(LangevinConfig(potential=potential, x0=0.0))
        return annealed(setup.landscape, method, lambda t: 1.0, 0.01, setup.start_distributions, steps)

    assert known() is not None
    assert known("ring") is None and known(method="mala") is None and known(steps=10_000) is None


# the error of a step --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("values", "method"), [
    ({"potential": "muller_brown", "x0": -0.558, "y0": 1.442, "temperature": 30.0, "step": 1e-4, "steps": 1_000},
     "euler"),
    ({"potential": "formula", "formula": "(x**2 + y**2 - 2)**2/2 + x*y/2", "temperature": 0.2, "step": 0.03,
      "steps": 100, "x0": 1.0, "y0": 0.5}, "leimkuhler_matthews"),
    ({"potential": "three_gaussians", "x0": -1.6, "y0": 0.9, "step": 0.05, "steps": 100, "temperature": 1.0}, "euler"),
])  # fmt: skip
def test_what_the_step_does_is_predicted(values, method):
    """Forty thousand particles beside the Fokker–Planck law: their bias is the step's."""
    config = LangevinConfig(method=method, **values)
    setup, known = compared(config)
    assert isinstance(known.step_error, StepError)
    start, times = setup.start[:1].repeat(40_000, 1), step_times(config.steps, config.step)
    seen = solve(setup.flow, start, times, method, seed=5, record=2).states[-1].to(torch.float64)
    for name, function in observables(setup.landscape).items():
        mean, spread, _ = known.truth.statistics(function)
        shift, error = known.step_error.shift(function)
        floor = known.floor(function, spread) + 0.5 * abs(shift)  # of its second order
        allowed = 4 * (spread**2 / 40_000 + error**2) ** 0.5 + floor
        assert abs(float(function(seen).mean()) - mean - shift) < allowed, name
        assert allowed < 0.3 * spread  # and leaves a comparison


def test_the_error_of_euler_on_a_quadratic_is_the_known_one():
    """⟨x⟩ after n steps is (1 − hk)ⁿ; with twice the step (1 − 2hk)^(n/2): the same noise leaves nothing else."""
    config = LangevinConfig(potential="formula", formula="x**2/2 + y**2/2", x0=1.0, y0=0.0)
    start = torch.tensor([[1.0, 0.0]]).repeat(1_000, 1)
    found = step_error(config.landscape, "euler", start, lambda t: 1e-12, 0.1, 20, 0)
    shift, error = found.shift(lambda x: x[:, 0])
    assert shift == pytest.approx(0.8**10 - 0.9**20, rel=1e-3) and error < 1e-6


def test_paths_that_end_nowhere_tell_no_error():
    config = LangevinConfig()
    start = torch.tensor([[3.0, 0.0]]).repeat(10, 1)
    assert step_error(config.landscape, "euler", start, lambda t: 1.0, 0.5, 100, 0) is None
    assert step_error(config.landscape, "euler", start, lambda t: 1.0, 1e-4, 50_000, 0) is None


# when a run samples the long run -------------------------------------------------------------------------------------


def test_a_run_is_settled_once_it_has_forgotten_its_start():
    def settled(**values):
        setup = Setup.of(LangevinConfig(**{"particles": 50, "temperature": 0.5} | values))
        return is_settled(setup, simulate(setup)[0])

    assert not settled(steps=200) and settled(steps=6_000)
    assert not settled(steps=6_000, temperature=0.15)  # the barrier is too high for so short a time
    assert not settled(potential="harmonic", method="mala", step=10.0, steps=20)  # nothing was accepted


def test_draws_are_no_more_than_the_frames_and_what_their_correlation_leaves():
    """On a quadratic ⟨x⟩ over the second half has a known variance: that of so many independent draws, or fewer."""
    config = LangevinConfig(potential="harmonic", temperature=1.0, step=0.05, steps=2_000, particles=400, x0=0.0)
    setup = Setup.of(config)
    run = simulate(setup)[0]
    count = independent_draws(setup, run)
    second_half = run.path.states[len(run.times) // 2 :].to(torch.float64)
    assert 1 < count <= len(second_half)
    x = second_half[..., 0]
    spread = float(x.mean(0).var()) / float(x.var())  # of the mean, over that of one frame
    assert 1 / spread > 0.8 * count
    short = Setup.of(config.replace(steps=4))
    assert independent_draws(short, simulate(short)[0]) == 1.0
