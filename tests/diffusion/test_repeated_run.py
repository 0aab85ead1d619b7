"""A run beside its repetition by other code: error bars of few points, and points followed one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
import torch

from demos.contract import State
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.samplers import Sampled
from demos.diffusion.setup import setup, true_points
from demos.diffusion.simulate import simulate
from demos.diffusion.verdict.expected import Cells
from demos.diffusion.verdict.rows import RARE_MOMENT, unsure
from demos.diffusion.verdict.run_rows import RunRows
from tests.diffusion.test_verdict import CONFIGS, judged, simulated
from tests.verdicts.diffusion import told_another_level


def test_error_bars_of_few_points_are_right():
    """z-scores of an SDE of two steps with 24 points, beside replicas: the standard deviation is 1. (It was 0.3 for
    variances: their error came from 24 replicas, and was enlarged sixfold instead of the number of allowed errors.)"""
    z: dict[str, list[float]] = {}
    for seed in range(30):
        config = DiffusionConfig(data="moons", sampler="sde", evaluations=3, particles=24, seed=seed)
        for row in judged(config).rows:
            if row.predicted_sigmas:
                assert row.predicted_sigmas > 4
                z.setdefault(row.name, []).append(row.z)
    assert len(z["Variance of x"]) == 30
    for name, values in z.items():
        assert 0.75 < np.std(values) < 1.4, name  # ± 13 % by 30 runs


@pytest.mark.parametrize("shift", [0.0, 0.02])
def test_the_spread_of_chi_square_beside_replicas_is_that_of_both(shift):
    """Counts of a run beside counts of its replica, both of one distribution: the truth, and one apart from it. (z had
    a standard deviation of 0.63 for the truth, the noise of the shares was counted twice.)"""
    random, shares = np.random.default_rng(0), np.full(14, 1 / 14)
    cells = Cells(np.array([2_000.0]), shares[None], np.arange(13) + 0.5)
    ours = shares + shift * np.where(np.arange(14) % 2, 1, -1)
    z = []
    for measured, replica in random.multinomial(2_000, ours, (400, 2)):
        mean, spread, error = cells.statistic_of(replica / 2_000, 2_000)
        z.append((cells.statistic(measured) - mean) / np.hypot(spread, error))
    assert 0.85 < np.std(z) < 1.15  # ± 3.5 % by 400 pairs
    assert abs(np.mean(z)) < 0.2


def test_few_squares_are_allowed_what_their_distribution_allows():
    for points in (16, 100, 2_000):
        exact = (scipy.stats.chi2.isf(RARE_MOMENT, points) - points) / np.sqrt(2 * points)
        assert unsure(points, 2, 3.0, 10**7) == pytest.approx(exact, rel=1e-3)
        assert unsure(points, 1, 3.0, 10**7) == pytest.approx(4.0, rel=1e-2)
    assert unsure(2_000, 2, 3.0, 20) > 10  # a standard error from 20 numbers


def test_replicas_of_few_points_ask_for_the_same_classes():
    config = DiffusionConfig(data="tree", target="each", sampler="sde", evaluations=6, particles=40)
    chosen, made = simulated(config)
    one = RunRows(chosen, made, true_points(config, chosen.data, chosen.labels))
    many = one._repeated()
    assert len(many.setup.start) == len(one.again[0]) == 520
    assert (many.setup.labels[:40] == many.setup.labels[-40:]).all()
    assert (torch.bincount(many.setup.labels) == 13 * torch.bincount(chosen.labels)).all()


GENERATOR = lambda: torch.Generator().manual_seed(4)
UNSEEN = {  # what changes no distribution by as much as 2,000 points can show
    "jitter": lambda p: _ended(p, p.end + 0.05 * p.end.std() * torch.randn(p.end.shape, generator=GENERATOR())),
    "half are copies": lambda p: _ended(p, p.end[torch.arange(len(p.end)) % (len(p.end) // 2)]),
    "wider on the way": lambda p: replace(p, states=torch.cat([p.states[:1], 1.1 * p.states[1:-1], p.states[-1:]])),
    "other noise levels": lambda p: replace(p, sigmas=1.5 * p.sigmas),
}


def _ended(path: Sampled, end: torch.Tensor) -> Sampled:
    return replace(path, states=torch.cat([path.states[:-1], end[None]]))


@pytest.mark.parametrize("broken", UNSEEN)
def test_a_sampler_without_noise_is_followed_point_by_point(broken):
    config = CONFIGS["moons"]
    chosen, made = simulated(config)
    wrong = replace(made, path=UNSEEN[broken](made.path))
    rows = RunRows(chosen, wrong, true_points(config, chosen.data, chosen.labels)).rows()
    assert any(row.state is State.DIFFERS for row in rows)


def test_a_score_told_another_noise_level_is_noticed(monkeypatch):
    told_another_level(1.1)(monkeypatch)
    config = CONFIGS["moons"]
    chosen = setup(config)
    with torch.no_grad():
        (made,) = simulate(chosen)
        rows = RunRows(chosen, made, true_points(config, chosen.data, chosen.labels)).rows()
    assert any(row.state is State.DIFFERS for row in rows)
