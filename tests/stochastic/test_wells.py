"""Flat and sharp wells: the quadrature's error, its floor, Gibbs, the escape time, and what is not known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.stochastic.bench import kernel
from demos.stochastic.bench.evidence import row
from demos.stochastic.wells import landscape
from demos.stochastic.wells.config import WellsConfig
from demos.stochastic.wells.law import Law
from demos.stochastic.wells.run import QUADRATURE, run
from demos.stochastic.wells.studies import over_batches


def test_slope_is_the_derivative_in_both_libraries():
    x = torch.linspace(-1.2, 2, 41, dtype=torch.float64)[:, None].requires_grad_()
    (wanted,) = torch.autograd.grad(landscape.torch_energy(x).sum(), x)
    torch.testing.assert_close(landscape.torch_slope(x.detach()), wanted)
    np.testing.assert_allclose(landscape.slope(x.detach().numpy()), wanted.numpy(), atol=1e-10)
    np.testing.assert_allclose(landscape.energy(x.detach().numpy())[:, 0], landscape.torch_energy(x).detach().numpy())


def test_the_published_barrier_and_gibbs_share():
    assert landscape.barrier() == pytest.approx(-0.356, abs=1e-3)
    assert float(landscape.energy(np.array(landscape.barrier()))) == pytest.approx(0.885, abs=1e-3)
    assert landscape.share_right(0.885 / 3, -4, 5) == pytest.approx(0.8157, abs=2e-3)


@pytest.mark.parametrize("config", [WellsConfig(steps=200), WellsConfig(lr=0.06, batch=8, steps=100)])
def test_finer_panels_change_nothing_beyond_the_floor(config, monkeypatch):
    coarse = Law(config)
    one = np.array([coarse.in_flat[-1], coarse.waiting.sum(), coarse.loss[0]])
    monkeypatch.setattr(kernel, "WIDE", 1.5)
    fine = Law(config)
    other = np.array([fine.in_flat[-1], fine.waiting.sum(), fine.loss[0]])
    np.testing.assert_allclose(one, other, rtol=QUADRATURE)


def test_small_rates_have_gibbs_shares_in_the_long_run():
    """SGD's exact distribution tends to Gibbs's, and its mean passage time to the diffusion limit's: to first order."""
    law = Law(WellsConfig(lr=0.004, noise=15.0, batch=1, steps=2_500))
    assert law.in_flat[-1] == pytest.approx(law.gibbs_share, abs=0.02)
    assert 0.004 * law.waiting.sum() == pytest.approx(law.passage_time, rel=0.05)


def test_noise_below_the_quadrature_is_not_compared_and_says_why():
    result = run(WellsConfig(lr=0.002, batch=64, noise=2.0, steps=50, chains=200))
    share = row(result, "fraction")
    assert share.state is State.NOT_COMPARABLE and "too small beside the range" in share.incomparable


def test_the_study_has_its_minimum_inside():
    seen: list[float] = []
    frame = over_batches(WellsConfig(lr=0.01, noise=10.0, chains=200, steps=600), seen.append)
    assert seen[-1] == 1
    exact = frame[frame["series"] == "exact distribution"].set_index("batch")["loss"]
    assert exact.idxmin() in (2, 4) and exact.min() < exact.loc[1] and exact.min() < 0.75 * exact.iloc[-1]
    measured = frame[frame["series"] == "SGD"].set_index("batch")
    shared = exact.index
    z = (measured.loc[shared, "loss"] - exact) / measured.loc[shared, "error"]
    assert z.abs().max() < 6


def test_the_mean_energy_in_blocks_is_the_mean():
    x = np.random.default_rng(0).normal(size=(2 * landscape.BLOCK + 3, 5))
    assert landscape.mean_energy(x) == pytest.approx(landscape.energy(x).mean(), rel=1e-13)
