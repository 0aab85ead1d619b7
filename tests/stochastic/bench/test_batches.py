"""Batches: the same step gives the same batch again, and each way of drawing keeps its rule."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import GradientFlow, solve
from demos.stochastic.bench.batches import Draws, batch_means, normals
from demos.stochastic.bench.descent import descend


def drawn(
    batch: int, sampling: str, examples: np.ndarray, chains: int = 50, steps: int = 40, seed: int = 0
) -> np.ndarray:
    """(steps, chains, d) in double precision."""
    make = batch_means(examples, batch, chains, sampling, dtype=np.float64)
    return make(np.random.default_rng(seed), steps)


def test_a_step_gives_the_same_batch_whenever_it_is_asked_for():
    draws = Draws(3, "batches", normals((5, 2)), numbers=10)
    later, first = draws[700].clone(), draws[0].clone()
    assert torch.equal(draws[700], later) and torch.equal(draws[0], first) and not torch.equal(first, later)
    other = Draws(4, "batches", normals((5, 2)), numbers=10)
    assert not torch.equal(other[0], first)


def test_a_batch_without_replacement_holds_no_example_twice():
    powers = 2.0 ** np.arange(12)[:, None]  # a sum of distinct powers of 2 says which were in it
    sums = np.rint(drawn(5, "without", powers) * 5).astype(int)
    assert all(int(number).bit_count() == 5 for number in sums.ravel())


def test_an_epoch_shows_every_example_once():
    powers = 2.0 ** np.arange(12)[:, None]
    sums = np.rint(drawn(3, "epochs", powers, steps=40) * 3).astype(int).reshape(10, 4, 50)
    assert (sums.sum(1) == 2**12 - 1).all()
    assert len(np.unique(sums)) > 100


@pytest.mark.parametrize("sampling", ["replacement", "without", "epochs"])
def test_every_example_is_equally_likely(sampling):
    """Counts in the first batch are binomial: within 6 standard errors, √(n p (1 − p))."""
    identity = np.eye(6)
    counts = drawn(2, sampling, identity, chains=9_000, steps=3).sum((0, 1)) * 2
    expected = 3 * 9_000 * 2 / 6
    assert np.abs(counts - expected).max() < 6 * expected**0.5


def test_a_batch_larger_than_the_data_set_is_refused():
    with pytest.raises(ValueError, match="batch = 9 must be from 1 to the 8 examples"):
        batch_means(np.zeros((8, 1)), 9, 10)


def test_sgd_is_explicit_euler_of_the_flow_of_its_batches():
    """Without noise a descent is the path that `solve` gives, and its time is the sum of the rates."""
    start, rates = torch.ones(3, 2), np.array([0.1, 0.2, 0.3])
    run = descend(lambda x, step: x, start, rates, record=4)
    path = solve(GradientFlow(gradient=lambda x: x), start, [0.0, 0.1, 0.3, 0.6], record=4)
    assert np.allclose(run.states, path.states, rtol=1e-6) and run.steps.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(run.times, [0.0, 0.1, 0.3, 0.6])
    seen: list[int] = []
    descend(lambda x, step: (seen.append(step), x)[1], start, rates)
    assert seen == [0, 1, 2]
