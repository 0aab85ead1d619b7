"""The cloud in a quadratic: its law by two ways, its rows, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from demos.contract import State
from demos.stochastic.bench.evidence import row
from demos.stochastic.cloud.config import CloudConfig
from demos.stochastic.cloud.law import CURVATURES, Law, examples_of
from demos.stochastic.cloud.run import run


def test_the_examples_have_the_covariance_that_least_squares_has():
    config = CloudConfig(examples=37, noise=1.5)
    a = examples_of(config)
    np.testing.assert_allclose(a.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(a.T @ a / 37, np.diag(1.5**2 / np.array(CURVATURES)), atol=1e-10)


@pytest.mark.parametrize(("momentum", "sampling"), [(0.0, "replacement"), (0.9, "replacement"), (0.5, "without")])
def test_in_the_long_run_the_sum_over_steps_is_lyapunovs_solution(momentum, sampling):
    law = Law(CloudConfig(lr=0.4, momentum=momentum, sampling=sampling, steps=1_500, examples=20))
    for axis in (0, 1):
        assert law.moments(axis, 1_500).variance == pytest.approx(law.stationary(axis), rel=1e-9)


def test_the_diffusion_limit_is_the_limit_of_small_rates():
    for axis in (0, 1):
        ratios = []
        for lr in (0.08, 0.04):
            law = Law(CloudConfig(lr=lr, steps=2_000))
            ratios.append(law.moments(axis, 2_000).variance / law.limit(axis, 2_000) - 1)
        assert ratios[0] / ratios[1] == pytest.approx(2, rel=0.05)  # the gap is of first order


def test_the_limit_is_four_times_too_small_at_one_and_a_half():
    law = Law(CloudConfig(lr=1.5))
    assert law.stationary(0) / law.limit(0, 200) == pytest.approx(4.0)


def test_without_replacement_the_whole_data_set_has_no_noise():
    config = CloudConfig(batch=32, examples=32, sampling="without", steps=20, chains=200)
    law = Law(config)
    assert law.moments(0, 20).variance < 1e-12 * config.lr and run(config).verdict.state is not State.DIFFERS


def test_past_the_limit_the_run_is_a_result_with_its_rate():
    result = run(CloudConfig(lr=3.5, steps=200, chains=200))
    assert "1.75 times the stability limit" in result.warnings[0] and "2.50" in result.headline
    assert result.verdict.state is State.PREDICTED
    assert run(CloudConfig(lr=4.0, momentum=0.98, steps=400, chains=200)).verdict.state is not State.DIFFERS


def test_a_cloud_is_called_round_when_its_two_variances_are_alike():
    """Along y it grows as 1 − e^(−2 lr h k): after 10 steps of 0.1 to 0.39 of its end, along x to 0.98."""
    early, late = (run(CloudConfig(lr=0.1, batch=4, steps=steps, chains=1_000)).headline for steps in (10, 200))
    assert "not yet round" in early and "the cloud is round" in late


def test_reshuffled_batches_are_quieter_than_independent_ones():
    quiet = row(run(CloudConfig(lr=0.1, batch=2, examples=40, sampling="epochs", chains=500)), "variance, flat")
    loud = row(run(CloudConfig(lr=0.1, batch=2, examples=40, chains=500)), "variance, flat")
    assert quiet.agrees and quiet.measured < 0.1 * loud.measured


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"batch": 40, "examples": 20}, "A batch of 40 needs as many examples, and there are 20."),
        ({"examples": 1}, "examples = 1 is out of range; allowed is 4 to 4,000"),
        ({"steps": 10**9}, "steps = 1000000000 is out of range"),
        ({"batch": 512, "chains": 10_000, "steps": 2_000}, "at most 8 s are allowed"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(bad, words):
    with pytest.raises(ValueError, match=words):
        CloudConfig(**bad)
