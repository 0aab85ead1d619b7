"""The diagonal linear network: its exact ends, the moments of its batches, its shipped map, and what is refused."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.stochastic.bench.evidence import row
from demos.stochastic.diagonal.config import EXAMPLES, DiagonalConfig
from demos.stochastic.diagonal.error_map import FILE, RATES, SIZES, best_sizes, compute, shipped
from demos.stochastic.diagonal.law import interpolating, stable_rate
from demos.stochastic.diagonal.ledger import Ledger, Noise
from demos.stochastic.diagonal.problem import data_of
from demos.stochastic.diagonal.recording import recorded
from demos.stochastic.diagonal.run import run


def test_the_end_interpolates_and_a_small_alpha_gives_the_least_l1_norm():
    """Beside basis pursuit as a linear program, and beside the least l2 norm for a large α."""
    from scipy.optimize import linprog

    data = data_of(3)
    small = interpolating(data.x, data.y, np.full(100, 1e-16))
    np.testing.assert_allclose(data.x @ small, data.y, atol=1e-9)
    both = np.hstack((data.x, -data.x))
    least = linprog(np.ones(200), A_eq=both, b_eq=data.y, bounds=(0, None)).fun
    assert np.abs(small).sum() == pytest.approx(least, rel=1e-6)
    large = interpolating(data.x, data.y, np.full(100, 1e4))
    np.testing.assert_allclose(large, np.linalg.pinv(data.x) @ data.y, atol=1e-6)


def test_the_moments_of_a_batch_are_those_of_all_batches():
    """Every batch of two out of three examples, with normal label noise: mean and variance of g² in closed form."""
    random = np.random.default_rng(0)
    x, errors, noise = random.standard_normal((3, 1)), random.standard_normal(3), 0.7
    means, squares = [], []
    for a, b in itertools.product(range(3), repeat=2):
        mean, variance = (errors[a] * x[a, 0] + errors[b] * x[b, 0]) / 2, noise**2 * (x[a, 0] ** 2 + x[b, 0] ** 2) / 4
        means.append(mean**2 + variance)
        squares.append(mean**4 + 6 * mean**2 * variance + 3 * variance**2)
    expected, deviation = np.mean(means), np.sqrt(np.mean(squares) - np.mean(means) ** 2)
    found = Noise(x, 2, noise)
    found.add(errors[:, None].repeat(2, 1), np.array([[0.4, -1.3]]), second=False)
    wanted = (0.4**2 + 1.3**2 - 2 * expected) / deviation
    assert found.sums[0, 0] == pytest.approx(wanted) and found.counts[:, 0].tolist() == [2, 1, 0]


def test_the_stable_rate_is_two_over_the_sharpness_by_autograd():
    data = data_of(5)
    weights = torch.from_numpy(
        np.concatenate((np.sqrt(np.maximum(data.truth, 0)), np.sqrt(np.maximum(-data.truth, 0))))
    )
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    loss = lambda at: 0.5 * (x @ (at[:100] ** 2 - at[100:] ** 2) - y).square().mean()
    hessian = torch.autograd.functional.hessian(loss, weights)
    assert stable_rate(data.x, data.truth) == pytest.approx(2 / float(torch.linalg.eigvalsh(hessian)[-1]))


def test_the_shipped_map_has_a_minimum_inside_that_moves_with_the_rate():
    table = shipped()
    assert set(table["rate"]) == set(RATES) and len(json.loads(FILE.read_text())) == len(RATES) * len(SIZES)
    best = best_sizes(table)
    assert sorted(best.values()) == [best[rate] for rate in sorted(best)] and best[0.0125] < best[0.075]
    errors = table[table["rate"] == 0.05].set_index("batch")["error"]
    assert 1 < best[0.05] < EXAMPLES
    assert min(errors.loc[1], errors.loc[EXAMPLES]) >= 5 * errors.loc[best[0.05]]


def test_the_command_makes_an_entry_of_the_map_again(monkeypatch):
    """The first few steps of an entry: the same numbers as the page's own descent in law, so of the same size."""
    from demos.stochastic.diagonal import error_map

    monkeypatch.setattr(error_map, "SETTINGS", error_map.SETTINGS | {"steps": 300})
    made = compute(0.05, 8)
    mine = run(DiagonalConfig(steps=300, batch=8, chains=16)).tables["errors"]
    error = float(mine[mine["series"] == "label noise"]["error"].iloc[-1])
    assert abs(made["mean"] - error) < 6 * made["deviation"] * (1 / 48 + 1 / 16) ** 0.5


@pytest.mark.parametrize("factor", [0.7, 1.8])
def test_a_factor_near_zero_is_remembered_beside_large_ones_and_only_by_its_own_coefficient(factor):
    """One step with q near 1 among others that make up for it in the product."""
    q = np.full((40, 2, 3), factor)
    q[17, 1, 2] = 1 - 1e-7
    ledger = Ledger(2, 3, [40], quiet=1)
    for one in q:
        ledger.add(one)
    usual = abs(1 - factor) / (1 + factor)
    wanted = np.full((3, 2), usual)
    wanted[2, 1] = 1e-7 / (2 - 1e-7)
    np.testing.assert_allclose(ledger.closest, wanted, rtol=1e-6)
    np.testing.assert_allclose(ledger.shrunk[40], np.log(np.abs(1 - q**2)).sum(0).T)
    np.testing.assert_allclose(ledger.parted[40], np.log(np.abs((1 - q) / (1 + q))).sum(0).T)
    np.testing.assert_allclose(ledger.turned, (0.5 * np.log(np.abs((1 + q) / (1 - q))) - q).sum(0).T[:1])


def test_rounding_in_a_long_noisy_run_is_no_fault():
    """A step all but erases a coefficient, which magnifies rounding a million times; the others are judged as ever."""
    result = run(DiagonalConfig(lr=0.1, batch=1, label_noise=1.0, steps=1_000))
    assert result.verdict.state is not State.DIFFERS
    assert row(result, "test error of gradient flow").floor < 2e-7


def test_a_run_whose_every_chain_diverges_is_drawn_and_not_compared():
    """The solver ends it, long before the flow ends."""
    result = run(DiagonalConfig(alpha=1.0))
    assert len(result.picture.panels[0].layers[0].positions) < len(recorded(DiagonalConfig(alpha=1.0)))
    assert [row.state for row in result.checks if row.name.startswith("largest gap")] == [State.NOT_COMPARABLE] * 2


def test_chains_that_diverge_are_drawn_and_said():
    result = run(DiagonalConfig(lr=0.1, batch=1, label_noise=1.0, steps=2_000))
    assert "diverged" in result.warnings[0] and "diverged" in result.headline
    assert row(result, "largest gap").state is State.AGREES and row(result, "test error of SGD").agrees


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"batch": 41}, "A batch of 41 needs as many examples, and there are 40."),
        ({"steps": 10**9}, "steps = 1000000000 is out of range"),
        ({"alpha": 0.0}, "alpha = 0.0 is out of range"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(bad, words):
    with pytest.raises(ValueError, match=words):
        DiagonalConfig(**bad)
