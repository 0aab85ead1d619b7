"""The moves of a sampler with noise, or of a wild flow, beside those of independent code with the same noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
import torch

from demos.contract import Check, State
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.samplers import SAMPLERS
from demos.diffusion.setup import Setup, setup
from demos.diffusion.simulate import simulate
from demos.diffusion.verdict.run_rows import RunRows
from demos.diffusion.verdict.same_noise import SameNoise
from demos.gradient_flow.noise import Noise
from tests.verdicts.diffusion import BROKEN_NOISE, BROKEN_STEPS

# one frame a step, and several steps a frame; each sampler's own parameters, guidance, a bent score and other processes
CONFIGS = {
    "sde": DiffusionConfig(particles=400, sampler="sde", evaluations=64),
    "sde, long": DiffusionConfig(sampler="sde", evaluations=300, process="vp", grid="time", particles=333),
    "sde, wild": DiffusionConfig(
        particles=400, sampler="sde", stochasticity=8.0, evaluations=90, process="subvp", data="moons"
    ),
    "ancestral": DiffusionConfig(particles=400, sampler="ancestral", data="moons"),
    "ancestral, long": DiffusionConfig(sampler="ancestral", evaluations=400, eta=0.6, last="stop", particles=500),
    "churn": DiffusionConfig(particles=400, sampler="churn", churn=60.0, data="tree", target="each", guidance=3.0),
    "predictor_corrector": DiffusionConfig(
        particles=400, sampler="predictor_corrector", data="checkerboard", evaluations=60
    ),
    "predictor_corrector, long": DiffusionConfig(
        sampler="predictor_corrector", corrections=3, evaluations=700, particles=200, score_error=1.0
    ),
    "predictor_corrector, least noise": DiffusionConfig(
        particles=400, sampler="predictor_corrector", evaluations=30, sigma_min=1e-4, target="7", guidance=2.0
    ),
    "annealed": DiffusionConfig(particles=400, sampler="annealed", data="checkerboard", evaluations=150),
    "dpmpp_2m": DiffusionConfig(sampler="dpmpp_2m", evaluations=60, score_error=3.0, particles=400),
    "dpmpp_2m, long": DiffusionConfig(sampler="dpmpp_2m", evaluations=200, score_error=3.0, particles=400),
    "dpmpp_2m, longer than its frames": DiffusionConfig(sampler="dpmpp_2m", evaluations=300, particles=400),
    "dopri5": DiffusionConfig(sampler="dopri5", score_error=3.0, tolerance=1e-4, particles=400),
    "few": DiffusionConfig(sampler="ancestral", evaluations=2, particles=16),
}


@lru_cache(maxsize=len(CONFIGS))
def chosen(name: str) -> Setup:
    return setup(CONFIGS[name])


def moves(name: str) -> Check:
    with torch.no_grad():
        (made,) = simulate(chosen(name))
        return RunRows(chosen(name), made, made.path.end).same_moves()


@pytest.mark.parametrize("name", CONFIGS)
def test_every_move_is_repeated(name):
    row = moves(name)
    assert row.measured == 1.0
    assert row.state is State.AGREES


@pytest.mark.parametrize(
    ("name", "mutation"),
    [
        pytest.param(name, mutation, id=f"{name}-{mutation.name}")
        for name in CONFIGS
        if name == CONFIGS[name].sampler  # one config of each sampler
        for mutation in (
            *BROKEN_STEPS[not SAMPLERS[name].stochastic :],
            *(broken for of, broken in BROKEN_NOISE.items() if of == name),
        )
    ],
)
def test_moves_of_a_broken_sampler_differ(name, mutation, monkeypatch):
    mutation.apply(monkeypatch)
    row = moves(name)
    assert row.state is State.DIFFERS
    assert row.measured < 0.9


@pytest.mark.parametrize("points", [16, 333, 4_000])
@pytest.mark.parametrize(("taken", "provided"), [(1, 1), (2, 5), (5, 5)])
def test_the_same_numbers_are_drawn_again(points, taken, provided):
    """Beside the solver's own source, over two blocks of steps; from any step on, and for some of the points."""
    block, members = min(256, 2**19 // (2 * points)), np.unique(np.linspace(0, points - 1, 20).astype(int))
    noise, drawn = Noise(torch.zeros(points, 2), 7), []
    for _ in range(2):
        noise.refill(provided * block, 0)
        drawn += [[noise.normal().numpy()[members].copy() for _ in range(taken)] for _ in range(block)]
    again = SameNoise(7, points, taken, provided, members)
    for step in (0, 1, block // 2, block, 2 * block - 1):
        again.seek(step)
        for expected in drawn[step]:
            assert np.abs(again.standard_normal((len(members), 2)) - expected).max() < 1e-4
