"""The linear scaling rule: the exact distribution, its limit, and where the rule ends."""

from __future__ import annotations

import numpy as np
import pytest

from demos.stochastic.scaling.config import ScalingConfig
from demos.stochastic.scaling.law import CURVATURES, discrete, limit
from demos.stochastic.scaling.run import rule_holds_to


def test_the_closed_form_is_the_recursion_of_mean_and_variance():
    config = ScalingConfig(ratio=0.05, noise=1.5, start=3.0)
    mean, variance, lr = np.full(2, 3.0), np.zeros(2), 0.4
    for _ in range(9):
        mean *= 1 - lr * CURVATURES
        variance = (1 - lr * CURVATURES) ** 2 * variance + lr**2 * 1.5**2 * CURVATURES / 8
    loss, spread = discrete(config, 8, 9)
    assert loss == pytest.approx(0.5 * float((CURVATURES * (mean**2 + variance)).sum()))
    assert spread == pytest.approx(float((CURVATURES**2 * (0.5 * variance**2 + mean**2 * variance)).sum()))


def test_the_rule_is_the_limit_of_small_rates_for_every_batch_size():
    gaps = []
    for ratio in (1e-3, 5e-4):
        config = ScalingConfig.__new__(ScalingConfig)  # below what the page offers
        object.__setattr__(config, "__dict__", ScalingConfig().__dict__ | {"ratio": ratio})
        gaps.append(discrete(config, 8, round(2 / (8 * ratio)))[0] / limit(config, 2.0) - 1)
    assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.05)  # of first order


def test_the_long_run_gap_is_two_over_two_minus_lr_h():
    config = ScalingConfig(ratio=0.02)
    variances = config.ratio * 2.0**2 / (2 - 1.28 * CURVATURES)
    assert discrete(config, 64, 2_000)[0] == pytest.approx(0.5 * float((CURVATURES * variances).sum()))


def test_a_smaller_ratio_lets_the_rule_reach_farther():
    reach = [rule_holds_to(ScalingConfig(ratio=ratio)) for ratio in (0.04, 0.02, 0.01, 0.005)]
    assert reach == sorted(reach) and reach[0] < reach[-1]


def test_bad_input_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="ratio = 3.0 is out of range"):
        ScalingConfig(ratio=3.0)
