"""Gradients through time: Jacobians by hand, the law of gates, Gaussian recurrences, and what is refused."""

import numpy as np
import pytest
import torch

from demos.networks.time.cells import STEPS, back
from demos.networks.time.config import BLOCKS, CELLS, TimeConfig
from demos.networks.time.law import gate_moments, law_of
from demos.networks.time.measure import draw, measure


@pytest.mark.parametrize("cell", list(CELLS))
def test_gradients_by_hand_are_those_of_autograd(cell):
    generator = torch.Generator().manual_seed(0)
    normal = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    K, B, n, blocks = 2, 3, 5, BLOCKS[cell]
    weights, inputs = normal(K, blocks, n, n), normal(K, blocks, B, n)
    state, grown = ([normal(K, B, n) for _ in range(2 if cell == "lstm" else 1)] for _ in range(2))
    wanted = torch.autograd.functional.vjp(
        lambda *parts: STEPS[cell](parts, weights, inputs, 0.7)[0], tuple(state), tuple(grown)
    )[1]
    for found, known in zip(back(cell, tuple(grown), tuple(state), weights, inputs, 0.7), wanted, strict=True):
        torch.testing.assert_close(found, known)


@pytest.mark.parametrize(("bias", "kept"), [(0.0, 8e-16), (1.0, 1.3e-7), (3.0, 0.084), (5.0, 0.71)])
def test_fifty_steps_of_gates_keep_what_is_known(bias, kept):
    """With small inputs: measured on torch's LSTM without recurrent weights, to one or two digits."""
    mean, _ = gate_moments(bias, 0.1)
    assert 10 ** (50 * mean) == pytest.approx(kept, rel=0.25)


def test_one_gaussian_matrix_keeps_lengths_for_few_steps_only():
    """Complex Ginibre matrices: the ratio of means is about sinh(a)/a, a = (k + 1)(k + 2)/2n; real ones are near."""
    config = TimeConfig(cell="linear", recurrence="gaussian", steps=21, width=32, networks=16, sequences=32)
    gradients = measure(config, "linear", draw(config, "linear")).gradients
    ratio = (gradients**2).mean((1, 2, 3)) / (gradients[-1] ** 2).mean()
    assert ratio[-4] == pytest.approx(1, abs=0.15)
    assert ratio[0] > 3
    assert config.steps - 1 - law_of(config, "linear").first == 5


def test_an_rnn_without_recurrent_weights_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="passes nothing on"):
        TimeConfig(gain=0.0)
    with pytest.raises(ValueError, match="times the work allowed"):
        TimeConfig(cell="lstm", steps=200, width=128, networks=16, sequences=32)
    assert np.isfinite(law_of(TimeConfig(cell="lstm", gain=0.0), "lstm").profile).all()
