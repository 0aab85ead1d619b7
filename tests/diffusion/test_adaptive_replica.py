"""Dormand and Prince's method beside the same method in NumPy: where its steps decide, and where errors do."""

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.run import run
from demos.diffusion.setup import setup
from demos.diffusion.simulate import simulate
from demos.diffusion.verdict.adaptive_replica import exact_move
from demos.diffusion.verdict.run_rows import RunRows
from demos.diffusion.verdict.scores import denoiser_of


@pytest.mark.parametrize(
    "config",
    [
        DiffusionConfig(tolerance=0.1),  # three steps, the first errors of which are rounding
        DiffusionConfig(tolerance=0.03, data="moons", target="each", guidance=2.0),
        DiffusionConfig(tolerance=1e-3),
    ],
)
def test_the_replica_takes_the_same_steps(config):
    chosen = setup(config.replace(sampler="dopri5", particles=300))
    (made,) = simulate(chosen)
    assert RunRows(chosen, made, made.path.end).ends_alike == 1.0


@pytest.mark.parametrize("values", [{"tolerance": 0.1}, {"score_error": 3.0}, {"score_error": 2.0, "tolerance": 0.05}])
def test_a_loose_tolerance_and_a_wild_flow_are_predicted(values):
    rows = run(DiffusionConfig(sampler="dopri5", particles=1_000, **values)).verdict.rows
    assert {row.state for row in rows} <= {State.AGREES, State.PREDICTED, State.NOT_COMPARABLE}
    assert rows[0].state is State.PREDICTED


def test_a_move_along_the_flow_is_exact_for_a_gaussian():
    chosen = setup(DiffusionConfig(target="0", particles=16))  # one of the eight, a Gaussian
    denoiser = denoiser_of(chosen, chosen.labels.numpy())
    one = chosen.data.distribution.conditional(0)
    mean, variance = one.mean.numpy(), float(one.covariance[0, 0])
    x, (sigma, to) = mean + np.random.default_rng(0).standard_normal((16, 2)), (1.0, 0.9)
    factor = np.sqrt((variance + to**2) / (variance + sigma**2))
    np.testing.assert_allclose(exact_move(denoiser, x, sigma, to) - mean, factor * (x - mean), atol=1e-6)
    back = exact_move(denoiser, exact_move(denoiser, x, sigma, to), to, sigma)
    assert torch.allclose(torch.from_numpy(back), torch.from_numpy(x), atol=1e-6)
