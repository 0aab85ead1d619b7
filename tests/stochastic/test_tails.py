"""Heavy tails: the exponent by two ways, the grid's error, and the variance while it is finite."""

from __future__ import annotations

import numpy as np
import pytest

from demos.stochastic.bench.evidence import row
from demos.stochastic.tails import law as module
from demos.stochastic.tails.config import TailsConfig
from demos.stochastic.tails.law import Law, gamma_nodes, tail_exponent
from demos.stochastic.tails.run import GRID, run


@pytest.mark.parametrize("batch", [1, 3, 32])
def test_the_nodes_average_over_a_gamma_law_of_mean_one(batch):
    a, weights = gamma_nodes(batch, 0.5)
    for power, wanted in ((0, 1.0), (1, 1.0), (2, 1 + 2 / batch)):
        assert float((weights * a**power).sum()) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("batch", [1, 2, 8])
def test_the_exponent_is_two_where_the_variance_becomes_infinite(batch):
    """E (1 − lr a)² = 1 at lr = 2/(1 + 2/B), in closed form."""
    limit = 2 / (1 + 2 / batch)
    if limit <= 1.2:
        assert tail_exponent(TailsConfig(lr=limit, batch=batch)) == pytest.approx(2.0, abs=1e-8)
    assert (tail_exponent(TailsConfig(lr=0.8 * min(limit, 1.2), batch=batch)) or 99) > 2


def test_the_exponent_falls_with_the_rate_and_rises_with_the_batch():
    alphas = [tail_exponent(TailsConfig(lr=lr)) for lr in (0.3, 0.5, 0.8, 1.2)]
    assert alphas == sorted(alphas, reverse=True)
    assert tail_exponent(TailsConfig(batch=2)) > alphas[1]
    assert tail_exponent(TailsConfig(lr=0.1, batch=8)) is None  # too thin for any sample


def test_the_law_has_the_variance_of_the_closed_form_where_it_is_finite():
    """V ← E(1 − lr a)² V + lr² σ²/B, step by step; the grid's cells are 2 % wide."""
    config = TailsConfig(lr=0.2, batch=4, noise=1.5, steps=30)
    law, variance = Law(config), 0.0
    for _ in range(30):
        variance = (1 - 2 * 0.2 + 0.04 * 1.5) * variance + 0.04 * 1.5**2 / 4
    assert float(law._masses[30] @ law.middles**2) == pytest.approx(variance, rel=5e-3)


def test_twice_as_many_cells_change_nothing_beyond_the_floor(monkeypatch):
    config = TailsConfig(steps=40)
    one = Law(config)
    q, middle = one.quantile(40, 0.02), one.quantile(40, 0.5)
    coarse = [one.share_beyond(40, q), one.share_beyond(40, middle)]
    monkeypatch.setattr(module, "CELLS", 2 * module.CELLS)
    fine = Law(config)
    np.testing.assert_allclose(coarse, [fine.share_beyond(40, q), fine.share_beyond(40, middle)], rtol=GRID)


def test_a_normal_law_would_be_seen():
    """Batches of one at 0.8: three in a hundred beyond six standard deviations, where a Gaussian has 2 in 10⁹."""
    result = run(TailsConfig(lr=0.8, chains=5_000, steps=60))
    assert row(result, "fraction beyond 6").measured > 0.01 and "infinite variance" in result.headline
