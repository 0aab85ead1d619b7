"""Runs: fair comparisons, starts, any settings a visitor can ask for, lost particles, and walls."""

import math
import warnings

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as some

from demos.contract import State
from demos.langevin.config import LangevinConfig
from demos.langevin.potentials import FORMULA, POTENTIALS
from demos.langevin.run import run
from demos.langevin.samplers import SAMPLERS
from demos.langevin.setup import Setup
from demos.langevin.simulate import FRAMES, simulate
from demos.picture.payload import decode, encode
from tests.examples import examples

FORMULAS = (
    "abs(x) + y**2", "abs(x) + abs(y)", "x**4 + y**4", "x**6 + y**2 - 3*x**2", "sqrt(x**2 + y**2 + 1)",
    "x**2 + y**2 - log(x**2 + y**2 + 0.1)", "-log(exp(-(x-1)**2 - y**2) + exp(-(x+1)**2 - y**2))",
    "-log(1 - x**2/16 - y**2/16)", "x*log(x) + y**2 + x**2", "1/(x**2 + 0.1) + x**2 + y**2", "exp(x**2) + y**2",
    "x**2 + y**2 + sin(5*x)*cos(5*y)", "log(1 + x**2 + y**2)*5", "tanh(x)**2 + x**2/10 + y**2/10", "1e6*(x**2 + y**2)",
    "1e-4*(x**2 + y**2)", "x**2 + y**2 + 1e5",
)  # fmt: skip


def runs_of(config):
    return simulate(Setup.of(config))


def start_of(config):
    return Setup.of(config).start


# comparisons ----------------------------------------------------------------------------------------------------------


def test_compared_methods_get_the_same_start_seed_frames_and_gradients():
    config = LangevinConfig(method="heun", compare=("euler", "hmc"), steps=300, particles=64, start="cloud",
                            leapfrog_steps=6)  # fmt: skip
    runs = runs_of(config)
    assert [each.method for each in runs] == ["heun", "euler", "hmc"]
    assert [each.path.steps for each in runs] == [300, 600, 100]
    for each in runs:
        assert torch.equal(each.path.states[0], start_of(config))
        assert len(each.path.times) == 101  # the hundred proposals of HMC and the start
        assert each.path.steps * config.evaluations(each.method) == 600
        assert abs(each.path.evaluations - 600) <= 2  # a method may look once at its start


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "heun", "compare": ("implicit_euler",)},
        {"method": "implicit_euler", "compare": ("heun", "hmc"), "steps": 100},
    ],
)
def test_an_implicit_method_is_compared_by_what_it_really_takes(changes):
    """Newton's iterations are counted in a short run before, and differ from that over time by a tenth, as `PILOT`
    says; here they are five a step."""
    config = LangevinConfig(particles=500, start="cloud", spread=0.3, y0=0.2, steps=300, leapfrog_steps=5)
    config = config.replace(**changes)
    runs = runs_of(config)
    taken = [each.path.evaluations for each in runs]
    assert max(taken) <= 1.1 * min(taken)
    implicit = next(each for each in runs if each.method == "implicit_euler")
    assert implicit.path.evaluations / implicit.path.steps > 4
    assert any(all(f"{number:,}" in note for number in taken) for note in run(config).notes)


def test_a_method_does_the_same_alone_and_compared():
    alone = runs_of(LangevinConfig(method="euler", particles=50, steps=200))[0]
    beside = runs_of(LangevinConfig(method="baoab", compare=("euler",), particles=50, steps=200))[1]
    assert torch.equal(alone.path.states[-1], beside.path.states[-1])


def test_states_are_what_the_flow_says():
    """One Euler step by hand, with the run's own noise taken from its second potential: none but the drift differs."""
    config = LangevinConfig(method="euler", step=0.01, steps=1, particles=8, potential="double_well")
    other = config.replace(potential="tilted_double_well")
    (a,), (b,) = runs_of(config), runs_of(other)
    difference = (b.path.states[-1] - a.path.states[-1]).double()
    assert difference[:, 0] == pytest.approx(np.full(8, -0.01 * 0.25), abs=1e-6)  # the tilt: U gains x/4
    assert difference[:, 1] == pytest.approx(np.zeros(8), abs=1e-6)
    flow = Setup.of(config).flow
    assert flow.temperature == 0.25 and flow.friction == 1.0 and flow.mass == 1.0


def test_few_steps_make_few_frames():
    assert [len(runs_of(LangevinConfig(steps=n, particles=3))[0].path.times) for n in (1, 7, 5_000)] == [2, 8, FRAMES]


