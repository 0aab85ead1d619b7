"""χ² over several frames, where the moving distribution is known: it is noticed what the picture does wrong."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.langevin.checks_frames import moments_of_frames
from demos.langevin.checks_histogram import histogram
from demos.langevin.checks_variances import momentum
from demos.langevin.comparison import comparison_of
from demos.langevin.config import LangevinConfig
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate

SWING = LangevinConfig(method="baoab", x0=-0.2, steps=100, particles=4_000)
FALLING = SWING.replace(x0=-1.7)
# a valley along neither x nor y, which is crossed while it is followed
TURNED = SWING.replace(potential="harmonic", x0=2.0, y0=1.0, temperature=0.2, friction=0.2, step=0.05)
CROSSING = LangevinConfig(method="obabo", friction=0.2, step=0.05, steps=200, particles=4_000)


def row_of(config, change=lambda flow: flow, seen=lambda path: path):
    setup = Setup.of(config)
    [run] = simulate(replace(setup, flow=change(setup.flow)))
    [row] = moments_of_frames(setup, replace(run, path=seen(run.path)))
    return row


@pytest.mark.parametrize("config", [SWING, CROSSING, SWING.replace(method="leimkuhler_matthews"), TURNED])
def test_an_unharmed_run_agrees(config):
    assert row_of(config).state is State.AGREES


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_wrong_temperature_is_noticed(factor):
    row = row_of(CROSSING, lambda flow: replace(flow, temperature=factor * flow.temperature))
    assert row.state is State.DIFFERS


@pytest.mark.parametrize("config", [FALLING, TURNED])
@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_a_wrong_friction_is_noticed(config, factor):
    assert row_of(config, lambda flow: replace(flow, friction=factor * flow.friction)).state is State.DIFFERS


def test_a_wrong_clock_is_noticed_by_moments_and_by_the_histogram():
    setup = Setup.of(SWING)
    [run] = simulate(setup)
    slow = replace(run, path=replace(run.path, times=run.path.times / 2))
    rows = [*moments_of_frames(setup, slow), *histogram(setup, slow, comparison_of(setup, slow, None), None)]
    assert [row.state for row in rows] == [State.DIFFERS] * 2


@pytest.mark.parametrize("broken", ["frozen", "shuffled", "one point"])
def test_broken_frames_are_noticed(broken):
    def seen(path):
        states = path.states
        if broken == "frozen":
            states = states[:1].expand_as(states)
        elif broken == "shuffled":
            states = states[torch.randperm(len(states), generator=torch.Generator().manual_seed(1))]
        else:
            states = states[:, :1].expand_as(states)
        return replace(path, states=states.clone())

    assert row_of(SWING, seen=seen).state is State.DIFFERS


@pytest.mark.parametrize("config", [SWING, TURNED, TURNED.replace(method="leimkuhler_matthews", start="cloud")])
def test_its_chance_is_that_of_chi_square(config):
    """Percentiles of unharmed runs are spread evenly: their mean is 50 ± 29/√n."""
    percentiles = [row_of(config.replace(seed=seed, particles=1_000)).percentile for seed in range(30)]
    assert abs(np.mean(percentiles) - 50) < 5 * 29 / np.sqrt(30)
    assert max(percentiles) < 99.99


def test_momenta_that_are_a_tenth_too_large_are_noticed():
    setup = Setup.of(FALLING)
    [run] = simulate(setup)
    fast = replace(run, path=replace(run.path, momenta=1.1 * run.path.momenta))
    [own], [broken] = (momentum(setup, each) for each in (run, fast))
    assert own.truth is not None and own.state is State.AGREES
    assert broken.state is State.DIFFERS
