"""A run beside its repetition by other code: error bars of few points, and points followed one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.samplers import Sampled
from demos.diffusion.setup import setup, true_points
from demos.diffusion.simulate import simulate
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