def test_starts_are_where_they_were_asked_for():
    point = start_of(LangevinConfig(x0=0.3, y0=-0.7, particles=5))
    assert torch.equal(point, torch.tensor([0.3, -0.7]).expand(5, 2))
    n = 20_000
    cloud = start_of(LangevinConfig(start="cloud", x0=0.3, y0=-0.7, spread=0.2, particles=n)).numpy()
    assert cloud.mean(0) == pytest.approx([0.3, -0.7], abs=5 * 0.2 / n**0.5)
    assert cloud.std(0) == pytest.approx([0.2, 0.2], abs=5 * 0.2 / (2 * n) ** 0.5)
    box = start_of(LangevinConfig(start="box", particles=n)).numpy()
    (left, right), (bottom, top) = LangevinConfig().landscape.view
    assert left <= box[:, 0].min() and box[:, 0].max() <= right and bottom <= box[:, 1].min() and box[:, 1].max() <= top
    assert box.mean(0) == pytest.approx([0, 0], abs=5 * (right - left) / (12 * n) ** 0.5)


def test_annealing_really_cools():
    """In a quadratic the energy of each particle follows kT when the cooling is slow: ⟨U⟩ = kT at the end."""
    config = LangevinConfig(
        potential="harmonic",
        method="leimkuhler_matthews",
        schedule="linear",
        temperature=1.0,
        cold=0.05,
        step=0.02,
        steps=2_000,
        particles=4_000,
        start="equilibrium",
        x0=0.0,
    )
    (path,) = runs_of(config)
    energy = config.landscape.energy(path.path.states[-1].double()).numpy()
    # slope −0.95/40 a unit of time; the soft axis (k = 1) lags by 0.95/40/2k of its kT/2, the stiff one by a ninth
    lag = 0.95 / 40 / 2 * (1 + 1 / 9) / 2
    assert abs(energy.mean() - (0.05 + lag)) < 5 * 0.075 / 4_000**0.5 + 0.002  # and the stiff axis' own step


# any settings ---------------------------------------------------------------------------------------------------------


def logarithmic(low: float, high: float):
    return some.one_of(some.sampled_from([low, high]), some.floats(math.log(low), math.log(high)).map(math.exp).map(
        lambda value: min(max(value, low), high)))  # fmt: skip


@some.composite
def settings_of_a_visitor(draw) -> dict:
    values = {
        "potential": draw(some.sampled_from(sorted(POTENTIALS))),
        "method": draw(some.sampled_from(sorted(SAMPLERS))),
        "compare": tuple(draw(some.lists(some.sampled_from(sorted(SAMPLERS)), unique=True, max_size=2))),
        "step": draw(some.one_of(logarithmic(1e-6, 10.0), logarithmic(1e-3, 0.3))),
        "temperature": draw(some.one_of(logarithmic(1e-3, 100.0), logarithmic(0.05, 2.0))),
        "particles": draw(some.integers(1, 40)), "steps": draw(some.integers(1, 60)),
        "seed": draw(some.integers(0, 9)),
        "start": draw(some.sampled_from(["point", "cloud", "box", "equilibrium"])),
        "x0": draw(some.floats(-3, 3)), "y0": draw(some.floats(-3, 3)), "spread": draw(logarithmic(1e-3, 10.0)),
        "schedule": draw(some.sampled_from(["constant", "constant", "linear", "exponential", "logarithmic"])),
        "cold": draw(logarithmic(1e-3, 100.0)), "friction": draw(logarithmic(0.01, 1000.0)),
        "mass": draw(logarithmic(0.01, 100.0)), "leapfrog_steps": draw(some.integers(1, 100)),
        "color": draw(some.sampled_from(["well", "energy", "none"])), "law": draw(some.booleans()),
        "escape": draw(some.integers(0, 9)) == 0,
    }  # fmt: skip
    if values["potential"] == FORMULA:
        values["formula"] = draw(some.sampled_from(FORMULAS))
    return values


