"""The truth beside a run: its checks would notice a wrong temperature; what it neglects covers what the step does."""

from dataclasses import replace

import pytest
import torch

from demos.gradient_flow import solve
from demos.langevin import simulate as simulate_module
from demos.langevin.annealed import FLOOR, annealed
from demos.langevin.checks import observables
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.motion import motion, starts
from demos.langevin.run import run
from demos.langevin.scenes import SCENES
from demos.langevin.simulate import flow_of, schedule_of, simulate, start_of
from demos.langevin.step_error import StepError, step_error
from demos.langevin.truth import draws, is_settled, truth

CONFIGS = {scene.name: scene.config for scene in SCENES}


def truth_of(config):
    run = simulate(config)[0]
    return run, truth(config, run, motion(config, (float(run.path.times[-1]),)))


@pytest.mark.parametrize("factor", [0.75, 1.25])
@pytest.mark.parametrize("name", CONFIGS)
def test_a_temperature_that_is_wrong_is_noticed(name, factor, monkeypatch):
    """Only the particles feel it: at least one of the checks that stand under the picture disagrees."""
    config = CONFIGS[name].replace(escape=False)

    def wrong(config):
        flow, kT = flow_of(config), schedule_of(config)
        return replace(flow, temperature=(lambda t: factor * kT(t)) if callable(kT) else factor * kT)

    monkeypatch.setattr(simulate_module, "flow_of", wrong)
    assert any(not check.agrees for check in run(config).checks)


# annealing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
def test_the_law_of_an_annealed_method_is_what_many_particles_show(method):
    config = CONFIGS["annealing"].replace(method=method, steps=300)
    landscape = landscape_of(config)
    law = annealed(landscape, method, schedule_of(config), config.step, starts(config), config.steps)
    assert law.weights.sum() == pytest.approx(1, abs=1e-6)
    start = start_of(config.replace(particles=20_000))
    times = torch.arange(301, dtype=torch.float64) * config.step
    seen = solve(flow_of(config), start, times, method, seed=1, record=2).states[-1].to(torch.float64)
    for name, function in observables(landscape).items():
        mean, spread = law.mean_and_spread(function)
        assert abs(float(function(seen).mean()) - mean) < 5 * spread / 20_000**0.5, name


def test_sixteen_temperatures_change_it_by_less_than_its_floor():
    config = CONFIGS["annealing"]
    landscape, settings = landscape_of(config), (schedule_of(config), config.step, starts(config), config.steps)
    law = annealed(landscape, config.method, *settings)
    finer = annealed(landscape, config.method, *settings, temperatures=16)
    for function in observables(landscape).values():
        mean, spread = law.mean_and_spread(function)
        assert abs(finer.mean(function) - mean) < FLOOR * spread


def test_at_a_constant_temperature_it_is_the_constant_law():
    config = LangevinConfig()
    landscape = landscape_of(config)
    law = annealed(landscape, config.method, lambda t: config.temperature, config.step, starts(config), config.steps)
    _, known = truth_of(config)
    for function in observables(landscape).values():
        border = law.border(function) + known.law.border(function)  # of a well, inside a cell of either grid
        assert law.mean(function) == pytest.approx(known.law.mean(function), abs=1e-6 + border)
    assert law.mean(landscape.energy) == pytest.approx(known.law.mean(landscape.energy), abs=1e-6)


def test_what_has_no_kernel_has_no_annealed_law():
    def known(potential="tilted_double_well", method="euler", steps=10):
        config = LangevinConfig(potential=potential, x0=0.0)
        return annealed(landscape_of(config), method, lambda t: 1.0, 0.01, starts(config), steps)

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
def test_what_is_neglected_covers_what_the_step_does(values, method):
    """Forty thousand particles beside the Fokker–Planck law: their bias is the step's."""
    config = LangevinConfig(method=method, **values)
    _, known = truth_of(config)
    assert isinstance(known.step, StepError)
    times = torch.arange(config.steps + 1, dtype=torch.float64) * config.step
    seen = (
        solve(flow_of(config), start_of(config.replace(particles=1)).repeat(40_000, 1), times, method, seed=5, record=2)
        .states[-1]
        .to(torch.float64)
    )
    for name, function in observables(landscape_of(config)).items():
        mean, spread, _ = known.law.statistics(function)
        error = spread / 40_000**0.5
        assert abs(float(function(seen).mean()) - mean) < known.floor(function, spread) + 4 * error, name
        assert known.floor(function, spread) < 0.3 * spread  # and leaves a comparison


def test_the_error_of_euler_on_a_quadratic_is_the_known_one():
    """⟨x⟩ after n steps is (1 − hk)ⁿ; with twice the step (1 − 2hk)^(n/2): the same noise leaves nothing else."""
    config = LangevinConfig(potential="formula", formula="x**2/2 + y**2/2", x0=1.0, y0=0.0)
    start = torch.tensor([[1.0, 0.0]]).repeat(1_000, 1)
    found = step_error(landscape_of(config), "euler", start, lambda t: 1e-12, 0.1, 20, 0)
    assert found.of(lambda x: x[:, 0]) == pytest.approx(0.9**20 - 0.8**10, rel=1e-3)


def test_paths_that_end_nowhere_tell_no_error():
    config = LangevinConfig()
    start = torch.tensor([[3.0, 0.0]]).repeat(10, 1)
    assert step_error(landscape_of(config), "euler", start, lambda t: 1.0, 0.5, 100, 0) is None
    assert step_error(landscape_of(config), "euler", start, lambda t: 1.0, 1e-4, 50_000, 0) is None


# when a run samples the long run -------------------------------------------------------------------------------------


def test_a_run_is_settled_once_it_has_forgotten_its_start():
    def settled(**values):
        config = LangevinConfig(**{"particles": 50, "temperature": 0.5} | values)
        return is_settled(config, simulate(config)[0], landscape_of(config))

    assert not settled(steps=200) and settled(steps=6_000)
    assert not settled(steps=6_000, temperature=0.15)  # the barrier is too high for so short a time
    assert not settled(potential="harmonic", method="mala", step=10.0, steps=20)  # nothing was accepted


def test_draws_are_no_more_than_the_frames_and_what_their_correlation_leaves():
    """On a quadratic ⟨x⟩ over the second half has a known variance: that of so many independent draws, or fewer."""
    config = LangevinConfig(potential="harmonic", temperature=1.0, step=0.05, steps=2_000, particles=400, x0=0.0)
    path = simulate(config)[0]
    count = draws(config, path, landscape_of(config))
    kept = path.path.states[len(path.path.times) // 2 :].to(torch.float64)
    assert 1 < count <= len(kept)
    spread = float(kept[..., 0].mean(0).var()) / float(kept[..., 0].var())  # of the mean, over that of one frame
    assert 1 / spread > 0.8 * count
    assert draws(config.replace(steps=4), simulate(config.replace(steps=4))[0], landscape_of(config)) == 1.0
