"""The network on the energy page: what it learned, what always holds, steps that are too long."""

from __future__ import annotations

import numpy as np
import pytest

from demos.physics.config import EnergyConfig
from demos.physics.deep_ritz.model import DeepRitz, exact_slopes, exact_solution
from demos.physics.deep_ritz.run import learn
from demos.physics.run import charts_of, run, studies_of
from demos.picture import Field
from demos.picture.payload import encode


def ritz(**changes) -> EnergyConfig:
    default = {"system": "ritz", "method": "lbfgs", "iterations": 200, "step": 0.05, "width": 20}
    return EnergyConfig(**(default | changes))


def test_exact_slopes_are_those_of_the_solution():
    u, n = exact_solution(401), 401
    h = 1 / (n - 1)
    inside = np.array([40, 120, 200, 333])
    x = inside * h
    points = np.stack(np.meshgrid(x, x), -1).reshape(-1, 2)
    slopes = exact_slopes(points).reshape(4, 4, 2)
    along = (u[np.ix_(inside, inside + 1)] - u[np.ix_(inside, inside - 1)]) / (2 * h)
    up = (u[np.ix_(inside + 1, inside)] - u[np.ix_(inside - 1, inside)]) / (2 * h)
    np.testing.assert_allclose(slopes[..., 0], along, atol=1e-4)
    np.testing.assert_allclose(slopes[..., 1], up, atol=1e-4)


def test_energy_above_the_minimum_is_the_distance():
    net = DeepRitz(10, 40)
    weights = 0.3 * net.system().start("random", 3, 2)
    from demos.physics.deep_ritz.model import exact_energy

    np.testing.assert_allclose(net.energy(weights) - exact_energy(), net.distance(weights), rtol=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_it_learns(seed):
    config = ritz(seed=seed)
    result = run(config)
    assert [check.name for check in result.checks] == ["E − E*", "centre value"]
    assert all(check.agrees for check in result.checks)
    assert result.checks[1].allowed < 0.05 * result.checks[1].exact
    learned, _, difference = result.picture.panels
    field = next(part for part in learned.layers if isinstance(part, Field))
    assert field.values.shape == (result.picture.frames, 49, 49)
    shares = difference.layers[0].values
    np.testing.assert_allclose(np.abs(shares).max((1, 2)), 1.0, rtol=1e-6)
    assert {chart.table for chart in charts_of(config)} <= set(result.tables)
    trace = result.tables["trace"]
    assert (trace["gap"] > 0).all() and (trace["force"] > 0).all() and (trace["step"].iloc[1:] > 0).all()
    assert trace["force"].iloc[-1] < 0.1 * trace["force"].iloc[0]


def test_the_lowest_energy_of_the_path_counts():
    learning = learn(ritz(iterations=60))
    assert learning.energies[learning.best] == learning.energies.min()
    assert learning.iterations[-1] == 60 and (np.diff(learning.iterations) > 0).all()


def test_too_few_iterations_promise_less():
    result = run(ritz(iterations=10))
    assert [check.name for check in result.checks] == ["E − E*"] and result.checks[0].agrees
    assert "above the exact one" in result.notes[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "euler", "step": 0.5}, "Diverged at step .* the stability limit 2/L"),
        ({"method": "adam", "step": 50.0}, "By iteration 1 the energy is past 1,000: steps of 50 are too long"),
    ],
)
def test_steps_that_are_too_long_are_told(changes, words):
    import re

    result = run(ritz(iterations=100, **changes))
    assert len(result.warnings) == 1 and re.search(words, result.warnings[0])
    assert result.picture.frames >= 2 and all(check.agrees for check in result.checks)
    encode(result.picture)


def test_the_same_config_gives_the_same_bytes():
    first, again = run(ritz(iterations=20)), run(ritz(iterations=20))
    assert encode(first.picture) == encode(again.picture) and first.checks == again.checks


def test_the_study_ranks_the_methods():
    (study,) = studies_of(ritz())
    seen: list[float] = []
    frame = study.run(ritz(width=8), seen.append)
    assert seen == sorted(seen)
    last = frame.groupby("series")["gap"].last()
    assert last["L-BFGS, Newton finish"] < last["Adam"] < last["Explicit Euler"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"width": 3}, "width = 3 is out of range"),
        ({"method": "rkc"}, "is not for this system"),
        ({"method": "adam", "iterations": 20_000, "width": 64}, "take fewer iterations"),
    ],
)
def test_bad_input_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        ritz(**bad)