@pytest.mark.slow
@given(settings_of_a_visitor())
@example(
    {
        "potential": "ring",
        "method": "hmc",
        "step": 0.056,
        "temperature": 24.0,
        "particles": 1,
        "steps": 55,
        "compare": ("leimkuhler_matthews", "lfmiddle"),
        "start": "box",
        "friction": 223.0,
        "leapfrog_steps": 65,
    }
)
@example({"potential": "formula", "formula": "-log(1 - x**2/16 - y**2/16)", "start": "equilibrium", "temperature": 0.1})
@example({"potential": "tilted_double_well", "method": "euler", "step": 0.2, "temperature": 100.0, "particles": 1})
@settings(max_examples=examples(60))
def test_any_settings_give_a_picture_and_fair_checks_or_one_sentence(values):
    try:
        config = LangevinConfig(**values)
    except ValueError as problem:
        assert 10 < len(str(problem)) < 400 and "\n" not in str(problem)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run(config)
        payload = decode(encode(result.picture))
    assert payload["panels"]
    assert result.headline.endswith(".") and len(result.headline) < 400
    for check in result.checks:
        assert math.isfinite(check.allowed) and check.allowed >= 0 and (check.source or check.truth is None), check
        assert check.state is not State.DIFFERS, check
    words = (*result.notes, *result.warnings)
    assert result.checks or words, "no row, and no word why"
    assert all(sentence[-1] in ".!?" and len(sentence) < 400 for sentence in words)
    for table in result.tables.values():
        assert not table.select_dtypes("number").isin([np.inf, -np.inf]).to_numpy().any()


def test_a_run_whose_particles_are_all_lost_stands_beside_one_that_lives():
    config = LangevinConfig(
        potential="ring", method="euler", compare=("mala",), step=1.0, steps=60, particles=3, x0=1.5
    )
    result = run(config)
    assert len(result.warnings) == 1
    panels = decode(encode(result.picture))["panels"]
    lost, alive = (next(layer for layer in panel["layers"] if layer["name"] == "Particles") for panel in panels)
    assert lost["positions"].shape == alive["positions"].shape
    assert np.isnan(lost["positions"][-1]).all() and np.isfinite(alive["positions"][-1]).all()


# walls ----------------------------------------------------------------------------------------------------------------


WALL = {"potential": FORMULA, "formula": "x**2 + y**2 - log(x)", "temperature": 0.25, "particles": 400, "step": 0.02}


def test_a_start_inside_a_wall_is_refused():
    with pytest.raises(ValueError, match=r"\(-1, 0\) is inside a wall"):
        LangevinConfig(**WALL, x0=-1.0)


@pytest.mark.parametrize("start", ["cloud", "box"])
def test_no_particle_starts_inside_a_wall(start):
    config = LangevinConfig(**WALL, x0=0.2, start=start, spread=1.0)
    points = start_of(config)
    assert len(points) == 400 and bool((points[:, 0] > 0).all())


def test_particles_that_enter_a_wall_are_lost():
    config = LangevinConfig(**WALL, x0=0.05, method="euler")
    result, path = run(config), runs_of(config)[0].path
    inside = path.states[:, :, 0] <= 0
    assert inside.any() and not bool(inside[-1].any())  # none walks on inside; they are lost
    assert path.status.kind == "diverged" and path.status.diverged > 0
    assert any(f"{path.status.diverged:,}" in warning for warning in result.warnings)


@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_a_proposal_into_a_wall_is_refused(method):
    config = LangevinConfig(**WALL, x0=0.05, method=method, steps=100)
    path = runs_of(config)[0].path
    assert path.status.kind == "finished" and bool((path.states[:, :, 0] > 0).all()) and path.acceptance < 1


def test_one_step_limit_for_warnings_the_label_and_the_sweep():
    """That of the flow of the config: with its mass, and for a method that is compared too."""
    config = LangevinConfig(potential="harmonic", method="baoab", mass=4.0, compare=("euler",))
    curvature, limit = config.landscape.curvature, Setup.of(config).step_limit
    assert limit("baoab") == pytest.approx(2 / math.sqrt(curvature / 4.0))
    assert limit("euler") == pytest.approx(2 / curvature)
    assert limit("mala") == math.inf


def test_start_is_its_own_stream():
    config = LangevinConfig(start="cloud")
    assert torch.equal(start_of(config), start_of(config.replace(method="euler", step=0.01)))
    assert not torch.equal(start_of(config), start_of(config.replace(seed=1)))
    assert [side.kind for side in Setup.of(config).start_distributions] == ["gaussian", "gaussian"]


def test_the_temperature_follows_its_schedule():
    assert Setup.of(LangevinConfig()).temperature == 0.25
    setup = Setup.of(LangevinConfig(schedule="linear", temperature=1.0, cold=0.2, steps=100, step=0.1))
    assert [setup.temperature(t) for t in (0.0, 5.0, 10.0)] == pytest.approx([1.0, 0.6, 0.2])
