"""Cumulants of sums of batch means, beside every order that there is."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from demos.stochastic.bench import shuffling

U = np.array([1.3, -0.4, 2.0, -1.7, -1.2])


def moments(values: np.ndarray) -> tuple[float, float]:
    """Variance and fourth cumulant of equally likely values of mean 0."""
    second = float(np.mean(values**2))
    return second, float(np.mean(values**4)) - 3 * second**2


@pytest.mark.parametrize(("batch", "weights"), [(2, [0.7, -0.3]), (1, [1.0, 0.5, 0.25]), (4, [1.5]), (5, [2.0])])
def test_one_epoch_is_the_average_over_all_orders(batch, weights):
    sums = [
        sum(w * np.mean([U[i] for i in order[j * batch : (j + 1) * batch]]) for j, w in enumerate(weights))
        for order in permutations(range(5))
    ]
    exact = moments(np.array(sums))
    assert shuffling.epochs(np.array([weights]), U, batch) == pytest.approx(exact, abs=1e-12)


def test_epochs_add_up():
    one, other = (shuffling.epochs(np.array([w]), U, 2) for w in ([0.7, -0.3], [0.2, 0.9]))
    both = shuffling.epochs(np.array([[0.7, -0.3], [0.2, 0.9]]), U, 2)
    assert both == pytest.approx(tuple(np.add(one, other)))


def test_with_replacement_is_the_average_over_all_draws():
    sums = [0.7 * (U[a] + U[b]) / 2 - 0.3 * (U[c] + U[d]) / 2 for a, b, c, d in product(range(5), repeat=4)]
    assert shuffling.with_replacement(np.array([0.7, -0.3]), U, 2) == pytest.approx(moments(np.array(sums)))
