"""The quadrature of SGD's law in one dimension, beside a linear filter, whose law is normal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from demos.stochastic.bench.kernel import Kernel, TooFineError

LR, S, START, CUT, STEPS = 0.3, 0.2, -0.5, 0.1, 12


def slope(x: np.ndarray) -> np.ndarray:
    return x


def exact(step: int) -> tuple[float, float]:
    """Mean and variance of x' = (1 − lr) x + s R."""
    keep = 1 - LR
    return START * keep**step, S**2 * (1 - keep ** (2 * step)) / (1 - keep**2)


def test_shares_means_and_densities_are_those_of_the_normal_law():
    kernel = Kernel.of(slope, LR, S, -3.0, 3.0, CUT)
    seen = ((kernel.x > CUT).astype(float), kernel.x, kernel.x**2)
    averages, densities = kernel.follow(START, slope, LR, STEPS, seen, keep=(0, 4, STEPS))
    for step in (1, 4, STEPS):
        mean, variance = exact(step)
        wanted = [1 - ndtr((CUT - mean) / variance**0.5), mean, variance + mean**2]
        np.testing.assert_allclose(averages[step], wanted, atol=2e-6)
    mean, variance = exact(4)
    wanted = np.exp(-((kernel.x - mean) ** 2) / (2 * variance)) / (2 * np.pi * variance) ** 0.5
    np.testing.assert_allclose(densities[1], wanted, atol=1e-5)
    assert not densities[0].any()


def test_a_path_sum_has_the_mean_and_variance_of_the_linear_filter():
    kernel = Kernel.of(slope, LR, S, -3.0, 3.0, CUT)
    mean, variance = kernel.path_sum(START, slope, LR, STEPS, kernel.x)
    weights = [(1 - (1 - LR) ** (STEPS - k)) / LR for k in range(STEPS)]  # of the noise of step k + 1
    assert mean == pytest.approx(sum(exact(k)[0] for k in range(1, STEPS + 1)), abs=1e-6)
    assert variance == pytest.approx(S**2 * float(np.square(weights).sum()), rel=1e-5)


def test_who_passes_an_absorbing_cut_is_out_for_good():
    """Of a walk without pull, by many chains: within 6 binomial standard errors."""
    flat = lambda x: np.zeros_like(x)
    kernel = Kernel.of(flat, 1.0, S, -4.0, 3.0, CUT)
    alive, _ = kernel.follow(START, flat, 1.0, STEPS, (np.ones(len(kernel.x)),), absorbing=True)
    walks = START + S * np.random.default_rng(0).standard_normal((200_000, STEPS)).cumsum(1)
    for step in (3, STEPS):
        share = float((walks[:, :step].max(1) < CUT).mean())
        p = float(alive[step, 0])
        assert abs(share - p) < 6 * (p * (1 - p) / len(walks)) ** 0.5


def test_noise_that_cannot_be_resolved_is_refused():
    with pytest.raises(TooFineError, match="too small beside the range"):
        Kernel.of(slope, LR, 1e-4, -3.0, 3.0, CUT)
